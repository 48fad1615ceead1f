import type { Why } from '../completion/trace.ts'
import { isWell, type Replica } from '../engines/catalog.ts'

/**
 * Which replica takes the next attempt: one that was not tried yet for this request; among those the least loaded for its weight;
 * among equals the one where this namespace's prefix is likely warm, which is the same one each time.
 * @param takes who may be chosen
 * @returns undefined when there is none. A replica that was tried comes back only when there is no other.
 */
export function pickReplica(
  replicas: readonly Replica[],
  namespace: string,
  tried: ReadonlySet<string>,
  takes: (replica: Replica) => boolean,
): Replica | undefined {
  const all = replicas.filter(takes)
  const fresh = all.filter((replica) => !tried.has(replica.engine))
  const [first, ...others] = fresh.length > 0 ? fresh : all
  if (!first) return undefined
  return others.reduce((best, replica) => {
    const difference = load(replica) - load(best)
    if (difference !== 0) return difference < 0 ? replica : best
    return affinity(replica, namespace) > affinity(best, namespace) ? replica : best
  }, first)
}

/** Why `pickReplica` chose this one, to be asked before anything enters its line. @param usual it takes requests, and is no last resort */
export function whyPicked(
  picked: Replica,
  replicas: readonly Replica[],
  tried: ReadonlySet<string>,
  usual: boolean,
): Why {
  if (!usual) return 'last-resort'
  if (tried.size > 0) return 'retry'
  const others = replicas.filter((replica) => replica !== picked && takesRequests(replica))
  if (others.length === 0) return 'only'
  return others.some((replica) => load(replica) === load(picked)) ? 'prefix' : 'load'
}

/** Whether a request may start there, or wait in its line. */
export const takesRequests = (replica: Replica): boolean =>
  isWell(replica) && !replica.queue.full && !replica.breaker.probing

/** The same where nobody takes requests: one that is in trouble, or leaves, is better than none. */
export const takesAsLastResort = (replica: Replica): boolean =>
  replica.ready() && !replica.queue.full && !replica.breaker.probing && replica.breaker.waitMs(true) === 0

/** Requests inside and waiting, ours and those of others, for one place of weight 1. */
const load = ({ queue, weight, others }: Replica) => (queue.taken + queue.waiting + others()) / (queue.places * weight)

/**
 * Rendezvous hashing (FNV-1a), by weight: stable for a namespace, spread over namespaces, and little moves when replicas come and go.
 */
function affinity(replica: Replica, namespace: string): number {
  let hash = 0x811c9dc5
  for (const char of `${replica.engine}\0${namespace}`) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193)
  return -replica.weight / Math.log(((hash >>> 0) + 0.5) / 2 ** 32)
}
