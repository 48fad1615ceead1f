import type { Limits } from '../../completion/limits.ts'
import type { Serve } from '../../completion/serve.ts'
import type { Catalog, Model } from '../../engines/catalog.ts'
import type { Budget } from '../../lib/budget.ts'
import { hexId } from '../../lib/ids.ts'
import type { Key, KeySettings } from '../../tenancy/key.ts'
import { readJson } from '../body.ts'
import type { Exchange, KeyedHandler } from '../exchange.ts'
import { decodeChat } from './decode.ts'
import { deliver } from './deliver.ts'
import { type AnswerHead, bodyEncoder, streamEncoder } from './encode.ts'
import { sendFailure } from './errors.ts'
import { findModel, requireUse } from './models.ts'
import { sayStandIn } from './stand-in.ts'
import { toCompletion } from './to-completion.ts'

export interface ChatParts {
  readonly catalog: Catalog
  readonly serve: Serve
  /** What else may forbid a request, such as a blocked `user_id`. @throws ServeError `permission-denied` */
  readonly authorize?: (key: Key, model: Model, userId: string | undefined) => void
  /** HMAC of key owner and end user (contract C98). */
  readonly namespaceOf: (key: Key, userId: string | undefined) => string
  readonly limits: Limits
  /** What all request bodies may keep in memory together, in bytes. */
  readonly bodies: Budget
}

/** `POST /v1/chat/completions`. The order of the lines is the order of the checks (contract C5); the key was checked before. */
export const postChatCompletions =
  (parts: ChatParts): KeyedHandler =>
  async (exchange, key) => {
    const created = Math.floor(Date.now() / 1000)
    const body = decodeChat(await readJson(exchange, parts.limits, parts.bodies))

    const { model, alias } = findModel(parts.catalog, body.model)
    exchange.notes.model = model.id
    sayStandIn(exchange, model)
    requireUse(key, model)
    parts.authorize?.(key, model, body.userId)
    const request = toCompletion(body, model, alias, parts.limits)

    const events = parts.serve(request, {
      id: exchange.id,
      tenant: key.tenant,
      keyId: key.id,
      ...limitsOf(key.settings),
      whole: !body.stream,
      ...(body.userId !== undefined && { userId: body.userId }),
      namespace: parts.namespaceOf(key, body.userId),
      signal: exchange.gone,
    })

    const head: AnswerHead = {
      id: hexId('chatcmpl-', 32),
      created,
      model: body.model,
      fingerprint: model.fingerprint,
      thinking: request.thinking.enabled,
      logprobs: request.logprobs !== undefined,
      heartbeat: key.settings.heartbeat ?? 'comment',
    }
    const encoder = body.stream ? streamEncoder(head, body.includeUsage) : bodyEncoder(head)
    const failed = await deliver(events, encoder, exchange.response, parts.limits.keepaliveMs)
    if (failed) report(exchange, failed)
  }

const limitsOf = ({ concurrency, userConcurrency }: KeySettings) => ({
  ...(concurrency !== undefined && { concurrency }),
  ...(userConcurrency !== undefined && { userConcurrency }),
})

function report(exchange: Exchange, { failure, begun }: NonNullable<Awaited<ReturnType<typeof deliver>>>): void {
  if (begun) exchange.notes.failure = failure.code
  else sendFailure(exchange, failure)
}
