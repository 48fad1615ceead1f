import { type Failure, ServeError } from './failure.ts'
import { type Layer, layer } from './layer.ts'

/** What an exception means. A caller who left explains every other error: it is the abort showing up somewhere. */
export function failureOf(error: unknown, signal: AbortSignal): Failure {
  if (error instanceof ServeError) return error.failure
  if (signal.aborted) return { code: 'cancelled', message: 'The caller went away.' }
  return { code: 'internal', message: 'Internal server error.' }
}

/** Makes a last event of whatever is thrown, so that retry, metering and HTTP look at one thing. `onDefect` hears of errors that nobody foresaw. */
export const sealed = (onDefect: (error: unknown, callId: string) => void): Layer =>
  layer((_request, { id, signal }) => ({
    seal(error) {
      if (!(error instanceof ServeError) && !signal.aborted) onDefect(error, id)
      return { type: 'failed', failure: failureOf(error, signal) }
    },
  }))
