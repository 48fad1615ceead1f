import type { Replica } from '../engines/catalog.ts'

/**
 * Which replica takes the next attempt: one that is ready and was not tried yet for this request; among those the least loaded
 * for its weight; among equals the one where this namespace's prefix is likely warm, which is the same one each time.
 * @returns undefined when none is ready. A replica that was tried comes back only when there is no other.
 */
export function pickReplica(
  replicas: readonly Replica[],
  namespace: string,
  tried: ReadonlySet<string>,
): Replica | undefined {
  const ready = replicas.filter((replica) => replica.ready())
  const fresh = ready.filter((replica) => !tried.has(replica.engine))
  const [first, ...others] = fresh.length > 0 ? fresh : ready
  if (!first) return undefined
  return others.reduce((best, replica) => {
    const difference = load(replica) - load(best)
    if (difference !== 0) return difference < 0 ? replica : best
    return affinity(replica, namespace) > affinity(best, namespace) ? replica : best
  }, first)
}

/** Requests inside and waiting, for one place of weight 1. */
const load = ({ queue, weight }: Replica) => (queue.taken + queue.waiting) / (queue.places * weight)

/** Rendezvous hashing (FNV-1a): stable for a namespace, spread over namespaces, and little moves when replicas come and go. */
function affinity(replica: Replica, namespace: string): number {
  let hash = 0x811c9dc5
  for (const char of `${replica.engine}\0${namespace}`) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193)
  return hash >>> 0
}
