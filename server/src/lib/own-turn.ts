/** Long pieces of work on the thread that carries the streams: one in each turn of the event loop, so that what others wait for goes out between them. */
const line: (() => void)[] = []

/** @returns resolves in a turn in which no other piece begins */
export const ownTurn = (): Promise<void> =>
  new Promise((resolve) => {
    line.push(resolve)
    if (line.length === 1) setImmediate(next)
  })

function next(): void {
  line[0]?.()
  line.shift()
  if (line.length > 0) setImmediate(next)
}
