/** All accounts of a data folder are kept in one currency, that of the prices: amounts of two cannot be added up. */
import { OperatorError } from '../lib/operator-error.ts'
import type { Storage } from '../storage/storage.ts'

/** In SQL: what a new account is kept in. */
export const currencyHere = `coalesce((select value from meta where key = 'currency'), 'USD')`

/**
 * Keeps the accounts in the currency of these prices; those that something was entered in stay as they are.
 * @throws OperatorError when the prices are in several currencies, or in another one than entries
 */
export async function keepCurrency(
  { db }: Pick<Storage, 'db'>,
  prices: readonly { readonly currency: string }[],
): Promise<void> {
  const [currency, other] = new Set(prices.map((price) => price.currency))
  if (currency === undefined) return
  if (other !== undefined)
    throw new OperatorError(`There are prices in ${currency} and in ${other}. Give all models prices in one currency.`)
  await db.transaction().execute(async (trx) => {
    // First: whoever makes an account waits for this row, and then takes the new currency.
    await trx
      .insertInto('meta')
      .values({ key: 'currency', value: currency })
      .onConflict((conflict) => conflict.column('key').doUpdateSet({ value: currency }))
      .execute()
    const kept = await trx
      .selectFrom('accounts')
      .select(['tenant', 'currency'])
      .where('currency', '!=', currency)
      .where('last_seq', '>', 0)
      .executeTakeFirst()
    if (kept)
      throw new OperatorError(
        `The account of '${kept.tenant}' is kept in ${kept.currency}, but the prices are in ${currency}. ` +
          `Give prices in ${kept.currency}, or begin with a new data folder.`,
      )
    await trx.updateTable('accounts').set({ currency }).where('currency', '!=', currency).execute()
  })
}
