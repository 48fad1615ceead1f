/** How a draft gets its rows from PostgreSQL, and how its changes get there: each table in one statement. */
import type { Client, QueryConfig } from 'pg'
import { type Changes, counterOf, type Loaded, type Missing, partsOf, type Table } from './draft.ts'
import type { EntryKind } from './entry.ts'
import type { Rates } from './money.ts'
import { accountOf, begunSince, holdOf, type StoredRow } from './read-rows.ts'
import { type Charge, type ScopeType, scopeTypes } from './rows.ts'

/** Prepared once for each connection. */
const query = (name: string, text: string, values: readonly unknown[]): QueryConfig => ({
  name,
  text,
  values: [...values],
})

/** What orders say of the accounts that they will touch: those are locked before anything is read that belongs to them. */
export interface Touched {
  readonly tenants: readonly string[]
  /** Of whoever has open holds for these requests. */
  readonly requests: readonly string[]
  /** Of whoever has open holds on these nodes. */
  readonly nodes: readonly string[]
}

/** In the order of their names, so that two transactions never wait for each other. */
const lockText = `select tenant, prepaid, currency, balance, held, last_seq, head, limits from accounts
  where tenant in (select unnest($1::text[]) union select tenant from holds where request = any($2::text[])
    union select tenant from holds where node = any($3::text[]))
  order by tenant for update`

export async function lockAccounts(client: Client, { tenants, requests, nodes }: Touched, into: Loaded): Promise<void> {
  const { rows } = await client.query<StoredRow>(query('lock', lockText, [tenants, requests, nodes]))
  for (const row of rows) into.accounts.set(row.tenant as string, accountOf(row))
}

/** Outside of a transaction. @returns those that are no tenants */
export async function makeAccounts(client: Client, tenants: readonly string[]): Promise<readonly string[]> {
  await client.query(
    `insert into accounts (tenant, currency)
      select id, coalesce((select value from meta where key = 'currency' for share), 'USD') from tenants
      where id = any($1::text[]) order by id on conflict do nothing`,
    [tenants],
  )
  const { rows } = await client.query<StoredRow>('select tenant from accounts where tenant = any($1::text[])', [
    tenants,
  ])
  const made = new Set(rows.map(({ tenant }) => tenant))
  return tenants.filter((tenant) => !made.has(tenant))
}

/** All that is missing, but accounts, in one round trip. */
export async function load(client: Client, missing: Missing, into: Loaded): Promise<void> {
  await Promise.all(
    Object.entries(loaders).map(async ([table, loader]) => {
      const names = [...missing[table as Table]]
      if (names.length > 0) await loader(client, names, into)
    }),
  )
}

/** The arms of a `case` over the type of a scope. */
const whenScope = (select: (column: ScopeType) => string): string =>
  scopeTypes.map((type) => `when '${type}' then (${select(type)})`).join('\n')

type Loader = (client: Client, names: readonly string[], into: Loaded) => Promise<void>

const loaders: { readonly [T in Exclude<Table, 'accounts'>]: Loader } = {
  async rates(client, names, { rates }) {
    const text = 'select id, input, cached_input, output from prices where id = any($1::text[])'
    const { rows } = await client.query<StoredRow>(query('rates', text, [names]))
    for (const name of names) rates.set(name, undefined)
    for (const row of rows) rates.set(row.id as string, ratesOf(row))
  },

  async holds(client, names, { holds }) {
    const { rows } = await client.query<StoredRow>(
      query('holds', 'select * from holds where request = any($1::text[])', [names]),
    )
    for (const name of names) holds.set(name, undefined)
    for (const row of rows) holds.set(row.request as string, holdOf(row))
  },

  async nodes(client, names, { nodes }) {
    const { rows } = await client.query<StoredRow>(
      query('nodes', 'select * from holds where node = any($1::text[])', [names]),
    )
    const open = rows.map(holdOf)
    for (const name of names)
      nodes.set(
        name,
        open.filter(({ node }) => node === name),
      )
  },

  async running(client, names, { running }) {
    const parts = names.map(partsOf)
    const { rows } = await client.query<StoredRow>(
      query(
        'running',
        `select name, case type
            when 'user' then (select count(*) from holds where key = of and user_id is not distinct from who)
            ${whenScope((column) => `select count(*) from holds where ${column} = of`)} end as count
          from unnest($1::text[], $2::text[], $3::text[], $4::text[]) as asked (name, type, of, who)`,
        [names, parts.map(([type]) => type), parts.map(([, of]) => of), parts.map(([, , user]) => user ?? null)],
      ),
    )
    for (const row of rows) running.set(row.name as string, row.count as bigint)
  },

  async heldBy(client, names, { heldBy }) {
    const parts = names.map(partsOf)
    const { rows } = await client.query<StoredRow>(
      query(
        'held',
        `select name, case type
            ${whenScope((column) => `select coalesce(sum(amount), 0) from holds where ${column} = of`)} end as amount
          from unnest($1::text[], $2::text[], $3::text[]) as asked (name, type, of)`,
        [names, parts.map(([type]) => type), parts.map(([, of]) => of)],
      ),
    )
    for (const row of rows) heldBy.set(row.name as string, row.amount as bigint)
  },

  async reserved(client, names, { reserved }) {
    const parts = names.map(partsOf)
    const { rows } = await client.query<StoredRow>(
      query(
        'reserved',
        `select name, case type
            ${whenScope((column) => `select coalesce(sum(tokens), 0) from holds where ${column} = of and at >= since`)} end as amount
          from unnest($1::text[], $2::text[], $3::text[], $4::bigint[]) as asked (name, type, of, since)`,
        [names, ...[0, 1, 2].map((place) => parts.map((part) => part[place]))],
      ),
    )
    for (const row of rows) reserved.set(row.name as string, BigInt(row.amount as bigint))
  },

  async charges(client, names, { charges }) {
    const text = 'select request, amount, kind from ledger where request = any($1::text[])'
    const { rows } = await client.query<StoredRow>(query('charges', text, [names]))
    for (const name of names) charges.set(name, undefined)
    for (const row of rows) charges.set(row.request as string, chargeOf(row))
  },

  async spent(client, names, { spent }) {
    const parts = names.map(partsOf)
    const { rows } = await client.query<StoredRow>(
      query(
        'spent',
        `select name, case type
            ${whenScope(
              (
                column,
              ) => `select (select coalesce(-sum(amount), 0) from ledger where ${begunSince(column, 'of', 'since')})
                + (select coalesce(sum(amount), 0) from holds where ${column} = of and at >= since)`,
            )} end as amount
          from unnest($1::text[], $2::text[], $3::text[], $4::bigint[]) as asked (name, type, of, since)`,
        [names, ...[0, 1, 2].map((place) => parts.map((part) => part[place]))],
      ),
    )
    for (const row of rows) spent.set(row.name as string, row.amount as bigint)
  },

  async counters(client, names, { counters }) {
    const parts = names.map(counterOf)
    const { rows } = await client.query<StoredRow>(
      query(
        'counters',
        `select name, amount from unnest($1::text[], $2::text[], $3::text[]) as asked (name, s, w)
          join counters on scope = s and "window" = w`,
        [names, parts.map(({ scope }) => scope), parts.map(({ window }) => window)],
      ),
    )
    for (const name of names) counters.set(name, undefined)
    for (const row of rows) counters.set(row.name as string, row.amount as bigint)
  },
}

/** @returns the statements that write it all down, to be sent together */
export function statementsOf(changes: Changes): readonly QueryConfig[] {
  const { accounts, added, dropped, progress, entries, sums, counters, oldCounters, written, kept, unfinished } =
    changes
  const statements: QueryConfig[] = []
  const write = <Item>(name: string, items: Iterable<Item>, text: string, ...columns: ((item: Item) => unknown)[]) => {
    const list = [...items]
    if (list.length > 0)
      statements.push(
        query(
          name,
          text,
          columns.map((column) => list.map(column)),
        ),
      )
  }

  write(
    'keep accounts',
    accounts,
    `update accounts set balance = b, held = h, last_seq = s, head = d
      from unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bytea[]) as kept (t, b, h, s, d)
      where tenant = t`,
    ([tenant]) => tenant,
    ([, account]) => account.balance,
    ([, account]) => account.held,
    ([, account]) => account.lastSeq,
    ([, account]) => account.head,
  )
  write('drop holds', dropped.keys(), 'delete from holds where request = any($1::text[])', (request) => request)
  write(
    'note progress',
    [...progress].sort(([a], [b]) => (a < b ? -1 : 1)),
    `update holds set prompt_tokens = p, cached_tokens = a, completion_tokens = c, reasoning_tokens = r
      from unnest($1::text[], $2::int[], $3::int[], $4::int[], $5::int[]) as noted (q, p, a, c, r) where request = q`,
    ([request]) => request,
    ([, usage]) => usage.promptTokens,
    ([, usage]) => usage.cachedTokens,
    ([, usage]) => usage.completionTokens,
    ([, usage]) => usage.reasoningTokens,
  )
  write(
    'add holds',
    added.values(),
    `insert into holds (request, tenant, project, key, user_id, model, price, amount, tokens, tokens_of, at, node,
        prompt_tokens, cached_tokens, completion_tokens, reasoning_tokens)
      select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[],
        $9::int[], $10::text[], $11::bigint[], $12::text[], $13::int[], $14::int[], $15::int[], $16::int[])`,
    (hold) => hold.request,
    (hold) => hold.tenant,
    (hold) => hold.project,
    (hold) => hold.key,
    (hold) => hold.user,
    (hold) => hold.model,
    (hold) => hold.price,
    (hold) => hold.amount,
    (hold) => hold.tokens,
    (hold) => hold.tokensOf.join(' '),
    (hold) => hold.at,
    (hold) => hold.node,
    (hold) => hold.usage.promptTokens,
    (hold) => hold.usage.cachedTokens,
    (hold) => hold.usage.completionTokens,
    (hold) => hold.usage.reasoningTokens,
  )
  write(
    'add entries',
    entries,
    `insert into ledger (tenant, seq, at, began, kind, amount, balance, currency, request, project, key, user_id,
        model, price, prompt_tokens, cached_tokens, completion_tokens, reasoning_tokens, estimated, note, hash)
      select * from unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::text[], $6::bigint[], $7::bigint[],
        $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::text[], $15::int[], $16::int[],
        $17::int[], $18::int[], $19::int[], $20::text[], $21::bytea[])`,
    ({ entry }) => entry.tenant,
    ({ entry }) => entry.seq,
    ({ entry }) => entry.at,
    ({ entry }) => entry.began,
    ({ entry }) => entry.kind,
    ({ entry }) => entry.amount,
    ({ entry }) => entry.balance,
    ({ entry }) => entry.currency,
    ({ entry }) => entry.request,
    ({ entry }) => entry.project,
    ({ entry }) => entry.key,
    ({ entry }) => entry.user,
    ({ entry }) => entry.model,
    ({ entry }) => entry.price,
    ({ entry }) => entry.usage?.promptTokens ?? null,
    ({ entry }) => entry.usage?.cachedTokens ?? null,
    ({ entry }) => entry.usage?.completionTokens ?? null,
    ({ entry }) => entry.usage?.reasoningTokens ?? null,
    ({ entry }) => entry.usage && (entry.usage.estimated ? 1 : 0),
    ({ entry }) => entry.note,
    ({ hash }) => hash,
  )
  write(
    'add to sums',
    sums.values(),
    `insert into ledger_sums (tenant, step, start, currency, model, key, user_id, requests, prompt_tokens, cached_tokens,
        completion_tokens, reasoning_tokens, cost)
      select * from unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[],
        $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[])
      on conflict (tenant, step, start, currency, model, key, user_id) do update set
        requests = ledger_sums.requests + excluded.requests,
        prompt_tokens = ledger_sums.prompt_tokens + excluded.prompt_tokens,
        cached_tokens = ledger_sums.cached_tokens + excluded.cached_tokens,
        completion_tokens = ledger_sums.completion_tokens + excluded.completion_tokens,
        reasoning_tokens = ledger_sums.reasoning_tokens + excluded.reasoning_tokens,
        cost = ledger_sums.cost + excluded.cost`,
    (sum) => sum.tenant,
    (sum) => sum.step,
    (sum) => sum.start,
    (sum) => sum.currency,
    (sum) => sum.model,
    (sum) => sum.key,
    (sum) => sum.user,
    (sum) => sum.requests,
    (sum) => sum.usage.promptTokens,
    (sum) => sum.usage.cachedTokens,
    (sum) => sum.usage.completionTokens,
    (sum) => sum.usage.reasoningTokens,
    (sum) => sum.cost,
  )
  write(
    'count',
    [...counters].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, amount]) => ({ ...counterOf(name), amount })),
    `insert into counters (scope, "window", amount) select * from unnest($1::text[], $2::text[], $3::bigint[])
      on conflict (scope, "window") do update set amount = counters.amount + excluded.amount`,
    ({ scope }) => scope,
    ({ window }) => window,
    ({ amount }) => amount,
  )
  for (const { minute, day } of oldCounters)
    statements.push(
      query(
        'drop counters',
        `delete from counters where case
          when "window" like 'minute/%' then cast(substr("window", 8) as bigint) < $1
          when "window" like 'spend/day/%' then cast(substr("window", 11) as bigint) < $2 else false end`,
        [minute, day],
      ),
    )
  write(
    'note written',
    written,
    `insert into meta (key, value) select 'written', * from unnest($1::text[])
      on conflict (key) do update set value = excluded.value`,
    (at) => String(at),
  )
  write(
    'keep answers',
    kept,
    `update kept_answers set sealed = s from unnest($1::text[], $2::bytea[], $3::bytea[]) as kept (n, l, s)
      where lookup = l and node = n`,
    ([node]) => node,
    ([, { lookup }]) => lookup,
    ([, { sealed }]) => sealed,
  )
  write(
    'drop unfinished',
    unfinished,
    'delete from kept_answers where node = any($1::text[]) and sealed is null',
    (node) => node,
  )
  return statements
}

const ratesOf = (row: StoredRow): Rates => ({
  input: row.input as bigint,
  cachedInput: row.cached_input as bigint,
  output: row.output as bigint,
})

const chargeOf = (row: StoredRow): Charge => ({ amount: row.amount as bigint, kind: row.kind as EntryKind })
