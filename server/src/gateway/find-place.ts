import type { Limits } from '../completion/limits.ts'
import type { Call } from '../completion/serve.ts'
import type { Why } from '../completion/trace.ts'
import type { Replica } from '../engines/catalog.ts'
import type { Try } from '../lib/circuit-breaker.ts'
import type { Release } from '../lib/fair-queue.ts'
import { pause } from '../lib/pause.ts'
import type { countRunning } from '../lib/running.ts'
import { pickReplica, takesAsLastResort, takesRequests, whyPicked } from '../routing/pick-replica.ts'

/** A replica that takes the request now, and what is held there: both are given back at the end of the attempt. */
export interface Place {
  readonly replica: Replica
  readonly why: Why
  readonly attempt: Try
  readonly leave: Release
}

/** Nobody takes the request, nor will soon. */
export interface NoPlace {
  readonly retryAfterSeconds: number
}

export interface PlaceParts extends Pick<Limits, 'restartMs' | 'queueLength'> {
  /** Counts, by model, the requests that wait for a replica to come back: at most as many as may wait in a line. */
  readonly standby: ReturnType<typeof countRunning>
}

/**
 * Picks a replica and waits for a place in its line. Where none takes requests, one in trouble is tried; where that is too early, waits
 * for a replica that comes back within `restartMs`, and for as long as another request finds out whether one is well again. Nobody waits for
 * replicas that the operator took out, all of them, before anything was tried.
 * @param tried the replicas that failed this request
 * @throws the signal's reason
 */
export async function findPlace(
  model: string,
  replicas: readonly Replica[],
  tried: ReadonlySet<string>,
  call: Call,
  { standby, restartMs, queueLength }: PlaceParts,
): Promise<Place | NoPlace> {
  const until = Date.now() + restartMs
  let rested = false
  let leaveStandby: (() => void) | undefined
  try {
    for (let pollMs = pollMsMin; ; ) {
      const usual = pickReplica(replicas, call.namespace, tried, takesRequests)
      const replica = usual ?? pickReplica(replicas, call.namespace, tried, takesAsLastResort)
      if (replica && tried.has(replica.engine) && !rested) {
        rested = true
        await pause(sameReplicaMs, call.signal)
      } else if (replica) {
        const why = whyPicked(replica, replicas, tried, usual !== undefined)
        const leave = await replica.queue.enter(call.keyId, call.namespace, call.signal)
        // While this request stood in its line the engine may have begun to leave, or failed.
        const stays = !replica.leaving?.() || !replicas.some(takesRequests)
        const attempt = leave && stays && replica.breaker.enter(usual === undefined)
        if (leave && attempt) return { replica, why, attempt, leave }
        leave?.()
      } else {
        const patienceMs = replicas.some(isBeingTried) ? Infinity : until - Date.now()
        // What was begun waits also for what an operator took out: he may be about to take it back.
        const isHopeless = tried.size === 0 && replicas.every(({ drained }) => drained?.())
        const refused = isHopeless || patienceMs <= 0 || Math.min(...replicas.map(hopeMs)) > patienceMs
        if (refused || (!leaveStandby && standby.of(model) >= queueLength))
          return { retryAfterSeconds: Math.min(...replicas.map(retryAfterSecondsOf)) }
        leaveStandby ??= standby.enter(model)
        await pause(pollMs, call.signal)
        pollMs = Math.min(pollMsMax, pollMs * 2)
      }
    }
  } finally {
    leaveStandby?.()
  }
}

/** A place for a second attempt: at once, where nobody waits, on an engine that is well and not tried. */
export async function findSpare(
  replicas: readonly Replica[],
  tried: ReadonlySet<string>,
  call: Call,
): Promise<Place | undefined> {
  const isSpare = (replica: Replica): boolean =>
    !tried.has(replica.engine) && takesRequests(replica) && replica.breaker.state === 'closed' && replica.queue.free
  const replica = pickReplica(replicas, call.namespace, tried, isSpare)
  const leave = await replica?.queue.enter(call.keyId, call.namespace, call.signal)
  const attempt = leave && replica?.breaker.enter()
  if (replica && leave && attempt) return { replica, why: 'hedge', attempt, leave }
  leave?.()
  return undefined
}

const pollMsMin = 25
const pollMsMax = 200
/** What just failed here may pass in a moment, and not at once. */
const sameReplicaMs = 250
/** Where nobody knows better; and whoever denies us is the operator's to mend, at a time that nobody knows (contract DS7). */
const retryAfterSeconds = 5

const isBeingTried = ({ breaker, queue }: Replica): boolean => breaker.probing && !queue.full

/** The shortest time in which it might take a request. */
const hopeMs = (replica: Replica): number =>
  replica.queue.full ? Infinity : replica.ready() ? replica.breaker.waitMs(true) : 0

const retryAfterSecondsOf = ({ breaker, queue, ready }: Replica): number =>
  queue.full || !ready() || breaker.cause === 'denied'
    ? retryAfterSeconds
    : Math.min(60, Math.max(1, Math.ceil(breaker.waitMs() / 1_000)))
