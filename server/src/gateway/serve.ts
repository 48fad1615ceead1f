import type { Logger } from 'pino'
import type { Limits } from '../completion/limits.ts'
import { sealed } from '../completion/sealed.ts'
import { compose, type Serve } from '../completion/serve.ts'
import type { Catalog } from '../engines/catalog.ts'
import { defectOf } from '../lib/defect.ts'
import type { Metrics } from '../lib/metrics.ts'
import type { ReasoningMemory } from '../tenancy/reasoning-memory.ts'
import { admit } from './admit.ts'
import { dispatch } from './dispatch.ts'
import { measure } from './measure.ts'
import { observe } from './observe.ts'
import { remember } from './remember.ts'

export interface GatewayParts {
  readonly catalog: Catalog
  readonly limits: Limits
  readonly memory: ReasoningMemory
  readonly metrics: Metrics
  readonly log: Logger
}

/** The product on one screen: what happens to every request between HTTP and an engine, from the outside in. */
export function createServe({ catalog, limits, memory, metrics, log }: GatewayParts): Serve {
  return compose(
    [
      observe(log, metrics),
      sealed((error, request) =>
        log.error({ request, defect: defectOf(error) }, 'an unforeseen error ended a completion'),
      ),
      remember(memory, (error, request) =>
        log.error({ request, defect: defectOf(error) }, 'the reasoning of a turn could not be kept or restored'),
      ),
      measure(catalog, limits),
      admit(),
    ],
    dispatch(catalog, limits),
  )
}
