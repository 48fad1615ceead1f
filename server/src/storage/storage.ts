/** Opens what Tidegate keeps on disk: one folder with the database and the server secret. Several processes may share it. */
import type { KeyObject } from 'node:crypto'
import { closeSync, mkdirSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Kysely } from 'kysely'
import { Migrator } from 'kysely/migration'
import { OperatorError } from '../lib/operator-error.ts'
import { migrations } from './migrations.ts'
import type { Schema } from './schema.ts'
import { fingerprintOf, openSecret } from './secret.ts'
import { sqliteDialect } from './sqlite.ts'

/** How long a writer waits for another process's transaction. */
const busyMs = 5_000

export interface Storage {
  readonly db: Kysely<Schema>
  /**
   * A read-only connection for the few look-ups on every request's path: prepared once, some ten microseconds each, and never
   * behind a writer. It sees what any process has committed.
   */
  readonly reader: DatabaseSync
  readonly secret: KeyObject
  close(): Promise<void>
}

/**
 * @param folder made with mode 0700 when it is not there; the files in it have mode 0600
 * @throws OperatorError when the folder cannot be used, or its parts do not belong together
 */
export async function openStorage(folder: string): Promise<Storage> {
  const path = join(folder, 'tidegate.db')
  makePrivate(folder, path)
  const secret = openSecret(join(folder, 'secret'))
  const database = new DatabaseSync(path, { timeout: busyMs, enableForeignKeyConstraints: true })
  const db = new Kysely<Schema>({ dialect: sqliteDialect(database) })
  try {
    useWal(database)
    await migrate(database, db)
    await matchSecret(db, secret, folder)
  } catch (error) {
    database.close()
    if (error instanceof OperatorError) throw error
    throw new OperatorError(`The data folder ${folder} cannot be used: ${messageOf(error)}.`, { cause: error })
  }
  const reader = new DatabaseSync(path, { readOnly: true, timeout: busyMs })
  return {
    db,
    reader,
    secret,
    async close() {
      reader.close()
      await db.destroy()
    },
  }
}

function makePrivate(folder: string, path: string) {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    closeSync(openSync(path, 'a', 0o600)) // SQLite gives its side files the mode of this one
  } catch (error) {
    throw new OperatorError(`The data folder ${folder} cannot be used: ${messageOf(error)}`, { cause: error })
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

/** One transaction around all steps, so that of several processes one makes the tables while the others wait. */
async function migrate(database: DatabaseSync, db: Kysely<Schema>) {
  database.exec('begin immediate')
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } })
  const { error } = await migrator.migrateToLatest()
  if (error === undefined) return database.exec('commit')
  database.exec('rollback')
  if (messageOf(error).startsWith('corrupted migrations'))
    throw new OperatorError(
      'The database was made by another version of Tidegate, probably a newer one. Use that version.',
      {
        cause: error,
      },
    )
  throw error
}

/** A lost secret must not pass unseen: with a new one every API key would simply be wrong. */
async function matchSecret(db: Kysely<Schema>, secret: KeyObject, folder: string) {
  const fingerprint = fingerprintOf(secret)
  await db
    .insertInto('meta')
    .values({ key: 'secret-fingerprint', value: fingerprint })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  const known = await db.selectFrom('meta').select('value').where('key', '=', 'secret-fingerprint').executeTakeFirst()
  if (known?.value !== fingerprint)
    throw new OperatorError(
      `The secret in ${join(folder, 'secret')} does not belong to the database beside it, so no API key could be checked. ` +
        'Restore the secret from a backup, or start with a new data folder.',
    )
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
