/** What is served, and by whom. */
import { type Catalog, isReady, isWell, type Model } from '../../../engines/catalog.ts'
import type { EngineFacts } from '../../../engines/engine.ts'
import type { Drain } from '../../../gateway/drain.ts'
import type { EngineFailure } from '../../../gateway/guard.ts'
import type { Price } from '../../../ledger/money.ts'
import type { CircuitBreaker } from '../../../lib/circuit-breaker.ts'
import type { Crew } from '../../../lib/crew.ts'
import type { FairQueue } from '../../../lib/fair-queue.ts'
import type { EngineLook, ModelLook } from '../contract.ts'
import type { CheckState, EngineChecks } from '../engine-checks.ts'
import { together } from '../engines-together.ts'
import { AdminError } from '../errors.ts'
import type { HandlersOf } from '../run.ts'
import { timeOf, wirePrice } from '../wire.ts'

/** An engine as one process sees it now. */
export interface EngineState extends Pick<EngineLook, 'id' | 'kind' | 'face' | 'url' | 'model'> {
  readonly facts: EngineFacts
  readonly slots: number
  readonly ready: boolean
  /** It works on only for what it has. */
  readonly leaving: boolean
  /** The operator wants that. */
  readonly drained: boolean
  readonly breaker: CircuitBreaker
  readonly queue: FairQueue
  readonly others: number
  /** The latest first. */
  readonly failures: readonly EngineFailure[]
}

export interface ModelParts {
  readonly catalog: Catalog
  readonly priceOf: (model: string) => Price | undefined
  readonly engines: () => readonly EngineState[]
  readonly drain: Drain
  readonly checks: Pick<EngineChecks, 'states'>
  readonly crew: Crew
  /** The name of this machine, where there may be more of them. */
  readonly seenFrom: string | null
}

export const modelHandlers = ({
  catalog,
  priceOf,
  engines,
  drain,
  checks,
  crew,
  seenFrom,
}: ModelParts): HandlersOf<
  'GET /admin/models' | 'GET /admin/engines' | 'POST /admin/engines/{id}/drain' | 'DELETE /admin/engines/{id}/drain'
> => {
  crew.answer('engines', async () => engines().map((engine) => engineLook(engine, catalog)))
  return {
    'GET /admin/models': () => ({ items: catalog.models.map((model) => modelLook(model, priceOf(model.id))) }),

    async 'GET /admin/engines'() {
      const [states, looks] = await Promise.all([checks.states(), crew.ask('engines')])
      const items = together(looks as readonly (readonly EngineLook[])[])
      return { items: items.map((look) => ({ ...look, ...checkLook(states.get(look.id)) })), seenFrom }
    },

    async 'POST /admin/engines/{id}/drain'({ params }) {
      if (!(await drain(params.id, true))) throw noEngine(params.id)
    },

    async 'DELETE /admin/engines/{id}/drain'({ params }) {
      if (!(await drain(params.id, false))) throw noEngine(params.id)
    },
  }
}

const checkLook = ({ report, running }: Partial<CheckState> = {}): Pick<EngineLook, 'check' | 'checking'> => ({
  check: report ? { at: report.startedAt, summary: report.summary, complete: report.complete } : null,
  checking: Boolean(running),
})

const noEngine = (id: string) => new AdminError('not-found', `There is no engine '${id}'.`)

const modelLook = (model: Model, price: Price | undefined): ModelLook => ({
  id: model.id,
  name: model.displayName,
  aliases: model.aliases.map(({ name, thinking }) => ({ name, thinking: thinking ?? null })),
  standIn: model.standIn ?? null,
  well: isReady(model),
  thinkingByDefault: model.thinkingByDefault,
  canThink: model.canThink,
  canLogprobs: model.canLogprobs,
  contextWindow: model.contextWindow,
  maxOutput: model.maxOutput,
  price: price === undefined ? null : wirePrice(price),
  replicas: model.replicas.map((replica) => ({
    engine: replica.engine,
    weight: replica.weight,
    well: isWell(replica),
  })),
})

function engineLook(engine: EngineState, catalog: Catalog): EngineLook {
  const { id, kind, face, url, model, facts, slots, drained, breaker, queue, others, failures } = engine
  const waitMs = breaker.waitMs()
  return {
    id,
    kind,
    face,
    url,
    model,
    models: catalog.models.filter(({ replicas }) => replicas.some((one) => one.engine === id)).map((one) => one.id),
    state: stateOf(engine, waitMs),
    drained,
    breaker: { state: breaker.state, cause: breaker.cause ?? null, retryInMs: waitMs > 0 ? Math.ceil(waitMs) : null },
    slots,
    running: queue.taken,
    waiting: queue.waiting,
    others,
    contextWindow: facts.contextWindow,
    maxOutput: facts.maxOutput,
    canThink: facts.canThink,
    canLogprobs: facts.logprobs,
    lastErrors: failures.map(({ at, ...failure }) => ({ ...failure, at: timeOf(at) })),
    ...checkLook(),
  }
}

function stateOf({ ready, leaving, face }: EngineState, waitMs: number): EngineLook['state'] {
  if (leaving) return 'draining'
  if (!ready) return face === 'embedded' ? 'starting' : 'down'
  return waitMs > 0 ? 'left-alone' : 'well'
}
