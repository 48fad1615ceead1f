/**
 * What the orders of one transaction change, in memory, over what was loaded of the rows that stand; each changed row is written once,
 * at the end. A store that can be asked in the middle of a decision loads what the book asks for there and then. For one that cannot,
 * it is noted, and answered with nothing in particular; then what came of it is thrown away, and the orders are carried out again on a
 * new draft when it was loaded.
 */
import type { KeptAnswer } from '../completion/serve.ts'
import type { Usage } from '../completion/usage.ts'
import { openBook } from './book.ts'
import { type ChargeSum, together } from './charge-sums.ts'
import type { Entry } from './entry.ts'
import type { Micro, Rates } from './money.ts'
import type { Account, Charge, Hold, Holder, Rows, Scope } from './rows.ts'
import type { FromWriter, ToWriter } from './writer.ts'

/** Rows by their keys, those of several parts by `nameOf`. A value may be known to be absent. */
export interface Loaded {
  readonly accounts: Map<string, Account>
  readonly rates: Map<string, Rates | undefined>
  readonly holds: Map<string, Hold | undefined>
  readonly nodes: Map<string, readonly Hold[]>
  readonly running: Map<string, bigint>
  readonly heldBy: Map<string, Micro>
  readonly reserved: Map<string, bigint>
  readonly charges: Map<string, Charge | undefined>
  readonly spent: Map<string, Micro>
  readonly counters: Map<string, bigint | undefined>
}

export type Table = keyof Loaded
/** What is missing of each table. */
export type Missing = { readonly [T in Table]: Set<string> }

/** Loads a row, or that it is not there, by its name. */
export type Load = (table: Table, name: string, into: Loaded) => void

/** What stands for a row that has several parts. */
const nameOf = (...parts: readonly (string | number | null)[]): string => JSON.stringify(parts)
export const partsOf = (name: string): readonly (string | number | null)[] => JSON.parse(name)

/** Of counters, which every order asks for many times. No name of a window has a line break. */
const counterName = (scope: string, window: string): string => `${window}\n${scope}`
export function counterOf(name: string): { readonly scope: string; readonly window: string } {
  const end = name.indexOf('\n')
  return { scope: name.slice(end + 1), window: name.slice(0, end) }
}

/** @param rates of prices that were read before: they never change */
export const nothingLoaded = (rates: ReadonlyMap<string, Rates | undefined>): Loaded => ({
  accounts: new Map(),
  rates: new Map([...rates].filter(([, known]) => known)),
  holds: new Map(),
  nodes: new Map(),
  running: new Map(),
  heldBy: new Map(),
  reserved: new Map(),
  charges: new Map(),
  spent: new Map(),
  counters: new Map(),
})

export interface Draft extends Rows {
  readonly missing: Missing
  readonly changes: Changes
}

/** What is to be written; each row once. */
export interface Changes {
  readonly accounts: Map<string, Account>
  readonly added: Map<string, Hold>
  readonly dropped: Map<string, Hold>
  readonly progress: Map<string, Usage>
  readonly entries: { readonly entry: Entry; readonly hash: Uint8Array }[]
  /** What is added to each, by all that tells it from others; made where it is not there. */
  readonly sums: Map<string, ChargeSum>
  /** Likewise. */
  readonly counters: Map<string, bigint>
  readonly oldCounters: { readonly minute: number; readonly day: number }[]
  /** When something was written last. */
  readonly written: number[]
  readonly kept: (readonly [node: string, answer: KeptAnswer])[]
  /** Nodes whose unfinished answers are given back. */
  readonly unfinished: string[]
}

export const noChanges = (): Changes => ({
  accounts: new Map(),
  added: new Map(),
  dropped: new Map(),
  progress: new Map(),
  entries: [],
  sums: new Map(),
  counters: new Map(),
  oldCounters: [],
  written: [],
  kept: [],
  unfinished: [],
})

export interface DraftOptions {
  /** Tenants that are not there, and can have no account. */
  readonly noTenants?: ReadonlySet<string>
  /** Absent: what is missing is noted. */
  readonly load?: Load
}

function createDraft(loaded: Loaded, { noTenants, load }: DraftOptions): Draft {
  const missing: Missing = {
    accounts: new Set(),
    rates: new Set(),
    holds: new Set(),
    nodes: new Set(),
    running: new Set(),
    heldBy: new Set(),
    reserved: new Set(),
    charges: new Set(),
    spent: new Set(),
    counters: new Set(),
  }
  const changes = noChanges()
  const known = <Value>(table: Table, name: string, neutral: Value): Value => {
    const rows = loaded[table] as Map<string, Value>
    if (load && !rows.has(name)) load(table, name, loaded)
    if (rows.has(name)) return rows.get(name) as Value
    missing[table].add(name)
    return neutral
  }

  const account = (tenant: string): Account => {
    if (noTenants?.has(tenant)) throw new Error(`There is no tenant '${tenant}'.`)
    return changes.accounts.get(tenant) ?? known('accounts', tenant, nobody)
  }
  const hold = (request: string): Hold | undefined => {
    if (changes.dropped.has(request)) return undefined
    return changes.added.get(request) ?? known('holds', request, undefined)
  }
  const counter = (scope: string, window: string): bigint | undefined => {
    const name = counterName(scope, window)
    const stood = known<bigint | undefined>('counters', name, undefined)
    const added = changes.counters.get(name)
    return added === undefined ? stood : (stood ?? 0n) + added
  }
  const count = (scope: string, window: string, amount: bigint) => {
    const name = counterName(scope, window)
    changes.counters.set(name, (changes.counters.get(name) ?? 0n) + amount)
  }

  /** A sum over holds, with those that this transaction made, and without those that it closed. */
  const summed = (stood: bigint, partOf: (hold: Hold) => bigint): bigint => {
    let sum = stood
    for (const one of changes.added.values()) sum += partOf(one)
    for (const one of changes.dropped.values()) sum -= partOf(one)
    return sum
  }

  return {
    missing,
    changes,
    account,
    changeAccount: (tenant, change) => void changes.accounts.set(tenant, { ...account(tenant), ...change }),
    rates: (price) => known<Rates | undefined>('rates', price, undefined),

    hold,
    holdsOf: (node) =>
      [...known<readonly Hold[]>('nodes', node, []), ...changes.added.values()]
        .filter((one) => one.node === node && !changes.dropped.has(one.request))
        .map((one) => ({ ...one, usage: changes.progress.get(one.request) ?? one.usage }))
        .sort((a, b) => (a.request < b.request ? -1 : 1)),
    addHold(one) {
      if (hold(one.request)) throw new Error('UNIQUE: the request has a hold already.')
      changes.added.set(one.request, one)
    },
    dropHold(one) {
      changes.progress.delete(one.request)
      if (!changes.added.delete(one.request)) changes.dropped.set(one.request, one)
    },
    noteProgress: (request, usage) => {
      const added = changes.added.get(request)
      if (added) changes.added.set(request, { ...added, usage })
      else if (!changes.dropped.has(request)) changes.progress.set(request, usage)
    },
    running: (of) => Number(summed(known('running', holderName(of), 0n), (one) => (isOf(one, of) ? 1n : 0n))),
    heldBy: (of) => summed(known('heldBy', scopeName(of), 0n), (one) => (isOf(one, of) ? one.amount : 0n)),
    reservedBy: (of, since) =>
      summed(known('reserved', nameOf(of.type, of.id, since), 0n), (one) =>
        isOf(one, of) && one.at >= since ? BigInt(one.tokens) : 0n,
      ),

    charge(request) {
      // It matters where there is no hold, and that is not known yet.
      if (missing.holds.has(request)) return undefined
      const here = changes.entries.find(({ entry }) => entry.request === request)?.entry
      return here ?? known<Charge | undefined>('charges', request, undefined)
    },
    addEntry: (entry, hash) => void changes.entries.push({ entry, hash }),
    addToSum(sum) {
      const { tenant, step, start, currency, model, key, user } = sum
      const name = nameOf(tenant, step, start, currency, model, key, user)
      const before = changes.sums.get(name)
      changes.sums.set(name, before ? together(before, sum) : sum)
    },
    spentSince(of, since) {
      // It matters where there is no counter, and that is not known yet.
      if (missing.counters.size > 0) return 0n
      let spent = summed(known('spent', nameOf(of.type, of.id, since), 0n), (one) =>
        isOf(one, of) && one.at >= since ? one.amount : 0n,
      )
      for (const { entry } of changes.entries)
        if (entry[of.type] === of.id && entry.began !== null && entry.began >= since) spent -= entry.amount
      return spent
    },

    counter,
    count,
    countOn(scope, windows, amount) {
      for (const window of windows) if (counter(scope, window) !== undefined) count(scope, window, amount)
    },
    dropCounters: (before) => void changes.oldCounters.push(before),
    noteWritten: (at) => void changes.written.splice(0, 1, at),

    keepAnswer: (node, answer) => void changes.kept.push([node, answer]),
    dropUnfinished: (node) => void changes.unfinished.push(node),
  }
}

/**
 * Those that fail change nothing: the others are carried out again without them.
 * @returns what is to be written; where something is missing, nothing of it is right
 */
export function carryOut(
  orders: readonly ToWriter[],
  loaded: Loaded,
  options: DraftOptions,
): { readonly draft: Draft; readonly answers: readonly FromWriter[] } {
  const failed = new Map<number, string>()
  for (;;) {
    const failedBefore = failed.size
    const draft = createDraft(loaded, options)
    const book = openBook(draft)
    const answers = orders.map(({ id, order }): FromWriter => {
      const error = failed.get(id)
      if (error !== undefined) return { id, error }
      try {
        return { id, outcome: book.carryOut(order) }
      } catch (thrown) {
        failed.set(id, String(thrown))
        return { id, error: String(thrown) }
      }
    })
    if (failed.size === failedBefore) return { draft, answers }
  }
}

/** What stands now that these changes were written: of rows that are asked for again and again, while nobody else writes. */
export function remember(loaded: Loaded, changes: Changes): void {
  const { accounts, holds, counters, nodes, running, heldBy, reserved, charges, spent } = loaded
  for (const sums of [nodes, running, heldBy, reserved, charges, spent]) sums.clear()
  for (const [tenant, account] of changes.accounts) accounts.set(tenant, account)
  for (const request of [...changes.dropped.keys(), ...changes.progress.keys()]) holds.delete(request)
  for (const [request, hold] of changes.added) holds.set(request, hold)
  for (const [name, amount] of changes.counters)
    if (counters.has(name)) counters.set(name, (counters.get(name) ?? 0n) + amount)
  if (changes.oldCounters.length > 0) counters.clear()
  for (const rows of [accounts, holds, counters]) if (rows.size > rememberedMax) rows.clear()
}

const rememberedMax = 10_000

const scopeName = ({ type, id }: Scope): string => nameOf(type, id)
const holderName = (of: Holder): string => (of.type === 'user' ? nameOf('user', of.id, of.user) : scopeName(of))

const isOf = (hold: Hold, of: Holder): boolean =>
  of.type === 'user' ? hold.key === of.id && hold.user === of.user : hold[of.type] === of.id

const nobody: Account = { prepaid: false, currency: '', balance: 0n, held: 0n, lastSeq: 0, head: null, limits: '{}' }
