/** How times and prices are written, and read, on the wire of the admin API. */
import { decimalOf, type Price } from '../../ledger/money.ts'
import type { ModelLook } from './contract.ts'

/** @param ms milliseconds since 1970 */
export const timeOf = <T extends number | null>(ms: T): T extends null ? null : string =>
  (ms === null ? null : new Date(ms as number).toISOString()) as T extends null ? null : string

/** @param text a day or a moment that the schema has passed */
export const msOf = <T extends string | undefined>(text: T): T extends undefined ? undefined : number =>
  (text === undefined ? undefined : Date.parse(text)) as T extends undefined ? undefined : number

export const wirePrice = ({ currency, input, cachedInput, output }: Price): NonNullable<ModelLook['price']> => ({
  currency,
  inputPerMillion: decimalOf(input),
  cachedInputPerMillion: decimalOf(cachedInput),
  outputPerMillion: decimalOf(output),
})
