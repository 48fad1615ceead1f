import { type Failure, ServeError } from '../completion/failure.ts'
import type { Limits } from '../completion/limits.ts'
import type { CompletionRequest } from '../completion/request.ts'
import type { Call, Layer } from '../completion/serve.ts'
import type { Catalog, Replica } from '../engines/catalog.ts'
import { pickReplica } from '../routing/pick-replica.ts'
import { worthAnotherReplica } from './dispatch.ts'

/**
 * Refuses a prompt that cannot fit before the request is admitted and waits in line (contract C5, C104). The replica that would take it
 * now is asked, also when all its places are taken. Where none is ready, dispatch decides.
 */
export const measure =
  (catalog: Catalog, { keepaliveMs }: Pick<Limits, 'keepaliveMs'>): Layer =>
  (next) =>
    async function* (request, call) {
      const replicas = catalog.find(request.model)?.model.replicas ?? []
      const replica = pickReplica(replicas, call.namespace, new Set())
      const failure = replica && (await misfit(replica, request, call, keepaliveMs))
      if (failure) yield { type: 'failed', failure }
      else yield* next(request, call)
    }

/**
 * @param ms after so long the first heartbeat has told the client 200: an early answer has lost its use, and is not waited for
 * @returns what is wrong with the request; undefined if nothing is, or if the engine cannot tell
 */
async function misfit(
  { fits }: Replica,
  request: CompletionRequest,
  call: Call,
  ms: number,
): Promise<Failure | undefined> {
  if (!fits) return undefined
  try {
    return await fits(request, { ...call, signal: AbortSignal.any([call.signal, AbortSignal.timeout(ms)]) })
  } catch (error) {
    if (!(error instanceof ServeError)) throw error
    const { code } = error.failure
    if (code === 'cancelled' || worthAnotherReplica[code]) return undefined
    throw error
  }
}
