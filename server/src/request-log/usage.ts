/** Sums of usage through time, read from those that were made when the requests were written: a year is hardly slower than a week. */
import { type Expression, type Kysely, type RawBuilder, type SqlBool, sql } from 'kysely'
import { dayMs, dayOf, monthAfter, monthOf } from '../lib/utc.ts'
import type { Schema } from '../storage/schema.ts'
import { seqPerMs } from './entry.ts'
import { percentileOf } from './first-token.ts'

export const usageDimensions = ['tenant', 'project', 'model', 'key', 'user'] as const
export type UsageDimension = (typeof usageDimensions)[number]
export type Step = 'hour' | 'day' | 'month' | 'all'
/** `project` is null for keys that belong to none, `user` for requests that named none. */
export type Group = Readonly<Partial<Record<UsageDimension, string | null>>>

export interface UsageFilters {
  readonly tenant?: string | undefined
  readonly project?: string | undefined
  readonly model?: string | undefined
  readonly key?: string | undefined
  readonly user?: string | undefined
  /** Milliseconds since 1970, inclusive; the hour that it lies in counts whole. */
  readonly from: number
  /** Exclusive. */
  readonly to: number
}

export interface UsageSums {
  readonly requests: number
  readonly errors: number
  /** How many ended with each code; of errors that were summed up before codes were counted: none. */
  readonly errorCodes: Readonly<Record<string, number>>
  readonly promptTokens: number
  readonly cachedTokens: number
  readonly completionTokens: number
  readonly reasoningTokens: number
  /** Micro-units. */
  readonly cost: bigint
  /** From the first token to the last of streams, and the tokens that came in that time. */
  readonly generatingMs: number
  readonly generatedTokens: number
  /** Milliseconds; null where nothing had one. */
  readonly firstTokenP50: number | null
  readonly firstTokenP95: number | null
}

/** A row of the table of usage. */
export interface UsageLine extends UsageSums {
  /** Where its step begins. */
  readonly start: number
  readonly group: Group
}

export interface UsageSeries {
  readonly group: Group
  /** All groups beyond the largest, together. */
  readonly rest: boolean
  /** One for each of the times that were asked for. */
  readonly points: readonly UsageSums[]
  readonly total: UsageSums
}

const hourMs = 60 * 60 * 1000
const columns: Readonly<Record<UsageDimension, RawBuilder<string>>> = {
  tenant: sql.ref('tenant'),
  // A key never changes its project, so that sums by key tell it.
  project: sql`coalesce((select project from api_keys where api_keys.id = key), '')`,
  model: sql.ref('model'),
  key: sql.ref('key'),
  user: sql.ref('user_id'),
}

/** Where each step from `from` to `to` begins, in UTC. */
export function timesOf(step: Step, from: number, to: number): readonly number[] {
  const times = []
  for (let at = beginOf(step, from, from); at < to; at = nextOf(step, at, to)) times.push(at)
  return times
}

function beginOf(step: Step, at: number, from: number): number {
  if (step === 'all') return from
  if (step === 'month') return monthOf(at)
  const length = step === 'hour' ? hourMs : dayMs
  return at - (at % length)
}

function nextOf(step: Step, at: number, to: number): number {
  if (step === 'all') return to
  if (step === 'month') return monthAfter(at)
  return at + (step === 'hour' ? hourMs : dayMs)
}

/** @returns sums for each step and group, ordered by both; steps without any are left out */
export const usageTable = async (
  read: Kysely<Schema>,
  filters: UsageFilters,
  step: Step,
  by: readonly UsageDimension[],
): Promise<readonly UsageLine[]> => (await gatherLines(read, filters, step, by)).map(lineOf)

/** @returns the groups that used most tokens, most first, each with its sums over the whole time; what is counted beside these is not read */
export async function usageTotals(
  read: Kysely<Schema>,
  filters: UsageFilters,
  by: readonly UsageDimension[],
): Promise<readonly UsageTotal[]> {
  const found = await gatherSums(read, filters, 'all', by)
  return found.map(({ group, sums }) => ({ group, ...sums })).toSorted(byTokens)
}

/**
 * Who used most is found from the sums alone; what else is known of them is read of those that are shown. There may be a hundred
 * thousand users, and times to the first token are many for each.
 * @returns a series for each of the `top` largest groups, and one for the rest if there is any
 */
export async function usageSeries(
  read: Kysely<Schema>,
  question: UsageFilters & { readonly step: Step; readonly by: readonly UsageDimension[]; readonly top: number },
): Promise<readonly UsageSeries[]> {
  const { step, by, top, ...filters } = question
  const times = timesOf(step, filters.from, filters.to)
  const found = by.length === 0 ? [] : await gatherSums(read, filters, 'all', by)
  const shown = found.map(lineOf).toSorted(byTokens).slice(0, top)
  const only = found.length > top ? shown.map(({ group }) => group) : undefined
  const lines = await gatherLines(read, filters, step, by, only)
  const groups = by.length === 0 && lines.length > 0 ? [{}] : shown.map(({ group }) => group)
  const series = groups.map((group) => {
    const own = lines.filter((line) => isSame(line.group, group))
    const points = new Map(own.map((line) => [line.start, lineOf(line)]))
    return { group, rest: false, points: times.map((time) => points.get(time) ?? noUse), total: sumsOf(together(own)) }
  })
  if (found.length <= top) return series
  // What the shown groups used is taken from what all used; times to the first token cannot be.
  const all = await gatherWithCodes(read, filters, step, [])
  const used = new Map(all.map((line) => [line.start, sumsOf(line)]))
  const points = times.map((time, i) =>
    minus(
      used.get(time) ?? noUse,
      series.map((one) => one.points[i] ?? noUse),
    ),
  )
  const totals = series.map(({ total }) => total)
  return [...series, { group: {}, rest: true, points, total: minus(sumsOf(together(all)), totals) }]
}

const tokensOf = ({ promptTokens, completionTokens }: Plain): number => promptTokens + completionTokens
const byTokens = (a: Plain, b: Plain): number => tokensOf(b) - tokensOf(a) || b.requests - a.requests

/** What was read of a step and a group. */
interface Gathered {
  readonly start: number
  readonly group: Group
  readonly sums: Plain
  readonly firsts: Map<number, number>
  readonly codes: Map<string, number>
}

type Selected = readonly [
  read: Kysely<Schema>,
  filters: UsageFilters,
  step: Step,
  by: readonly UsageDimension[],
  only?: readonly Group[],
]

/** With what is counted beside the sums. */
async function gatherLines(...selected: Selected): Promise<readonly Gathered[]> {
  const [lines, firsts] = await Promise.all([
    gatherWithCodes(...selected),
    countsIn<number>('first_tokens', 'bucket', ...selected),
  ])
  const known = new Map(lines.map((line) => [nameOf(line), line]))
  for (const { of, name, amount } of firsts) addCount(known.get(nameOf(of))?.firsts, name, amount)
  return lines
}

async function gatherWithCodes(...selected: Selected): Promise<readonly Gathered[]> {
  const [lines, codes] = await Promise.all([
    gatherSums(...selected),
    countsIn<string>('error_codes', 'code', ...selected),
  ])
  const known = new Map(lines.map((line) => [nameOf(line), line]))
  for (const { of, name, amount } of codes) addCount(known.get(nameOf(of))?.codes, name, amount)
  return lines
}

/** Ordered by step and group. */
async function gatherSums(...[read, filters, step, by, only]: Selected): Promise<readonly Gathered[]> {
  const { sums: table, where } = sourceOf(filters, step, by, only)
  const { named, keys } = toldApart(step, by)
  const { rows } = await sql<SumsRow>`select ${named}, ${summed} from ${table} where ${where} group by ${keys}`.execute(
    read,
  )
  const lines = new Map<string, Gathered>()
  for (const row of rows) {
    const of = placeOf(row, filters, step, by)
    const line = lines.get(nameOf(of)) ?? { ...of, sums: { ...none }, firsts: new Map(), codes: new Map() }
    lines.set(nameOf(of), line)
    add(line.sums, row)
  }
  return [...lines.values()].toSorted(
    (a, b) => a.start - b.start || (JSON.stringify(a.group) < JSON.stringify(b.group) ? -1 : 1),
  )
}

/** Of the tables that count by the sums' own dimensions and one more. */
async function countsIn<Name>(
  table: 'first_tokens' | 'error_codes',
  column: string,
  ...[read, filters, step, by, only]: Selected
) {
  const { counted, where } = sourceOf(filters, step, by, only)
  if (!counted) return []
  const { named, keys } = toldApart(step, by)
  const name = sql.ref(column)
  const { rows } = await sql<CountsRow<Name>>`select ${named}, ${name} as name, sum(amount) as amount
    from ${sql.table(table)} where ${where} group by ${keys}, ${name}`.execute(read)
  return rows.map((row) => ({ of: placeOf(row, filters, step, by), name: row.name, amount: Number(row.amount) }))
}

function toldApart(step: Step, by: readonly UsageDimension[]) {
  // Months differ in length: they are put together here, from days.
  const length = step === 'hour' ? hourMs : dayMs
  const time = step === 'all' ? sql<number>`0` : sql<number>`start / ${sql.lit(length)} * ${sql.lit(length)}`
  return {
    named: sql.join([sql`${time} as time`, ...by.map((name, i) => sql`${columns[name]} as ${sql.ref(`g${i}`)}`)]),
    keys: sql.join([sql.lit(1), ...by.map((_, i) => sql.lit(i + 2))]),
  }
}

const placeOf = (row: GroupRow, { from }: UsageFilters, step: Step, by: readonly UsageDimension[]) => ({
  start: beginOf(step, row.time, from),
  group: Object.fromEntries(by.map((name, i) => [name, saidOf(name, row[`g${i}`])])) as Group,
})
const nameOf = ({ start, group }: Pick<Gathered, 'start' | 'group'>): string =>
  JSON.stringify([start, ...Object.values(group)])

function addCount<Name>(counts: Map<Name, number> | undefined, name: Name, amount: number): void {
  counts?.set(name, (counts.get(name) ?? 0) + amount)
}

function together(lines: readonly Gathered[]): Pick<Gathered, 'sums' | 'firsts' | 'codes'> {
  const all = { sums: { ...none }, firsts: new Map<number, number>(), codes: new Map<string, number>() }
  for (const { sums, firsts, codes } of lines) {
    for (const name of [...numbers, ...times]) all.sums[name] += sums[name]
    all.sums.cost += sums.cost
    for (const [bucket, amount] of firsts) addCount(all.firsts, bucket, amount)
    for (const [code, amount] of codes) addCount(all.codes, code, amount)
  }
  return all
}

const sumsOf = ({ sums, firsts, codes }: Pick<Gathered, 'sums' | 'firsts' | 'codes'>): UsageSums => ({
  ...sums,
  errorCodes: Object.fromEntries([...codes].toSorted(([a], [b]) => (a < b ? -1 : 1))),
  firstTokenP50: percentileOf(firsts, 0.5),
  firstTokenP95: percentileOf(firsts, 0.95),
})
const lineOf = (line: Gathered): UsageLine => ({ start: line.start, group: line.group, ...sumsOf(line) })

interface GroupRow extends Readonly<Record<`g${number}`, string>> {
  readonly time: number
}
type Column = (typeof summedColumns)[number]
type SumsRow = GroupRow & Readonly<Record<Column, string>>
type CountsRow<Name> = GroupRow & { readonly name: Name; readonly amount: number }
/** What a group used. */
export type UsageTotal = Plain & Pick<UsageLine, 'group'>
type Plain = { -readonly [K in keyof Omit<UsageSums, 'firstTokenP50' | 'firstTokenP95' | 'errorCodes'>]: UsageSums[K] }

const summedColumns = [
  'requests',
  'errors',
  'prompt_tokens',
  'cached_tokens',
  'completion_tokens',
  'reasoning_tokens',
  'cost',
  'generating_ms',
  'generated_tokens',
] as const
const summed = sql.join(summedColumns.map((name) => sql`cast(sum(${sql.ref(name)}) as text) as ${sql.ref(name)}`))

const none: Plain = {
  requests: 0,
  errors: 0,
  promptTokens: 0,
  cachedTokens: 0,
  completionTokens: 0,
  reasoningTokens: 0,
  cost: 0n,
  generatingMs: 0,
  generatedTokens: 0,
}
const noUse: UsageSums = { ...none, errorCodes: {}, firstTokenP50: null, firstTokenP95: null }

function add(sums: Plain, row: Readonly<Record<Column, string>>): void {
  sums.requests += Number(row.requests)
  sums.errors += Number(row.errors)
  sums.promptTokens += Number(row.prompt_tokens)
  sums.cachedTokens += Number(row.cached_tokens)
  sums.completionTokens += Number(row.completion_tokens)
  sums.reasoningTokens += Number(row.reasoning_tokens)
  sums.cost += BigInt(row.cost)
  sums.generatingMs += Number(row.generating_ms)
  sums.generatedTokens += Number(row.generated_tokens)
}

const numbers = ['requests', 'errors', 'promptTokens', 'cachedTokens', 'completionTokens', 'reasoningTokens'] as const
const times = ['generatingMs', 'generatedTokens'] as const

/** Percentiles cannot be subtracted: there are none. */
function minus(all: UsageSums, parts: readonly UsageSums[]): UsageSums {
  const left: { -readonly [K in keyof UsageSums]: UsageSums[K] } = { ...all, firstTokenP50: null, firstTokenP95: null }
  const codes = new Map(Object.entries(all.errorCodes))
  for (const part of parts) {
    for (const name of [...numbers, ...times]) left[name] -= part[name]
    left.cost -= part.cost
    for (const [code, amount] of Object.entries(part.errorCodes)) addCount(codes, code, -amount)
  }
  return { ...left, errorCodes: Object.fromEntries([...codes].filter(([, amount]) => amount > 0)) }
}

const saidOf = (name: UsageDimension, value: string | undefined): string | null =>
  value === undefined || (['project', 'user'].includes(name) && value === '') ? null : value
const isSame = (a: Group, b: Group): boolean => usageDimensions.every((name) => a[name] === b[name])

/**
 * Where the sums are read: those by day of the days that lie in the time from their beginning to their end, and those by hour of what is
 * left at both ends; those of single users by day. Their hours are not summed up beforehand: they are read from the requests
 * themselves, as long as these are kept, and nothing but the sums is known of them.
 */
function sourceOf(
  { from, to, ...filters }: UsageFilters,
  step: Step,
  by: readonly UsageDimension[],
  only: readonly Group[] | undefined,
) {
  const ofUsers = filters.user !== undefined || by.includes('user')
  const ofRequests = ofUsers && step === 'hour'
  const between = (first: number, end: number) => sql<SqlBool>`start >= ${first} and start < ${end}`
  const ranges = ofUsers
    ? [sql<SqlBool>`step = 'user-day' and ${between(dayOf(from), to)}`]
    : spansOf(step, from, to).map(([kept, first, end]) => sql<SqlBool>`step = ${kept} and ${between(first, end)}`)
  const wanted: Expression<SqlBool>[] = [
    ofRequests
      ? between(beginOf('hour', from, from), to)
      : sql<SqlBool>`(${sql.join(
          ranges.map((range) => sql`(${range})`),
          sql` or `,
        )})`,
    ...usageDimensions.flatMap((name) =>
      filters[name] === undefined ? [] : [sql<SqlBool>`${columns[name]} = ${filters[name]}`],
    ),
  ]
  if (only && only.length > 0 && by.length > 0) {
    const names = sql.join(by.map((name) => columns[name]))
    const values = only.map((group) => sql`(${sql.join(by.map((name) => group[name] ?? ''))})`)
    wanted.push(sql<SqlBool>`(${names}) in (values ${sql.join(values)})`)
  }
  return {
    sums: ofRequests ? requestsAsSums(from, to, filters.user) : sql`usage_sums`,
    /** Whether times to the first token and codes are counted there. */
    counted: !ofRequests,
    where: sql<SqlBool>`${sql.join(wanted, sql` and `)}`,
  }
}

type Span = readonly [kept: 'hour' | 'day', first: number, end: number]

/** The hour in which the time begins counts whole. */
function spansOf(step: Step, from: number, to: number): readonly Span[] {
  const begin = beginOf('hour', from, from)
  // Nothing has ended after now, so that a day that is not over may lie in the time whole.
  const isOpen = beginOf('hour', to, to) + hourMs > Date.now()
  const [firstDay, lastDay] = [dayOf(begin + dayMs - 1), isOpen ? to : dayOf(to)]
  if (step === 'hour' || firstDay >= lastDay) return [['hour', begin, to]]
  const spans: readonly Span[] = [
    ['hour', begin, firstDay],
    ['day', firstDay, lastDay],
    ['hour', lastDay, to],
  ]
  return spans.filter(([, first, end]) => first < end)
}

/** Each request as a sum of its own. */
const requestsAsSums = (
  from: number,
  to: number,
  user: string | undefined,
) => sql`(select at + duration_ms as start, tenant, model, key,
  coalesce(user_id, '') as user_id, 1 as requests, failed as errors, prompt_tokens, cached_tokens, completion_tokens,
  reasoning_tokens, cost, 0 as generating_ms, 0 as generated_tokens
  from requests where seq >= ${from * seqPerMs} and seq < ${(to + hourMs) * seqPerMs}
  ${user ? sql`and user_id = ${user}` : sql``}) as each_request`
