/** Questions that many ask at the same time are answered once. */

interface Asked {
  readonly answer: Promise<unknown>
  /** Milliseconds of a clock that never jumps; undefined while it is being answered. */
  until: number | undefined
}

/** An answer is kept for as long as it took, and no longer than this: whoever asks all the time gets half of a thread at most. */
const keptMsMax = 1_000

/**
 * @returns asks as `ask` does, unless the same question is being answered, or was a moment ago
 * @param now milliseconds of a clock that never jumps
 */
export function askedOnce(
  ask: (name: string, question: unknown) => Promise<unknown>,
  now: () => number = () => performance.now(),
): typeof ask {
  const known = new Map<string, Asked>()
  return (name, question) => {
    const began = now()
    for (const [key, { until }] of known) if (until !== undefined && until < began) known.delete(key)
    const key = JSON.stringify([name, question])
    const before = known.get(key)
    if (before) return before.answer
    const asked: Asked = { answer: ask(name, question), until: undefined }
    known.set(key, asked)
    asked.answer.then(
      () => {
        asked.until = now() + Math.min(now() - began, keptMsMax)
      },
      () => known.delete(key),
    )
    return asked.answer
  }
}
