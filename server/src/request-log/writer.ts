/**
 * Writes requests down, and adds them up in the same transaction: the sums of an hour and of a day are those of all requests that were
 * ever written, whatever of these is deleted later, and whenever the process dies.
 */
import type { Kysely, Transaction } from 'kysely'
import { sql } from 'kysely'
import type { Schema } from '../storage/schema.ts'
import { type LogEntry, seqPerMs } from './entry.ts'
import { bucketOf } from './first-token.ts'

export interface Retention {
  readonly requestsMs: number
  readonly recordingsMs: number
  /** Of the trail of who changed what, which is swept along. */
  readonly auditMs: number
  /** Of the sums by hour; those by day stay twelve times as long, those by user and day four times. */
  readonly sumsMs: number
}

export interface LogWriter {
  /** One transaction; an entry whose id is there already is left out, and not added up again. */
  write(entries: readonly LogEntry[]): Promise<void>
  /** Deletes what is older than it may be, a little at a time. */
  sweep(at: number): Promise<void>
}

/** What a sealed recording is, by the id of its request. */
export type SealSaid = (id: string, said: NonNullable<LogEntry['said']>) => Uint8Array

/** @param now milliseconds since 1970 */
export function openLogWriter(
  db: Kysely<Schema>,
  retention: Retention,
  sealSaid: SealSaid,
  now: () => number = Date.now,
): LogWriter {
  let lastSeq = 0
  return {
    async write(entries) {
      await db.transaction().execute(async (transaction) => {
        const rows = entries.map((entry) => {
          lastSeq = Math.max(lastSeq + 1, now() * seqPerMs)
          return rowOf(entry, lastSeq)
        })
        const written = await transaction
          .insertInto('requests')
          .values(rows)
          .onConflict((conflict) => conflict.column('id').doNothing())
          .returning('id')
          .execute()
        const ids = new Set(written.map(({ id }) => id))
        const fresh = entries.filter(({ id }) => ids.delete(id))
        await addUp(transaction, fresh)
        const recordings = fresh.flatMap(({ id, at, said }) =>
          said ? [{ request: id, sealed: sealSaid(id, said), created_at: at }] : [],
        )
        if (recordings.length > 0) await transaction.insertInto('recordings').values(recordings).execute()
      })
    },

    async sweep(at) {
      await deleteOld('requests', 'seq', (at - retention.requestsMs) * seqPerMs)
      await deleteOld('recordings', 'created_at', at - retention.recordingsMs)
      await deleteOld('audit_trail', 'at', at - retention.auditMs)
      for (const table of ['usage_sums', 'first_tokens', 'error_codes'] as const) {
        await deleteSums(table, 'hour', at - retention.sumsMs)
        await deleteSums(table, 'day', at - 12 * retention.sumsMs)
        await deleteSums(table, 'user-day', at - 4 * retention.sumsMs)
      }
    },
  }

  /** So few at a time that whoever writes beside it hardly waits. */
  async function deleteOld(
    table: 'requests' | 'recordings' | 'audit_trail',
    column: 'seq' | 'created_at' | 'at',
    until: number,
  ) {
    for (;;) {
      const { rows } = await sql`delete from ${sql.table(table)} where ${sql.ref(column)} in
        (select ${sql.ref(column)} from ${sql.table(table)} where ${sql.ref(column)} < ${until}
        order by ${sql.ref(column)} limit ${sql.lit(sweptAtOnce)}) returning 1 as one`.execute(db)
      if (rows.length < sweptAtOnce) return
    }
  }

  async function deleteSums(
    table: 'usage_sums' | 'first_tokens' | 'error_codes',
    step: Schema['usage_sums']['step'],
    until: number,
  ) {
    await db.deleteFrom(table).where('step', '=', step).where('start', '<', until).execute()
  }
}

const sweptAtOnce = 500
const hourMs = 60 * 60 * 1000
const steps = [
  ['hour', hourMs],
  ['day', 24 * hourMs],
  ['user-day', 24 * hourMs],
] as const

function rowOf(entry: LogEntry, seq: number) {
  const { usage } = entry
  return {
    seq,
    id: entry.id,
    at: entry.at,
    tenant: entry.tenant,
    project: entry.project,
    key: entry.key,
    user_id: entry.userId,
    model: entry.model,
    asked: entry.asked,
    engine: entry.engine,
    status: entry.status,
    outcome: entry.outcome,
    failed: Number(entry.failed),
    streamed: Number(entry.streamed),
    thinking: Number(entry.thinking),
    prompt_tokens: usage.promptTokens,
    cached_tokens: usage.cachedTokens,
    completion_tokens: usage.completionTokens,
    reasoning_tokens: usage.reasoningTokens,
    estimated: Number(usage.estimated ?? false),
    cost: entry.cost,
    queued_ms: entry.queuedMs,
    first_token_ms: entry.firstTokenMs,
    duration_ms: entry.durationMs,
    attempts: entry.detail.tries.length,
    detail: JSON.stringify(entry.detail),
  }
}

type Sums = Omit<Schema['usage_sums'], 'cost'> & { cost: bigint }

/** Rows are written in one order by everybody, so that two nodes never wait for each other. */
async function addUp(transaction: Transaction<Schema>, entries: readonly LogEntry[]): Promise<void> {
  const sums = new Map<string, Sums>()
  const buckets = new Map<string, Schema['first_tokens']>()
  const codes = new Map<string, Schema['error_codes']>()
  for (const entry of entries)
    for (const [step, length] of steps) {
      const { tenant, model, key, userId, usage, firstTokenMs, durationMs } = entry
      const start = Math.floor((entry.at + durationMs) / length) * length
      const of = { step, start, tenant, model, key, user_id: step === 'user-day' ? (userId ?? '') : '' }
      const name = JSON.stringify(Object.values(of))
      const sum = sums.get(name) ?? { ...of, ...nothing }
      sums.set(name, sum)
      sum.requests++
      sum.errors += Number(entry.failed)
      sum.prompt_tokens += usage.promptTokens
      sum.cached_tokens += usage.cachedTokens
      sum.completion_tokens += usage.completionTokens
      sum.reasoning_tokens += usage.reasoningTokens
      sum.cost += entry.cost
      if (entry.failed) {
        const counted = codes.get(`${name}${entry.outcome}`) ?? { ...of, code: entry.outcome, amount: 0 }
        codes.set(`${name}${entry.outcome}`, counted)
        counted.amount++
      }
      if (firstTokenMs === null) continue
      sum.generating_ms += durationMs - firstTokenMs
      sum.generated_tokens += usage.completionTokens
      const bucket = bucketOf(firstTokenMs)
      const counted = buckets.get(`${name}${bucket}`) ?? { ...of, bucket, amount: 0 }
      buckets.set(`${name}${bucket}`, counted)
      counted.amount++
    }
  if (sums.size > 0)
    await transaction
      .insertInto('usage_sums')
      .values([...sums].toSorted(byName).map(([, values]) => values))
      .onConflict((conflict) =>
        conflict
          .columns([...dimensions])
          .doUpdateSet(Object.fromEntries(Object.keys(nothing).map((column) => [column, plus('usage_sums', column)]))),
      )
      .execute()
  if (buckets.size > 0)
    await transaction
      .insertInto('first_tokens')
      .values([...buckets].toSorted(byName).map(([, values]) => values))
      .onConflict((conflict) =>
        conflict.columns([...dimensions, 'bucket']).doUpdateSet({ amount: plus('first_tokens', 'amount') }),
      )
      .execute()
  if (codes.size > 0)
    await transaction
      .insertInto('error_codes')
      .values([...codes].toSorted(byName).map(([, values]) => values))
      .onConflict((conflict) =>
        conflict.columns([...dimensions, 'code']).doUpdateSet({ amount: plus('error_codes', 'amount') }),
      )
      .execute()
}

const dimensions = ['step', 'start', 'tenant', 'model', 'key', 'user_id'] as const
const nothing = {
  requests: 0,
  errors: 0,
  prompt_tokens: 0,
  cached_tokens: 0,
  completion_tokens: 0,
  reasoning_tokens: 0,
  cost: 0n,
  generating_ms: 0,
  generated_tokens: 0,
}
const byName = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]) => (a < b ? -1 : 1)
const plus = (table: string, column: string) =>
  sql<number>`${sql.ref(`${table}.${column}`)} + ${sql.ref(`excluded.${column}`)}`
