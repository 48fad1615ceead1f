import { type Failure, ServeError } from '../../completion/failure.ts'
import { isObject, type Json } from './chunk.ts'

/** What an upstream has against a request, or against us. Its words are read here and go no further (contract C91). */
export interface Refusal {
  /** Of the response, or the number inside an error that came with a 200. */
  readonly status: number
  readonly message: string
  readonly retryAfterSeconds?: number
}

export const refusalOf = (status: number, body: unknown, retryAfterSeconds?: number): Refusal => {
  const error = isObject(body) ? (body.error ?? body) : body
  const message = isObject(error) ? wordsOf(error) : error
  const inner = isObject(error) && typeof error.code === 'number' && status === 200 ? error.code : status
  return {
    status: inner === 200 ? 500 : inner,
    message: typeof message === 'string' ? message : '',
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
  }
}

/** What it says, the field at fault included; frameworks list the faults of a request as its `detail`. */
function wordsOf({ message, msg, detail, param }: Json): string {
  const faults = Array.isArray(detail) ? detail : []
  const words = faults.map((fault) =>
    isObject(fault) ? [...(Array.isArray(fault.loc) ? fault.loc : []), fault.msg].filter(isText).join(' ') : fault,
  )
  const said = [message, msg, detail].find(isText) ?? words.filter(isText).join('; ')
  return isText(param) ? `${param}: ${said}` : said
}

const isText = (value: unknown): value is string => typeof value === 'string'

/** Whole seconds or a date; 1..60. */
export function retryAfterOf(header: unknown, now = Date.now()): number | undefined {
  if (typeof header !== 'string') return undefined
  const seconds = /^\d+$/.test(header.trim()) ? Number(header) : (Date.parse(header) - now) / 1000
  return Number.isNaN(seconds) ? undefined : Math.min(60, Math.max(1, Math.ceil(seconds)))
}

const overflow = /context[ _](length|window|size)|too many tokens|prompt is too long|maximum (model|allowed) length/i
const limitRange =
  /valid range of max_tokens is \[\s*\d+\s*,\s*(\d+)\s*\]|cannot be greater than max_model_len=(?:max_total_tokens=)?(\d+)|supports at most (\d+) completion tokens|max_(?:completion_)?tokens\W+must be less than or equal to\W+(\d+)/i
const windowSize =
  /maximum context length (?:is|of) (\d+)|(?:context|allowed) (?:length|size) \((\d+) tokens|maximum model length of (\d+)/i
const promptSize =
  /(\d+) in the messages|(\d+) tokens from the input|(?:input|input length|request) \((\d+) tokens\)|prompt \(length (\d+)\)|(?:has|have|contains?|with) (\d+) (?:input |prompt )?tokens/i
/** vLLM counts no further than to where the request does not fit. */
const promptAtLeast = /contains (?:at least \d+ (?:input |prompt )?tokens|\d+ characters)/i

const numberIn = (pattern: RegExp, text: string): number | undefined => {
  const found = pattern.exec(text)?.slice(1).find(Boolean)
  return found === undefined ? undefined : Number(found)
}

/**
 * The output limit that the upstream would have taken (contract C14); `lasting` when it is one for every request. Engines count the
 * prompt, we cannot: what they say of it is the only way to learn how much room is left. Who does not say is asked for half of it,
 * and half again: a prompt that leaves room for one token is served (contract C15).
 * @param asked the limit that was refused
 */
export function roomIn(
  { status, message }: Refusal,
  asked: number,
): { readonly tokens: number; readonly lasting: boolean } | undefined {
  if (status !== 400 && status !== 422) return undefined
  const most = numberIn(limitRange, message)
  if (most !== undefined) return { tokens: most, lasting: true }
  const window = numberIn(windowSize, message)
  if (window === undefined) return undefined
  if (promptAtLeast.test(message)) return { tokens: Math.floor(asked / 2), lasting: false }
  const prompt = numberIn(promptSize, message)
  return prompt === undefined ? undefined : { tokens: window - prompt, lasting: false }
}

const RETRY_SECONDS = 5

/** Keys, money and addresses: what is wrong between this upstream and us. A redirect is an address, too. */
const isDenial = (status: number): boolean =>
  [401, 402, 403, 404, 405].includes(status) || (status >= 300 && status < 400)
/** It takes nothing now: it starts, it is overloaded, or what stands before it does not reach it. */
const notNow: ReadonlySet<number> = new Set([408, 502, 503, 504, 529])

/**
 * What a refusal means for the request (contract C91–C93). Keys, money, addresses and rates are the operator's business: another
 * replica may do better, the same one will not. A server in trouble may be asked again.
 */
export function failureOfRefusal(refusal: Refusal, contextWindow: number): Failure {
  const { status, message, retryAfterSeconds = RETRY_SECONDS } = refusal
  if ([400, 413, 422, 500].includes(status) && overflow.test(message)) {
    const window = numberIn(windowSize, message) ?? contextWindow
    const prompt = numberIn(promptSize, message)
    return {
      code: 'context-too-long',
      message:
        `This model's maximum context length is ${window} tokens. ` +
        `Your messages have ${prompt === undefined ? 'more than that' : `${prompt} tokens`}. Please shorten the messages.`,
      param: 'messages',
    }
  }
  if (isDenial(status))
    return {
      code: 'engine-denied',
      message: `The engine does not serve us (${status}).`,
      retryAfterSeconds: RETRY_SECONDS,
      elsewhere: true,
    }
  if (status === 429 || (notNow.has(status) && refusal.retryAfterSeconds !== undefined))
    return {
      code: 'engine-busy',
      message: `The engine has too much to do (${status}).`,
      retryAfterSeconds,
      elsewhere: true,
    }
  if (notNow.has(status))
    return { code: 'engine-unavailable', message: `The engine takes nothing now (${status}).`, retryAfterSeconds }
  if (status >= 400 && status < 500)
    return {
      code: 'engine-refused',
      message: `The engine refused the request (${status}).`,
      shouldRetry: false,
      elsewhere: true,
    }
  return { code: 'engine-failed', message: `The engine failed at the request (${status}).`, retryAfterSeconds }
}

/** What a failed connection means. Before the response a server may not be there at all; later it went away. */
export function failureOfConnection(error: unknown, answered: boolean): ServeError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const cut = answered || code === 'UND_ERR_SOCKET' || code === 'ECONNRESET' || code === 'EPIPE'
  return new ServeError(
    cut
      ? { code: 'engine-lost', message: 'The engine went away while it worked on this request.' }
      : { code: 'engine-unavailable', message: 'The engine cannot be reached.', retryAfterSeconds: RETRY_SECONDS },
    { cause: error },
  )
}
