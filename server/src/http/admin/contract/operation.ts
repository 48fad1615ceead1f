import { z } from 'zod'

/** `public` needs nobody; a member sees and changes what is its tenant's; an administrator everything. */
export type May = 'public' | 'member' | 'administrator'

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** How an operation is asked for, e.g. `PATCH /admin/keys/{id}`. It is also its name, for the server as for the console. */
export type OperationPath = `${Method} /admin/${string}`

/** One thing that a person in the console, or a script with an admin key, can do. */
export interface Operation {
  /** In the OpenAPI document, and in the audit trail. Unique. */
  readonly id: string
  readonly summary: string
  readonly may: May
  /** What stands in the braces of the path. */
  readonly params?: z.ZodObject
  readonly query?: z.ZodObject
  readonly body?: z.ZodType
  /** Of the answer when all went well; 200 unless it says otherwise. */
  readonly status?: 201 | 202 | 204
  /** JSON of this shape; a file that is written as it is read; or what `POST /v1/chat/completions` answers. */
  readonly answer: z.ZodType | 'file' | 'completion' | 'nothing'
  /** False: it changes nothing, whatever its method, and leaves no line in the audit trail. */
  readonly audited?: false
}

export type Operations = Readonly<Record<OperationPath, Operation>>

/** A moment, as RFC 3339 in UTC: `2026-11-29T07:40:00.000Z`. */
export const time = z.iso.datetime()

/** A day or a moment, as people and scripts ask for it. */
export const since = z.union(
  [z.iso.date(), z.iso.datetime({ offset: true })],
  'must be a day or a time such as 2026-11-29 or 2026-11-29T12:00:00Z',
)

/** A moment that somebody gives. */
export const givenTime = z.iso.datetime({ offset: true, error: 'must be a time such as 2026-11-29T12:00:00Z' })

/** Money as a decimal with six places, such as `-0.001234`, in the currency of the prices: never a rounded double. */
export const amount = z.string().regex(/^-?\d+\.\d{6}$/)

/** Money that somebody writes, such as `25` or `0.5`. */
export const givenAmount = z
  .string()
  .regex(/^\d{1,12}(\.\d{1,6})?$/, 'must be an amount such as "25" or "0.5", with at most six decimals')

export const tenantId = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'must be 1 to 64 letters, digits, dots, dashes and underscores')

/** A name that people gave something. */
export const label = z
  .string()
  .trim()
  .min(1, 'must not be empty')
  .max(128, 'must have at most 128 characters')
  .regex(/^[^\p{Cc}]*$/u, 'must not hold control characters')

/** Lists come in pages: what `next` says is sent back as `cursor`. */
export const paging = {
  cursor: z.string().max(512).optional().describe('What `next` of the page before said.'),
  limit: z.int().min(1).max(200).default(50).describe('Items in a page.'),
}

export const pageOf = <S extends z.ZodType>(item: S) =>
  z.object({
    items: z.array(item),
    next: z.string().nullable().describe('The cursor of the next page; null on the last one.'),
  })

/** What an administrator may add to look at one tenant only; a member always looks at its own. */
export const ofTenant = { tenant: tenantId.optional().describe('One tenant only. Members: their own, always.') }

export const tokens = z.object({
  input: z.int().describe('Tokens of prompts, cached ones among them.'),
  cachedInput: z.int(),
  output: z.int().describe('Tokens of answers, reasoning among them.'),
  reasoning: z.int(),
})

/** What was used, summed. */
export const sums = z
  .object({
    requests: z.int(),
    tokens,
    cost: amount,
  })
  .meta({ id: 'Sums' })
