/**
 * The ledger's writes, each one step of a transaction that somebody else begins and commits. Nothing but decisions about rows: what
 * is exact here is exact in every store, and for every process that shares it.
 */
import type { KeptAnswer } from '../completion/serve.ts'
import { noUsage, type Usage } from '../completion/usage.ts'
import type { LimitsLeft, ProjectUse, UseLimits } from '../completion/use-limits.ts'
import { sumsOf } from './charge-sums.ts'
import { type Entry, genesis, hashOf } from './entry.ts'
import { affordable, ceilingOf, costOf, type Micro, type Rates } from './money.ts'
import { type Account, type Hold, type Rows, type Scope, type ScopeType, scopesOf } from './rows.ts'
import { answerEndsMs, type Limited, openWindows } from './windows.ts'

/** An answer is about to begin. */
export interface HoldOrder {
  readonly type: 'hold'
  readonly request: string
  readonly tenant: string
  readonly key: string
  readonly user: string | null
  readonly model: string
  readonly at: number
  readonly node: string
  /** Absent: the model costs nothing. */
  readonly price: string | null
  /** No prompt of this request has more tokens. */
  readonly promptTokensMax: number
  /** Whoever asked can find out better, and would then ask again: told `coarse` where that is worth it. */
  readonly coarse?: true
  readonly maxTokens: number
  /** Where the minute has fewer left than these, waiting is better. Absent: all of `maxTokens`. */
  readonly leastTokens?: number
  /** Of the key; those of the tenant are in the book. */
  readonly limits: UseLimits
  /** That the key belongs to. */
  readonly project?: ProjectUse
}

/** Something that has to pay for an answer; all of them do. */
interface Purse {
  readonly what: 'balance' | 'budget'
  readonly whose: Scope
  /** What is left of it, counting what is held as spent. */
  readonly amount: Micro
}

/** It has ended, one way or another. */
export interface SettleOrder {
  readonly type: 'settle'
  readonly request: string
  readonly at: number
  readonly usage: Usage
  /** How it ended: a finish reason, or the code of a failure. */
  readonly outcome: string
  /** Of an answer under an Idempotency-Key: it is charged and can be had again, or neither. */
  readonly keep?: KeptAnswer
}

/** What open answers have come to. */
export interface ProgressOrder {
  readonly type: 'progress'
  readonly counts: readonly (readonly [request: string, usage: Usage])[]
}

export interface TopUpOrder {
  readonly type: 'top-up'
  readonly tenant: string
  readonly at: number
  readonly amount: Micro
  readonly note: string
}

/** A process is dead: what it held is charged with what is known of it. */
export interface RecoverOrder {
  readonly type: 'recover'
  readonly node: string
  readonly at: number
}

/** Time went on. */
export interface SweepOrder {
  readonly type: 'sweep'
  readonly at: number
}

/** Whether anything can be written. */
export interface ProbeOrder {
  readonly type: 'probe'
  readonly at: number
}

export type Order = HoldOrder | SettleOrder | ProgressOrder | TopUpOrder | RecoverOrder | SweepOrder | ProbeOrder

export interface Outcome {
  /** `maxTokens` may be less than was asked for: what the balance pays, and what the tokens a minute leave. */
  readonly hold: Granted | Refused
  /**
   * The charge; null when nothing was generated, and nothing is written. Settling again gives the first charge again. `lost`: its
   * process had been taken for dead, and the answer was charged with what was known of it then.
   */
  readonly settle: Micro | null | 'lost'
  readonly progress: undefined
  readonly 'top-up': { readonly balance: Micro }
  /** How many answers were recovered. */
  readonly recover: number
  readonly sweep: undefined
  readonly probe: undefined
}

interface Granted extends LimitsLeft {
  readonly granted: true
  readonly maxTokens: number
}

export interface Refused extends LimitsLeft {
  readonly granted: false
  /**
   * `money`: neither balance nor budgets pay for one token. `size`: no minute has so many tokens as the prompt may have. `rate` and
   * `concurrency` pass with time; with the second too many answers are open, or they hold all the money that there is. `coarse`: with a
   * better bound of the prompt it might be granted, or be granted more.
   */
  readonly why: 'money' | 'size' | 'rate' | 'concurrency' | 'coarse'
  readonly whose: ScopeType | 'user'
  /** Of `money`: what does not pay. */
  readonly spent?: 'balance' | 'budget'
  /** When it is worth another try. */
  readonly waitMs: number
  /** `size`: the tokens of a minute. */
  readonly limit?: number
}

export interface Book {
  carryOut<O extends Order>(order: O): Outcome[O['type']]
}

export function openBook(rows: Rows): Book {
  const windows = openWindows(rows)
  const ratesOf = (price: string | null): Rates => (price === null ? undefined : rows.rates(price)) ?? free

  const write = (
    entry: Pick<Entry, 'tenant' | 'at' | 'kind' | 'amount' | 'note'> &
      Partial<Pick<Entry, 'began' | 'request' | 'project' | 'key' | 'user' | 'model' | 'price' | 'usage'>>,
  ): Entry => {
    const { balance, lastSeq, head, currency } = rows.account(entry.tenant)
    const whole: Entry = { ...nobody, ...entry, seq: lastSeq + 1, balance: balance + entry.amount, currency }
    const hash = hashOf(whole, head ?? genesis)
    rows.addEntry(whole, hash)
    for (const sum of sumsOf(whole)) rows.addToSum(sum)
    rows.changeAccount(whole.tenant, { balance: whole.balance, lastSeq: whole.seq, head: hash })
    return whole
  }

  const close = (hold: Hold, usage: Usage, at: number, kind: 'usage' | 'recovered', note: string): Micro | null => {
    const { request, tenant, project, key, user, model, price } = hold
    const { held } = rows.account(tenant)
    const tokens = usage.promptTokens + usage.completionTokens
    const amount = -costOf(usage, ratesOf(price))
    rows.dropHold(hold)
    rows.changeAccount(tenant, { held: held - hold.amount })
    for (const scope of scopesOf(hold)) {
      windows.spend(scope, hold.at, -amount - hold.amount)
      if (hold.tokensOf.includes(scope.type)) windows.tokens(scope, hold.at, tokens - hold.tokens)
    }
    if (tokens === 0) return null
    write({ tenant, at, began: hold.at, kind, amount, note, request, project, key, user, model, price, usage })
    return -amount
  }

  /** The tokens that each of these pays for. */
  const paidBy = (purses: readonly Purse[], { promptTokensMax, maxTokens, price }: HoldOrder): number =>
    purses.reduce((tokens, { amount }) => affordable(amount, promptTokensMax, tokens, ratesOf(price)), maxTokens)

  const full = (whose: Refused['whose']): Refused => ({
    granted: false,
    why: 'concurrency',
    whose,
    waitMs: answerEndsMs,
  })

  /** What open answers hold and do not use comes back: that it is held is no reason to tell anybody that it is spent. */
  const unpaid = (order: HoldOrder, purses: readonly Purse[], heldOf: (scope: Scope) => Micro): Refused => {
    const back = purses.map((purse) => ({ ...purse, amount: purse.amount + heldOf(purse.whose) }))
    const empty = back.find((purse) => paidBy([purse], order) < 1)
    if (empty) return { granted: false, why: 'money', whose: empty.whose.type, spent: empty.what, waitMs: 0 }
    return full(purses.find((purse) => paidBy([purse], order) < 1)?.whose.type ?? 'tenant')
  }

  const tooMany = (scopes: readonly Limited[], user: string | null): Refused | undefined => {
    for (const { type, id, limits } of scopes) {
      const { concurrency, userConcurrency } = limits
      if (concurrency !== undefined && rows.running({ type, id }) >= concurrency) return full(type)
      if (type === 'key' && userConcurrency !== undefined)
        if (rows.running({ type: 'user', id, user }) >= userConcurrency) return full('user')
    }
    return undefined
  }

  const tooFast = (scopes: readonly Limited[], at: number): Refused | undefined => {
    for (const scope of scopes) {
      const waitMs = windows.late(scope, at)
      if (waitMs !== undefined) return { granted: false, why: 'rate', whose: scope.type, waitMs }
    }
    return undefined
  }

  /** @returns how many output tokens the minute has for this answer, of the `paid` ones */
  const withinMinute = (order: HoldOrder, scopes: readonly Limited[], paid: number): number | Refused => {
    const { at, promptTokensMax, leastTokens = order.maxTokens } = order
    const limited = scopes.flatMap((scope) => {
      const left = windows.tokensLeft(scope, at)
      const { tokensPerMinute: limit } = scope.limits
      return left === undefined || limit === undefined ? [] : [{ scope, left, limit }]
    })
    // What not even a whole minute has is not waited for.
    const least = Math.min(leastTokens, paid, ...limited.map(({ limit }) => limit - promptTokensMax))
    for (const { scope, left, limit } of limited) {
      const { type: whose } = scope
      if (limit <= promptTokensMax)
        return { granted: false, why: 'size', whose, waitMs: windows.tokensWaitMs(scope, at, limit), limit }
      const needed = promptTokensMax + least
      if (left < needed) return { granted: false, why: 'rate', whose, waitMs: windows.tokensWaitMs(scope, at, needed) }
    }
    return Math.min(paid, ...limited.map(({ left }) => left - promptTokensMax))
  }

  /** @returns how many output tokens the answer may have; changes nothing */
  const judge = (
    order: HoldOrder,
    { prepaid, balance, held }: Account,
    scopes: readonly Limited[],
  ): number | Refused => {
    const { tenant, user, at } = order
    const purses: readonly Purse[] = [
      ...(prepaid ? [{ what: 'balance', whose: { type: 'tenant', id: tenant }, amount: balance - held } as const] : []),
      ...scopes.flatMap((whose) => {
        const amount = windows.left(whose, at)
        return amount === undefined ? [] : [{ what: 'budget', whose, amount } as const]
      }),
    ]
    const paid = paidBy(purses, order)
    if (paid < 1) return unpaid(order, purses, (scope) => (scope.type === 'tenant' ? held : rows.heldBy(scope)))
    return tooMany(scopes, user) ?? tooFast(scopes, at) ?? withinMinute(order, scopes, paid)
  }

  const carryOut: { readonly [O in Order as O['type']]: (order: O) => Outcome[O['type']] } = {
    hold(order) {
      const { request, tenant, key, user, model, price, at, node, promptTokensMax, limits } = order
      const project = order.project?.id ?? null
      const account = rows.account(tenant)
      const limitsOf: Readonly<Record<ScopeType, UseLimits>> = {
        key: limits,
        project: order.project?.limits ?? {},
        tenant: JSON.parse(account.limits) as UseLimits,
      }
      const scopes = scopesOf({ key, project, tenant }).map((one): Limited => ({ ...one, limits: limitsOf[one.type] }))
      const maxTokens = judge(order, account, scopes)
      if (order.coarse && maxTokens !== order.maxTokens) {
        const atBest = judge({ ...order, promptTokensMax: 0 }, account, scopes)
        // That it never fits is not said on a guess.
        const final = typeof maxTokens !== 'number' && maxTokens.why === 'size'
        if (final || (typeof atBest === 'number' && (typeof maxTokens !== 'number' || atBest > maxTokens)))
          return { granted: false, why: 'coarse', whose: 'key', waitMs: 0 }
      }
      if (typeof maxTokens !== 'number') return { ...maxTokens, ...windows.remaining(scopes, at) }

      const amount = ceilingOf(promptTokensMax, maxTokens, ratesOf(price))
      const tokens = promptTokensMax + maxTokens
      const reserving = scopes.filter((scope) => scope.limits.tokensPerMinute !== undefined)
      for (const scope of scopes) {
        windows.request(scope, at)
        windows.spend(scope, at, amount)
      }
      for (const scope of reserving) windows.tokens(scope, at, tokens)
      const tokensOf = reserving.map(({ type }) => type)
      rows.addHold({
        request,
        tenant,
        project,
        key,
        user,
        model,
        price,
        amount,
        tokens,
        tokensOf,
        at,
        node,
        usage: noUsage,
      })
      rows.changeAccount(tenant, { held: account.held + amount })
      return { granted: true, maxTokens, ...windows.remaining(scopes, at) }
    },

    settle({ request, at, usage, outcome, keep }) {
      const hold = rows.hold(request)
      if (hold) {
        if (keep) rows.keepAnswer(hold.node, keep)
        return close(hold, usage, at, 'usage', outcome)
      }
      const charged = rows.charge(request)
      if (charged?.kind === 'usage') return -charged.amount
      return charged === undefined && usage.promptTokens + usage.completionTokens === 0 ? null : 'lost'
    },

    progress({ counts }) {
      for (const [request, usage] of counts) rows.noteProgress(request, usage)
      return undefined
    },

    'top-up': ({ tenant, at, amount, note }) => ({
      balance: write({ tenant, at, kind: 'top-up', amount, note }).balance,
    }),

    recover({ node, at }) {
      rows.dropUnfinished(node)
      const open = rows.holdsOf(node)
      for (const hold of open)
        close(hold, { ...hold.usage, estimated: true }, at, 'recovered', 'the process that served it died')
      return open.length
    },

    sweep({ at }) {
      windows.sweep(at)
      return undefined
    },

    probe({ at }) {
      rows.noteWritten(at)
      return undefined
    },
  }

  return {
    // The line of the table fits the order; TypeScript cannot follow that through the index.
    carryOut: <O extends Order>(order: O) =>
      (carryOut[order.type] as (order: Order) => unknown)(order) as Outcome[O['type']],
  }
}

const free: Rates = { input: 0n, cachedInput: 0n, output: 0n }
const nobody = {
  began: null,
  request: null,
  project: null,
  key: null,
  user: null,
  model: null,
  price: null,
  usage: null,
} as const
