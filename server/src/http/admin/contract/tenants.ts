import { z } from 'zod'
import { limits } from './keys.ts'
import {
  amount,
  label,
  type Operations,
  ofTenant,
  pageOf,
  paging,
  since,
  sums,
  tenantId,
  time,
  tokens,
} from './operation.ts'

const balance = z
  .object({
    currency: z.string().describe('ISO 4217.'),
    balance: amount,
    held: amount.describe('What open answers may still cost.'),
    prepaid: z.boolean().describe('Nothing is served beyond the balance (402).'),
  })
  .meta({ id: 'Balance' })

const tenant = z
  .object({
    id: tenantId,
    name: z.string(),
    createdAt: time,
    account: balance,
    limits,
    keys: z.int().describe('How many may be used.'),
    last30Days: sums,
  })
  .meta({ id: 'Tenant' })

export const entry = z
  .object({
    tenant: tenantId,
    seq: z.int().describe('1, 2, 3, … for each tenant, without a gap.'),
    at: time,
    kind: z.string().describe('`usage`, `recovered`, `top-up`, and what may come.'),
    amount: amount.describe('What the balance changed by: negative for a charge.'),
    balance: amount.describe('Behind this entry.'),
    currency: z.string(),
    requestId: z.string().nullable(),
    projectId: z.string().nullable(),
    keyId: z.string().nullable(),
    userId: z.string().nullable(),
    model: z.string().nullable(),
    tokens: tokens.nullable(),
    estimated: z.boolean().describe('The tokens were counted by us, not by the engine.'),
    note: z.string(),
    hash: z.string(),
  })
  .meta({ id: 'LedgerEntry' })

/** What the API lets requests carry. */
export const userId = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,512}$/, 'must be 1 to 512 letters, digits, dashes and underscores')

const endUser = z
  .object({
    tenant: tenantId,
    userId: z.string(),
    blockedAt: time.nullable().describe('Null: not blocked.'),
    lastUsedAt: time.nullable(),
    last30Days: sums,
  })
  .meta({ id: 'EndUser' })

const ofPath = z.object({ tenant: tenantId })
const file = { format: z.enum(['csv', 'jsonl']).default('csv') }

export const tenantOperations = {
  'GET /admin/tenants': {
    id: 'listTenants',
    summary: 'Tenants with their balances. A member sees its own.',
    may: 'member',
    query: z.strictObject({ search: z.string().max(128).optional(), ...paging }),
    answer: pageOf(tenant),
  },
  'POST /admin/tenants': {
    id: 'createTenant',
    summary: 'Make a tenant.',
    may: 'administrator',
    body: z.strictObject({
      id: tenantId,
      name: label.optional().describe('For people. Default: the id.'),
      prepaid: z.boolean().optional(),
      limits: limits.optional(),
    }),
    status: 201,
    answer: tenant,
  },
  'GET /admin/tenants/{tenant}': {
    id: 'getTenant',
    summary: 'One tenant.',
    may: 'member',
    params: ofPath,
    answer: tenant,
  },
  'PATCH /admin/tenants/{tenant}': {
    id: 'changeTenant',
    summary: 'Change a tenant. What is absent stays as it is; `limits` are replaced as a whole.',
    may: 'administrator',
    params: ofPath,
    body: z.strictObject({ name: label.optional(), prepaid: z.boolean().optional(), limits: limits.optional() }),
    answer: tenant,
  },
  'POST /admin/tenants/{tenant}/top-ups': {
    id: 'topUp',
    summary: 'Enter money that came in; a negative amount takes it back.',
    may: 'administrator',
    params: ofPath,
    body: z.strictObject({
      amount: z
        .string()
        .regex(/^-?\d{1,12}(\.\d{1,6})?$/, 'must be an amount such as "25" or "-0.5", with at most six decimals'),
      note: z
        .string()
        .max(500)
        .regex(/^[^\p{Cc}]*$/u, 'must be one line')
        .default(''),
    }),
    status: 201,
    answer: balance,
  },

  'GET /admin/ledger': {
    id: 'listEntries',
    summary: 'Entries of the ledger of a tenant, newest first. Administrators must name the tenant.',
    may: 'member',
    query: z.strictObject({
      ...ofTenant,
      kind: z.string().max(32).optional(),
      from: since.optional(),
      to: since.optional(),
      ...paging,
    }),
    answer: pageOf(entry),
  },
  'GET /admin/ledger/export': {
    id: 'exportLedger',
    summary: 'All entries, oldest first, with all that their hashes cover.',
    may: 'member',
    query: z.strictObject({ ...ofTenant, ...file }),
    answer: 'file',
  },
  'POST /admin/ledger/verify': {
    id: 'verifyLedger',
    summary: 'Read all entries: are they all there, unchanged, and do the balances add up?',
    may: 'administrator',
    answer: z.object({
      entries: z.int(),
      tenants: z.int(),
      problems: z.array(z.string()).describe('Empty: the ledger is whole.'),
    }),
    audited: false,
  },

  'GET /admin/end-users': {
    id: 'listEndUsers',
    summary: 'The `user_id`s of requests in the last 30 days, who used most first; or those that are blocked.',
    may: 'member',
    query: z.strictObject({
      ...ofTenant,
      search: z.string().max(512).optional().describe('The beginning of the `user_id`.'),
      blocked: z.boolean().optional().describe('True: those that are blocked, the latest first. False: without them.'),
      ...paging,
    }),
    answer: pageOf(endUser),
  },
  'PUT /admin/tenants/{tenant}/blocked-users/{userId}': {
    id: 'blockEndUser',
    summary: 'Refuse the requests of a `user_id` (403), from now on, everywhere.',
    may: 'member',
    params: z.object({ tenant: tenantId, userId }),
    status: 204,
    answer: 'nothing',
  },
  'DELETE /admin/tenants/{tenant}/blocked-users/{userId}': {
    id: 'unblockEndUser',
    summary: 'Serve the requests of a `user_id` again.',
    may: 'member',
    params: z.object({ tenant: tenantId, userId }),
    status: 204,
    answer: 'nothing',
  },
} as const satisfies Operations
