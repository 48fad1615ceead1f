/**
 * What a tenant used, summed from the ledger. Hours, and days of single users, can read a million entries: not for the thread that
 * carries the streams.
 */
import { type Kysely, type RawBuilder, sql } from 'kysely'
import { dayMs, dayOf, monthAfter, monthOf } from '../lib/utc.ts'
import type { Schema } from '../storage/schema.ts'
import type { SumStep } from './charge-sums.ts'
import type { Micro } from './money.ts'

/** What usage can be told apart by. `hour` and `day` are UTC. */
export const dimensions = ['day', 'hour', 'model', 'project', 'key', 'user'] as const
export type Dimension = (typeof dimensions)[number]

export interface UsageRow {
  readonly by: Readonly<Partial<Record<Dimension, string | null>>>
  readonly requests: number
  readonly promptTokens: number
  readonly cachedTokens: number
  readonly completionTokens: number
  readonly reasoningTokens: number
  readonly cost: Micro
  readonly currency: string
}

export interface UsageQuestion {
  readonly tenant: string
  /** Undefined: all that the tenant used. */
  readonly project?: string | undefined
  /** Milliseconds since 1970, inclusive. */
  readonly from: number
  /** Exclusive. */
  readonly to: number
  readonly by: readonly Dimension[]
}

const hourMs = 60 * 60 * 1000

/** Times are told apart by their number since 1970, which every store divides alike. */
const expressions: Readonly<Record<Dimension, RawBuilder<number | string | null>>> = {
  day: sql`at / ${sql.lit(dayMs)}`,
  hour: sql`at / ${sql.lit(hourMs)}`,
  model: sql.ref('model'),
  project: sql.ref('project'),
  key: sql.ref('key'),
  user: sql.ref('user_id'),
}

const said = (name: Dimension, value: number | string | null): string | null => {
  if (typeof value !== 'number') return value
  return name === 'day'
    ? new Date(value * dayMs).toISOString().slice(0, 10)
    : `${new Date(value * hourMs).toISOString().slice(0, 13)}:00Z`
}

interface Sums extends Readonly<Record<`g${number}`, number | string | null>> {
  readonly currency: string
  readonly requests: number
  readonly prompt: number
  readonly cached: number
  readonly completion: number
  readonly reasoning: number
  readonly cost: string
}

/**
 * Of whole days and months the sums are read that were made with the charges, of what is left at both ends the entries. A key never
 * changes its project, so that sums by key tell it.
 * @returns sums over the answers that ended in that time, ordered by what they are told apart by
 */
export async function sumUsage(read: Kysely<Schema>, question: UsageQuestion): Promise<readonly UsageRow[]> {
  const { tenant, from, to, by } = question
  const step = stepFor(by)
  const whole = step && wholeSteps(step, from, to)
  if (!step || !whole) return sumsOver(read, question, entriesIn(tenant, from, to))
  const { first, end } = whole
  const middle = sql`select start as at, currency, model,
    (select project from api_keys where api_keys.id = ledger_sums.key) as project, key, nullif(user_id, '') as user_id,
    requests, prompt_tokens, cached_tokens, completion_tokens, reasoning_tokens, cost
    from ledger_sums where tenant = ${tenant} and step = ${step} and start >= ${first} and start < ${end}`
  const ends = [
    ...(from < first ? [entriesIn(tenant, from, first)] : []),
    ...(end < to ? [entriesIn(tenant, end, to)] : []),
  ]
  return sumsOver(read, question, sql.join([middle, ...ends], sql` union all `))
}

/** Which sums tell apart what is to be told apart; undefined: only the entries do. */
function stepFor(by: readonly Dimension[]): SumStep | undefined {
  if (by.includes('hour')) return undefined
  if (!by.includes('user')) return 'day'
  return by.includes('day') ? undefined : 'month'
}

/** The days or months that lie in a time from their beginning to their end; undefined where none does. */
function wholeSteps(step: SumStep, from: number, to: number) {
  const [beginOf, after] = step === 'day' ? [dayOf, (at: number) => dayOf(at) + dayMs] : [monthOf, monthAfter]
  const first = beginOf(from) === from ? from : after(from)
  const end = beginOf(to)
  return first < end ? { first, end } : undefined
}

const entriesIn = (tenant: string, from: number, to: number) => sql`select at, currency, model, project, key,
  user_id, 1 as requests, prompt_tokens, cached_tokens, completion_tokens, reasoning_tokens, -amount as cost
  from ledger where tenant = ${tenant} and at >= ${from} and at < ${to} and kind in ('usage', 'recovered')`

async function sumsOver(
  read: Kysely<Schema>,
  { by, project }: UsageQuestion,
  parts: RawBuilder<unknown>,
): Promise<readonly UsageRow[]> {
  const groups = by.map((name, i) => sql`${expressions[name]} as ${sql.ref(`g${i}`)}`)
  const places = [...by, 'currency'].map((_, i) => sql.lit(i + 1))
  const { rows } = await sql<Sums>`
    select ${sql.join([...groups, sql.ref('currency')])}, sum(requests) as requests,
      sum(prompt_tokens) as prompt, sum(cached_tokens) as cached, sum(completion_tokens) as completion,
      sum(reasoning_tokens) as reasoning, cast(sum(cost) as text) as cost
    from (${parts}) as parts ${project === undefined ? sql`` : sql`where project = ${project}`}
    group by ${sql.join(places)} order by ${sql.join(places.map((place) => sql`${place} nulls first`))}`.execute(read)
  return rows.map((row) => ({
    by: Object.fromEntries(by.map((name, i) => [name, said(name, row[`g${i}`] ?? null)])),
    requests: row.requests,
    promptTokens: row.prompt,
    cachedTokens: row.cached,
    completionTokens: row.completion,
    reasoningTokens: row.reasoning,
    cost: BigInt(row.cost),
    currency: row.currency,
  }))
}
