/** A problem that the operator can solve: its message alone is shown, without a stack. Anything else that is thrown is our fault. */
export class OperatorError extends Error {
  override readonly name = 'OperatorError'
}
