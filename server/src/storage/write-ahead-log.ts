/**
 * SQLite's write-ahead log is copied into the database now and then. Whoever commits could do it, and would keep all who wait for that
 * commit waiting; so a thread that nobody waits for does. What is read for long keeps the log from being begun anew: whoever
 * reads for people holds back while it is long.
 */
import type { DatabaseSync } from 'node:sqlite'
import { setTimeout as pause } from 'node:timers/promises'
import { type Kysely, sql } from 'kysely'
import type { Schema } from './schema.ts'

/** Long enough that a page that is written again and again is copied once. */
const copiedFromBytes = 16 * 2 ** 20
/** Every look-up takes longer the longer it is. */
const longBytes = 64 * 2 ** 20
/** Where it had to grow far beyond what is usual, its file gets shorter again. */
export const walFileBytesMax = 32 * 2 ** 20
const lookEveryMs = 50
const waitMsMax = 2_000

/** From here on whoever commits helps out. */
const helpedOutBytes = 128 * 2 ** 20
/** What stands before each page in the log. */
const frameHeadBytes = 24

/**
 * How much of the log counts, of which how much has been copied. The file may be longer: it is written anew from its beginning, since
 * making it longer again costs each commit twice what writing over it does.
 */
export interface WalSize {
  readonly bytes: number
  readonly copiedBytes: number
}

/** Asked of SQLite: a process that opens one of its files by itself, and closes it, takes the locks of all its connections along. */
export async function walSize(db: Kysely<Schema>): Promise<WalSize> {
  const { rows } = await sql<{ log: number; checkpointed: number }>`pragma wal_checkpoint(noop)`.execute(db)
  const { rows: pages } = await sql<{ page_size: number }>`pragma page_size`.execute(db)
  const bytesOf = (frames = 0) => Math.max(0, Number(frames)) * (Number(pages[0]?.page_size) + frameHeadBytes)
  return { bytes: bytesOf(rows[0]?.log), copiedBytes: bytesOf(rows[0]?.checkpointed) }
}

/** For whoever commits and should hardly ever copy. */
export function helpOutLate(database: DatabaseSync): void {
  const { page_size: pageBytes } = database.prepare('pragma page_size').get() ?? {}
  const pages = Math.round(helpedOutBytes / Number(pageBytes))
  database.exec(`pragma wal_autocheckpoint = ${pages}; pragma journal_size_limit = ${walFileBytesMax}`)
}

/** Copies it where it has grown, so that it begins anew unless somebody reads; to be called several times a second. */
export async function copyWal(db: Kysely<Schema>): Promise<void> {
  const { bytes, copiedBytes } = await walSize(db)
  if (bytes < copiedFromBytes || bytes === copiedBytes) return
  // Nearly all of it beside those who write, so that they wait for the rest only.
  await sql`pragma wal_checkpoint(passive)`.execute(db)
  await sql`pragma wal_checkpoint(restart)`.execute(db)
}

/** Resolves when it is not long any more, or will not get shorter. */
export async function untilWalIsShort(db: Kysely<Schema>): Promise<void> {
  for (let waited = 0; waited < waitMsMax && (await walSize(db)).bytes > longBytes; waited += lookEveryMs)
    await pause(lookEveryMs)
}
