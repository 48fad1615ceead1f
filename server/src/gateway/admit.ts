import type { Layer } from '../completion/serve.ts'

/** Keeps each key within the number of requests that it may run at once; one more is refused, not queued (contract T14). */
export function admit(): Layer {
  const running = new Map<string, number>()
  return (next) =>
    async function* (request, call) {
      const already = running.get(call.keyId) ?? 0
      if (call.concurrency !== undefined && already >= call.concurrency) {
        yield {
          type: 'failed',
          failure: {
            code: 'rate-limited',
            message: `Rate limit reached for this API key. Retry after ${RETRY_AFTER_SECONDS} seconds.`,
            retryAfterSeconds: RETRY_AFTER_SECONDS,
          },
        }
        return
      }
      running.set(call.keyId, already + 1)
      try {
        yield* next(request, call)
      } finally {
        const left = (running.get(call.keyId) ?? 1) - 1
        if (left > 0) running.set(call.keyId, left)
        else running.delete(call.keyId)
      }
    }
}

const RETRY_AFTER_SECONDS = 2
