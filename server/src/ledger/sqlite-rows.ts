/** The rows of a SQLite database: a prepared statement each, over an open connection. Somebody else begins and commits. */
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import { currencyHere } from './currency.ts'
import { accountOf, begunSince, holdOf } from './read-rows.ts'
import { type Holder, type Rows, type ScopeType, scopeTypes } from './rows.ts'

export function sqliteRows(database: DatabaseSync): Rows {
  const sql = (text: string): StatementSync => {
    const statement = database.prepare(text)
    statement.setReadBigInts(true)
    return statement
  }
  const amountOf = (statement: StatementSync, ...values: SQLInputValue[]): bigint | undefined =>
    statement.get(...values)?.amount as bigint | undefined

  const ensureAccount = sql(
    `insert into accounts (tenant, currency) values (?, ${currencyHere}) on conflict do nothing`,
  )
  const findAccount = sql(
    'select prepaid, currency, balance, held, last_seq, head, limits from accounts where tenant = ?',
  )
  const setAccount = sql(`update accounts set balance = coalesce(?, balance), held = coalesce(?, held),
    last_seq = coalesce(?, last_seq), head = coalesce(?, head) where tenant = ?`)
  const findRates = sql('select input, cached_input as cachedInput, output from prices where id = ?')
  const findHold = sql('select * from holds where request = ?')
  const findHoldsOf = sql('select * from holds where node = ? order by request')
  const addHold = sql(
    'insert into holds (request, tenant, project, key, user_id, model, price, amount, tokens, tokens_of, at, node) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
  )
  const dropHold = sql('delete from holds where request = ?')
  const noteProgress = sql(
    'update holds set prompt_tokens = ?, cached_tokens = ?, completion_tokens = ?, reasoning_tokens = ? where request = ?',
  )
  const forEachScope = (text: (column: ScopeType) => string) =>
    Object.fromEntries(scopeTypes.map((type) => [type, sql(text(type))])) as Record<ScopeType, StatementSync>
  const runningOf = forEachScope((column) => `select count(*) as amount from holds where ${column} = ?`)
  const runningOfUser = sql('select count(*) as amount from holds where key = ? and user_id is ?')
  const heldBy = forEachScope((column) => `select coalesce(sum(amount), 0) as amount from holds where ${column} = ?`)
  const reservedBy = forEachScope(
    (column) => `select coalesce(sum(tokens), 0) as amount from holds where ${column} = ? and at >= ?`,
  )
  const chargeOf = sql('select amount, kind from ledger where request = ?')
  const addEntry =
    sql(`insert into ledger (tenant, seq, at, began, kind, amount, balance, currency, request, project, key, user_id, model,
    price, prompt_tokens, cached_tokens, completion_tokens, reasoning_tokens, estimated, note, hash)
    values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
  const addToSum = sql(`insert into ledger_sums (tenant, step, start, currency, model, key, user_id,
    requests, prompt_tokens, cached_tokens, completion_tokens, reasoning_tokens, cost)
    values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    on conflict (tenant, step, start, currency, model, key, user_id) do update set requests = requests + excluded.requests,
      prompt_tokens = prompt_tokens + excluded.prompt_tokens, cached_tokens = cached_tokens + excluded.cached_tokens,
      completion_tokens = completion_tokens + excluded.completion_tokens,
      reasoning_tokens = reasoning_tokens + excluded.reasoning_tokens, cost = cost + excluded.cost`)
  const spentSince = forEachScope(
    (column) => `select (select coalesce(-sum(amount), 0) from ledger where ${begunSince(column, '?1', '?2')})
      + (select coalesce(sum(amount), 0) from holds where ${column} = ?1 and at >= ?2) as amount`,
  )
  const findCounter = sql('select amount from counters where scope = ? and window = ?')
  const upsertCounter = sql(`insert into counters (scope, window, amount) values (?, ?, ?)
    on conflict (scope, window) do update set amount = amount + excluded.amount`)
  const addToCounter = sql('update counters set amount = amount + ? where scope = ? and window in (?, ?, ?)')
  const dropMinutes = sql(
    "delete from counters where window like 'minute/%' and cast(substr(window, 8) as integer) < ?",
  )
  const dropDays = sql(
    "delete from counters where window like 'spend/day/%' and cast(substr(window, 11) as integer) < ?",
  )
  const noteWritten = sql(
    "insert into meta (key, value) values ('written', ?) on conflict (key) do update set value = excluded.value",
  )
  const keepAnswer = sql('update kept_answers set sealed = ? where lookup = ? and node = ?')
  const dropUnfinished = sql('delete from kept_answers where node = ? and sealed is null')

  const running = (of: Holder): bigint | undefined =>
    of.type === 'user' ? amountOf(runningOfUser, of.id, of.user) : amountOf(runningOf[of.type], of.id)

  return {
    account(tenant) {
      const found = findAccount.get(tenant)
      if (found) return accountOf(found)
      ensureAccount.run(tenant)
      return accountOf(findAccount.get(tenant) ?? {})
    },
    changeAccount: (tenant, { balance, held, lastSeq, head }) =>
      void setAccount.run(balance ?? null, held ?? null, lastSeq ?? null, head ?? null, tenant),
    rates: (price) => findRates.get(price) as ReturnType<Rows['rates']>,

    hold(request) {
      const found = findHold.get(request)
      return found && holdOf(found)
    },
    holdsOf: (node) => findHoldsOf.all(node).map(holdOf),
    addHold: ({ request, tenant, project, key, user, model, price, amount, tokens, tokensOf, at, node }) =>
      void addHold.run(request, tenant, project, key, user, model, price, amount, tokens, tokensOf.join(' '), at, node),
    dropHold: ({ request }) => void dropHold.run(request),
    noteProgress: (request, { promptTokens, cachedTokens, completionTokens, reasoningTokens }) =>
      void noteProgress.run(promptTokens, cachedTokens, completionTokens, reasoningTokens, request),
    running: (of) => Number(running(of)),
    heldBy: ({ type, id }) => amountOf(heldBy[type], id) ?? 0n,
    reservedBy: ({ type, id }, since) => amountOf(reservedBy[type], id, since) ?? 0n,

    charge: (request) => chargeOf.get(request) as ReturnType<Rows['charge']>,
    addEntry(entry, hash) {
      const { usage } = entry
      addEntry.run(
        ...[entry.tenant, entry.seq, entry.at, entry.began, entry.kind, entry.amount, entry.balance, entry.currency],
        ...[entry.request, entry.project, entry.key, entry.user, entry.model, entry.price],
        ...(usage
          ? [
              usage.promptTokens,
              usage.cachedTokens,
              usage.completionTokens,
              usage.reasoningTokens,
              usage.estimated ? 1 : 0,
            ]
          : [null, null, null, null, null]),
        ...[entry.note, hash],
      )
    },
    addToSum({ tenant, step, start, currency, model, key, user, requests, usage, cost }) {
      addToSum.run(
        ...[tenant, step, start, currency, model, key, user, requests],
        ...[usage.promptTokens, usage.cachedTokens, usage.completionTokens, usage.reasoningTokens, cost],
      )
    },
    spentSince: ({ type, id }, since) => amountOf(spentSince[type], id, since) ?? 0n,

    counter: (scope, window) => amountOf(findCounter, scope, window),
    count: (scope, window, amount) => void upsertCounter.run(scope, window, amount),
    countOn: (scope, windows, amount) => void addToCounter.run(amount, scope, ...windows),
    dropCounters({ minute, day }) {
      dropMinutes.run(minute)
      dropDays.run(day)
    },

    noteWritten: (at) => void noteWritten.run(String(at)),

    keepAnswer: (node, { lookup, sealed }) => void keepAnswer.run(sealed, lookup, node),
    dropUnfinished: (node) => void dropUnfinished.run(node),
  }
}
