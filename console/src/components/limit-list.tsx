import { useFormat } from '../lib/format.ts'
import type { Limits } from '../lib/limits.ts'
import { useMessages } from '../messages/messages.ts'
import { Facts } from './panel.tsx'

/** The limits that are set. */
export function LimitList({ limits, currency }: { readonly limits: Limits; readonly currency: string }) {
  const t = useMessages()
  const { count, money } = useFormat()
  const { budget, concurrency, userConcurrency, requestsPerMinute, tokensPerMinute } = limits
  const facts = [
    requestsPerMinute !== undefined && ([t.keys.limit.requestsPerMinute, count(requestsPerMinute)] as const),
    tokensPerMinute !== undefined && ([t.keys.limit.tokensPerMinute, count(tokensPerMinute)] as const),
    concurrency !== undefined && ([t.keys.limit.concurrency, count(concurrency)] as const),
    userConcurrency !== undefined && ([t.keys.limit.userConcurrency, count(userConcurrency)] as const),
    budget?.day !== undefined && ([t.keys.limit.budgetDay, money(budget.day, currency)] as const),
    budget?.month !== undefined && ([t.keys.limit.budgetMonth, money(budget.month, currency)] as const),
    budget?.total !== undefined && ([t.keys.limit.budgetTotal, money(budget.total, currency)] as const),
  ]
  return facts.some(Boolean) ? <Facts facts={facts} /> : <p className="text-faint">{t.keys.noLimits}</p>
}
