/** What people want to know of the ledger: pages of it, and sums of it. */
import { type Kysely, sql } from 'kysely'
import type { Schema } from '../storage/schema.ts'
import { type Sealed, sealedOf, selectEntries } from './audit.ts'

export interface EntriesQuestion {
  readonly tenant: string
  readonly kind?: string | undefined
  /** Milliseconds since 1970, inclusive. */
  readonly from?: number | undefined
  /** Exclusive. */
  readonly to?: number | undefined
  /** Only entries before this one. */
  readonly beforeSeq?: number | undefined
  readonly limit: number
}

export async function entriesPage(
  read: Kysely<Schema>,
  { tenant, kind, from, to, beforeSeq, limit }: EntriesQuestion,
): Promise<readonly Sealed[]> {
  let page = selectEntries(read).where('tenant', '=', tenant).orderBy('seq', 'desc').limit(limit)
  if (kind !== undefined) page = page.where('kind', '=', kind)
  if (from !== undefined) page = page.where('at', '>=', from)
  if (to !== undefined) page = page.where('at', '<', to)
  if (beforeSeq !== undefined) page = page.where('seq', '<', beforeSeq)
  return (await page.execute()).map(sealedOf)
}

export interface SumsQuestion {
  /** Milliseconds since 1970. */
  readonly since: number
  /** Undefined: all tenants. */
  readonly tenant?: string | undefined
  /** Only these. */
  readonly names?: readonly string[]
  /** Only those that begin so. */
  readonly prefix?: string
  /** Without users that are blocked. */
  readonly unblocked?: boolean
  readonly skip?: number
  readonly limit?: number
}

/** What an end user used since a time. */
export interface UsedSums {
  readonly name: string
  readonly tenant: string
  readonly requests: number
  readonly promptTokens: number
  readonly cachedTokens: number
  readonly completionTokens: number
  readonly reasoningTokens: number
  readonly cost: bigint
  /** Milliseconds since 1970. */
  readonly lastAt: number
}

/** @returns who used something, whoever used most first; requests without a `user_id` are no user's */
export async function usedSince(read: Kysely<Schema>, question: SumsQuestion): Promise<readonly UsedSums[]> {
  const { since, tenant, names, prefix = '', unblocked = false, skip = 0, limit } = question
  if (names?.length === 0) return []
  const tokens = sql<number>`sum(prompt_tokens) + sum(completion_tokens)`
  let query = read
    .selectFrom('ledger')
    .select(({ fn, ref }) => [
      ref('user_id').as('name'),
      'tenant',
      fn.countAll<number>().as('requests'),
      fn.sum<number>('prompt_tokens').as('promptTokens'),
      fn.sum<number>('cached_tokens').as('cachedTokens'),
      fn.sum<number>('completion_tokens').as('completionTokens'),
      fn.sum<number>('reasoning_tokens').as('reasoningTokens'),
      sql<string>`cast(-sum(amount) as text)`.as('cost'),
      fn.max<number>('at').as('lastAt'),
    ])
    .where('at', '>=', since)
    .where('kind', 'in', ['usage', 'recovered'])
    .where('user_id', 'is not', null)
    .groupBy(['user_id', 'tenant'])
    .orderBy(tokens, 'desc')
    .orderBy('user_id')
  if (tenant !== undefined) query = query.where('tenant', '=', tenant)
  if (names) query = query.where('user_id', 'in', names)
  if (prefix !== '') query = query.where(sql`substr(${sql.ref('user_id')}, 1, ${prefix.length})`, '=', prefix)
  if (unblocked)
    query = query.where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('blocked_users')
            .select('blocked_at')
            .whereRef('blocked_users.tenant', '=', 'ledger.tenant')
            .whereRef('blocked_users.user_id', '=', 'ledger.user_id'),
        ),
      ),
    )
  if (limit !== undefined) query = query.limit(limit).offset(skip)
  return (await query.execute()).map(({ name, cost, ...row }) => ({
    ...row,
    name: name ?? '',
    requests: Number(row.requests),
    promptTokens: Number(row.promptTokens),
    cachedTokens: Number(row.cachedTokens),
    completionTokens: Number(row.completionTokens),
    reasoningTokens: Number(row.reasoningTokens),
    lastAt: Number(row.lastAt),
    cost: BigInt(cost),
  }))
}
