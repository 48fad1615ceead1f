/** The end users of a tenant, by the `user_id` of their requests. */
import type { UsedByUser } from '../../../request-log/end-users.ts'
import type { Tenants } from '../../../tenancy/tenants.ts'
import type { Users } from '../../../tenancy/users.ts'
import type { Reads } from '../../reads.ts'
import type { EndUser } from '../contract.ts'
import { AdminError } from '../errors.ts'
import { cursorIn, pageOf } from '../paging.ts'
import type { HandlersOf } from '../run.ts'
import { lateSince, wireSums } from '../used.ts'
import { timeOf } from '../wire.ts'

export interface EndUserParts {
  readonly users: Pick<Users, 'block' | 'unblock' | 'blocked'>
  readonly tenants: Pick<Tenants, 'has'>
  readonly reads: Pick<Reads, 'ask'>
}

export function endUserHandlers({
  users,
  tenants,
  reads,
}: EndUserParts): HandlersOf<
  | 'GET /admin/end-users'
  | 'PUT /admin/tenants/{tenant}/blocked-users/{userId}'
  | 'DELETE /admin/tenants/{tenant}/blocked-users/{userId}'
> {
  const requireTenant = async (tenant: string) => {
    if (!(await tenants.has(tenant))) throw new AdminError('not-found', `There is no tenant '${tenant}'.`)
  }

  return {
    async 'GET /admin/end-users'({ scope, query: { search: prefix = '', blocked, cursor, limit } }) {
      const [skip = 0] = cursorIn(cursor, ['number']) ?? []
      const page = { tenant: scope, prefix, skip, limit: limit + 1 }
      const used = { since: lateSince(Date.now()) }
      const next = () => [skip + limit]
      if (blocked !== true) {
        const found = await reads.ask('endUsers', { ...used, ...page, unblocked: blocked === false })
        const refused = await users.blocked({ tenant: scope, names: found.map(({ name }) => name) })
        const at = new Map(refused.map((one) => [nameOf(one), one.blockedAt]))
        const named = found.map((one) => ({ tenant: one.tenant, userId: one.name, one }))
        return pageOf(named, limit, ({ one, ...user }) => wireUser(user, one, at.get(nameOf(user))), next)
      }
      const refused = await users.blocked(page)
      const found = await reads.ask('endUsers', { ...used, tenant: scope, names: refused.map(({ userId }) => userId) })
      const sums = new Map(found.map((one) => [nameOf({ tenant: one.tenant, userId: one.name }), one]))
      return pageOf(refused, limit, (one) => wireUser(one, sums.get(nameOf(one)), one.blockedAt), next)
    },

    async 'PUT /admin/tenants/{tenant}/blocked-users/{userId}'({ params: { tenant, userId } }) {
      await requireTenant(tenant)
      await users.block(tenant, userId)
    },

    async 'DELETE /admin/tenants/{tenant}/blocked-users/{userId}'({ params: { tenant, userId } }) {
      await requireTenant(tenant)
      await users.unblock(tenant, userId)
    },
  }
}

interface Named {
  readonly tenant: string
  readonly userId: string
}

const nameOf = ({ tenant, userId }: Named) => `${tenant}\0${userId}`

const wireUser = ({ tenant, userId }: Named, sums: UsedByUser | undefined, blockedAt: number | undefined): EndUser => ({
  tenant,
  userId,
  blockedAt: timeOf(blockedAt ?? null),
  lastUsedAt: timeOf(sums?.lastAt ?? null),
  last30Days: wireSums(sums),
})
