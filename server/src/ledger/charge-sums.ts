/**
 * What was charged, added up with every charge, so that a year of it need not be read entry by entry: by day without regard to users,
 * and by month with it. Days of single users would be half as many as entries, and so would hours.
 */
import type { Usage } from '../completion/usage.ts'
import { dayOf, monthOf } from '../lib/utc.ts'
import type { Entry } from './entry.ts'
import type { Micro } from './money.ts'

export type SumStep = 'day' | 'month'

/** A row of the sums, or what is added to it. */
export interface ChargeSum {
  readonly tenant: string
  readonly step: SumStep
  /** Where the day or the month begins, UTC; milliseconds since 1970. */
  readonly start: number
  readonly currency: string
  readonly model: string
  readonly key: string
  /** '' in sums by day, and for answers that named no user. */
  readonly user: string
  readonly requests: number
  readonly usage: Usage
  readonly cost: Micro
}

/** @returns what an entry adds; nothing for one that is no charge */
export function sumsOf({ tenant, at, currency, model, key, user, usage, amount }: Entry): readonly ChargeSum[] {
  if (!usage || model === null || key === null) return []
  const added = { tenant, currency, model, key, requests: 1, usage, cost: -amount }
  return [
    { ...added, step: 'day', start: dayOf(at), user: '' },
    { ...added, step: 'month', start: monthOf(at), user: user ?? '' },
  ]
}

/** Of the same row. */
export const together = (a: ChargeSum, b: ChargeSum): ChargeSum => ({
  ...a,
  requests: a.requests + b.requests,
  usage: {
    promptTokens: a.usage.promptTokens + b.usage.promptTokens,
    cachedTokens: a.usage.cachedTokens + b.usage.cachedTokens,
    completionTokens: a.usage.completionTokens + b.usage.completionTokens,
    reasoningTokens: a.usage.reasoningTokens + b.usage.reasoningTokens,
  },
  cost: a.cost + b.cost,
})
