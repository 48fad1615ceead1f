import { type Failure, ServeError } from './failure.ts'
import { type Layer, layer } from './layer.ts'

/** What an exception means. A caller who left explains every other error: it is the abort showing up somewhere. */
export function failureOf(error: unknown, signal: AbortSignal): Failure {
  if (error instanceof ServeError) return error.failure
  if (signal.aborted) return { code: 'cancelled', message: 'The caller went away.' }
  return { code: 'internal', message: 'Internal server error.' }
}

const unfinished: Failure = {
  code: 'engine-protocol',
  message: 'The engine ended its answer without finishing it.',
}

/**
 * Whoever ends early, by throwing or by just stopping: this makes exactly one terminal event of it, so that retry, metering and
 * HTTP look at one thing. Nothing follows the terminal event. `onDefect` hears of errors that nobody foresaw.
 */
export const sealed = (onDefect: (error: unknown, callId: string) => void): Layer =>
  layer((_request, { id, signal }) => ({
    seal(error) {
      if (error === undefined && !signal.aborted) return { type: 'failed', failure: unfinished }
      if (error !== undefined && !(error instanceof ServeError) && !signal.aborted) onDefect(error, id)
      return { type: 'failed', failure: failureOf(error, signal) }
    },
  }))
