/**
 * SQLite's write-ahead log is copied into the database now and then. Whoever commits could do it, and would keep all who wait for that
 * commit waiting; so a thread that nobody waits for does. What is read for long keeps the log from being begun anew: whoever
 * reads for people holds back while it is long.
 */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { type Kysely, sql } from 'kysely'
import type { Schema } from './schema.ts'

/** Long enough that a page that is written again and again is copied once. */
const copiedFromBytes = 16 * 2 ** 20
/** Every look-up takes longer the longer it is, and who writes helps out from 128 MB on. */
const longBytes = 64 * 2 ** 20
const lookEveryMs = 50
const waitMsMax = 2_000

/** @returns 0 where there is none */
export const walBytes = (folder: string): number =>
  statSync(join(folder, 'tidegate.db-wal'), { throwIfNoEntry: false })?.size ?? 0

/** Copies it where it has grown, and begins it anew unless somebody reads; to be called several times a second. */
export async function copyWal(folder: string, db: Kysely<Schema>): Promise<void> {
  if (walBytes(folder) < copiedFromBytes) return
  // Nearly all of it beside those who write, so that they wait for the rest only.
  await sql`pragma wal_checkpoint(passive)`.execute(db)
  await sql`pragma wal_checkpoint(truncate)`.execute(db)
}

/** Resolves when it is not long any more, or will not get shorter. */
export async function untilWalIsShort(folder: string): Promise<void> {
  for (let waited = 0; waited < waitMsMax && walBytes(folder) > longBytes; waited += lookEveryMs)
    await pause(lookEveryMs)
}
