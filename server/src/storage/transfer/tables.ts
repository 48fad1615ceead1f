/** What goes from one database to another. */
import type { Schema } from '../schema.ts'

type Table = keyof Schema

/** Each behind those that it refers to. */
export const copiedTables = [
  'meta',
  'tenants',
  'projects',
  'api_keys',
  'blocked_users',
  'prices',
  'accounts',
  'counters',
  'holds',
  'ledger',
  'ledger_sums',
  'kept_answers',
  'kept_reasoning',
  'people',
  'sessions',
  'sign_in_tries',
  'admin_keys',
  'audit_trail',
  'check_reports',
  'requests',
  'recordings',
  'usage_sums',
  'first_tokens',
  'error_codes',
] as const satisfies readonly Table[]

/** What stays, and why: whoever adds a table says which of the two it is, or nothing compiles. */
export const leftTables: Readonly<Record<Exclude<Table, (typeof copiedTables)[number]>, string>> = {
  nodes: 'who is alive there is not alive here; what they held is charged as of the dead',
}
