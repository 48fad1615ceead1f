/** Sealed texts that are kept for a while: none outlives its time, and all together stay within their share of the disk. */
import { type Kysely, sql } from 'kysely'
import type { Schema } from './schema.ts'

export interface KeptBounds {
  readonly ttlMs: number
  readonly totalBytes: number
  readonly entries?: number
}

/** Old texts are looked for at most so often. */
const everyMs = 60_000

/**
 * @returns removes what is too old, then the oldest until the rest has room; every use asks for it, at most once a minute it happens.
 * It runs on the event loop: what is looked at each time are two sums over an index, and rows one by one only beyond the bounds.
 */
export function sweeperOf(
  db: Kysely<Schema>,
  table: 'kept_reasoning' | 'kept_answers',
  { ttlMs, totalBytes, entries = Number.MAX_SAFE_INTEGER }: KeptBounds,
  now: () => number,
): () => Promise<void> {
  let sweptAt = Number.NEGATIVE_INFINITY
  /** What is not sealed yet is still being made. */
  const dropUntil = (time: number) =>
    db.deleteFrom(table).where('sealed', 'is not', null).where('created_at', '<=', time).execute()

  return async () => {
    if (now() - sweptAt < everyMs) return
    sweptAt = now()
    await dropUntil(now() - ttlMs)
    const all = await db
      .selectFrom(table)
      .select([sql<number | null>`sum(length(sealed))`.as('bytes'), sql<number>`count(*)`.as('entries')])
      .executeTakeFirst()
    if ((all?.bytes ?? 0) <= totalBytes && (all?.entries ?? 0) <= entries) return
    const newestFirst = db
      .selectFrom(table)
      .select([
        'created_at',
        sql<number>`sum(length(sealed)) over (order by created_at desc)`.as('bytes'),
        sql<number>`count(*) over (order by created_at desc)`.as('entries'),
      ])
    const newestTooMany = await db
      .selectFrom(newestFirst.as('kept'))
      .select(({ fn }) => fn.max<number | null>('created_at').as('created_at'))
      .where(({ eb, or }) => or([eb('bytes', '>', totalBytes), eb('entries', '>', entries)]))
      .executeTakeFirst()
    if (newestTooMany?.created_at != null) await dropUntil(newestTooMany.created_at)
  }
}
