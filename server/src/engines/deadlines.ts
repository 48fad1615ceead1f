import { ServeError } from '../completion/failure.ts'
import type { Limits } from '../completion/limits.ts'
import type { GenerationEvent, TokenEngine } from './token-engine.ts'

export type Deadlines = Pick<Limits, 'firstTokenMs' | 'interTokenMs' | 'abortMs'>

/**
 * What an event says about an engine's work: `token` and `progress` each start a clock of their own; after `complete` all is said, and
 * only numbers may follow. Undefined: nothing, the clock goes on.
 */
export type Pace = 'token' | 'progress' | 'complete' | undefined

/** The same engine, never silent for too long; see `watched`. */
export function withDeadlines(engine: TokenEngine, deadlines: Deadlines): TokenEngine {
  return {
    id: engine.id,
    slots: engine.slots,
    get facts() {
      return engine.facts
    },
    ready: () => engine.ready(),
    count: (prompt, signal) => engine.count(prompt, signal),
    close: () => engine.close(),
    generate: (generation, call) =>
      watched((signal) => engine.generate(generation, { ...call, signal }), call.signal, paceOf, deadlines),
  }
}

const paceOf = ({ type }: GenerationEvent): Pace =>
  type === 'text' ? 'token' : type === 'progress' ? 'progress' : undefined

/**
 * Events of an engine that is never silent for too long: an attempt without a token by `firstTokenMs` fails, and so does one that
 * pauses for `interTokenMs` (contract C105). Prefill progress starts the first clock anew. After an abort, and after its last word,
 * the engine has `abortMs` to end by itself and say how much it generated; then the attempt ends without it.
 * @param open begins the work; its signal is aborted when nobody needs it any more
 */
export async function* watched<E>(
  open: (signal: AbortSignal) => AsyncIterable<E>,
  callerSignal: AbortSignal,
  pace: (event: E) => Pace,
  deadlines: Deadlines,
): AsyncIterable<E> {
  const stop = new AbortController()
  const events = open(AbortSignal.any([callerSignal, stop.signal]))[Symbol.asyncIterator]()
  const watch = createWatch()
  const onAbort = () => watch.start(deadlines.abortMs, new ServeError({ code: 'cancelled', message: 'Cancelled.' }))
  callerSignal.addEventListener('abort', onAbort, { once: true })
  const silence = (ms: number) =>
    watch.start(
      ms,
      new ServeError({ code: 'engine-timeout', message: `The engine was silent for ${ms} ms.`, retryAfterSeconds: 5 }),
    )
  const patience = { token: deadlines.interTokenMs, progress: deadlines.firstTokenMs, complete: deadlines.abortMs }
  try {
    if (callerSignal.aborted) onAbort()
    else silence(deadlines.firstTokenMs)
    for (;;) {
      const result = await watch.over(events.next())
      if (result.done) return
      const said = pace(result.value)
      if (said && !callerSignal.aborted) silence(patience[said])
      yield result.value
    }
  } finally {
    watch.end()
    callerSignal.removeEventListener('abort', onAbort)
    stop.abort()
    // Not awaited: `return()` waits behind a pending `next()`, and this engine may be the one that never answers.
    events.return?.()?.catch(() => undefined)
  }
}

/**
 * One timer over many waits. A race against one long-lived promise would keep something of every token until the end. While nobody
 * waits no engine is late: what ran out under a reader who took its time starts anew when the reader comes back (contract C9).
 */
function createWatch() {
  let timer: NodeJS.Timeout | undefined
  let waiting = false
  let fail: (error: Error) => void = () => undefined
  let expired: Error | undefined
  let startAnew: (() => void) | undefined
  const start = (ms: number, error: Error) => {
    clearTimeout(timer)
    startAnew = undefined
    timer = setTimeout(() => {
      if (!waiting) startAnew = () => start(ms, error)
      else {
        expired = error
        fail(error)
      }
    }, ms)
  }
  const rest = () => {
    waiting = false
  }
  return {
    start,
    over<T>(next: Promise<T>): Promise<T> {
      waiting = true
      startAnew?.()
      return new Promise<T>((resolve, reject) => {
        fail = reject
        if (expired) reject(expired)
        next.then(resolve, reject)
        next.then(rest, rest)
      })
    },
    end: () => clearTimeout(timer),
  }
}
