/**
 * The admin API: everything that the console does, and that a script can do with an admin key. The routes are registered from this
 * table, requests are checked by it, the OpenAPI document is made of it, and the console takes its types from it.
 *
 * Requests and answers are JSON in camelCase; moments are RFC 3339, money is decimal text. Errors have the shape of `/v1`:
 * `adminError`. A request is authorised by an admin key (`Authorization: Bearer`) or by the cookie of a session; with the cookie,
 * whatever is not a GET must carry the header `x-tidegate-console: 1`.
 */
import { z } from 'zod'
import { type apiKey, keyOperations } from './contract/keys.ts'
import type { Operation, sums } from './contract/operation.ts'
import { type project, projectOperations } from './contract/projects.ts'
import { type auditLine, type conformance, type model, serviceOperations } from './contract/service.ts'
import { type adminKey, type me, type person, sessionOperations } from './contract/session.ts'
import { type entry, tenantOperations } from './contract/tenants.ts'
import { type requestDetail, type requestLine, usageOperations } from './contract/usage.ts'

export const operations = {
  ...sessionOperations,
  ...keyOperations,
  ...projectOperations,
  ...tenantOperations,
  ...usageOperations,
  ...serviceOperations,
}

export const adminError = z.object({
  error: z.object({
    message: z.string().describe('For people, in English; names the field that is wrong.'),
    type: z.string(),
    param: z.string().nullable().describe('The field that is wrong, such as `limits.budget.day`.'),
    code: z.string().describe('For programs, such as `sign_in_required`.'),
  }),
})

type All = typeof operations
/** Such as `GET /admin/keys`. */
export type OperationName = keyof All

type Member<N extends OperationName, K extends keyof Operation> = All[N] extends { readonly [P in K]: infer S }
  ? S extends z.ZodType
    ? S
    : never
  : never

/** What stands in the braces of the path; never where nothing does. */
export type ParamsOf<N extends OperationName> = z.input<Member<N, 'params'>>
export type QueryOf<N extends OperationName> = z.input<Member<N, 'query'>>
/** As a handler gets it, with what was absent and has a default. */
export type QueryOutput<N extends OperationName> = z.output<Member<N, 'query'>>
export type BodyOf<N extends OperationName> = z.input<Member<N, 'body'>>
/** JSON of this shape; undefined where nothing is answered, a file or a completion. */
export type AnswerOf<N extends OperationName> = All[N]['answer'] extends z.ZodType
  ? z.output<All[N]['answer']>
  : undefined

export type AdminError = z.output<typeof adminError>
export type Sums = z.output<typeof sums>
export type Me = z.output<typeof me>
export type Person = z.output<typeof person>
export type AdminKey = z.output<typeof adminKey>
export type ApiKey = z.output<typeof apiKey>
export type Project = z.output<typeof project>
export type LedgerEntry = z.output<typeof entry>
export type RequestLine = z.output<typeof requestLine>
export type RequestDetail = z.output<typeof requestDetail>
export type ModelLook = z.output<typeof model>
export type EngineLook = AnswerOf<'GET /admin/engines'>['items'][number]
export type Conformance = z.output<typeof conformance>
export type AuditLine = z.output<typeof auditLine>
export type Tenant = AnswerOf<'GET /admin/tenants'>['items'][number]
export type EndUser = AnswerOf<'GET /admin/end-users'>['items'][number]
export type UsageSeries = AnswerOf<'GET /admin/usage'>['series'][number]
