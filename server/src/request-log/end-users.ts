/** Who of a tenant's own users asked lately. Read from the sums of single users' days: there are far fewer of them than of requests. */
import { type Kysely, type RawBuilder, type SqlBool, sql } from 'kysely'
import { dayOf } from '../lib/utc.ts'
import type { Schema } from '../storage/schema.ts'
import { seqPerMs } from './entry.ts'

export interface EndUsersQuestion {
  /** Milliseconds since 1970; the day that it lies in counts whole. */
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
export interface UsedByUser {
  readonly name: string
  readonly tenant: string
  readonly requests: number
  readonly promptTokens: number
  readonly cachedTokens: number
  readonly completionTokens: number
  readonly reasoningTokens: number
  readonly cost: bigint
  /** When the last request came; where that is not kept any more, the day. Milliseconds since 1970. */
  readonly lastAt: number
}

type Row = { readonly [K in keyof UsedByUser]: UsedByUser[K] extends string ? string : string | number }

/** @returns who asked for something, whoever used most first; requests without a `user_id` are no user's */
export async function endUsersOf(read: Kysely<Schema>, question: EndUsersQuestion): Promise<readonly UsedByUser[]> {
  const { since, tenant, names, prefix = '', unblocked = false, skip = 0, limit } = question
  if (names?.length === 0) return []
  const wanted: RawBuilder<SqlBool>[] = [
    sql`step = 'user-day' and start >= ${dayOf(since)} and user_id <> ''`,
    ...(tenant === undefined ? [] : [sql<SqlBool>`tenant = ${tenant}`]),
    ...(names ? [sql<SqlBool>`user_id in (${sql.join(names)})`] : []),
    ...(prefix === '' ? [] : [sql<SqlBool>`substr(user_id, 1, ${sql.lit(prefix.length)}) = ${prefix}`]),
    ...(unblocked
      ? [
          sql<SqlBool>`not exists (select 1 from blocked_users where blocked_users.tenant = usage_sums.tenant
            and blocked_users.user_id = usage_sums.user_id)`,
        ]
      : []),
  ]
  const page = limit === undefined ? sql`` : sql`limit ${limit} offset ${skip}`
  // The requests are asked of those that are shown, and of the last day of each.
  const { rows } = await sql<Row>`
    with used as (
      select tenant, user_id, sum(requests) as requests, sum(prompt_tokens) as prompt, sum(cached_tokens) as cached,
        sum(completion_tokens) as completion, sum(reasoning_tokens) as reasoning, cast(sum(cost) as text) as cost,
        max(start) as last_day, sum(prompt_tokens) + sum(completion_tokens) as tokens
      from usage_sums where ${sql.join(wanted, sql` and `)}
      group by tenant, user_id order by tokens desc, user_id, tenant ${page}
    )
    select user_id as name, tenant, requests, prompt as "promptTokens", cached as "cachedTokens",
      completion as "completionTokens", reasoning as "reasoningTokens", cost,
      coalesce((select at from requests where requests.user_id = used.user_id and requests.tenant = used.tenant
        and seq >= last_day * ${sql.lit(seqPerMs)} order by seq desc limit 1), last_day) as "lastAt"
    from used order by tokens desc, user_id, tenant`.execute(read)
  return rows.map(({ name, tenant: of, cost, ...row }) => ({
    name,
    tenant: of,
    requests: Number(row.requests),
    promptTokens: Number(row.promptTokens),
    cachedTokens: Number(row.cachedTokens),
    completionTokens: Number(row.completionTokens),
    reasoningTokens: Number(row.reasoningTokens),
    cost: BigInt(cost),
    lastAt: Number(row.lastAt),
  }))
}
