import type { CompletionEvent } from '../completion/event.ts'
import type { Layer } from '../completion/serve.ts'

/**
 * Keeps each key, and each end user of a key, within the number of requests that may run at once; one more is refused, not
 * queued (contract T14, C100).
 */
export function admit(): Layer {
  const byKey = countRunning()
  const byUser = countRunning()
  return (next) =>
    async function* (request, call) {
      const user = `${call.keyId} ${call.namespace}`
      if (byKey.of(call.keyId) >= (call.concurrency ?? Infinity)) return yield refused('API key')
      if (byUser.of(user) >= (call.userConcurrency ?? Infinity)) return yield refused('user')
      const leave = [byKey.enter(call.keyId), byUser.enter(user)]
      try {
        yield* next(request, call)
      } finally {
        for (const one of leave) one()
      }
    }
}

const RETRY_AFTER_SECONDS = 2

const refused = (whose: string): CompletionEvent => ({
  type: 'failed',
  failure: {
    code: 'rate-limited',
    message: `Rate limit reached for this ${whose}. Retry after ${RETRY_AFTER_SECONDS} seconds.`,
    retryAfterSeconds: RETRY_AFTER_SECONDS,
  },
})

/** How many are inside, by name; a name is forgotten with its last one. */
function countRunning() {
  const running = new Map<string, number>()
  const of = (name: string) => running.get(name) ?? 0
  return {
    of,
    /** @returns how to leave, to be called once */
    enter(name: string): () => void {
      running.set(name, of(name) + 1)
      return () => {
        const left = of(name) - 1
        if (left > 0) running.set(name, left)
        else running.delete(name)
      }
    },
  }
}
