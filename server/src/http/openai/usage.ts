import { ServeError } from '../../completion/failure.ts'
import type { Accounts } from '../../ledger/accounts.ts'
import { decimalOf } from '../../ledger/money.ts'
import { type Dimension, dimensions } from '../../ledger/usage-sums.ts'
import { sendEncoded, sendJson } from '../answer.ts'
import type { KeyedHandler } from '../exchange.ts'
import type { Reads } from '../reads.ts'

const dayMs = 24 * 60 * 60 * 1000
/** What is looked at when the client does not say. */
const defaultDays = 30
const mostDays = 366

/** `GET /user/balance`, in the shape of the DeepSeek API: amounts are decimal strings. */
export const getBalance =
  (accounts: Pick<Accounts, 'balanceOf'>): KeyedHandler =>
  async (exchange, key) => {
    const { currency, balance, held, prepaid } = await accounts.balanceOf(key.tenant)
    const total = decimalOf(balance)
    sendJson(exchange, 200, {
      is_available: !prepaid || balance > held,
      balance_infos: [{ currency, total_balance: total, granted_balance: decimalOf(0n), topped_up_balance: total }],
    })
  }

/** `GET /v1/usage?from=2026-11-01&to=2026-12-01&group_by=day,model&project=proj_1`: what the key's tenant used, from the ledger. */
export const getUsage =
  (reads: Pick<Reads, 'ask'>, now: () => number = Date.now): KeyedHandler =>
  async (exchange, key) => {
    const query = new URL(exchange.request.url ?? '', 'http://localhost').searchParams
    const to = timeIn(query, 'to') ?? now()
    const from = timeIn(query, 'from') ?? to - defaultDays * dayMs
    if (from >= to || to - from > mostDays * dayMs)
      throw invalid('from', `'from' must be before 'to', and at most ${mostDays} days before it.`)
    const by = groupsIn(query)
    const project = query.get('project') || undefined
    sendEncoded(exchange, 200, await reads.ask('tenantUsage', { tenant: key.tenant, project, from, to, by }))
  }

function timeIn(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name)
  if (text === null || text === '') return undefined
  const time = /^\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:\d\d)?)?$/.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(time))
    throw invalid(name, `'${name}' must be a day or a time such as 2026-11-01 or 2026-11-01T12:00:00Z.`)
  return time
}

function groupsIn(query: URLSearchParams): readonly Dimension[] {
  const asked = (query.get('group_by') ?? 'day').split(',').map((name) => name.trim())
  const wrong = asked.some((name) => !dimensions.some((known) => known === name))
  if (wrong || new Set(asked).size < asked.length)
    throw invalid(
      'group_by',
      `'group_by' must be one or more of ${dimensions.join(', ')}, each once, with commas between them.`,
    )
  return asked as Dimension[]
}

const invalid = (param: string, message: string): ServeError =>
  new ServeError({ code: 'invalid-request', message, param })
