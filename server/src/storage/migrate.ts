import type { Kysely } from 'kysely'
import { Migrator } from 'kysely/migration'
import { OperatorError } from '../lib/operator-error.ts'
import { migrations } from './migrations.ts'
import type { Schema } from './schema.ts'

/**
 * Makes the tables what this version needs.
 * @throws OperatorError for a database that another version made
 */
export async function migrate(db: Kysely<Schema>): Promise<void> {
  const { error } = await migratorOf(db).migrateToLatest()
  if (error === undefined) return
  if (error instanceof Error && error.message.startsWith('corrupted migrations')) throw ofAnotherVersion(error)
  throw error
}

/**
 * Makes the tables of an empty database as those that were made by these steps: by all of ours, or only the first of them.
 * @throws OperatorError for steps that this version does not know
 */
export async function migrateTo(db: Kysely<Schema>, steps: readonly string[]): Promise<void> {
  const ours = Object.keys(migrations)
  const last = steps.at(-1)
  if (last === undefined || steps.some((step, index) => step !== ours[index])) throw ofAnotherVersion()
  const { error } = await migratorOf(db).migrateTo(last)
  if (error !== undefined) throw error
}

const migratorOf = (db: Kysely<Schema>) => new Migrator({ db, provider: { getMigrations: async () => migrations } })

const ofAnotherVersion = (cause?: Error) =>
  new OperatorError('The database was made by another version of Tidegate, probably a newer one. Use that version.', {
    cause,
  })
