/** The balance of a tenant: one row, looked up on the way. */
import { sql } from 'kysely'
import type { UseLimits } from '../completion/use-limits.ts'
import type { Storage } from '../storage/storage.ts'
import { currencyHere } from './currency.ts'
import type { Micro } from './money.ts'
import { wholeOf } from './whole.ts'

export interface Balance {
  readonly currency: string
  readonly balance: Micro
  /** What open answers may still cost. */
  readonly held: Micro
  /** Nothing is served beyond the balance. */
  readonly prepaid: boolean
}

export interface Accounts {
  /** How many answers are being made, over all processes. @param tenant undefined: for anybody */
  open(tenant: string | undefined): Promise<number>
  balanceOf(tenant: string): Promise<Balance>
  /** Of all of the tenant's keys together. */
  limitsOf(tenant: string): Promise<UseLimits>
  /** What begins from now on, in every process. @returns the limits of now */
  changeLimits(tenant: string, change: (before: UseLimits) => UseLimits): Promise<UseLimits>
  setPrepaid(tenant: string, prepaid: boolean): Promise<void>
}

/** Of an account that is made here. */
const currency = sql<string>`${sql.raw(currencyHere)}`
const fresh = (tenant: string) => ({ tenant, prepaid: 0, currency, balance: 0, held: 0, last_seq: 0, head: null })

export const openAccounts = ({ db, read }: Pick<Storage, 'db' | 'read'>): Accounts => ({
  async open(tenant) {
    const all = read.selectFrom('holds').select(({ fn }) => fn.countAll<number>().as('count'))
    const chosen = tenant === undefined ? all : all.where('tenant', '=', tenant)
    return Number((await chosen.executeTakeFirstOrThrow()).count)
  },

  async limitsOf(tenant) {
    const row = await read.selectFrom('accounts').select('limits').where('tenant', '=', tenant).executeTakeFirst()
    return JSON.parse(row?.limits ?? '{}') as UseLimits
  },

  changeLimits: (tenant, change) =>
    db.transaction().execute(async (trx) => {
      const row = await trx
        .selectFrom('accounts')
        .select('limits')
        .where('tenant', '=', tenant)
        .forUpdate()
        .executeTakeFirst()
      const changed = change(JSON.parse(row?.limits ?? '{}') as UseLimits)
      const limits = JSON.stringify(changed)
      await trx
        .insertInto('accounts')
        .values({ ...fresh(tenant), limits })
        .onConflict((conflict) => conflict.column('tenant').doUpdateSet({ limits }))
        .execute()
      return changed
    }),

  async setPrepaid(tenant, on) {
    const prepaid = Number(on)
    await db
      .insertInto('accounts')
      .values({ ...fresh(tenant), prepaid })
      .onConflict((conflict) => conflict.column('tenant').doUpdateSet({ prepaid }))
      .execute()
  },

  async balanceOf(tenant) {
    const row = await read
      .selectFrom('accounts')
      .select(['currency', 'prepaid', wholeOf('balance'), wholeOf('held')])
      .where('tenant', '=', tenant)
      .executeTakeFirst()
    if (row)
      return {
        currency: row.currency,
        balance: BigInt(row.balance),
        held: BigInt(row.held),
        prepaid: row.prepaid === 1,
      }
    const { currency } = await read
      .selectNoFrom(sql<string>`${sql.raw(currencyHere)}`.as('currency'))
      .executeTakeFirstOrThrow()
    return { currency, balance: 0n, held: 0n, prepaid: false }
  },
})
