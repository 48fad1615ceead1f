/** End users that an operator has blocked: a request that names one is answered 403 (contract C97). */
import { sql } from 'kysely'
import { ServeError } from '../completion/failure.ts'
import { OperatorError } from '../lib/operator-error.ts'
import type { Storage } from '../storage/storage.ts'
import { checkTenantId } from './tenants.ts'

interface BlockedUser {
  readonly tenant: string
  readonly userId: string
  /** Milliseconds since 1970. */
  readonly blockedAt: number
}

export interface Users {
  /** Takes effect in every process within a second. @returns false when nothing changed  @throws OperatorError for an unknown tenant */
  block(tenant: string, userId: string): Promise<boolean>
  unblock(tenant: string, userId: string): Promise<boolean>
  /** The latest first. @param question `tenant` undefined: of all tenants; `names`: only these */
  blocked(question: {
    readonly tenant: string | undefined
    readonly prefix?: string
    readonly names?: readonly string[]
    readonly skip?: number
    readonly limit?: number
  }): Promise<readonly BlockedUser[]>
  /** @throws ServeError permission-denied when the user is blocked */
  admit(tenant: string, userId: string | undefined): Promise<void>
}

/** @param now milliseconds since 1970 */
export function openUsers({ db, read, lookUps }: Storage, now: () => number = Date.now): Users {
  return {
    async block(tenant, userId) {
      checkTenantId(tenant)
      const known = await db.selectFrom('tenants').select('id').where('id', '=', tenant).executeTakeFirst()
      if (!known) throw new OperatorError(`There is no tenant '${tenant}'. Tenants are made with their first key.`)
      const { numInsertedOrUpdatedRows } = await db
        .insertInto('blocked_users')
        .values({ tenant, user_id: userId, blocked_at: now() })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst()
      lookUps.changed()
      return (numInsertedOrUpdatedRows ?? 0n) > 0n
    },

    async unblock(tenant, userId) {
      const { numDeletedRows } = await db
        .deleteFrom('blocked_users')
        .where('tenant', '=', tenant)
        .where('user_id', '=', userId)
        .executeTakeFirst()
      lookUps.changed()
      return numDeletedRows > 0n
    },

    async blocked({ tenant, prefix = '', names, skip = 0, limit }) {
      if (names?.length === 0) return []
      let query = read.selectFrom('blocked_users').selectAll().orderBy('blocked_at', 'desc').orderBy('user_id')
      if (tenant !== undefined) query = query.where('tenant', '=', tenant)
      if (names) query = query.where('user_id', 'in', names)
      if (prefix !== '') query = query.where(sql`substr(user_id, 1, ${prefix.length})`, '=', prefix)
      if (limit !== undefined) query = query.limit(limit).offset(skip)
      const rows = await query.execute()
      return rows.map((row) => ({ tenant: row.tenant, userId: row.user_id, blockedAt: Number(row.blocked_at) }))
    },

    async admit(tenant, userId) {
      if (userId !== undefined && (await lookUps.isBlocked(tenant, userId)))
        throw new ServeError({
          code: 'permission-denied',
          message: 'This user_id has been blocked by the operator.',
          param: 'user_id',
        })
    },
  }
}
