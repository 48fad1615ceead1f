/** Opens what Tidegate keeps: a database, and the server secret. Several processes may share them. */
import type { KeyObject } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Kysely } from 'kysely'
import { messageOf, OperatorError } from '../lib/operator-error.ts'
import type { LookUps } from './look-ups.ts'
import { openPostgres, openPostgresReading } from './postgres-database.ts'
import type { Schema } from './schema.ts'
import { fingerprintOf, openSecret } from './secret.ts'
import { openReading, openSqlite } from './sqlite-database.ts'

/** Where it is kept. */
export interface Place {
  /** The data folder. */
  readonly data: string
  /** `postgres://…`; absent: a file in the data folder is the database. */
  readonly databaseUrl?: string
  /** Where the server secret lies; absent: in the data folder. All that share a database must have the same one. */
  readonly secretFile?: string
}

/** An open database with all tables. */
export interface Database {
  readonly db: Kysely<Schema>
  /** For statements that only read: they never wait for who writes, and see what any process has committed. */
  readonly read: Kysely<Schema>
  readonly lookUps: LookUps
  close(): Promise<void>
}

export interface Storage extends Database {
  readonly place: Place
  readonly secret: KeyObject
}

/** For a thread that needs no secret; the place has been opened once. */
export const openDatabase = ({ data, databaseUrl }: Place): Promise<Database> =>
  databaseUrl === undefined ? openSqlite(data) : openPostgres(databaseUrl)

/** For a thread that only reads, and takes its time; the place has been opened once. */
export const openReader = ({ data, databaseUrl }: Place): Kysely<Schema> =>
  databaseUrl === undefined ? openReading(data) : openPostgresReading(databaseUrl)

/**
 * The data folder is made with mode 0700 when it is not there; the files in it have mode 0600.
 * @throws OperatorError when the place cannot be used, or its parts do not belong together
 */
export async function openStorage(place: Place): Promise<Storage> {
  const { data, secretFile } = place
  makePrivate(data)
  const secretPath = secretFile ?? join(data, 'secret')
  const secret = openSecret(secretPath)
  const database = await openDatabase(place)
  try {
    await matchSecret(database.db, secret, secretPath)
  } catch (error) {
    await database.close()
    throw error
  }
  return { ...database, place, secret }
}

function makePrivate(folder: string) {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw new OperatorError(`The data folder ${folder} cannot be used: ${messageOf(error)}`, { cause: error })
  }
}

/** A lost secret must not pass unseen: with a new one every API key would simply be wrong. */
async function matchSecret(db: Kysely<Schema>, secret: KeyObject, path: string) {
  const fingerprint = fingerprintOf(secret)
  await db
    .insertInto('meta')
    .values({ key: 'secret-fingerprint', value: fingerprint })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  const known = await db.selectFrom('meta').select('value').where('key', '=', 'secret-fingerprint').executeTakeFirst()
  if (known?.value !== fingerprint)
    throw new OperatorError(
      `The secret in ${path} does not belong to the database, so no API key could be checked. ` +
        'Restore the secret from a backup, or start with a new data folder.',
    )
}
