import type { TokenLogprob } from '../../completion/event.ts'
import { ServeError } from '../../completion/failure.ts'
import type { SseEvent } from '../../lib/sse.ts'

/** What an upstream said, in one vocabulary for all of them. */
export type WireEvent =
  | {
      readonly type: 'reasoning' | 'text'
      readonly text: string
      readonly logprobs?: readonly TokenLogprob[]
    }
  /** A fragment of a call. Without an id, or with the last one, it belongs to the call that its index names. */
  | {
      readonly type: 'call'
      readonly index: number
      readonly id?: string
      readonly name?: string
      readonly arguments: string
    }
  | { readonly type: 'finish'; readonly reason: string }
  | { readonly type: 'usage'; readonly usage: Reported }
  /** The prompt is being read. */
  | { readonly type: 'progress' }
  | Signal

/** What every stream can say beside its answer. */
export type Signal = { readonly type: 'error'; readonly error: unknown } | { readonly type: 'done' }

/** The counts of an upstream, as far as it reports them. */
export interface Reported {
  readonly prompt?: number
  readonly cached?: number
  readonly completion?: number
  readonly reasoning?: number
}

export type Json = { readonly [key: string]: unknown }
export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const text = (value: unknown): string => (typeof value === 'string' ? value : '')
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

/** Reads one event of a stream. @param read what its JSON says  @throws ServeError for what nobody can read */
export function readEvent<E>(
  { data, event, error }: SseEvent,
  read: (body: Json) => readonly E[],
): readonly (E | Signal)[] {
  if (error !== undefined) return [{ type: 'error', error: parsed(error) ?? error }]
  const line = data.trim()
  if (line === '[DONE]') return [{ type: 'done' }]
  // Some proxies put comments behind `data:`.
  if (line === '' || line.startsWith(':')) return []
  const body = parsed(line)
  if (event === 'error') return [{ type: 'error', error: isObject(body) ? (body.error ?? body) : line }]
  if (isObject(body)) return errorIn(body) ?? read(body)
  // A named event other than the answer's own, such as a ping.
  if (event !== undefined && event !== 'message') return []
  throw new ServeError({ code: 'engine-protocol', message: 'The engine sent an event that is not JSON.' })
}

export const decodeEvent = (event: SseEvent): readonly WireEvent[] => readEvent(event, decodeBody)

/** An error in the place of an answer. */
export function errorIn(body: Json): readonly Signal[] | undefined {
  if (body.error !== undefined && body.error !== null) return [{ type: 'error', error: body.error }]
  return body.object === 'error' || isComplaint(body) ? [{ type: 'error', error: body }] : undefined
}

/** Gateways and web frameworks have shapes of their own for errors: no choices, but a code and words, or a `detail`. */
const isComplaint = ({ choices, detail, code, status, message, msg }: Json): boolean =>
  choices === undefined &&
  ((typeof detail === 'string' && detail !== '') ||
    (typeof (message ?? msg) === 'string' && (code !== undefined || status !== undefined)))

/** A chunk of a stream, or the whole answer of a server that does not stream. Unknown members are left alone, nulls are nothing. */
export function decodeBody(body: Json): readonly WireEvent[] {
  const choice = list(body.choices).find((one): one is Json => isObject(one) && (one.index ?? 0) === 0)
  const delta = isObject(choice?.delta) ? choice.delta : isObject(choice?.message) ? choice.message : {}
  const logprobs = isObject(choice?.logprobs) ? choice.logprobs : {}
  return [
    // First the counts: they are of the words beside them too, at which the reader may stop.
    ...usageIn(body),
    ...(isObject(body.prompt_progress) ? [{ type: 'progress' } as const] : []),
    ...said('reasoning', text(delta.reasoning_content) || text(delta.reasoning), logprobs.reasoning_content),
    ...(Array.isArray(delta.content)
      ? delta.content.flatMap(contentPart)
      : said('text', text(delta.content) || text(delta.refusal), logprobs.content)),
    ...list(delta.tool_calls).flatMap(fragment),
    // What calls were before they could be several.
    ...(isObject(delta.function_call) ? fragment({ function: delta.function_call }, 0) : []),
    ...(typeof choice?.finish_reason === 'string' ? [{ type: 'finish', reason: choice.finish_reason } as const] : []),
  ]
}

function said(type: 'reasoning' | 'text', words: string, logprobs: unknown): WireEvent[] {
  if (words === '') return []
  const tokens = list(logprobs).flatMap(logprobOf)
  return [tokens.length > 0 ? { type, text: words, logprobs: tokens } : { type, text: words }]
}

/** Mistral's API gives content in parts where the model thinks; a thought is in parts again. */
function contentPart(part: unknown): WireEvent[] {
  if (typeof part === 'string') return said('text', part, undefined)
  if (!isObject(part)) return []
  if (part.type !== 'thinking' && part.type !== 'reasoning') return said('text', text(part.text), undefined)
  const thought = part.thinking ?? part.text
  const words = Array.isArray(thought)
    ? thought.map((one) => (isObject(one) ? text(one.text) : text(one)))
    : [text(thought)]
  return said('reasoning', words.join(''), undefined)
}

function fragment(value: unknown, place: number): WireEvent[] {
  if (!isObject(value)) return []
  const call = isObject(value.function) ? value.function : {}
  const id = text(value.id)
  const name = text(call.name)
  return [
    {
      type: 'call',
      index: typeof value.index === 'number' ? value.index : place,
      ...(id !== '' && { id }),
      ...(name !== '' && { name }),
      arguments: isObject(call.arguments) ? JSON.stringify(call.arguments) : text(call.arguments),
    },
  ]
}

export function logprobOf(value: unknown): TokenLogprob[] {
  const one = alternativeOf(value)
  if (!one || !isObject(value)) return []
  return [{ ...one, top: list(value.top_logprobs).flatMap((other) => alternativeOf(other) ?? []) }]
}

function alternativeOf(value: unknown): Omit<TokenLogprob, 'top'> | undefined {
  if (!isObject(value) || typeof value.token !== 'string' || typeof value.logprob !== 'number') return undefined
  const bytes = list(value.bytes).filter((byte) => typeof byte === 'number')
  return { token: value.token, logprob: value.logprob, bytes: bytes.length > 0 ? bytes : [...Buffer.from(value.token)] }
}

const count = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined

/** llama-server tells the running counts as timings. */
function usageIn({ usage, timings }: Json): WireEvent[] {
  if (isObject(usage)) return [{ type: 'usage', usage: reportedOf(usage) }]
  if (!isObject(timings)) return []
  const [read, cached] = [count(timings.prompt_n), count(timings.cache_n)]
  if (read === undefined) return []
  const counts = { prompt: read + (cached ?? 0), cached, completion: count(timings.predicted_n) }
  return [{ type: 'usage', usage: known(counts) }]
}

export function reportedOf(usage: Json): Reported {
  const prompt = isObject(usage.prompt_tokens_details) ? usage.prompt_tokens_details : {}
  const completion = isObject(usage.completion_tokens_details) ? usage.completion_tokens_details : {}
  return known({
    prompt: count(usage.prompt_tokens),
    cached: count(usage.prompt_cache_hit_tokens) ?? count(prompt.cached_tokens),
    completion: count(usage.completion_tokens),
    reasoning: count(completion.reasoning_tokens) ?? count(usage.reasoning_tokens),
  })
}

const known = (counts: { readonly [K in keyof Reported]: Reported[K] | undefined }): Reported =>
  Object.fromEntries(Object.entries(counts).filter(([, value]) => value !== undefined))

/** @returns undefined for what is not JSON. */
export function parsed(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}
