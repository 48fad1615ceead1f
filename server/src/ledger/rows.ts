/**
 * What the book reads and writes: rows, each by its key. A draft gives them (`draft.ts`), and every store has its own way to load and to
 * write them down; what is decided about them is decided in one place. All of it happens in one transaction, in which nobody else changes the accounts that it touches, nor what belongs
 * to them: their holds, and the counters of their keys.
 */
import type { KeptAnswer } from '../completion/serve.ts'
import type { Usage } from '../completion/usage.ts'
import type { ChargeSum } from './charge-sums.ts'
import type { Entry, EntryKind } from './entry.ts'
import type { Micro, Rates } from './money.ts'

export interface Account {
  readonly prepaid: boolean
  readonly currency: string
  readonly balance: Micro
  /** What open answers may cost at most, together. */
  readonly held: Micro
  /** Of the last entry, and its hash. */
  readonly lastSeq: number
  readonly head: Uint8Array | null
  /** `UseLimits` as JSON. */
  readonly limits: string
}

/** An answer that is open. */
export interface Hold {
  readonly request: string
  readonly tenant: string
  readonly project: string | null
  readonly key: string
  readonly user: string | null
  readonly model: string
  readonly price: string | null
  readonly amount: Micro
  /** What it can come to in tokens, its prompt included: reserved in the minute in which it began. */
  readonly tokens: number
  /** Of whose tokens a minute they were reserved. */
  readonly tokensOf: readonly ScopeType[]
  readonly at: number
  readonly node: string
  /** What was generated, as far as known. */
  readonly usage: Usage
}

/** What an answer was charged, as it stands in its entry. */
export interface Charge {
  readonly amount: Micro
  readonly kind: EntryKind
}

/** Who can have limits, from the nearest to the widest. Each is a column of holds and of the ledger. */
export const scopeTypes = ['key', 'project', 'tenant'] as const
export type ScopeType = (typeof scopeTypes)[number]

/** One of those whom an answer is counted for. */
export interface Scope {
  readonly type: ScopeType
  readonly id: string
}

/** Whose open answers are counted: a scope's, or those of one end user of a key. */
export type Holder = Scope | { readonly type: 'user'; readonly id: string; readonly user: string | null }

/** @returns everybody whom an answer is counted for, from the nearest to the widest */
export const scopesOf = (of: Readonly<Record<ScopeType, string | null>>): readonly Scope[] =>
  scopeTypes.flatMap((type) => {
    const id = of[type]
    return id === null ? [] : [{ type, id }]
  })

export interface Rows {
  /** Made when it is not there. */
  account(tenant: string): Account
  changeAccount(tenant: string, change: Partial<Pick<Account, 'balance' | 'held' | 'lastSeq' | 'head'>>): void
  rates(price: string): Rates | undefined

  hold(request: string): Hold | undefined
  /** In the order of their requests. */
  holdsOf(node: string): readonly Hold[]
  /** @throws when the request has one already */
  addHold(hold: Hold): void
  dropHold(hold: Hold): void
  /** Of a hold that may have gone. */
  noteProgress(request: string, usage: Usage): void
  running(of: Holder): number
  heldBy(of: Scope): Micro
  /** The tokens of open answers that began at `since` or later. */
  reservedBy(of: Scope, since: number): bigint

  /** What was entered for a request. */
  charge(request: string): Charge | undefined
  addEntry(entry: Entry, hash: Uint8Array): void
  /** Adds to the row of this sum, and makes it when it is not there. */
  addToSum(sum: ChargeSum): void
  /** What was charged and is held for answers that began at `since` or later. */
  spentSince(of: Scope, since: number): Micro

  counter(scope: string, window: string): bigint | undefined
  /** Adds to a counter, and makes it when it is not there. */
  count(scope: string, window: string, amount: bigint): void
  /** Adds to those of these counters that are there. */
  countOn(scope: string, windows: readonly string[], amount: bigint): void
  /** Takes out the counters of minutes before this one, and of days that began before this time. Alone in its transaction. */
  dropCounters(before: { readonly minute: number; readonly day: number }): void

  /** Leaves a mark of no meaning, to see that it can. */
  noteWritten(at: number): void

  /** Fills a place that the node has claimed, if it still has it. */
  keepAnswer(node: string, answer: KeptAnswer): void
  /** Gives back what a node had begun to answer under an Idempotency-Key. */
  dropUnfinished(node: string): void
}
