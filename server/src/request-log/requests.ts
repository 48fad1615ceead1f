/** Looks requests up. Each look reads an index from its newest end, and no more of it than the filters need. */
import { type Kysely, type SelectQueryBuilder, sql } from 'kysely'
import type { Schema } from '../storage/schema.ts'
import { type Detail, type LogEntry, seqPerMs } from './entry.ts'

/** What requests are chosen by; times are milliseconds since 1970. */
export interface RequestFilters {
  readonly tenant?: string | undefined
  readonly project?: string | undefined
  readonly model?: string | undefined
  readonly key?: string | undefined
  readonly user?: string | undefined
  /** Inclusive. */
  readonly from?: number | undefined
  /** Exclusive. */
  readonly to?: number | undefined
  readonly engine?: string | undefined
  readonly outcome?: string | undefined
  readonly failed?: boolean | undefined
  /** The client left before the end. */
  readonly hungUp?: boolean | undefined
  readonly streamed?: boolean | undefined
  readonly id?: string | undefined
  /** The beginning of the id. */
  readonly search?: string | undefined
  readonly slowerThanMs?: number | undefined
}

/** A place in the log. */
export type Mark = Pick<LoggedRequest, 'seq' | 'id'>

export interface RequestsQuestion extends RequestFilters {
  /** The last one that is known: only older ones. */
  readonly before?: Mark | undefined
  /** The newest one that is known: only newer ones. */
  readonly after?: Mark | undefined
  /** No further back than this `seq`. */
  readonly reach?: number | undefined
  readonly limit: number
  /** Oldest first, for who reads all of it. */
  readonly oldestFirst?: boolean | undefined
}

/** A line of the log. */
export interface LoggedRequest extends Omit<LogEntry, 'detail' | 'said'> {
  /** Grows from one to the next; only those of two writers may have the same one. */
  readonly seq: number
  /** '' for a key that is gone. */
  readonly keyName: string
  readonly attempts: number
  readonly recorded: boolean
}

/** All of one request but what was said. */
export interface FoundRequest extends LoggedRequest {
  readonly detail: Detail
  readonly sealed: Uint8Array | null
}

/** The status of a request whose client left. */
const clientLeft = 499
/** A request is written down when it has ended: at most so long after it came is looked for. */
export const longestMs = 24 * 60 * 60 * 1000

/** @returns newest first unless asked otherwise */
export async function listRequests(
  read: Kysely<Schema>,
  { before, after, reach, limit, oldestFirst = false, ...filters }: RequestsQuestion,
): Promise<readonly LoggedRequest[]> {
  let query = chosen(lines(read), filters)
  if (before) query = query.where(beyond('<', before))
  if (after) query = query.where(beyond('>', after))
  if (reach !== undefined) query = query.where('requests.seq', '>=', reach)
  const way = oldestFirst ? 'asc' : 'desc'
  const rows = await query.orderBy('requests.seq', way).orderBy('requests.id', way).limit(limit).execute()
  return rows.map(loggedOf)
}

const beyond = (way: '<' | '>', { seq, id }: Mark) =>
  sql<boolean>`(requests.seq, requests.id) ${sql.raw(way)} (${seq}, ${id})`

/** @returns the last one that was written down, of whatever kind; undefined while there is none */
export async function newestOf(read: Kysely<Schema>, tenant: string | undefined): Promise<Mark | undefined> {
  let query = read.selectFrom('requests').select(['seq', 'id']).orderBy('seq', 'desc').orderBy('id', 'desc').limit(1)
  if (tenant !== undefined) query = query.where('tenant', '=', tenant)
  return query.executeTakeFirst()
}

/** @param tenant whose it must be; undefined: anybody's */
export async function findRequest(
  read: Kysely<Schema>,
  id: string,
  tenant: string | undefined,
): Promise<FoundRequest | undefined> {
  let query = lines(read).select(['requests.detail', 'recordings.sealed']).where('requests.id', '=', id)
  if (tenant !== undefined) query = query.where('requests.tenant', '=', tenant)
  const row = await query.executeTakeFirst()
  return row && { ...loggedOf(row), detail: JSON.parse(row.detail) as Detail, sealed: row.sealed }
}

const lines = (read: Kysely<Schema>) =>
  read
    .selectFrom('requests')
    .leftJoin('api_keys', 'api_keys.id', 'requests.key')
    .leftJoin('recordings', 'recordings.request', 'requests.id')
    .select([
      ...(
        ['seq', 'id', 'at', 'tenant', 'key', 'user_id', 'model', 'asked', 'engine', 'status', 'outcome'] as const
      ).map((column) => `requests.${column}` as const),
      ...(['failed', 'streamed', 'thinking', 'prompt_tokens', 'cached_tokens', 'completion_tokens'] as const).map(
        (column) => `requests.${column}` as const,
      ),
      ...(['reasoning_tokens', 'estimated', 'queued_ms', 'first_token_ms', 'duration_ms', 'attempts'] as const).map(
        (column) => `requests.${column}` as const,
      ),
      'requests.project',
      sql<string>`cast(requests.cost as text)`.as('cost'),
      'api_keys.name as key_name',
      'recordings.request as recorded',
    ])

type Lines = ReturnType<typeof lines>
type Line = Lines extends SelectQueryBuilder<infer _DB, infer _TB, infer Row> ? Row : never

function chosen(query: Lines, filters: RequestFilters): Lines {
  const { id, tenant, project, model, key, user, from, to, engine, outcome, failed, hungUp, streamed } = filters
  const { search, slowerThanMs } = filters
  const wanted = [
    ['requests.id', '=', id],
    ['requests.tenant', '=', tenant],
    ['requests.project', '=', project],
    ['requests.model', '=', model],
    ['requests.key', '=', key],
    ['requests.user_id', '=', user],
    ['requests.at', '>=', from],
    // What came at a time was written down no earlier; so the index need not be read beyond it.
    ['requests.seq', '>=', from === undefined ? undefined : from * seqPerMs],
    ['requests.at', '<', to],
    ['requests.seq', '<', to === undefined ? undefined : (to + longestMs) * seqPerMs],
    ['requests.engine', '=', engine],
    ['requests.outcome', '=', outcome],
    ['requests.failed', '=', failed === undefined ? undefined : Number(failed)],
    ['requests.status', hungUp ? '=' : '!=', hungUp === undefined ? undefined : clientLeft],
    ['requests.streamed', '=', streamed === undefined ? undefined : Number(streamed)],
    ['requests.duration_ms', '>=', slowerThanMs],
  ] as const
  const found = search === undefined ? query : query.where(sql`substr(requests.id, 1, ${search.length})`, '=', search)
  return wanted.reduce(
    (all, [column, operator, value]) => (value === undefined ? all : all.where(column, operator, value)),
    found,
  )
}

const loggedOf = (row: Line): LoggedRequest => ({
  seq: row.seq,
  id: row.id,
  at: row.at,
  tenant: row.tenant,
  project: row.project,
  key: row.key,
  keyName: row.key_name ?? '',
  userId: row.user_id,
  model: row.model,
  asked: row.asked,
  engine: row.engine,
  status: row.status,
  outcome: row.outcome,
  failed: row.failed === 1,
  streamed: row.streamed === 1,
  thinking: row.thinking === 1,
  usage: {
    promptTokens: row.prompt_tokens,
    cachedTokens: row.cached_tokens,
    completionTokens: row.completion_tokens,
    reasoningTokens: row.reasoning_tokens,
    ...(row.estimated === 1 && { estimated: true }),
  },
  cost: BigInt(row.cost),
  queuedMs: row.queued_ms,
  firstTokenMs: row.first_token_ms,
  durationMs: row.duration_ms,
  attempts: row.attempts,
  recorded: row.recorded !== null,
})

/** What came to an end in the last milliseconds. */
export async function recentActivity(
  read: Kysely<Schema>,
  { tenant, lastMs }: { readonly tenant: string | undefined; readonly lastMs: number },
) {
  let query = read
    .selectFrom('requests')
    .select(['failed', 'prompt_tokens', 'completion_tokens', 'first_token_ms'])
    .where('seq', '>=', (Date.now() - lastMs) * seqPerMs)
  if (tenant !== undefined) query = query.where('tenant', '=', tenant)
  const rows = await query.execute()
  const firsts = rows.flatMap(({ first_token_ms: ms }) => ms ?? []).toSorted((a, b) => a - b)
  const percentile = (share: number) => firsts[Math.ceil(share * firsts.length) - 1] ?? null
  return {
    requests: rows.length,
    errors: rows.filter(({ failed }) => failed === 1).length,
    tokens: rows.reduce((sum, row) => sum + row.prompt_tokens + row.completion_tokens, 0),
    firstTokenP50: percentile(0.5),
    firstTokenP95: percentile(0.95),
  }
}
