/** What a tenant used, as `GET /v1/usage` says it, written down where it is read: it may have a hundred thousand lines. */
import type { Kysely } from 'kysely'
import { decimalOf } from '../../ledger/money.ts'
import { sumUsage, type UsageQuestion } from '../../ledger/usage-sums.ts'
import type { Schema } from '../../storage/schema.ts'
import { encoded } from '../answer.ts'

export const tenantUsage = (read: Kysely<Schema>) => async (question: UsageQuestion) => {
  const rows = await sumUsage(read, question)
  return encoded({
    object: 'list',
    from: new Date(question.from).toISOString(),
    to: new Date(question.to).toISOString(),
    group_by: question.by,
    data: rows.map((row) => ({
      ...row.by,
      requests: row.requests,
      prompt_tokens: row.promptTokens,
      cached_tokens: row.cachedTokens,
      completion_tokens: row.completionTokens,
      reasoning_tokens: row.reasoningTokens,
      cost: decimalOf(row.cost),
      currency: row.currency,
    })),
  })
}
