/** End users that an operator has blocked: a request that names one is answered 403 (contract C97). */
import { ServeError } from '../completion/failure.ts'
import { OperatorError } from '../lib/operator-error.ts'
import type { Storage } from '../storage/storage.ts'
import { checkTenantId } from './tenants.ts'

export interface Users {
  /** Takes effect at once in every process. @returns false when nothing changed  @throws OperatorError for an unknown tenant */
  block(tenant: string, userId: string): Promise<boolean>
  unblock(tenant: string, userId: string): Promise<boolean>
  /** @throws ServeError permission-denied when the user is blocked */
  admit(tenant: string, userId: string | undefined): void
}

/** @param now milliseconds since 1970 */
export function openUsers({ db, reader }: Storage, now: () => number = Date.now): Users {
  const find = reader.prepare('select 1 from blocked_users where tenant = ? and user_id = ?')
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
      return (numInsertedOrUpdatedRows ?? 0n) > 0n
    },

    async unblock(tenant, userId) {
      const { numDeletedRows } = await db
        .deleteFrom('blocked_users')
        .where('tenant', '=', tenant)
        .where('user_id', '=', userId)
        .executeTakeFirst()
      return numDeletedRows > 0n
    },

    admit(tenant, userId) {
      if (userId !== undefined && find.get(tenant, userId))
        throw new ServeError({
          code: 'permission-denied',
          message: 'This user_id has been blocked by the operator.',
          param: 'user_id',
        })
    },
  }
}
