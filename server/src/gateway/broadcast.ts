import { type CompletionEvent, type Ending, isEnding } from '../completion/event.ts'
import type { Room, Tell } from '../completion/serve.ts'

/** One answer for several readers: each hears all of it from the beginning, also who comes late. */
export interface Broadcast {
  say(event: CompletionEvent): void
  /** @returns the end; or, when the reader leaves, a failure of its own */
  hear(signal: AbortSignal, tell: Tell, room: Room): Promise<Ending>
  readonly said: readonly CompletionEvent[]
}

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
    async hear(signal, tell, room) {
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
            return { type: 'failed', failure: { code: 'cancelled', message: 'The caller went away.' } }
          if (isEnding(event)) return event
          tell(event)
          const caughtUp = room()
          if (caughtUp) await caughtUp
        }
      } finally {
        signal.removeEventListener('abort', onAbort)
        waiting.delete(wake)
        onReaders(--readers)
      }
    },
  }
}
