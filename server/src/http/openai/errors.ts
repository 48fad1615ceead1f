import type { OutgoingHttpHeaders } from 'node:http'
import type { Failure, FailureCode } from '../../completion/failure.ts'
import { sendJson } from '../answer.ts'
import type { Exchange } from '../exchange.ts'

/** What a client is told of a failure (contract section 12). */
interface WireError {
  readonly status: number
  readonly type: string
  readonly code: string
  /** Stands in for the failure's own message where that is none of the client's business. */
  readonly message?: string
  readonly headers?: OutgoingHttpHeaders
  /** `Retry-After` in seconds when the failure names none. */
  readonly retryAfter?: number
}

const badRequest = (status: number, code: string): WireError => ({ status, type: 'invalid_request_error', code })
const unavailable: WireError = { status: 503, type: 'server_error', code: 'service_unavailable', retryAfter: 5 }

export const wireErrors: Readonly<Record<FailureCode, WireError>> = {
  'invalid-request': badRequest(400, 'invalid_request_error'),
  'unsupported-parameter': badRequest(400, 'unsupported_parameter'),
  'context-too-long': badRequest(400, 'context_length_exceeded'),
  unauthenticated: {
    status: 401,
    type: 'authentication_error',
    code: 'invalid_api_key',
    headers: { 'www-authenticate': 'Bearer' },
  },
  'insufficient-balance': { status: 402, type: 'insufficient_balance', code: 'insufficient_balance' },
  'permission-denied': { status: 403, type: 'permission_error', code: 'permission_denied' },
  'model-not-found': badRequest(404, 'model_not_found'),
  'unknown-url': badRequest(404, 'unknown_url'),
  'method-not-allowed': badRequest(405, 'method_not_allowed'),
  'body-timeout': {
    status: 408,
    type: 'timeout_error',
    code: 'request_timeout',
    headers: { connection: 'close' },
  },
  'body-too-large': badRequest(413, 'request_too_large'),
  'unsupported-media-type': badRequest(415, 'unsupported_media_type'),
  conflict: { ...badRequest(409, 'idempotency_conflict'), headers: { 'x-should-retry': 'false' } },
  'rate-limited': { status: 429, type: 'rate_limit_error', code: 'rate_limit_exceeded', retryAfter: 1 },
  'engine-unavailable': unavailable,
  'engine-busy': unavailable,
  'engine-denied': unavailable,
  'engine-refused': unavailable,
  'engine-failed': unavailable,
  'engine-lost': unavailable,
  'engine-timeout': unavailable,
  'engine-protocol': unavailable,
  'invalid-output': {
    status: 500,
    type: 'server_error',
    code: 'invalid_model_output',
    headers: { 'x-should-retry': 'false' },
  },
  // A caller that went away hears nothing. One that is still there was cancelled by us: the server stops.
  cancelled: { ...unavailable, message: 'The server is stopping. Retry after 5 seconds.' },
  internal: { status: 500, type: 'server_error', code: 'server_error', message: 'Internal server error.' },
}

export interface ErrorBody {
  readonly error: { message: string; type: string; param: string | null; code: string }
}

export function errorBody(failure: Failure): ErrorBody {
  const { type, code, message = failure.message } = wireErrors[failure.code]
  return { error: { message, type, param: failure.param ?? null, code } }
}

/** What ends an answer that has begun (contract C95, C96): its status is out, and the answer stays incomplete. */
export function brokenAnswerBody(failure: Failure): ErrorBody {
  // What the caller can mend is told also where its status is lost.
  const message =
    failure.code === 'invalid-output' || errorStatus(failure) < 500
      ? failure.message
      : 'Generation failed on every replica. The answer above is incomplete.'
  return { error: { message, type: 'server_error', param: failure.param ?? null, code: 'generation_failed' } }
}

function errorHeaders(failure: Failure): OutgoingHttpHeaders {
  const { headers, retryAfter } = wireErrors[failure.code]
  const all: OutgoingHttpHeaders = { ...headers }
  if (retryAfter !== undefined)
    all['retry-after'] = String(Math.min(60, Math.max(1, Math.ceil(failure.retryAfterSeconds ?? retryAfter))))
  if (failure.shouldRetry === false) all['x-should-retry'] = 'false'
  return all
}

export const errorStatus = (failure: Failure): number => wireErrors[failure.code].status

export function sendFailure(exchange: Exchange, failure: Failure, headers?: OutgoingHttpHeaders): void {
  exchange.notes.failure = failure.code
  if (exchange.response.destroyed) return
  sendJson(exchange, errorStatus(failure), errorBody(failure), { ...errorHeaders(failure), ...headers })
}
