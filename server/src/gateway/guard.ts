/** What stands before an engine: a line, a breaker, and a memory of what went wrong. */
import type { Logger } from 'pino'
import type { Failure } from '../completion/failure.ts'
import { type Layer, layer } from '../completion/layer.ts'
import type { Engine } from '../engines/engine.ts'
import { CircuitBreaker, type OpenCause } from '../lib/circuit-breaker.ts'
import { FairQueue } from '../lib/fair-queue.ts'

export interface EngineFailure {
  /** Milliseconds since 1970. */
  readonly at: number
  readonly code: string
  /** Never an engine's own words. */
  readonly message: string
  readonly requestId: string
}

/** An engine with what stands before it. Models that share it share that, too. */
export interface Guarded {
  readonly engine: Engine
  readonly queue: FairQueue
  readonly breaker: CircuitBreaker
  /** The latest first. */
  readonly failures: EngineFailure[]
  /** The operator took it out: nothing new goes there until it is taken back. */
  drained: boolean
}

/** So many are kept of each engine. */
const failuresShown = 10

export function guardedOf(engine: Engine, queueLength: number, log: Logger): Guarded {
  const onChange = (cause: OpenCause | undefined) => {
    if (cause === undefined) log.info({ engine: engine.id }, 'an engine takes requests again')
    else if (cause === 'denied')
      log.error(
        { engine: engine.id },
        'an engine does not serve us: look at its key, the balance behind it, its address and the name of its model',
      )
    else log.warn({ engine: engine.id, cause }, 'an engine is left alone for a while')
  }
  return {
    engine,
    queue: new FairQueue(engine.slots, queueLength),
    breaker: new CircuitBreaker({ onChange }),
    failures: [],
    drained: false,
  }
}

/** Remembers what went wrong there, for people who look at the engine. */
export const noting = (failures: EngineFailure[]): Layer =>
  layer((_request, call) => ({
    end(ending) {
      if (ending.type === 'failed' && isOfEngine(ending.failure)) {
        const { code, message } = ending.failure
        failures.unshift({ at: Date.now(), code, message, requestId: call.id })
        failures.length = Math.min(failures.length, failuresShown)
      }
      return ending
    },
  }))

const isOfEngine = ({ code }: Failure): boolean => code.startsWith('engine-') || code === 'invalid-output'
