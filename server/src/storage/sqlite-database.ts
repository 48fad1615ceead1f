/** The database in the data folder. */
import { closeSync, existsSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Kysely } from 'kysely'
import { messageOf, OperatorError } from '../lib/operator-error.ts'
import { sqliteLookUps } from './look-ups.ts'
import { migrate } from './migrate.ts'
import type { Schema } from './schema.ts'
import { busyMs, readingDialect, sqliteDialect } from './sqlite.ts'
import type { Database } from './storage.ts'
import { walFileBytesMax } from './write-ahead-log.ts'

/**
 * Of a new database; one that is there keeps its own. A hold and its settlement write 14 pages whole, in which little has changed: half of SQLite's
 * usual size takes a fifth off what the system does for them. A quarter would take twice that, and slows what the console reads by a third.
 */
const pageBytes = 2_048

/** @throws OperatorError when the folder cannot be used */
export async function openSqlite(folder: string): Promise<Database> {
  const path = join(folder, 'tidegate.db')
  try {
    // SQLite gives its side files the mode of this one. Not where it is there: closing it takes the locks of this process's other connections along.
    if (!existsSync(path)) closeSync(openSync(path, 'a', 0o600))
    const writing = new DatabaseSync(path, { timeout: busyMs, enableForeignKeyConstraints: true })
    const db = new Kysely<Schema>({ dialect: sqliteDialect(writing) })
    try {
      writing.exec(`pragma page_size = ${pageBytes}`)
      useWal(writing)
      await migrateAlone(writing, db)
      // From here on Kysely's statements wait beside the event loop.
      writing.exec('pragma busy_timeout = 0')
      // Nor do they copy what others have written into the database: see `write-ahead-log.ts`.
      writing.exec(`pragma wal_autocheckpoint = 0; pragma journal_size_limit = ${walFileBytesMax}`)
    } catch (error) {
      writing.close()
      throw error
    }
    const reading = connectReading(folder)
    const read = new Kysely<Schema>({ dialect: readingDialect(reading) })
    return {
      db,
      read,
      lookUps: sqliteLookUps(reading),
      async close() {
        await read.destroy()
        // Kysely leaves a connection alone that it has never used.
        if (reading.isOpen) reading.close()
        await db.destroy()
      },
    }
  } catch (error) {
    if (error instanceof OperatorError) throw error
    throw new OperatorError(`The data folder ${folder} cannot be used: ${messageOf(error)}.`, { cause: error })
  }
}

/** For a thread that only reads. @param folder the data folder; its database has been opened once */
export const openReading = (folder: string): Kysely<Schema> =>
  new Kysely({ dialect: readingDialect(connectReading(folder)) })

const connectReading = (folder: string) =>
  new DatabaseSync(join(folder, 'tidegate.db'), { readOnly: true, timeout: busyMs })

/** One transaction around all steps, so that of several processes one makes the tables while the others wait. */
async function migrateAlone(database: DatabaseSync, db: Kysely<Schema>) {
  database.exec('begin immediate')
  try {
    await migrate(db)
    database.exec('commit')
  } catch (error) {
    database.exec('rollback')
    throw error
  }
}

/** Turning a new database to WAL needs it alone for a moment, and SQLite does not wait for that by itself. */
function useWal(database: DatabaseSync) {
  const giveUpAt = performance.now() + busyMs
  for (;;)
    try {
      database.exec('pragma journal_mode = wal')
      database.exec('pragma synchronous = full')
      return
    } catch (error) {
      if (performance.now() > giveUpAt || !messageOf(error).includes('locked')) throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5)
    }
}
