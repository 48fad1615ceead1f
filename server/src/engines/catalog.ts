import type { Serve } from '../completion/serve.ts'
import type { CircuitBreaker } from '../lib/circuit-breaker.ts'
import type { FairQueue } from '../lib/fair-queue.ts'
import type { Engine } from './engine.ts'

/** A public name without a model of its own: `deepseek-chat` is the default model with thinking off (contract C40). */
export interface Alias {
  readonly name: string
  /** The default that the alias carries; the request's own `thinking.type` overrides it. */
  readonly thinking?: boolean
}

/** When a second replica is asked beside one that has no first word yet. */
export interface HedgeRule {
  /** Milliseconds after which that is due; `p95`: the time within which 19 of 20 answers of this model begin. */
  readonly afterMs: number | 'p95'
  /** Of all requests, 0..1. */
  readonly shareMax: number
}

/** One public model: what clients see of it, and who answers for it. */
export interface Model {
  readonly id: string
  /** For people, e.g. `DeepSeek V4 Flash`. */
  readonly displayName: string
  readonly aliases: readonly Alias[]
  /** The id of the model that really answers, when this name has only a stand-in. Every answer says so. */
  readonly standIn?: string
  /** Whether thinking is on when the request is silent. */
  readonly thinkingByDefault: boolean
  readonly canThink: boolean
  /** `temperature` and `top_p` count in thinking mode too, whatever the weights' dialect says (contract C16). */
  readonly samplesAsAsked?: boolean
  readonly canLogprobs: boolean
  readonly contextWindow: number
  readonly maxOutput: number
  /** `fp_` and 12 hex digits: stable per weights, dialect and server version. */
  readonly fingerprint: string
  /** Answers that break off are not gone on with: the operator does not want it. */
  readonly endsWhenBroken?: boolean
  /** Absent: one replica is asked at a time. */
  readonly hedge?: HedgeRule
  /** Who can answer, in the order of the configuration; weights may differ. */
  readonly replicas: readonly Replica[]
}

/** One engine behind a model, as dispatch sees it. */
export interface Replica {
  readonly engine: string
  readonly weight: number
  /** The engine's own word on it, and the operator's. */
  ready(): boolean
  /** It takes nothing new, and what it works on had better go on elsewhere. Absent: never. */
  readonly leaving?: NonNullable<Engine['leaving']>
  /** The operator took it out; nobody knows until when. Absent: never. */
  readonly drained?: () => boolean
  /** What our requests found. Models that share an engine share it, and its line. */
  readonly breaker: CircuitBreaker
  readonly queue: FairQueue
  /** Requests that others have there, beyond ours, as far as the engine tells. */
  readonly others: () => number
  /** One attempt: sealed, within the engine's deadlines, and only while a place of the queue is held. */
  readonly serve: Serve
  readonly fits?: NonNullable<Engine['fits']>
  readonly promptWriter?: string | undefined
  readonly promptTokensMax?: NonNullable<Engine['promptTokensMax']>
  readonly countPrompt?: NonNullable<Engine['countPrompt']>
  readonly continues?: NonNullable<Engine['continues']>
}

/** @returns whether it can answer, as far as anybody knows. */
export const isWell = (replica: Pick<Replica, 'ready' | 'leaving' | 'breaker'>): boolean =>
  replica.ready() && !replica.leaving?.() && replica.breaker.waitMs() === 0

/** @returns whether anybody can answer for this model now. */
export const isReady = (model: Model): boolean => model.replicas.some(isWell)

export interface Catalog {
  /** Canonical models in the order of the configuration. */
  readonly models: readonly Model[]
  /** By id or alias; undefined if there is none. */
  find(name: string): { readonly model: Model; readonly alias?: Alias } | undefined
}

/** @throws Error when two models claim one name: the operator must decide. */
export function createCatalog(models: readonly Model[]): Catalog {
  const byName = new Map<string, { model: Model; alias?: Alias }>()
  const claim = (name: string, entry: { model: Model; alias?: Alias }) => {
    const other = byName.get(name)
    if (other) throw new Error(`The model name '${name}' is claimed by '${other.model.id}' and by '${entry.model.id}'.`)
    byName.set(name, entry)
  }
  for (const model of models) {
    claim(model.id, { model })
    for (const alias of model.aliases) claim(alias.name, { model, alias })
  }
  return { models, find: (name) => byName.get(name) }
}
