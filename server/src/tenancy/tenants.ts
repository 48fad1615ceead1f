/** Tenants: the owners of keys. The one called `default` is always there. */
import { type Expression, type Kysely, type SqlBool, sql } from 'kysely'
import { OperatorError } from '../lib/operator-error.ts'
import type { Schema } from '../storage/schema.ts'
import type { Storage } from '../storage/storage.ts'

export interface Tenant {
  readonly id: string
  /** For people. */
  readonly name: string
  /** Milliseconds since 1970. */
  readonly createdAt: number
}

export interface Tenants {
  has(id: string): Promise<boolean>
  /** In the order of their ids. @param search part of the id or the name  @param after only those behind this id */
  list(question: {
    readonly only?: string | undefined
    readonly search?: string | undefined
    readonly after?: string | undefined
    readonly limit: number
  }): Promise<readonly Tenant[]>
  /** @returns false when it is there already  @throws OperatorError for an id that cannot be a tenant's */
  create(id: string, name: string): Promise<boolean>
  rename(id: string, name: string): Promise<void>
}

/** @param now milliseconds since 1970 */
export function openTenants({ db, read }: Pick<Storage, 'db' | 'read'>, now: () => number = Date.now): Tenants {
  return {
    async has(id) {
      return (await read.selectFrom('tenants').select('id').where('id', '=', id).executeTakeFirst()) !== undefined
    },

    async list({ only, search, after, limit }) {
      let query = read.selectFrom('tenants').selectAll().orderBy('id').limit(limit)
      if (only !== undefined) query = query.where('id', '=', only)
      if (after !== undefined) query = query.where('id', '>', after)
      if (search !== undefined)
        query = query.where((eb) => eb.or([has(eb.ref('id'), search), has(eb.ref('name'), search)]))
      return (await query.execute()).map((row) => ({ id: row.id, name: row.name, createdAt: Number(row.created_at) }))
    },

    async create(id, name) {
      checkTenantId(id)
      const made = await db
        .insertInto('tenants')
        .values({ id, name, created_at: now() })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst()
      return (made.numInsertedOrUpdatedRows ?? 0n) > 0n
    },

    async rename(id, name) {
      await db.updateTable('tenants').set({ name }).where('id', '=', id).execute()
    },
  }
}

/** Whether a text holds another, whatever their case; what is searched for has no wildcards. */
export const has = (text: Expression<string>, part: string): Expression<SqlBool> =>
  sql<SqlBool>`lower(${text}) like ${`%${part.toLowerCase().replaceAll(/[\\%_]/g, (found) => `\\${found}`)}%`} escape '\\'`

/** @throws OperatorError for an id that cannot be a tenant's */
export async function ensureTenant(db: Kysely<Schema>, id: string, now: number): Promise<void> {
  await openTenants({ db, read: db }, () => now).create(id, id)
}

/** Namespaces are made of tenant ids (contract C98), so that they must never contain a NUL; nor should anything that confuses people. */
export function checkTenantId(id: string): void {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(id))
    throw new OperatorError(
      `'${id}' cannot be a tenant: 1 to 64 letters, digits, dots, dashes and underscores are allowed.`,
    )
}
