/** Reading the ledger back: whether it is whole, and what it says. */
import type { Selectable } from 'kysely'
import type { Schema } from '../storage/schema.ts'
import type { Storage } from '../storage/storage.ts'
import { type Entry, type EntryKind, genesis, hashOf } from './entry.ts'
import { decimalOf } from './money.ts'
import { wholeOf } from './whole.ts'

export interface Sealed {
  readonly entry: Entry
  readonly hash: Uint8Array
}

/** Entries that are read at once. */
const pageSize = 1_000

/**
 * @returns the entries of a tenant, or of all tenants one after the other, oldest first; read as they are asked for, so that some
 * that are written meanwhile may be among them
 */
export async function* entriesOf({ read }: Pick<Storage, 'read'>, tenant?: string): AsyncGenerator<Sealed> {
  for (let last: Entry | undefined; ; ) {
    const page = await entriesBehind(read, last, tenant)
    yield* page
    if (page.length < pageSize) return
    last = page.at(-1)?.entry
  }
}

/** Names an entry. */
export type EntryPlace = Pick<Entry, 'tenant' | 'seq'>

/** @returns the next entries behind one, of its tenant and those after it; from the first on without one */
export async function entriesBehind(
  read: Storage['read'],
  last: EntryPlace | undefined,
  tenant: string | undefined,
): Promise<readonly Sealed[]> {
  let page = selectEntries(read).orderBy('tenant').orderBy('seq').limit(pageSize)
  if (tenant !== undefined) page = page.where('tenant', '=', tenant)
  if (last) {
    const { tenant: lastTenant, seq } = last
    page = page.where(({ eb, refTuple, tuple }) => eb(refTuple('tenant', 'seq'), '>', tuple(lastTenant, seq)))
  }
  return (await page.execute()).map(sealedOf)
}

export const selectEntries = (read: Storage['read']) =>
  read
    .selectFrom('ledger')
    .select(['tenant', 'seq', 'at', 'began', 'kind', wholeOf('amount'), wholeOf('balance'), 'currency'])
    .select(['request', 'project', 'key', 'user_id', 'model', 'price', 'note', 'hash'])
    .select(['prompt_tokens', 'cached_tokens', 'completion_tokens', 'reasoning_tokens', 'estimated'])

export const sealedOf = (row: EntryRow & { readonly hash: Uint8Array }): Sealed => ({
  entry: entryOf(row),
  hash: row.hash,
})

type EntryRow = Omit<Selectable<Schema['ledger']>, 'amount' | 'balance' | 'hash'> &
  Readonly<Record<'amount' | 'balance', string>>

const entryOf = (row: EntryRow): Entry => ({
  tenant: row.tenant,
  seq: row.seq,
  at: row.at,
  began: row.began,
  kind: row.kind as EntryKind,
  amount: BigInt(row.amount),
  balance: BigInt(row.balance),
  currency: row.currency,
  request: row.request,
  project: row.project,
  key: row.key,
  user: row.user_id,
  model: row.model,
  price: row.price,
  usage:
    row.prompt_tokens === null
      ? null
      : {
          promptTokens: row.prompt_tokens,
          cachedTokens: row.cached_tokens ?? 0,
          completionTokens: row.completion_tokens ?? 0,
          reasoningTokens: row.reasoning_tokens ?? 0,
          ...(row.estimated === 1 && { estimated: true }),
        },
  note: row.note,
})

export interface Verdict {
  readonly entries: number
  readonly tenants: number
  /** One sentence for each thing that is wrong; of a tenant only the first. */
  readonly problems: readonly string[]
}

/**
 * Whether every tenant's entries are all there, unchanged and in their order, whether the balances add up, and whether the accounts
 * stand where the entries end. Reads all of it, while it is written or not.
 */
export async function verifyLedger(storage: Pick<Storage, 'read'>): Promise<Verdict> {
  const problems: string[] = []
  const ends = new Map<string, End>()
  const before = await standingsOf(storage)
  let entries = 0
  for await (const { entry, hash } of entriesOf(storage)) {
    entries++
    const { tenant, seq, balance } = entry
    const end = ends.get(tenant) ?? start
    const problem = end.broken ? undefined : problemOf(entry, hash, end)
    if (problem) problems.push(`${tenant}: entry ${seq} ${problem}`)
    // Where the account stood: entries behind it were written since.
    const standing = before.get(tenant)
    const stood = standing?.seq === seq ? { balance, hash } : end.stood
    ends.set(tenant, { seq, balance, hash, stood, broken: end.broken || problem !== undefined })
  }
  const after = await standingsOf(storage)
  for (const [tenant, { seq, balance, head }] of before) {
    const end = ends.get(tenant) ?? start
    if (end.broken) continue
    const { stood } = end
    if (!sameBytes(head, stood?.hash) || (after.get(tenant)?.seq ?? 0) < end.seq)
      problems.push(`${tenant}: the last entry is number ${seq}, but the ledger ends at ${end.seq}`)
    else if (balance !== (stood?.balance ?? 0n)) problems.push(`${tenant}: the balance is not that of the last entry`)
  }
  return { entries, tenants: ends.size, problems }
}

interface End {
  readonly seq: number
  readonly balance: bigint
  readonly hash: Uint8Array
  /** At the entry that was the account's last one when the reading began. */
  readonly stood: { readonly balance: bigint; readonly hash: Uint8Array } | undefined
  readonly broken: boolean
}

const start: End = { seq: 0, balance: 0n, hash: genesis, stood: undefined, broken: false }

async function standingsOf({ read }: Pick<Storage, 'read'>) {
  const rows = await read
    .selectFrom('accounts')
    .select(['tenant', wholeOf('balance'), 'last_seq', 'head'])
    .execute()
  return new Map(
    rows.map(({ tenant, balance, last_seq: seq, head }) => [tenant, { seq, balance: BigInt(balance), head }]),
  )
}

function problemOf(entry: Entry, hash: Uint8Array, before: End): string | undefined {
  if (entry.seq !== before.seq + 1) return `follows number ${before.seq}: entries are missing`
  if (entry.balance !== before.balance + entry.amount) return 'has a balance that does not add up'
  return sameBytes(hash, hashOf(entry, before.hash)) ? undefined : 'was changed, or one before it was'
}

const sameBytes = (a: Uint8Array | null | undefined, b: Uint8Array | null | undefined): boolean =>
  a && b ? Buffer.compare(a, b) === 0 : !a && !b

/** How an entry is exported: every amount in full, so that a spreadsheet and a script read the same. */
export const columns = [
  'tenant',
  'seq',
  'at',
  'began',
  'kind',
  'amount',
  'balance',
  'currency',
  'request',
  'key',
  'user',
  'model',
  'price',
  'prompt_tokens',
  'cached_tokens',
  'completion_tokens',
  'reasoning_tokens',
  'estimated',
  'note',
  'hash',
  // Behind those that were there before it: scripts count columns.
  'project',
] as const

type Exported = Readonly<Record<(typeof columns)[number], string | number | boolean | null>>

export function exported({ entry, hash }: Sealed): Exported {
  const { usage, at, began, amount, balance, ...rest } = entry
  return {
    ...rest,
    at: new Date(at).toISOString(),
    began: began === null ? null : new Date(began).toISOString(),
    amount: decimalOf(amount),
    balance: decimalOf(balance),
    prompt_tokens: usage?.promptTokens ?? null,
    cached_tokens: usage?.cachedTokens ?? null,
    completion_tokens: usage?.completionTokens ?? null,
    reasoning_tokens: usage?.reasoningTokens ?? null,
    estimated: usage ? (usage.estimated ?? false) : null,
    hash: Buffer.from(hash).toString('hex'),
  }
}
