import type { Logger } from 'pino'
import { compose } from '../completion/layer.ts'
import type { Limits } from '../completion/limits.ts'
import { sealed } from '../completion/sealed.ts'
import type { Serve } from '../completion/serve.ts'
import type { Catalog } from '../engines/catalog.ts'
import type { Price } from '../ledger/money.ts'
import { LedgerError } from '../ledger/writer-line.ts'
import { defectOf } from '../lib/defect.ts'
import type { Metrics } from '../lib/metrics.ts'
import type { ReasoningMemory } from '../tenancy/reasoning-memory.ts'
import { dispatch } from './dispatch.ts'
import { measure } from './measure.ts'
import { type HangUpCharge, type Meter, meter } from './meter.ts'
import { observe } from './observe.ts'
import { record } from './record.ts'
import { remember } from './remember.ts'

export interface GatewayParts {
  readonly catalog: Catalog
  readonly limits: Limits
  readonly memory: ReasoningMemory
  readonly ledger: Meter
  readonly priceOf: (model: string) => Price | undefined
  readonly hangUp: HangUpCharge
  readonly recording: boolean
  readonly metrics: Metrics
  readonly log: Logger
}

/** The product on one screen: what happens to every request between HTTP and an engine, from the outside in. */
export function createServe(parts: GatewayParts): Serve {
  const { catalog, limits, memory, ledger, priceOf, hangUp, recording, metrics, log } = parts
  return compose(
    [
      observe(log, metrics),
      record(recording),
      sealed((error, request) =>
        log.error({ request, defect: defectOf(error) }, 'an unforeseen error ended a completion'),
      ),
      remember(memory, (error, request) =>
        log.error({ request, defect: defectOf(error) }, 'the reasoning of a turn could not be kept or restored'),
      ),
      measure(catalog, limits),
      meter(ledger, {
        priceOf,
        hangUp,
        onDefect: (error, request) =>
          log.error({ request, defect: defectOf(error), why: reasonOf(error) }, 'the ledger could not be written'),
      }),
    ],
    dispatch(catalog, limits, metrics),
  )
}

/** SQLite's words: they name a disk, a lock or a table, and nothing of a request. */
const reasonOf = (error: unknown): string | undefined => (error instanceof LedgerError ? error.message : undefined)
