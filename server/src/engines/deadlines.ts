import { ServeError } from '../completion/failure.ts'
import type { Limits } from '../completion/limits.ts'
import { linkedAbort } from '../lib/linked-abort.ts'
import { type GenerationEvent, generatingBy, type Hear, type TokenEngine } from './token-engine.ts'

export type Deadlines = Pick<Limits, 'firstTokenMs' | 'interTokenMs' | 'abortMs'>

/**
 * What an event says about an engine's work: `token` and `progress` each start a clock of their own; after `complete` all is said, and
 * only numbers may follow. Undefined: nothing, the clock goes on.
 */
export type Pace = 'token' | 'progress' | 'complete' | undefined

/** The same engine, never silent for too long; see `startWatch`. */
export const withDeadlines = (engine: TokenEngine, deadlines: Deadlines): TokenEngine =>
  generatingBy(engine, async (generation, call, hear) => {
    const watch = startWatch(call.signal, deadlines)
    let over = false
    const room = (): Promise<void> | undefined => {
      const caughtUp = call.room?.()
      return caughtUp && watch.aside(caughtUp)
    }
    const heard: Hear = (event) => {
      // This engine may be the one that was left behind.
      if (over) return
      watch.heard(paceOf(event))
      hear(event)
    }
    try {
      await watch.over(engine.generate(generation, { ...call, signal: watch.signal, room }, heard))
    } finally {
      over = true
      watch.end()
    }
  })

const paceOf = ({ type }: GenerationEvent): Pace =>
  type === 'text' ? 'token' : type === 'progress' ? 'progress' : undefined

/** Over one attempt. */
export interface Watch {
  /** Aborted when nobody needs the work any more. */
  readonly signal: AbortSignal
  /** Waits for the engine. @throws ServeError when it is silent for too long */
  over<T>(next: Promise<T>): Promise<T>
  heard(pace: Pace): void
  /** Within `over`: until this has settled the engine is not waited for. */
  aside<T>(reader: Promise<T>): Promise<T>
  /** To be called however it ended. */
  end(): void
}

/**
 * An attempt without a token by `firstTokenMs` fails, and so does one that pauses for `interTokenMs` (contract C105). Prefill progress
 * starts the first clock anew. After an abort, and after its last word, the engine has `abortMs` to end by itself and say how much it
 * generated; then the attempt ends without it.
 *
 * One timer over many waits. A race against one long-lived promise would keep something of every token until the end. While nobody
 * waits no engine is late: what ran out under a reader who took its time starts anew when the reader comes back (contract C9).
 */
export function startWatch(callerSignal: AbortSignal, deadlines: Deadlines): Watch {
  const stop = linkedAbort(callerSignal)
  const patience = { token: deadlines.interTokenMs, progress: deadlines.firstTokenMs, complete: deadlines.abortMs }
  let timer: NodeJS.Timeout | undefined
  /** How long the engine may be silent now, and until when; in the time of `performance.now`. */
  let ms = 0
  let until = 0
  /** When the timer fires: at `until` or before it. Setting one anew for each token costs more than the rest of its watch. */
  let firesAt = Infinity
  let waiting = false
  let lapsed = false
  let expired: ServeError | undefined
  let fail: (error: Error) => void = () => undefined

  const onTime = () => {
    const leftMs = until - performance.now()
    if (leftMs > 0) return setTimer(leftMs)
    firesAt = Infinity
    lapsed = !waiting
    if (lapsed) return
    expired = new ServeError(
      callerSignal.aborted
        ? { code: 'cancelled', message: 'Cancelled.' }
        : { code: 'engine-timeout', message: `The engine was silent for ${ms} ms.`, retryAfterSeconds: 5 },
    )
    fail(expired)
  }
  const setTimer = (inMs: number) => {
    clearTimeout(timer)
    firesAt = performance.now() + inMs
    timer = setTimeout(onTime, Math.ceil(inMs))
  }
  const start = (nextMs: number) => {
    lapsed = false
    ms = nextMs
    until = performance.now() + ms
    if (until < firesAt) setTimer(ms)
  }
  const onAbort = () => start(deadlines.abortMs)
  callerSignal.addEventListener('abort', onAbort, { once: true })
  start(callerSignal.aborted ? deadlines.abortMs : deadlines.firstTokenMs)

  return {
    signal: stop.signal,
    over<T>(next: Promise<T>): Promise<T> {
      waiting = true
      if (lapsed) start(ms)
      return new Promise<T>((resolve, reject) => {
        fail = reject
        if (expired) reject(expired)
        next.then(
          (value) => {
            waiting = false
            resolve(value)
          },
          (error: unknown) => {
            waiting = false
            reject(error)
          },
        )
      })
    },
    async aside(reader) {
      waiting = false
      try {
        return await reader
      } finally {
        waiting = true
        if (lapsed) start(ms)
      }
    },
    heard(pace) {
      if (pace && !callerSignal.aborted) start(patience[pace])
    },
    end() {
      clearTimeout(timer)
      callerSignal.removeEventListener('abort', onAbort)
      stop.unlink()
      stop.abort()
    },
  }
}
