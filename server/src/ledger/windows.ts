/** What somebody with limits has used within a minute, a day, a month or ever, and whether one answer more is within its limits. */
import type { LimitsLeft, Remaining, UseLimits } from '../completion/use-limits.ts'
import { type Micro, parseAmount } from './money.ts'
import type { Rows, Scope } from './rows.ts'

export interface Limited extends Scope {
  readonly limits: UseLimits
}

const minuteMs = 60_000
const dayMs = 24 * 60 * minuteMs
const minuteOf = (at: number): string => String(Math.floor(at / minuteMs))
const untilNextMinute = (at: number): number => minuteMs - (at % minuteMs)

/** When one of the open answers may have ended. */
export const answerEndsMs = 2_000

const spans = ['day', 'month', 'total'] as const
type Span = (typeof spans)[number]

/** Where a span begins, in milliseconds since 1970. */
function beginOf(span: Span, at: number): number {
  const time = new Date(at)
  if (span === 'day') return Date.UTC(time.getUTCFullYear(), time.getUTCMonth(), time.getUTCDate())
  return span === 'month' ? Date.UTC(time.getUTCFullYear(), time.getUTCMonth()) : 0
}

const windowOf = (span: Span, at: number): string => `spend/${span}/${beginOf(span, at)}`
const nameOf = ({ type, id }: Scope): string => `${type}:${id}`

export interface Windows {
  /** What the budgets leave, the least of them; undefined without a budget. Counts what is held as spent. */
  left(scope: Limited, at: number): Micro | undefined
  /** Books a change of what is spent or held, in the spans in which the answer began. Spans without a budget are not counted. */
  spend(scope: Scope, began: number, amount: Micro): void
  /** @returns how long to wait when one request more is beyond the limits */
  late(scope: Limited, at: number): number | undefined
  request(scope: Limited, at: number): void
  /** What is left of the tokens a minute, below 0 when more was used than reserved; undefined without such a limit. */
  tokensLeft(scope: Limited, at: number): number | undefined
  /** Books a change of the tokens that are used or reserved, in the minute in which the answer began. */
  tokens(scope: Scope, began: number, change: number): void
  /** How long to wait for room for so many tokens that is not there now. */
  tokensWaitMs(scope: Limited, at: number, tokens: number): number
  /** Of the limits that all these have, the nearest. */
  remaining(scopes: readonly Limited[], at: number): LimitsLeft
  /** Forgets the minutes that are over, and days that are over for long. */
  sweep(at: number): void
}

export function openWindows(rows: Rows): Windows {
  /** What was spent and is held; where a budget is new, its window begins with what the ledger says. */
  const spent = (scope: Scope, span: Span, at: number): Micro => {
    const window = windowOf(span, at)
    const known = rows.counter(nameOf(scope), window)
    if (known !== undefined) return known
    const sum = rows.spentSince(scope, beginOf(span, at))
    rows.count(nameOf(scope), window, sum)
    return sum
  }

  const minute = (scope: Scope, what: 'requests' | 'tokens', at: number): number =>
    Number(rows.counter(`${nameOf(scope)}/${what}`, `minute/${minuteOf(at)}`) ?? 0n)
  const countMinute = (scope: Scope, what: 'requests' | 'tokens', at: number, count: number) =>
    rows.count(`${nameOf(scope)}/${what}`, `minute/${minuteOf(at)}`, BigInt(count))

  const tokensLeft: Windows['tokensLeft'] = (scope, at) => {
    const { tokensPerMinute } = scope.limits
    return tokensPerMinute === undefined ? undefined : tokensPerMinute - minute(scope, 'tokens', at)
  }

  return {
    left(scope, at) {
      const budgets = spans.flatMap((span) => {
        const budget = parseAmount(scope.limits.budget?.[span] ?? '')
        return budget === undefined ? [] : [budget - spent(scope, span, at)]
      })
      return budgets.toSorted((a, b) => Number(a - b))[0]
    },

    spend(scope, began, amount) {
      const windows = spans.map((span) => windowOf(span, began))
      rows.countOn(nameOf(scope), windows, amount)
    },

    late(scope, at) {
      const { requestsPerMinute } = scope.limits
      const full = requestsPerMinute !== undefined && minute(scope, 'requests', at) >= requestsPerMinute
      return full ? untilNextMinute(at) : undefined
    },

    request(scope, at) {
      if (scope.limits.requestsPerMinute !== undefined) countMinute(scope, 'requests', at, 1)
    },

    tokensLeft,

    tokens: (scope, began, change) => countMinute(scope, 'tokens', began, change),

    tokensWaitMs(scope, at, tokens) {
      const ofMinute = untilNextMinute(at)
      // What open answers reserve and do not use comes back when they end.
      const reserved = Number(rows.reservedBy(scope, at - (at % minuteMs)))
      const soon = (tokensLeft(scope, at) ?? 0) + reserved >= tokens
      return soon ? Math.min(answerEndsMs, ofMinute) : ofMinute
    },

    remaining(scopes, at) {
      const nearest = (what: 'requests' | 'tokens', limit: 'requestsPerMinute' | 'tokensPerMinute') =>
        scopes
          .flatMap((scope): Remaining[] => {
            const most = scope.limits[limit]
            if (most === undefined) return []
            const remaining = Math.max(0, most - minute(scope, what, at))
            return [{ limit: most, remaining, resetMs: untilNextMinute(at) }]
          })
          .toSorted((a, b) => a.remaining - b.remaining)[0]
      const requests = nearest('requests', 'requestsPerMinute')
      const tokens = nearest('tokens', 'tokensPerMinute')
      return { ...(requests && { requests }), ...(tokens && { tokens }) }
    },

    sweep(at) {
      // Should a day be asked for again, it is summed up again.
      rows.dropCounters({ minute: Number(minuteOf(at)) - 1, day: beginOf('day', at) - 7 * dayMs })
    },
  }
}
