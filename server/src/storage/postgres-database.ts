/** The database on a server that several machines share. */
import { Kysely } from 'kysely'
import { OperatorError } from '../lib/operator-error.ts'
import { migrate } from './migrate.ts'
import { poolOf, postgresDialect } from './postgres.ts'
import { postgresLookUps } from './postgres-look-ups.ts'
import type { Schema } from './schema.ts'
import type { Database } from './storage.ts'

/** For most statements. */
const statements = { max: 8, timeoutMs: 20_000 }
/** For people who look: few at a time, so that the server has time for whoever serves. */
const looks = { max: 2, timeoutMs: 20_000 }
/** Every request waits for these, and none of them for others. */
const onTheWay = { max: 2, timeoutMs: 2_000 }

/** @throws OperatorError when the server cannot be reached, or does not let us in */
export async function openPostgres(url: string): Promise<Database> {
  const db = new Kysely<Schema>({ dialect: postgresDialect(poolOf(url, statements)) })
  try {
    await migrate(db)
  } catch (error) {
    await db.destroy()
    if (error instanceof OperatorError) throw error
    const why = error instanceof Error ? error.message : String(error)
    throw new OperatorError(`The database of TIDEGATE_DATABASE_URL cannot be used: ${why}.`, { cause: error })
  }
  const quick = new Kysely<Schema>({ dialect: postgresDialect(poolOf(url, onTheWay)) })
  const lookUps = postgresLookUps(quick)
  return {
    db,
    read: db,
    lookUps,
    async close() {
      lookUps.close()
      await quick.destroy()
      await db.destroy()
    },
  }
}

/** For a thread that only reads. */
export const openPostgresReading = (url: string): Kysely<Schema> =>
  new Kysely({ dialect: postgresDialect(poolOf(url, looks)) })
