/** What a log may say of an error that nobody foresaw. */
export interface Defect {
  readonly name: string
  readonly at: readonly string[]
}

/** An error without its message: that may quote what a client wrote (JSON and regular-expression errors do). */
export function defectOf(error: unknown): Defect {
  if (!(error instanceof Error)) return { name: typeof error, at: [] }
  const { name, message, stack = '' } = error
  const frames = stack
    .slice(stack.indexOf(message) + message.length)
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
  return { name, at: frames.map((line) => line.trim()) }
}
