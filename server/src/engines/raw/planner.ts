import { ServeError } from '../../completion/failure.ts'
import type { CompletionRequest } from '../../completion/request.ts'
import type { ModelFacts, TokenEngine } from '../token-engine.ts'
import type { Dialect } from './dialect.ts'
import { type Plan, planOf } from './plan.ts'
import { promptWriter } from './prompt.ts'

/** @throws ServeError as `planOf`, and `engine-unavailable` while no model is loaded */
export type Planner = (request: CompletionRequest) => Plan

interface Known {
  readonly facts: ModelFacts
  readonly write: ReturnType<typeof promptWriter>
  /** Whether a prompt fits is asked before the request waits in line: what was planned then is not planned again. */
  readonly plans: WeakMap<CompletionRequest, Plan>
}

/**
 * Plans the requests to one engine; its chat template is compiled once for each load of its model.
 * @param maxOutput the most output tokens of this model (contract C14)
 */
export function createPlanner(engine: TokenEngine, dialect: Dialect, maxOutput: number): Planner {
  let known: Known | undefined
  return (request) => {
    const { facts } = engine
    if (!facts) throw new ServeError({ code: 'engine-unavailable', message: 'The model is not loaded yet.' })
    if (known?.facts !== facts) known = { facts, write: promptWriter(facts, dialect), plans: new WeakMap() }
    const planned = known.plans.get(request)
    if (planned) return planned
    const plan = planOf(request, dialect, facts, known.write, maxOutput)
    known.plans.set(request, plan)
    return plan
  }
}
