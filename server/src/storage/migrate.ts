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
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } })
  const { error } = await migrator.migrateToLatest()
  if (error === undefined) return
  if (error instanceof Error && error.message.startsWith('corrupted migrations'))
    throw new OperatorError(
      'The database was made by another version of Tidegate, probably a newer one. Use that version.',
      { cause: error },
    )
  throw error
}
