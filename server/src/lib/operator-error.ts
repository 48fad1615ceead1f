/** A problem that the operator can solve: its message alone is shown, without a stack. Anything else that is thrown is our fault. */
export class OperatorError extends Error {
  override readonly name = 'OperatorError'
  /** What the command ends with. */
  readonly exitCode: number = 1
}

/** What was thrown, in its own words. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
