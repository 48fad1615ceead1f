/** The prices of models through time: yesterday's usage keeps yesterday's price. */
import { randomBytes } from 'node:crypto'
import type { Selectable } from 'kysely'
import type { Schema } from '../storage/schema.ts'
import type { Storage } from '../storage/storage.ts'
import { keepCurrency } from './currency.ts'
import type { Price, Rates } from './money.ts'

export type NewPrice = Rates & Pick<Price, 'model' | 'currency'>

/**
 * Makes sure that these are the prices from now on; one that has not changed keeps its row.
 * @returns the price of each model that has one
 * @throws OperatorError when the accounts cannot be kept in their currency
 */
export async function openPrices(
  storage: Pick<Storage, 'db'>,
  wanted: readonly NewPrice[],
  now: number,
): Promise<ReadonlyMap<string, Price>> {
  await keepCurrency(storage, wanted)
  const prices = new Map<string, Price>()
  for (const price of wanted)
    prices.set(
      price.model,
      await storage.db.transaction().execute(async (trx) => {
        // Of several processes that start at once, one enters it.
        await trx.selectFrom('meta').select('key').where('key', '=', 'secret-fingerprint').forUpdate().execute()
        const last = await trx
          .selectFrom('prices')
          .selectAll()
          .where('model', '=', price.model)
          .orderBy('valid_from', 'desc')
          .limit(1)
          .executeTakeFirst()
        const known = last && priceOf(last)
        if (known && isSame(known, price)) return known
        // Behind the last one, also when the clock was set back: else the next start would find the old one again.
        const validFrom = Math.max(now, (known?.validFrom ?? -1) + 1)
        const fresh: Price = { ...price, id: `price_${randomBytes(8).toString('hex')}`, validFrom }
        await trx
          .insertInto('prices')
          .values({
            id: fresh.id,
            model: fresh.model,
            currency: fresh.currency,
            valid_from: validFrom,
            input: Number(fresh.input),
            cached_input: Number(fresh.cachedInput),
            output: Number(fresh.output),
          })
          .execute()
        return fresh
      }),
    )
  return prices
}

/** @returns a price by its id, also one that does not count any more */
export async function findPrice({ read }: Pick<Storage, 'read'>, id: string): Promise<Price | undefined> {
  const row = await read.selectFrom('prices').selectAll().where('id', '=', id).executeTakeFirst()
  return row && priceOf(row)
}

const priceOf = (row: Selectable<Schema['prices']>): Price => ({
  id: row.id,
  model: row.model,
  currency: row.currency,
  validFrom: Number(row.valid_from),
  input: BigInt(row.input),
  cachedInput: BigInt(row.cached_input),
  output: BigInt(row.output),
})

const isSame = (a: NewPrice, b: NewPrice): boolean =>
  a.currency === b.currency && a.input === b.input && a.cachedInput === b.cachedInput && a.output === b.output
