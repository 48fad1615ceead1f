/** What people want to see of the ledger: pages of it. */
import type { Kysely } from 'kysely'
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
