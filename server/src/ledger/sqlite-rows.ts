/** How a draft gets its rows from SQLite, and how its changes get there: a prepared statement each, over an open connection. Somebody else begins and commits. */
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import { currencyHere } from './currency.ts'
import { type Changes, counterOf, type Load, type Loaded, partsOf, type Table } from './draft.ts'
import type { Rates } from './money.ts'
import { accountOf, begunSince, holdOf } from './read-rows.ts'
import { type Charge, type ScopeType, scopeTypes } from './rows.ts'

export interface SqliteRows {
  readonly load: Load
  write(changes: Changes): void
}

export function sqliteRows(database: DatabaseSync): SqliteRows {
  return { load: loading(database), write: writing(database) }
}

const preparing = (database: DatabaseSync) => (text: string) => {
  const statement = database.prepare(text)
  statement.setReadBigInts(true)
  return statement
}

function loading(database: DatabaseSync): Load {
  const sql = preparing(database)
  const forEachScope = (text: (column: ScopeType) => string) =>
    Object.fromEntries(scopeTypes.map((type) => [type, sql(text(type))])) as Record<ScopeType, StatementSync>
  const amountOf = (statement: StatementSync, ...values: SQLInputValue[]): bigint =>
    (statement.get(...values)?.amount as bigint | undefined) ?? 0n

  const ensureAccount = sql(
    `insert into accounts (tenant, currency) values (?, ${currencyHere}) on conflict do nothing`,
  )
  const findAccount = sql(
    'select prepaid, currency, balance, held, last_seq, head, limits from accounts where tenant = ?',
  )
  const findRates = sql('select input, cached_input as cachedInput, output from prices where id = ?')
  const findHold = sql('select * from holds where request = ?')
  const findHoldsOf = sql('select * from holds where node = ?')
  const runningOf = forEachScope((column) => `select count(*) as amount from holds where ${column} = ?`)
  const runningOfUser = sql('select count(*) as amount from holds where key = ? and user_id is ?')
  const heldBy = forEachScope((column) => `select coalesce(sum(amount), 0) as amount from holds where ${column} = ?`)
  const reservedBy = forEachScope(
    (column) => `select coalesce(sum(tokens), 0) as amount from holds where ${column} = ? and at >= ?`,
  )
  const findCharge = sql('select amount, kind from ledger where request = ?')
  const spentSince = forEachScope(
    (column) => `select (select coalesce(-sum(amount), 0) from ledger where ${begunSince(column, '?1', '?2')})
      + (select coalesce(sum(amount), 0) from holds where ${column} = ?1 and at >= ?2) as amount`,
  )
  const findCounter = sql('select amount from counters where scope = ? and window = ?')

  type Value<T extends Table> = Loaded[T] extends Map<string, infer Row> ? Row : never
  const rows: { readonly [T in Table]: (name: string) => Value<T> } = {
    accounts(tenant) {
      if (!findAccount.get(tenant)) ensureAccount.run(tenant)
      return accountOf(findAccount.get(tenant) ?? {})
    },
    rates: (price) => findRates.get(price) as Rates | undefined,
    holds(request) {
      const found = findHold.get(request)
      return found && holdOf(found)
    },
    nodes: (node) => findHoldsOf.all(node).map(holdOf),
    running(name) {
      const [type, id = null, user = null] = partsOf(name)
      return type === 'user' ? amountOf(runningOfUser, id, user) : amountOf(runningOf[type as ScopeType], id)
    },
    heldBy(name) {
      const [type, id = null] = partsOf(name)
      return amountOf(heldBy[type as ScopeType], id)
    },
    reserved(name) {
      const [type, id = null, since = null] = partsOf(name)
      return amountOf(reservedBy[type as ScopeType], id, since)
    },
    charges: (request) => findCharge.get(request) as Charge | undefined,
    spent(name) {
      const [type, id = null, since = null] = partsOf(name)
      return amountOf(spentSince[type as ScopeType], id, since)
    },
    counters(name) {
      const { scope, window } = counterOf(name)
      return findCounter.get(scope, window)?.amount as bigint | undefined
    },
  }
  return (table, name, into) => void (into[table] as Map<string, unknown>).set(name, rows[table](name))
}

function writing(database: DatabaseSync): (changes: Changes) => void {
  const sql = preparing(database)
  const setAccount = sql('update accounts set balance = ?, held = ?, last_seq = ?, head = ? where tenant = ?')
  const dropHold = sql('delete from holds where request = ?')
  const noteProgress = sql(
    'update holds set prompt_tokens = ?, cached_tokens = ?, completion_tokens = ?, reasoning_tokens = ? where request = ?',
  )
  const addHold =
    sql(`insert into holds (request, tenant, project, key, user_id, model, price, amount, tokens, tokens_of, at, node,
    prompt_tokens, cached_tokens, completion_tokens, reasoning_tokens) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
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
  const count = sql(`insert into counters (scope, window, amount) values (?, ?, ?)
    on conflict (scope, window) do update set amount = amount + excluded.amount`)
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

  return (changes) => {
    for (const [tenant, { balance, held, lastSeq, head }] of changes.accounts)
      setAccount.run(balance, held, lastSeq, head, tenant)
    for (const request of changes.dropped.keys()) dropHold.run(request)
    for (const [request, { promptTokens, cachedTokens, completionTokens, reasoningTokens }] of changes.progress)
      noteProgress.run(promptTokens, cachedTokens, completionTokens, reasoningTokens, request)
    for (const { request, tenant, project, key, user, model, price, ...hold } of changes.added.values()) {
      const { promptTokens, cachedTokens, completionTokens, reasoningTokens } = hold.usage
      addHold.run(
        ...[request, tenant, project, key, user, model, price],
        ...[hold.amount, hold.tokens, hold.tokensOf.join(' '), hold.at, hold.node],
        ...[promptTokens, cachedTokens, completionTokens, reasoningTokens],
      )
    }
    for (const { entry, hash } of changes.entries) {
      const { usage } = entry
      addEntry.run(
        ...[entry.tenant, entry.seq, entry.at, entry.began, entry.kind, entry.amount, entry.balance, entry.currency],
        ...[entry.request, entry.project, entry.key, entry.user, entry.model, entry.price],
        ...[usage?.promptTokens ?? null, usage?.cachedTokens ?? null, usage?.completionTokens ?? null],
        ...[usage?.reasoningTokens ?? null, usage ? Number(usage.estimated === true) : null],
        ...[entry.note, hash],
      )
    }
    for (const { tenant, step, start, currency, model, key, user, requests, usage, cost } of changes.sums.values())
      addToSum.run(
        ...[tenant, step, start, currency, model, key, user, requests],
        ...[usage.promptTokens, usage.cachedTokens, usage.completionTokens, usage.reasoningTokens, cost],
      )
    for (const [name, amount] of changes.counters) {
      const { scope, window } = counterOf(name)
      count.run(scope, window, amount)
    }
    for (const { minute, day } of changes.oldCounters) {
      dropMinutes.run(minute)
      dropDays.run(day)
    }
    for (const at of changes.written) noteWritten.run(String(at))
    for (const [node, { lookup, sealed }] of changes.kept) keepAnswer.run(sealed, lookup, node)
    for (const node of changes.unfinished) dropUnfinished.run(node)
  }
}
