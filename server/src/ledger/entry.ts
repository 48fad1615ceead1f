/** What the ledger says, one line after the other for each tenant; nothing is ever changed or taken out. */
import { createHash } from 'node:crypto'
import type { Usage } from '../completion/usage.ts'
import type { Micro } from './money.ts'

export type EntryKind =
  /** An answer was charged when it ended. */
  | 'usage'
  /** The process that served it died; charged with what was known of it by then. */
  | 'recovered'
  /** Money came in, or was taken back by the operator. */
  | 'top-up'

export interface Entry {
  readonly tenant: string
  /** 1, 2, 3, … for each tenant, without a gap. */
  readonly seq: number
  /** Milliseconds since 1970. */
  readonly at: number
  /** Of an answer: when it began. */
  readonly began: number | null
  readonly kind: EntryKind
  /** What the balance changes by: negative for a charge. */
  readonly amount: Micro
  /** The balance behind this entry. */
  readonly balance: Micro
  readonly currency: string
  /** Of an answer: `x-request-id`. */
  readonly request: string | null
  readonly project: string | null
  readonly key: string | null
  readonly user: string | null
  readonly model: string | null
  readonly price: string | null
  readonly usage: Usage | null
  /** Of an answer: how it ended. Of a top-up: the operator's note. */
  readonly note: string
}

export const genesis: Uint8Array = new Uint8Array(32)

/**
 * A project is said only where there is one: what was entered before there were any keeps its hash.
 * @returns SHA-256 over the hash of the tenant's entry before and everything that this one says: whoever changes one, changes all behind it
 */
export function hashOf(entry: Entry, before: Uint8Array): Uint8Array {
  const { tenant, seq, at, began, kind, amount, balance, currency, request, key, user, model, price, usage, note } =
    entry
  const { project } = entry
  const counts = usage && [
    usage.promptTokens,
    usage.cachedTokens,
    usage.completionTokens,
    usage.reasoningTokens,
    usage.estimated ? 1 : 0,
  ]
  const said = [
    tenant,
    seq,
    at,
    began,
    kind,
    `${amount}`,
    `${balance}`,
    currency,
    request,
    key,
    user,
    model,
    price,
    counts,
    note,
    ...(project === null ? [] : [project]),
  ]
  return createHash('sha256').update(before).update(JSON.stringify(said)).digest()
}
