/** What is done for every operation around its handler: who asks, may they, is it well said, and a line in the audit trail. */
import type { z } from 'zod'
import type { Budget } from '../../lib/budget.ts'
import { defectOf } from '../../lib/defect.ts'
import type { AuditLine, AuditTrail } from '../../tenancy/people/audit-trail.ts'
import { type Encoded, sendEncoded, sendJson } from '../answer.ts'
import { type BodyLimits, readJson } from '../body.ts'
import type { Exchange, OpenHandler } from '../exchange.ts'
import { type Actor, type ActorParts, actorOf } from './actor.ts'
import type { Client } from './client.ts'
import type { Operation } from './contract/operation.ts'
import type { AnswerOf, OperationName, operations } from './contract.ts'
import { AdminError, sendAdminError } from './errors.ts'
import { sayPrivate } from './headers.ts'
import { checked, queryReader } from './input.ts'

type All = typeof operations
type Output<N extends OperationName, K extends string> = All[N] extends { readonly [P in K]: infer S extends z.ZodType }
  ? z.output<S>
  : undefined

/** What the audit trail says beside what the request says. */
interface Notes {
  actor?: AuditLine['actor']
  tenant?: string | null
  subject?: string
  detail?: Readonly<Record<string, unknown>>
}

export interface Ask<N extends OperationName> {
  /** Nobody only where the operation is public. */
  readonly actor: All[N]['may'] extends 'public' ? undefined : Actor
  /** The one tenant whose things may be looked at; undefined: all. Whoever queries anything passes it on. */
  readonly scope: string | undefined
  readonly params: Output<N, 'params'>
  readonly query: Output<N, 'query'>
  /** Not of what is answered by `/v1`, which reads it itself. */
  readonly body: Output<N, 'body'>
  readonly client: Client
  readonly exchange: Exchange
  readonly notes: Notes
}

type Said<N extends OperationName> = AnswerOf<N> | (AnswerOf<N> extends undefined ? never : Encoded<AnswerOf<N>>)
/** Where the answer is neither JSON nor nothing, the handler writes it. */
export type Handler<N extends OperationName> = (ask: Ask<N>) => Promise<Said<N>> | Said<N>
export type HandlersOf<N extends OperationName> = { readonly [K in N]: Handler<K> }

export interface RunParts extends ActorParts {
  readonly trail: Pick<AuditTrail, 'add'>
  readonly clientOf: (request: Exchange['request']) => Client
  readonly limits: BodyLimits
  readonly bodies: Budget
  readonly log: { error(line: object, message: string): void }
}

/** Nothing that is sent to the admin API is large. */
const bodyBytesMax = 256 * 1024

export function running<N extends OperationName>(name: N, operation: Operation, handler: Handler<N>, parts: RunParts) {
  const { params, query, body, may, answer, status = 200 } = operation
  const readQuery = query && queryReader(query)
  const limits = { ...parts.limits, maxBodyBytes: Math.min(parts.limits.maxBodyBytes, bodyBytesMax) }

  const handle: OpenHandler = async (exchange) => {
    const client = parts.clientOf(exchange.request)
    sayPrivate(exchange.response, client)
    let actor: Actor | undefined
    const notes: Notes = {}
    const given: Record<string, unknown> = {}
    try {
      if (may !== 'public') actor = await actorOf(exchange.request, parts)
      if (actor && may === 'administrator') requireAdministrator(actor)
      const placed = own(params && checked(params, exchange.params), params, actor)
      Object.assign(given, placed)
      const queried = own(readQuery?.(exchange.request.url ?? ''), query, actor)
      const reads = body && answer !== 'completion'
      const said = own(reads && checked(body, await readJson(exchange, limits, parts.bodies)), body, actor)
      Object.assign(given, said)
      const ask = {
        actor,
        scope: actor?.tenant ?? tenantIn(placed) ?? tenantIn(queried),
        params: placed,
        query: queried,
        body: said,
        client,
        exchange,
        notes,
      }
      const answered = await handler(ask as unknown as Ask<N>)
      if (isAudited(name, operation)) await audit('done', answered)
      if (answer === 'nothing') exchange.response.writeHead(status).end()
      else if (answered instanceof Uint8Array) sendEncoded(exchange, status, answered)
      else if (typeof answer !== 'string') sendJson(exchange, status, answered)
    } catch (error) {
      if (!(error instanceof AdminError)) throw error
      if (actor && error.code === 'permission-denied') await audit('refused', undefined)
      exchange.notes.failure = error.code
      sendAdminError(exchange, error)
    }

    /** What was done is done, also where that cannot be written down. */
    async function audit(outcome: AuditLine['outcome'], answered: unknown): Promise<void> {
      const line: AuditLine = {
        actor: notes.actor ?? (actor ? { kind: actor.kind, id: actor.id, name: actor.name } : nobody),
        operation: operation.id,
        tenant: notes.tenant ?? tenantIn({ ...given, ...Object(answered) }) ?? actor?.tenant ?? null,
        subject: notes.subject ?? subjectOf(exchange.params, answered),
        outcome,
        detail: notes.detail ?? withoutSecrets(given),
        address: client.address,
      }
      await parts.trail
        .add(line)
        .catch((error) => parts.log.error({ request: exchange.id, defect: defectOf(error) }, 'an audit line was lost'))
    }
  }
  return handle
}

const nobody: AuditLine['actor'] = { kind: 'nobody', id: null, name: '' }

const isAudited = (name: string, { audited }: Operation): boolean => audited !== false && !name.startsWith('GET ')

function requireAdministrator(actor: Actor): void {
  if (actor.role !== 'administrator') throw new AdminError('permission-denied', 'Only administrators may do this.')
}

/**
 * The one place where a tenant is kept from the things of another: whatever names a tenant passes here. Where a member names none,
 * its own is meant.
 * @throws AdminError permission-denied
 */
function own<T>(value: T, schema: z.ZodType | undefined, actor: Actor | undefined): T {
  if (actor?.role !== 'member' || !takesTenant(schema)) return value
  const tenant = tenantIn(value)
  if (tenant === undefined) return { ...value, tenant: actor.tenant }
  if (tenant !== actor.tenant)
    throw new AdminError('permission-denied', `You may only see the tenant '${actor.tenant}'.`, { param: 'tenant' })
  return value
}

const takesTenant = (schema: z.ZodType | undefined): boolean =>
  schema !== undefined && 'shape' in schema && Object.hasOwn(Object(schema.shape), 'tenant')

function tenantIn(value: unknown): string | undefined {
  const tenant = typeof value === 'object' && value !== null && 'tenant' in value ? value.tenant : undefined
  return typeof tenant === 'string' ? tenant : undefined
}

function subjectOf(params: Exchange['params'], answered: unknown): string | null {
  const { id, userId, tenant } = params
  if (id ?? userId ?? tenant) return id ?? userId ?? tenant ?? null
  const { id: made, key } = Object(answered) as { id?: unknown; key?: { id?: unknown } }
  const found = made ?? key?.id
  return typeof found === 'string' ? found : null
}

const secrets = ['password', 'current']

const withoutSecrets = (given: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(given).filter(([name]) => !secrets.includes(name)))
