import { type Failure, ServeError } from '../../completion/failure.ts'
import { isObject } from './chunk.ts'

/** What an upstream has against a request, or against us. Its words are read here and go no further (contract C91). */
export interface Refusal {
  /** Of the response, or the number inside an error that came with a 200. */
  readonly status: number
  readonly message: string
  readonly retryAfterSeconds?: number
}

export const refusalOf = (status: number, body: unknown, retryAfterSeconds?: number): Refusal => {
  const error = isObject(body) ? (body.error ?? body) : body
  const message = isObject(error) ? error.message : error
  const inner = isObject(error) && typeof error.code === 'number' && status === 200 ? error.code : status
  return {
    status: inner === 200 ? 500 : inner,
    message: typeof message === 'string' ? message : '',
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
  }
}

/** Whole seconds or a date; 1..60. */
export function retryAfterOf(header: unknown, now = Date.now()): number | undefined {
  if (typeof header !== 'string') return undefined
  const seconds = /^\d+$/.test(header.trim()) ? Number(header) : (Date.parse(header) - now) / 1000
  return Number.isNaN(seconds) ? undefined : Math.min(60, Math.max(1, Math.ceil(seconds)))
}

const overflow = /context[ _](length|window|size)|too many tokens|prompt is too long/i
const limitRange = /valid range of max_tokens is \[\s*\d+\s*,\s*(\d+)\s*\]/i
const windowSize = /maximum context length (?:is|of) (\d+)/i
const promptSize = /(\d+) in the messages|(?:has|have|contains?|with) (?:at least )?(\d+) (?:input |prompt )?tokens/i

const numberIn = (pattern: RegExp, text: string): number | undefined => {
  const found = pattern.exec(text)?.slice(1).find(Boolean)
  return found === undefined ? undefined : Number(found)
}

/**
 * The output limit that the upstream would have taken (contract C14); `lasting` when it is one for every request. Engines count the
 * prompt, we cannot: what they say of it is the only way to learn how much room is left.
 */
export function roomIn({
  status,
  message,
}: Refusal): { readonly tokens: number; readonly lasting: boolean } | undefined {
  if (status !== 400 && status !== 422) return undefined
  const most = numberIn(limitRange, message)
  if (most !== undefined) return { tokens: most, lasting: true }
  const window = numberIn(windowSize, message)
  const prompt = numberIn(promptSize, message)
  return window === undefined || prompt === undefined ? undefined : { tokens: window - prompt, lasting: false }
}

const RETRY_SECONDS = 5

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
  if ([401, 402, 403, 404, 429].includes(status) || (status >= 300 && status < 400))
    return {
      code: 'engine-unavailable',
      message: `The engine does not serve us (${status}).`,
      retryAfterSeconds,
      elsewhere: true,
    }
  if (status >= 400 && status < 500 && status !== 408)
    return {
      code: 'engine-protocol',
      message: `The engine refused the request (${status}).`,
      shouldRetry: false,
      elsewhere: true,
    }
  return { code: 'engine-unavailable', message: `The engine is in trouble (${status}).`, retryAfterSeconds }
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
