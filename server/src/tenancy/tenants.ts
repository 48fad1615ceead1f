/** Tenants: the owners of keys. The one called `default` is always there. */
import type { Kysely } from 'kysely'
import { OperatorError } from '../lib/operator-error.ts'
import type { Schema } from '../storage/schema.ts'

/** @throws OperatorError for an id that cannot be a tenant's */
export async function ensureTenant(db: Kysely<Schema>, id: string, now: number): Promise<void> {
  checkTenantId(id)
  await db
    .insertInto('tenants')
    .values({ id, name: id, created_at: now })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

/** Namespaces are made of tenant ids (contract C98), so that they must never contain a NUL; nor should anything that confuses people. */
export function checkTenantId(id: string): void {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(id))
    throw new OperatorError(
      `'${id}' cannot be a tenant: 1 to 64 letters, digits, dots, dashes and underscores are allowed.`,
    )
}
