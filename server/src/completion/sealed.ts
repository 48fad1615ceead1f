import { type Failure, ServeError } from './failure.ts'
import type { Layer } from './serve.ts'

/** What an exception means. A caller who left explains every other error: it is the abort showing up somewhere. */
export function failureOf(error: unknown, signal: AbortSignal): Failure {
  if (error instanceof ServeError) return error.failure
  if (signal.aborted) return { code: 'cancelled', message: 'The caller went away.' }
  return { code: 'internal', message: 'Internal server error.' }
}

/**
 * Whoever ends early, by throwing or by just stopping: this makes exactly one terminal event of it, so that retry, metering and
 * HTTP look at one thing. Nothing follows the terminal event. `onDefect` hears of errors that nobody foresaw.
 */
export const sealed =
  (onDefect: (error: unknown, callId: string) => void): Layer =>
  (next) =>
    async function* (request, call) {
      try {
        for await (const event of next(request, call)) {
          yield event
          if (event.type === 'finished' || event.type === 'failed') return
        }
        yield {
          type: 'failed',
          failure: call.signal.aborted
            ? failureOf(undefined, call.signal)
            : { code: 'engine-protocol', message: 'The engine ended its answer without finishing it.' },
        }
      } catch (error) {
        if (!(error instanceof ServeError) && !call.signal.aborted) onDefect(error, call.id)
        yield { type: 'failed', failure: failureOf(error, call.signal) }
      }
    }
