/** Tenants: their accounts, their limits, and their end users. */
import type { UseLimits } from '../../../completion/use-limits.ts'
import type { Accounts, Balance } from '../../../ledger/accounts.ts'
import type { Ledger } from '../../../ledger/ledger.ts'
import { decimalOf, parseAmount } from '../../../ledger/money.ts'
import type { KeyRegister } from '../../../tenancy/key-register.ts'
import type { Tenant, Tenants } from '../../../tenancy/tenants.ts'
import type { Reads } from '../../reads.ts'
import type { AnswerOf, Sums, Tenant as WireTenant } from '../contract.ts'
import { AdminError } from '../errors.ts'
import { cursorIn, pageOf } from '../paging.ts'
import type { HandlersOf } from '../run.ts'
import { usedLately } from '../used.ts'
import { timeOf } from '../wire.ts'

export interface TenantParts {
  readonly tenants: Tenants
  readonly accounts: Accounts
  readonly register: Pick<KeyRegister, 'countUsable'>
  readonly ledger: Pick<Ledger, 'topUp'>
  readonly reads: Pick<Reads, 'ask'>
}

export function tenantHandlers({
  tenants,
  accounts,
  register,
  ledger,
  reads,
}: TenantParts): HandlersOf<
  | 'GET /admin/tenants'
  | 'POST /admin/tenants'
  | 'GET /admin/tenants/{tenant}'
  | 'PATCH /admin/tenants/{tenant}'
  | 'POST /admin/tenants/{tenant}/top-ups'
> {
  async function looks(found: readonly Tenant[], scope: string | undefined): Promise<readonly WireTenant[]> {
    const ids = found.map(({ id }) => id)
    const [used, keys] = await Promise.all([usedLately(reads, 'tenant', scope), register.countUsable(ids)])
    return Promise.all(found.map((one) => look(one, keys.get(one.id) ?? 0, used(one.id))))
  }

  const look = async ({ id, name, createdAt }: Tenant, keys: number, last30Days: Sums): Promise<WireTenant> => ({
    id,
    name,
    createdAt: timeOf(createdAt),
    account: wireBalance(await accounts.balanceOf(id)),
    limits: (await accounts.limitsOf(id)) as WireTenant['limits'],
    keys,
    last30Days,
  })

  async function one(id: string): Promise<WireTenant> {
    const [found] = await looks(await tenants.list({ only: id, limit: 1 }), id)
    if (found) return found
    throw new AdminError('not-found', `There is no tenant '${id}'.`)
  }

  async function set(id: string, limits: UseLimits | undefined, prepaid: boolean | undefined): Promise<void> {
    if (limits) await accounts.changeLimits(id, () => limits)
    if (prepaid !== undefined) await accounts.setPrepaid(id, prepaid)
  }

  return {
    async 'GET /admin/tenants'({ scope, query: { search, cursor, limit } }) {
      const [after] = cursorIn(cursor, ['string']) ?? []
      const found = await tenants.list({ only: scope, search, after, limit: limit + 1 })
      const { items, next } = pageOf(
        found,
        limit,
        (tenant) => tenant,
        ({ id }) => [id],
      )
      return { items: [...(await looks(items, scope))], next }
    },

    async 'POST /admin/tenants'({ body: { id, name = id, limits, prepaid } }) {
      if (!(await tenants.create(id, name)))
        throw new AdminError('conflict', `There is a tenant '${id}' already.`, { param: 'id' })
      await set(id, limits as UseLimits | undefined, prepaid)
      return one(id)
    },

    'GET /admin/tenants/{tenant}': ({ params }) => one(params.tenant),

    async 'PATCH /admin/tenants/{tenant}'({ params: { tenant }, body: { name, limits, prepaid } }) {
      await one(tenant)
      if (name !== undefined) await tenants.rename(tenant, name)
      await set(tenant, limits as UseLimits | undefined, prepaid)
      return one(tenant)
    },

    async 'POST /admin/tenants/{tenant}/top-ups'({ params: { tenant }, body: { amount, note } }) {
      await one(tenant)
      const micro = parseAmount(amount)
      if (!micro) throw new AdminError('invalid-request', "'amount' must not be nothing.", { param: 'amount' })
      await ledger.topUp({ tenant, amount: micro, at: Date.now(), note }).catch(() => {
        throw new AdminError('unavailable', 'Nothing was entered: the ledger cannot be written now.', {
          retryAfterSeconds: 5,
        })
      })
      return wireBalance(await accounts.balanceOf(tenant))
    },
  }
}

const wireBalance = ({
  currency,
  balance,
  held,
  prepaid,
}: Balance): AnswerOf<'POST /admin/tenants/{tenant}/top-ups'> => ({
  currency,
  balance: decimalOf(balance),
  held: decimalOf(held),
  prepaid,
})
