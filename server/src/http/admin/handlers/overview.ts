import type { Catalog } from '../../../engines/catalog.ts'
import { isReady } from '../../../engines/catalog.ts'
import type { Accounts } from '../../../ledger/accounts.ts'
import { version } from '../../../lib/version.ts'
import type { Reads } from '../../reads.ts'
import type { HandlersOf } from '../run.ts'
import { timeOf } from '../wire.ts'
import { currencyOf } from './usage.ts'

export interface OverviewParts {
  readonly catalog: Catalog
  readonly reads: Pick<Reads, 'ask'>
  readonly accounts: Pick<Accounts, 'balanceOf' | 'open'>
  readonly recordedMs: number | undefined
  /** Milliseconds since 1970. */
  readonly startedAt: number
}

const dayMs = 24 * 60 * 60_000
/** What `now` is. */
const lately = 5 * 60_000

export const overviewHandlers = ({
  catalog,
  reads,
  accounts,
  recordedMs,
  startedAt,
}: OverviewParts): HandlersOf<'GET /admin/overview'> => ({
  async 'GET /admin/overview'({ actor, client, exchange }) {
    const tenant = actor.tenant ?? undefined
    const [recent, running, currency] = await Promise.all([
      reads.ask('recent', { tenant, lastMs: lately }),
      accounts.open(tenant),
      currencyOf(accounts),
    ])
    const perMinute = (count: number) => Math.round((count * 60_000 * 100) / lately) / 100
    const host = exchange.request.headers.host ?? 'localhost'
    return {
      version,
      startedAt: timeOf(startedAt),
      baseUrl: `${client.https ? 'https' : 'http'}://${host}/v1`,
      currency,
      well: catalog.models.some(isReady),
      standIns: catalog.models.flatMap(({ id, standIn }) => (standIn === undefined ? [] : [{ model: id, standIn }])),
      recording: { on: recordedMs !== undefined, keptDays: recordedMs === undefined ? null : recordedMs / dayMs },
      now: {
        running,
        requestsPerMinute: perMinute(recent.requests),
        errorsPerMinute: perMinute(recent.errors),
        tokensPerMinute: perMinute(recent.tokens),
        firstTokenP50: recent.firstTokenP50,
        firstTokenP95: recent.firstTokenP95,
      },
    }
  },
})
