/** What is read alike from every store. */
import type { Account, Hold, ScopeType } from './rows.ts'

/** As a store gives it: what is an amount as bigint, other whole numbers as it likes. */
export type StoredRow = Readonly<Record<string, unknown>>

export const accountOf = (row: StoredRow): Account => ({
  prepaid: Number(row.prepaid) === 1,
  currency: row.currency as string,
  balance: row.balance as bigint,
  held: row.held as bigint,
  lastSeq: Number(row.last_seq),
  head: row.head as Uint8Array | null,
  limits: row.limits as string,
})

/** SQL: the entries of answers that began at a time or later, found by an index; a tenant has none by that time. */
export const begunSince = (column: ScopeType, id: string, since: string): string =>
  `${column} = ${id} and began >= ${since}${column === 'tenant' ? ` and at >= ${since}` : ''}`

export const holdOf = (row: StoredRow): Hold => ({
  request: row.request as string,
  tenant: row.tenant as string,
  project: row.project as string | null,
  key: row.key as string,
  user: row.user_id as string | null,
  model: row.model as string,
  price: row.price as string | null,
  amount: row.amount as bigint,
  tokens: Number(row.tokens),
  tokensOf: (row.tokens_of as string).split(' ').filter((type) => type !== '') as ScopeType[],
  at: Number(row.at),
  node: row.node as string,
  usage: {
    promptTokens: Number(row.prompt_tokens),
    cachedTokens: Number(row.cached_tokens),
    completionTokens: Number(row.completion_tokens),
    reasoningTokens: Number(row.reasoning_tokens),
  },
})
