import { type Failure, ServeError } from '../completion/failure.ts'
import { type Layer, layer } from '../completion/layer.ts'
import type { Limits } from '../completion/limits.ts'
import type { CompletionRequest } from '../completion/request.ts'
import type { Call } from '../completion/serve.ts'
import { type Catalog, isWell, type Replica } from '../engines/catalog.ts'
import { pickReplica } from '../routing/pick-replica.ts'
import { worthAnotherReplica } from './dispatch.ts'

/**
 * Refuses a prompt that cannot fit before the request is admitted and waits in line (contract C5, C104). The replica that would take it
 * now is asked, also when all its places are taken and its line is full. Where none is well, dispatch decides. What is found out of the
 * prompt on the way goes along, so that no more is held for it than it can cost.
 */
export const measure = (catalog: Catalog, { keepaliveMs }: Pick<Limits, 'keepaliveMs'>): Layer =>
  layer(async (request, call) => {
    const replicas = catalog.find(request.model)?.model.replicas ?? []
    const replica = pickReplica(replicas, call.namespace, nobody, isWell)
    const failure = replica && (await misfit(replica, request, call, keepaliveMs))
    if (failure) return { type: 'failed', failure }
    // Whoever was asked has planned the request already.
    const writers = writersIn(replica ? [replica, ...replicas] : replicas)
    const promptTokensMax = most(writers.map((one) => boundAt(one, request)))
    const countPrompt = async () => {
      const signal = AbortSignal.any([call.signal, AbortSignal.timeout(keepaliveMs)])
      return most(await Promise.all(writers.map((one) => countAt(one, request, signal))))
    }
    return {
      call: {
        ...call,
        ...(promptTokensMax !== undefined && { promptTokensMax }),
        ...(writers.some((one) => one.countPrompt) && { countPrompt }),
      },
    }
  })

const nobody: ReadonlySet<string> = new Set()

/** Each of those once who may write a prompt in their own way. */
function writersIn(replicas: readonly Replica[]): readonly Replica[] {
  if (replicas.length < 2) return replicas
  return [...new Map(replicas.toReversed().map((one) => [one.promptWriter ?? one.engine, one])).values()]
}

/** @returns undefined if nobody is there, or somebody does not know */
const most = (sizes: readonly (number | undefined)[]): number | undefined => {
  const known = sizes.filter((size) => size !== undefined)
  return known.length > 0 && known.length === sizes.length ? Math.max(...known) : undefined
}

function boundAt(replica: Replica, request: CompletionRequest): number | undefined {
  try {
    return replica.promptTokensMax?.(request)
  } catch (error) {
    return unknown(error)
  }
}

/** Those that cannot count say what they know. */
async function countAt(replica: Replica, request: CompletionRequest, signal: AbortSignal): Promise<number | undefined> {
  const count = await replica.countPrompt?.(request, signal).catch(unknown)
  return count ?? boundAt(replica, request)
}

/** Whoever gets the request says so to the client. */
function unknown(error: unknown): undefined {
  if (!(error instanceof ServeError)) throw error
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
