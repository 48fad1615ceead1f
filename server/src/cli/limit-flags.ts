import type { UseLimits } from '../completion/use-limits.ts'
import { parseAmount } from '../ledger/money.ts'
import { UsageError } from '../lib/flags.ts'

/** The flags that limit a key or a tenant. */
export const limitFlags = {
  concurrency: { type: 'string' },
  'requests-per-minute': { type: 'string' },
  'tokens-per-minute': { type: 'string' },
  'budget-day': { type: 'string' },
  'budget-month': { type: 'string' },
  'budget-total': { type: 'string' },
} as const

export const limitUsage = `  --concurrency N         how many requests may run at once
  --requests-per-minute N, --tokens-per-minute N
  --budget-day AMOUNT, --budget-month AMOUNT, --budget-total AMOUNT
                          the most that may be spent, in the currency of the prices; days and months are UTC`

type Values = { readonly [K in keyof typeof limitFlags]?: string | undefined }

/**
 * @param before what is kept where a flag is absent; `none` takes a limit away
 * @throws UsageError
 */
export function limitsIn(values: Values, before: UseLimits = {}): UseLimits {
  const budget = {
    ...one('day', amount('budget-day', values['budget-day']), before.budget?.day),
    ...one('month', amount('budget-month', values['budget-month']), before.budget?.month),
    ...one('total', amount('budget-total', values['budget-total']), before.budget?.total),
  }
  return {
    ...one('concurrency', count('concurrency', values.concurrency), before.concurrency),
    ...one('requestsPerMinute', count('requests-per-minute', values['requests-per-minute']), before.requestsPerMinute),
    ...one('tokensPerMinute', count('tokens-per-minute', values['tokens-per-minute']), before.tokensPerMinute),
    ...(Object.keys(budget).length > 0 && { budget }),
  }
}

const taken = 'none'

function one<K extends string, V>(name: K, given: V | typeof taken | undefined, before: V | undefined) {
  const value = given === undefined ? before : given === taken ? undefined : given
  return (value === undefined ? {} : { [name]: value }) as { readonly [N in K]?: V }
}

/** @returns undefined for a flag that was not given  @throws UsageError */
export function count(flag: string, text: string | undefined): number | typeof taken | undefined {
  if (text === undefined || text === taken) return text
  const number = /^\d{1,12}$/.test(text) ? Number(text) : 0
  if (number < 1) throw new UsageError(`--${flag} must be a whole number from 1, or none, not '${text}'.`)
  return number
}

function amount(flag: string, text: string | undefined): string | undefined {
  if (text === undefined || text === taken) return text
  const micro = parseAmount(text)
  if (micro === undefined || micro < 0n)
    throw new UsageError(`--${flag} must be an amount such as 25 or 0.5, or none, not '${text}'.`)
  return text
}
