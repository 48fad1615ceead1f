/** GET over undici, with redirects that never carry a credential to another place. */
import { type Dispatcher, request } from 'undici'
import { OperatorError } from './operator-error.ts'

export interface GetOptions {
  /** The whole header's value; sent to the origin of the first URL and to no other. */
  readonly authorization?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly dispatcher?: Dispatcher
  readonly signal?: AbortSignal
}

export interface GetResponse {
  readonly status: number
  readonly headers: Headers
  /** The headers of the first answer, before any redirect. */
  readonly firstHeaders: Headers
  readonly body: Dispatcher.ResponseData['body']
}

type Headers = Readonly<Record<string, string | string[] | undefined>>

/** The connection failed or was cut: worth another attempt, unlike an `OperatorError`. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted'
}

const redirectsMax = 5
const silenceMs = 30_000

/** @throws Interrupted, OperatorError for a redirect that cannot be followed */
export async function get(url: string, options: GetOptions = {}): Promise<GetResponse> {
  const origin = new URL(url).origin
  let target = new URL(url)
  let firstHeaders: Headers | undefined
  for (let hop = 0; hop <= redirectsMax; hop++) {
    const response = await once(target, { ...options, authorized: target.origin === origin })
    firstHeaders ??= response.headers
    const { location } = response.headers
    const moved = [301, 302, 303, 307, 308].includes(response.statusCode) && typeof location === 'string'
    if (!moved) return { status: response.statusCode, headers: response.headers, firstHeaders, body: response.body }
    await response.body.dump().catch(() => {})
    target = follow(target, location)
  }
  throw new OperatorError(`${origin} redirects in circles.`)
}

async function once(
  target: URL,
  { authorized, authorization, headers, dispatcher, signal }: GetOptions & { authorized: boolean },
) {
  try {
    const response = await request(target, {
      method: 'GET',
      headers: { 'user-agent': 'tidegate', ...headers, ...(authorized && authorization && { authorization }) },
      headersTimeout: silenceMs,
      bodyTimeout: silenceMs,
      ...(dispatcher && { dispatcher }),
      ...(signal && { signal }),
    })
    response.body.on('error', () => {}) // who reads the body hears of it; a body that nobody reads may be cut
    return response
  } catch (error) {
    if (signal?.aborted) throw error
    throw new Interrupted(`${target.host} did not answer: ${reasonOf(error)}`, { cause: error })
  }
}

function follow(from: URL, location: string): URL {
  const to = URL.parse(location, from)
  if (!to || !['http:', 'https:'].includes(to.protocol))
    throw new OperatorError(`${from.host} redirects to a place that is no web address.`)
  if (from.protocol === 'https:' && to.protocol === 'http:')
    throw new OperatorError(`${from.host} redirects to ${to.host} without encryption; that is not followed.`)
  return to
}

/** In the words of the system: undici hides several failed attempts behind an empty message. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0])
  if (!(error instanceof Error)) return String(error)
  return error.message || ('code' in error ? String(error.code) : error.name)
}
