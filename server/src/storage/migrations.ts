/** The steps that make the tables, run once each in the order of their names. A step that was released is never changed. */
import type { Kysely } from 'kysely'
import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'

const keysAndUsers: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('meta')
      .addColumn('key', 'text', (column) => column.primaryKey().notNull())
      .addColumn('value', 'text', (column) => column.notNull())
      .execute()

    await db.schema
      .createTable('tenants')
      .addColumn('id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .execute()

    await db.schema
      .createTable('api_keys')
      .addColumn('id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('tenant', 'text', (column) => column.notNull().references('tenants.id'))
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('prefix', 'text', (column) => column.notNull())
      .addColumn('last_four', 'text', (column) => column.notNull())
      .addColumn('hash', 'blob', (column) => column.notNull().unique())
      .addColumn('settings', 'text', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('expires_at', 'bigint')
      .addColumn('revoked_at', 'bigint')
      .addColumn('last_used_at', 'bigint')
      .execute()

    await db.schema
      .createTable('blocked_users')
      .addColumn('tenant', 'text', (column) => column.notNull().references('tenants.id'))
      .addColumn('user_id', 'text', (column) => column.notNull())
      .addColumn('blocked_at', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('blocked_users_pk', ['tenant', 'user_id'])
      .execute()

    await db.schema
      .createTable('kept_reasoning')
      .addColumn('lookup', 'blob', (column) => column.primaryKey().notNull())
      .addColumn('sealed', 'blob', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .execute()
    await db.schema.createIndex('kept_reasoning_by_age').on('kept_reasoning').column('created_at').execute()

    await sql`insert into tenants (id, name, created_at) values ('default', 'default', ${Date.now()})`.execute(db)
  },
}

export const migrations: Record<string, Migration> = {
  '0001-keys-and-users': keysAndUsers,
}
