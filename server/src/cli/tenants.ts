import { openAccounts } from '../ledger/accounts.ts'
import { keepCurrency } from '../ledger/currency.ts'
import { openLedger } from '../ledger/ledger.ts'
import { decimalOf, parseAmount } from '../ledger/money.ts'
import { parseFlags, UsageError } from '../lib/flags.ts'
import { OperatorError } from '../lib/operator-error.ts'
import { openStorage, type Storage } from '../storage/storage.ts'
import { ensureTenant, openTenants } from '../tenancy/tenants.ts'
import { type Command, loadStoreConfig, storeFlags } from './command.ts'
import { limitFlags, limitsIn, limitUsage } from './limit-flags.ts'
import { table } from './table.ts'

export const tenants: Command = {
  summary: 'List tenants with their balances, top one up, let it spend its balance only.',
  usage: `Usage: tidegate tenants list
       tidegate tenants create TENANT
       tidegate tenants top-up TENANT AMOUNT [--note TEXT]
       tidegate tenants prepaid TENANT on | off
       tidegate tenants limit TENANT [OPTIONS]    limits for all of its keys together; 'none' takes one away

${limitUsage}
  AMOUNT            in the currency of the prices, up to six decimals; a negative one (behind --) takes money back
  --note TEXT       why; stands in the ledger
  prepaid on        nothing is served beyond the balance (402); off: usage is written down and never refused
  --data DIR, --config FILE   as for tidegate serve`,

  async run([action, ...argv], terminal) {
    const { values, positionals } = parseFlags(argv, { ...storeFlags, ...limitFlags, note: { type: 'string' } }, 2)
    const [tenant, value] = positionals
    const config = loadStoreConfig(values, terminal)
    const storage = await openStorage(config)
    try {
      await keepCurrency(
        storage,
        config.models.flatMap(({ price }) => price ?? []),
      )
      switch (action) {
        case 'list':
          for (const line of await listed(storage)) terminal.print(line)
          return
        case 'create':
          if (!tenant) throw new UsageError('Which tenant?')
          await ensureTenant(storage.db, tenant, Date.now())
          return terminal.tell(`There is a tenant '${tenant}'.`)
        case 'top-up': {
          const amount = parseAmount(value ?? '')
          if (!tenant || amount === undefined) throw new UsageError('Give a tenant and an amount such as 25 or 0.5.')
          await requireTenant(storage, tenant)
          const ledger = await openLedger(storage.place)
          const order = { tenant, amount, at: Date.now(), note: values.note ?? '' }
          const { balance } = await ledger
            .topUp(order)
            .catch(notWritten)
            .finally(() => ledger.close())
          return terminal.print(`The balance of '${tenant}' is ${decimalOf(balance)}.`)
        }
        case 'prepaid': {
          if (!tenant || (value !== 'on' && value !== 'off')) throw new UsageError('Give a tenant, and on or off.')
          await requireTenant(storage, tenant)
          const prepaid = value === 'on'
          await openAccounts(storage).setPrepaid(tenant, prepaid)
          return terminal.tell(
            `'${tenant}' ${prepaid ? 'is served as far as its balance goes' : 'is served in any case'}.`,
          )
        }
        case 'limit': {
          if (!tenant) throw new UsageError('Which tenant?')
          await requireTenant(storage, tenant)
          const limits = await openAccounts(storage).changeLimits(tenant, (before) => limitsIn(values, before))
          return terminal.print(`${tenant}: ${JSON.stringify(limits)}`)
        }
        default:
          throw new UsageError(
            action === undefined
              ? 'list, create, top-up, prepaid or limit?'
              : `There is no 'tidegate tenants ${action}'.`,
          )
      }
    } finally {
      await storage.close()
    }
  },
}

const notWritten = (error: unknown): never => {
  throw new OperatorError(`Nothing was entered: ${error instanceof Error ? error.message : String(error)}.`, {
    cause: error,
  })
}

/** @throws OperatorError when it is not there */
export async function requireTenant(storage: Storage, tenant: string): Promise<void> {
  if (!(await openTenants(storage).has(tenant)))
    throw new OperatorError(`There is no tenant '${tenant}'. Make it with: tidegate tenants create ${tenant}`)
}

async function listed(storage: Storage): Promise<readonly string[]> {
  const accounts = openAccounts(storage)
  const rows = await storage.db.selectFrom('tenants').select('id').orderBy('id').execute()
  return table(
    ['TENANT', 'BALANCE', 'HELD', 'CURRENCY', 'PREPAID'],
    await Promise.all(
      rows.map(async ({ id }) => {
        const { balance, held, currency, prepaid } = await accounts.balanceOf(id)
        return [id, decimalOf(balance), decimalOf(held), currency, prepaid ? 'yes' : 'no']
      }),
    ),
  )
}
