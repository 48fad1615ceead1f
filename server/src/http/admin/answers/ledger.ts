/** The ledger as a file, written down where it is read. */
import type { Kysely } from 'kysely'
import { columns, type EntryPlace, entriesBehind, exported } from '../../../ledger/audit.ts'
import type { Schema } from '../../../storage/schema.ts'
import { type FileFormat, tableText } from '../file.ts'

interface TableQuestion {
  readonly tenant: string | undefined
  readonly behind: EntryPlace | undefined
  readonly format: FileFormat
}

export const ledgerFiles = (read: Kysely<Schema>) => ({
  /** `last` is absent behind the last entry. */
  async ledgerTable({ tenant, behind, format }: TableQuestion) {
    const entries = await entriesBehind(read, behind, tenant)
    const last = entries.at(-1)?.entry
    const text = new TextEncoder().encode(tableText(format, columns, entries.map(exported)))
    return { text, last: last && { tenant: last.tenant, seq: last.seq } }
  },
})
