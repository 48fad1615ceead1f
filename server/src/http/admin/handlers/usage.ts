/** What was used, through time and as a table. */
import type { Accounts } from '../../../ledger/accounts.ts'
import { timesOf } from '../../../request-log/usage.ts'
import type { Reads } from '../../reads.ts'
import { columnsOf } from '../answers/usage.ts'
import type { QueryOutput } from '../contract.ts'
import { AdminError } from '../errors.ts'
import { sendFile, tableHead } from '../file.ts'
import type { HandlersOf } from '../run.ts'
import { msOf } from '../wire.ts'

export interface UsageParts {
  readonly reads: Pick<Reads, 'ask'>
  readonly accounts: Pick<Accounts, 'balanceOf'>
}

type Question = QueryOutput<'GET /admin/usage'> | QueryOutput<'GET /admin/usage/export'>

const dayMs = 24 * 60 * 60_000
/** What is looked at when nobody says. */
const defaultDays = { hour: 7, day: 30, month: 365, all: 30 } as const
/** As many points as charts stay quick with. */
const pointsMax = 100_000
/** Hours of single users are read from the requests themselves: no further back. */
const userHoursDaysMax = 31

export const usageHandlers = ({
  reads,
  accounts,
}: UsageParts): HandlersOf<'GET /admin/usage' | 'GET /admin/usage/export'> => ({
  async 'GET /admin/usage'({ scope, query }) {
    const { to, ...filters } = filtersOf(query, scope)
    const { step, groupBy, top } = query
    const times = timesOf(step, filters.from, to)
    if (times.length * (groupBy.length === 0 ? 1 : top + 1) > pointsMax)
      throw invalid(
        'from',
        `'from' lies too far back for this step: ask for a larger 'step', or for fewer at the 'top'.`,
      )
    const ofUsers = groupBy.includes('user') || filters.user !== undefined
    if (step === 'hour' && ofUsers && to - filters.from > userHoursDaysMax * dayMs)
      throw invalid('from', `Hours of single users are had for ${userHoursDaysMax} days at once: ask for days.`)
    const currency = await currencyOf(accounts)
    return reads.ask('usage', { ...filters, to: msOf(query.to), step, by: groupBy, top, currency })
  },

  async 'GET /admin/usage/export'({ scope, query, exchange }) {
    const filters = filtersOf(query, scope)
    const { step, groupBy: by, format } = query
    const currency = await currencyOf(accounts)
    async function* pieces() {
      yield tableHead(format, columnsOf(by))
      for (const [from, to] of slicesOf(step, filters.from, filters.to))
        yield await reads.ask('usageTable', { ...filters, from, to, step, by, currency, format })
    }
    await sendFile(exchange, format, 'usage', pieces())
  },
})

export const currencyOf = async (accounts: Pick<Accounts, 'balanceOf'>): Promise<string> =>
  (await accounts.balanceOf('default')).currency

/** @throws AdminError for a time that ends before it begins */
function filtersOf(query: Question, scope: string | undefined) {
  const to = msOf(query.to) ?? Date.now()
  const from = msOf(query.from) ?? to - defaultDays[query.step] * dayMs
  if (from >= to) throw invalid('from', "'from' must be before 'to'.")
  const { project, model, key, user } = query
  return { tenant: scope, project, model, key, user, from, to }
}

const invalid = (param: string, message: string) => new AdminError('invalid-request', message, { param })

/** Pieces of the time that are read one after the other; no step is cut in two. */
function slicesOf(step: Question['step'], from: number, to: number): readonly (readonly [number, number])[] {
  if (step === 'all') return [[from, to]]
  const starts = timesOf(step === 'hour' ? 'day' : step, from, to)
  return starts.map((start, i) => [Math.max(start, from), starts[i + 1] ?? to])
}
