import type { CompletionEvent } from '../completion/event.ts'

/** One answer for several readers: each hears all of it from the beginning, also who comes late. */
export interface Broadcast {
  say(event: CompletionEvent): void
  /** Ends with the terminal event; or, when the reader leaves, with a failure of its own. */
  hear(signal: AbortSignal): AsyncIterable<CompletionEvent>
  readonly said: readonly CompletionEvent[]
}

const isLast = (event: CompletionEvent | undefined): boolean => event?.type === 'finished' || event?.type === 'failed'

/** @param onReaders hears how many readers there are, whenever that changes */
export function createBroadcast(onReaders: (count: number) => void): Broadcast {
  const said: CompletionEvent[] = []
  /** Readers that have heard all there is. */
  const waiting = new Set<() => void>()
  let readers = 0
  return {
    said,
    say(event) {
      said.push(event)
      for (const wake of waiting) wake()
      waiting.clear()
    },
    async *hear(signal) {
      onReaders(++readers)
      let wake = () => {}
      const onAbort = () => wake()
      signal.addEventListener('abort', onAbort)
      try {
        for (let next = 0; ; next++) {
          while (next >= said.length && !signal.aborted)
            await new Promise<void>((resolve) => {
              wake = resolve
              waiting.add(resolve)
            })
          const event = said[next]
          if (!event || signal.aborted)
            return yield { type: 'failed', failure: { code: 'cancelled', message: 'The caller went away.' } }
          yield event
          if (isLast(event)) return
        }
      } finally {
        signal.removeEventListener('abort', onAbort)
        waiting.delete(wake)
        onReaders(--readers)
      }
    },
  }
}
