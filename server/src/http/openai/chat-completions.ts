import { createHash } from 'node:crypto'
import { ServeError } from '../../completion/failure.ts'
import type { Limits } from '../../completion/limits.ts'
import type { Call, Room, Serve, Tell } from '../../completion/serve.ts'
import type { Catalog, Model } from '../../engines/catalog.ts'
import type { Once } from '../../gateway/once.ts'
import type { Budget } from '../../lib/budget.ts'
import { hexId } from '../../lib/ids.ts'
import type { Key } from '../../tenancy/key.ts'
import { readJson } from '../body.ts'
import type { Exchange, KeyedHandler } from '../exchange.ts'
import { decodeChat } from './decode.ts'
import { deliver } from './deliver.ts'
import { type AnswerHead, bodyEncoder, streamEncoder } from './encode.ts'
import { sendFailure } from './errors.ts'
import { logged, type RequestLog } from './log-request.ts'
import { findModel, requireUse } from './models.ts'
import { sayLimits } from './rate-limit-headers.ts'
import { sayStandIn } from './stand-in.ts'
import { toCompletion } from './to-completion.ts'

export interface ChatParts {
  readonly catalog: Catalog
  readonly serve: Serve
  /** What else may forbid a request, such as a blocked `user_id`. @throws ServeError `permission-denied` */
  readonly authorize?: (key: Key, model: Model, userId: string | undefined) => void | Promise<void>
  /** HMAC of key owner and end user (contract C98). */
  readonly namespaceOf: (key: Key, userId: string | undefined) => string
  /** Makes the answer to one Idempotency-Key once. */
  readonly once: Once
  readonly limits: Limits
  readonly requestLog: RequestLog
  /** Bodies are kept beside the answers to them. */
  readonly recordsPrompts?: boolean
  /** What all request bodies may keep in memory together, in bytes. */
  readonly bodies: Budget
}

/** `POST /v1/chat/completions`. The order of the lines is the order of the checks (contract C5); the key was checked before. */
export const postChatCompletions = (parts: ChatParts): KeyedHandler =>
  logged(parts.requestLog, async (exchange, key, seen) => {
    const created = Math.floor(Date.now() / 1000)
    const idempotencyKey = idempotencyKeyOf(exchange)
    const json = await readJson(exchange, parts.limits, parts.bodies)
    if (parts.recordsPrompts) seen.json = json
    const body = decodeChat(json)
    seen.body = body

    const { model, alias } = findModel(parts.catalog, body.model)
    exchange.notes.model = model.id
    seen.model = model.id
    sayStandIn(exchange, model)
    requireUse(key, model)
    await parts.authorize?.(key, model, body.userId)
    const request = toCompletion(body, model, alias, parts.limits)
    seen.thinking = request.thinking.enabled

    const head: AnswerHead = {
      id: hexId('chatcmpl-', 32),
      created,
      model: body.model,
      fingerprint: model.fingerprint,
      thinking: request.thinking.enabled,
      logprobs: request.logprobs !== undefined,
      heartbeat: key.settings.heartbeat ?? 'comment',
    }
    const run = (signal: AbortSignal, tell: Tell, { keep, room }: Pick<Call, 'keep' | 'room'>) => {
      exchange.completed = true
      seen.ended = new Promise((resolve) => (seen.trace.onEnded = resolve))
      const call: Call = {
        id: exchange.id,
        trace: seen.trace,
        tenant: key.tenant,
        keyId: key.id,
        limits: key.settings,
        ...(key.project && { project: key.project }),
        onLimits: (left) => sayLimits(exchange, left),
        whole: !body.stream,
        ...(body.userId !== undefined && { userId: body.userId }),
        namespace: parts.namespaceOf(key, body.userId),
        ...(keep && { keep }),
        ...(room && { room }),
        signal,
      }
      return parts.serve(request, call, tell)
    }
    const told =
      idempotencyKey === undefined
        ? { head, answer: (tell: Tell, room: Room) => run(exchange.gone, tell, { room }), replayed: false }
        : await parts.once(
            { tenant: key.tenant, key: idempotencyKey, body: digestOf(json), signal: exchange.gone },
            head,
            (signal, tell, keep) => run(signal, tell, { keep }),
          )
    seen.replayed = told.replayed
    if (told.replayed) exchange.response.setHeader('idempotency-replayed', 'true')
    const encoder = body.stream ? streamEncoder(told.head, body.includeUsage) : bodyEncoder(told.head)
    const failed = await deliver(told.answer, encoder, exchange.response, parts.limits)
    if (failed) {
      seen.failure = failed.failure
      report(exchange, failed)
    }
  })

/** Tells one body from another; a large one is not kept for as long as its answer is being made. */
const digestOf = (json: unknown): string => createHash('sha256').update(JSON.stringify(json)).digest('base64')

/** @throws ServeError invalid-request for a header that no client would send on purpose */
function idempotencyKeyOf({ request }: Exchange): string | undefined {
  const key = request.headers['idempotency-key']
  if (key === undefined) return undefined
  if (typeof key === 'string' && /^[\x21-\x7e]{1,255}$/.test(key)) return key
  throw new ServeError({
    code: 'invalid-request',
    message: 'The header Idempotency-Key must have 1 to 255 printable ASCII characters without spaces.',
  })
}

function report(exchange: Exchange, { failure, begun }: NonNullable<Awaited<ReturnType<typeof deliver>>>): void {
  if (begun) exchange.notes.failure = failure.code
  else sendFailure(exchange, failure)
}
