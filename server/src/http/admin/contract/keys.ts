import { z } from 'zod'
import {
  givenAmount,
  givenTime,
  label,
  type Operations,
  ofTenant,
  pageOf,
  paging,
  sums,
  tenantId,
  time,
} from './operation.ts'

const many = z.int().min(1, 'must be a whole number from 1').max(999_999_999_999)

/** Of one key, or of all keys of a project or a tenant together. What is absent is not limited. */
export const limits = z
  .strictObject({
    concurrency: many.optional().describe('Answers at once; one more is refused (429).'),
    requestsPerMinute: many.optional(),
    tokensPerMinute: many.optional(),
    budget: z
      .strictObject({ day: givenAmount.optional(), month: givenAmount.optional(), total: givenAmount.optional() })
      .optional()
      .describe('The most that may be spent, in the currency of the prices; days and months are UTC.'),
  })
  .meta({ id: 'Limits' })

export const keyLimits = limits
  .extend({
    userConcurrency: many.optional().describe('Answers at once for each end user, by `user_id`.'),
  })
  .meta({ id: 'KeyLimits' })

const heartbeat = z
  .enum(['comment', 'line', 'chunk', 'off'])
  .describe('How silence is filled on the streams of this key.')

export const apiKey = z
  .object({
    id: z.string(),
    name: z.string(),
    tenant: tenantId,
    project: z
      .object({ id: z.string(), name: z.string(), archived: z.boolean().describe('The key is refused (401).') })
      .nullable(),
    display: z.string().describe('First characters and last four of the secret.'),
    status: z.enum(['active', 'expired', 'revoked']),
    models: z.array(z.string()).nullable().describe('The models it may use, by their ids. Null: all.'),
    limits: keyLimits,
    heartbeat,
    createdAt: time,
    expiresAt: time.nullable(),
    revokedAt: time.nullable(),
    lastUsedAt: time.nullable().describe('Up to a minute old.'),
    last30Days: sums,
  })
  .meta({ id: 'ApiKey' })

const settings = {
  models: z.array(z.string().min(1).max(128)).min(1, 'must name at least one model').max(1_000).nullable().optional(),
  limits: keyLimits.optional(),
  heartbeat: heartbeat.optional(),
  expiresAt: givenTime.nullable().optional(),
}

const byId = z.object({ id: z.string() })
const projectId = z.string().max(64)

export const keyOperations = {
  'GET /admin/keys': {
    id: 'listKeys',
    summary: 'API keys, newest first.',
    may: 'member',
    query: z.strictObject({
      ...ofTenant,
      project: projectId.optional().describe('The id of one.'),
      search: z.string().max(128).optional().describe('Part of the name, the id or the last four.'),
      status: z.enum(['active', 'expired', 'revoked']).optional(),
      ...paging,
    }),
    answer: pageOf(apiKey),
  },
  'POST /admin/keys': {
    id: 'createKey',
    summary: 'Make an API key. Its secret is told this once.',
    may: 'member',
    body: z.strictObject({
      name: label,
      tenant: tenantId.optional().describe('Default: `default`.'),
      project: projectId
        .optional()
        .describe('The id of one of its projects, which the key keeps for ever. Default: none.'),
      ...settings,
    }),
    status: 201,
    answer: z.object({ key: apiKey, secret: z.string() }),
  },
  'GET /admin/keys/{id}': { id: 'getKey', summary: 'One API key.', may: 'member', params: byId, answer: apiKey },
  'PATCH /admin/keys/{id}': {
    id: 'changeKey',
    summary: 'Change an API key. What is absent stays as it is; `limits` are replaced as a whole.',
    may: 'member',
    params: byId,
    body: z.strictObject({ name: label.optional(), ...settings }),
    answer: apiKey,
  },
  'POST /admin/keys/{id}/revoke': {
    id: 'revokeKey',
    summary: 'Revoke an API key. It stops at once, everywhere, and for good.',
    may: 'member',
    params: byId,
    answer: apiKey,
  },
} as const satisfies Operations
