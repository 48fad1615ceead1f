import { z } from 'zod'
import { givenTime, label, type Operations, tenantId, time } from './operation.ts'

export const role = z.enum(['administrator', 'member'])

/** Long enough that guessing is hopeless, with no rules about what must be in it. */
export const newPassword = z
  .string()
  .min(12, 'must have at least 12 characters')
  .max(256, 'must have at most 256 characters')

/** Who asks: a person who signed in, or an admin key. */
export const me = z
  .object({
    kind: z.enum(['person', 'key']),
    id: z.string(),
    name: z.string(),
    role,
    tenant: tenantId.nullable().describe('Null: all tenants.'),
    expiresAt: time.nullable().describe('When the session or the key ends.'),
  })
  .meta({ id: 'Me' })

/** An administrator belongs to no tenant, a member to one. */
const belonging = {
  role,
  tenant: tenantId.optional().describe('Of a member; an administrator has none.'),
}

export const person = z
  .object({
    id: z.string(),
    name: z.string(),
    role,
    tenant: tenantId.nullable(),
    disabled: z.boolean(),
    createdAt: time,
    lastSignInAt: time.nullable(),
  })
  .meta({ id: 'Person' })

const userName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._@+-]{0,127}$/, 'must be 1 to 128 letters, digits and any of . _ @ + -')

const byId = z.object({ id: z.string() })

export const adminKey = z
  .object({
    id: z.string(),
    name: z.string(),
    role,
    tenant: tenantId.nullable(),
    display: z.string().describe('First characters and last four of the secret.'),
    createdAt: time,
    createdBy: z.string(),
    expiresAt: time.nullable(),
    revokedAt: time.nullable(),
    lastUsedAt: time.nullable().describe('Up to a minute old.'),
  })
  .meta({ id: 'AdminKey' })

/** Who uses the console, and how they prove it. */
export const sessionOperations = {
  'POST /admin/session': {
    id: 'signIn',
    summary: 'Sign in. The answer sets the cookie of the session.',
    may: 'public',
    body: z.strictObject({ name: z.string().max(128), password: z.string().max(256) }),
    answer: me,
  },
  'GET /admin/session': { id: 'whoAmI', summary: 'Who is asking.', may: 'member', answer: me },
  'DELETE /admin/session': {
    id: 'signOut',
    summary: 'Sign out: this session ends.',
    may: 'member',
    status: 204,
    answer: 'nothing',
  },
  'DELETE /admin/sessions': {
    id: 'signOutEverywhere',
    summary: 'Sign out everywhere: all sessions of whoever asks end.',
    may: 'member',
    status: 204,
    answer: 'nothing',
  },
  'PUT /admin/password': {
    id: 'changePassword',
    summary: "Change one's own password. All other sessions of this person end.",
    may: 'member',
    body: z.strictObject({ current: z.string().max(256), password: newPassword }),
    status: 204,
    answer: 'nothing',
  },

  'GET /admin/people': {
    id: 'listPeople',
    summary: 'Everybody who may sign in.',
    may: 'administrator',
    answer: z.object({ items: z.array(person) }),
  },
  'POST /admin/people': {
    id: 'createPerson',
    summary: 'Let somebody sign in, with a password that they change later.',
    may: 'administrator',
    body: z.strictObject({ name: userName, password: newPassword, ...belonging }),
    status: 201,
    answer: person,
  },
  'PATCH /admin/people/{id}': {
    id: 'changePerson',
    summary: 'Change the role of a person, or whether they may sign in. Their sessions end.',
    may: 'administrator',
    params: byId,
    body: z.strictObject({
      role: role.optional(),
      tenant: tenantId.optional().describe('Of a member; needed when an administrator becomes one.'),
      disabled: z.boolean().optional(),
    }),
    answer: person,
  },
  'PUT /admin/people/{id}/password': {
    id: 'resetPassword',
    summary: 'Give a person a new password. Their sessions end.',
    may: 'administrator',
    params: byId,
    body: z.strictObject({ password: newPassword }),
    status: 204,
    answer: 'nothing',
  },

  'GET /admin/admin-keys': {
    id: 'listAdminKeys',
    summary: 'The keys with which scripts use this API.',
    may: 'administrator',
    answer: z.object({ items: z.array(adminKey) }),
  },
  'POST /admin/admin-keys': {
    id: 'createAdminKey',
    summary: 'Make an admin key. Its secret is told this once.',
    may: 'administrator',
    body: z.strictObject({ name: label, ...belonging, expiresAt: givenTime.optional() }),
    status: 201,
    answer: z.object({ key: adminKey, secret: z.string() }),
  },
  'POST /admin/admin-keys/{id}/revoke': {
    id: 'revokeAdminKey',
    summary: 'Revoke an admin key. It stops at once, everywhere.',
    may: 'administrator',
    params: byId,
    answer: adminKey,
  },
} as const satisfies Operations
