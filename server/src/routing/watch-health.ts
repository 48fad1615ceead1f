import type { Probe } from '../engines/engine.ts'
import type { CircuitBreaker } from '../lib/circuit-breaker.ts'
import type { FairQueue } from '../lib/fair-queue.ts'

export interface WatchedEngine {
  readonly id: string
  readonly probe: Probe
  readonly breaker: CircuitBreaker
  readonly queue: FairQueue
}

export interface HealthWatch {
  /** Requests that others have at this engine, as it told last; 0 when it does not tell. */
  others(engine: string): number
  /** It says that it takes nothing more, while answers of ours are being made there. */
  leaving(engine: string): boolean
  close(): void
}

const answerMs = 2_000
/** So many turns without a try make an engine idle: what happens to it meanwhile nobody would notice. */
const idleTurns = 6
/** An engine that does not tell its load is asked for it again after so many turns. */
const untoldTurns = 60

/**
 * Asks engines how they are, beside the requests and never on their way: those that were left alone and those that are idle, at once and
 * then every `healthMs`; those that work, whether they are about to stop; and how much they have to do. @param healthMs 0: nobody is asked
 */
export function watchHealth(engines: readonly WatchedEngine[], healthMs: number): HealthWatch {
  const watches = new Map(healthMs > 0 ? engines.map((engine) => [engine.id, watch(engine, healthMs)]) : [])
  return {
    others: (engine) => watches.get(engine)?.others() ?? 0,
    leaving: (engine) => watches.get(engine)?.leaving() ?? false,
    close: () => {
      for (const one of watches.values()) one.close()
    },
  }
}

function watch({ probe, breaker, queue }: WatchedEngine, healthMs: number) {
  let others = 0
  let leaving = false
  let untold = 0
  let closed = false
  let timer: NodeJS.Timeout | undefined
  let asking = new AbortController()

  const within = async <T>(ask: (signal: AbortSignal) => Promise<T>): Promise<T> => {
    asking = new AbortController()
    const late = setTimeout(() => asking.abort(), answerMs).unref()
    try {
      return await ask(asking.signal)
    } finally {
      clearTimeout(late)
    }
  }
  const look = async (): Promise<void> => {
    const busy = queue.taken > 0
    const idle = !busy && Date.now() - breaker.seenAt >= idleTurns * healthMs
    const doubtful = breaker.state !== 'closed' || idle
    if (doubtful || busy || leaving) {
      const found = await within(probe.health)
      // Twice, for one lost connection would move all answers elsewhere.
      const leaves = busy && found === 'away' && (leaving || (await within(probe.health)) === 'away')
      if (closed) return
      if (doubtful || (leaving && !busy)) breaker.probed(found)
      leaving = leaves
    }
    if (breaker.state !== 'closed') others = 0
    else if (probe.load && untold-- <= 0) {
      const before = queue.taken
      // One that is too busy to answer has as much to do as before.
      const load = await within(probe.load).catch(() => before + others)
      if (load === undefined) untold = untoldTurns
      // Ours came and went while it counted.
      others = Math.max(0, (load ?? 0) - Math.max(before, queue.taken))
    }
  }
  const turn = async (): Promise<void> => {
    await look()
    if (!closed) timer = setTimeout(turn, healthMs).unref()
  }
  void turn()
  return {
    others: () => others,
    leaving: () => leaving,
    close: () => {
      closed = true
      clearTimeout(timer)
      asking.abort()
    },
  }
}
