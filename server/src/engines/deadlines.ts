import { ServeError } from '../completion/failure.ts'
import type { Limits } from '../completion/limits.ts'
import type { Generation, GenerationCall, GenerationEvent, TokenEngine } from './token-engine.ts'

type Deadlines = Pick<Limits, 'firstTokenMs' | 'interTokenMs' | 'abortMs'>

/**
 * The same engine, never silent for too long: an attempt without a token by `firstTokenMs` fails, and so does one that pauses
 * for `interTokenMs` (contract C105). Prefill progress starts the first clock anew. After an abort the engine has `abortMs` to
 * end by itself and say how much it generated; then the attempt ends without it.
 */
export function withDeadlines(engine: TokenEngine, deadlines: Deadlines): TokenEngine {
  return {
    id: engine.id,
    slots: engine.slots,
    get facts() {
      return engine.facts
    },
    ready: () => engine.ready(),
    close: () => engine.close(),
    generate: (generation, call) => watched(engine, generation, call, deadlines),
  }
}

async function* watched(
  engine: TokenEngine,
  generation: Generation,
  call: GenerationCall,
  deadlines: Deadlines,
): AsyncIterable<GenerationEvent> {
  const stop = new AbortController()
  const signal = AbortSignal.any([call.signal, stop.signal])
  const events = engine.generate(generation, { ...call, signal })[Symbol.asyncIterator]()
  const watch = createWatch()
  const onAbort = () => watch.start(deadlines.abortMs, new ServeError({ code: 'cancelled', message: 'Cancelled.' }))
  call.signal.addEventListener('abort', onAbort, { once: true })
  const silence = (ms: number) =>
    watch.start(
      ms,
      new ServeError({ code: 'engine-timeout', message: `The engine was silent for ${ms} ms.`, retryAfterSeconds: 5 }),
    )
  try {
    if (call.signal.aborted) onAbort()
    else silence(deadlines.firstTokenMs)
    for (;;) {
      const result = await watch.over(events.next())
      if (result.done) return
      if (!call.signal.aborted) {
        if (result.value.type === 'text') silence(deadlines.interTokenMs)
        else if (result.value.type === 'progress') silence(deadlines.firstTokenMs)
      }
      yield result.value
    }
  } finally {
    watch.end()
    call.signal.removeEventListener('abort', onAbort)
    stop.abort()
    // Not awaited: `return()` waits behind a pending `next()`, and this engine may be the one that never answers.
    events.return?.()?.catch(() => undefined)
  }
}

/** One timer over many waits. A race against one long-lived promise would keep something of every token until the end. */
function createWatch() {
  let timer: NodeJS.Timeout | undefined
  let fail: (error: Error) => void = () => undefined
  let expired: Error | undefined
  return {
    start(ms: number, error: Error) {
      clearTimeout(timer)
      timer = setTimeout(() => {
        expired = error
        fail(error)
      }, ms)
    },
    over<T>(next: Promise<T>): Promise<T> {
      return new Promise<T>((resolve, reject) => {
        fail = reject
        if (expired) reject(expired)
        next.then(resolve, reject)
      })
    },
    end: () => clearTimeout(timer),
  }
}
