import type { OutgoingHttpHeaders } from 'node:http'
import { sendJson } from '../answer.ts'
import type { Exchange } from '../exchange.ts'
import type { AdminError as ErrorBody } from './contract.ts'

export type AdminFailureCode =
  | 'invalid-request'
  | 'insecure-origin'
  | 'sign-in-required'
  | 'wrong-credentials'
  | 'invalid-admin-key'
  | 'permission-denied'
  | 'cross-site-request'
  | 'not-found'
  | 'conflict'
  | 'too-many-tries'
  | 'unavailable'

interface WireError {
  readonly status: number
  readonly type: string
  readonly code: string
  readonly headers?: OutgoingHttpHeaders
}

/** In the words of `/v1` where it has some for the same thing. */
const wireErrors: Readonly<Record<AdminFailureCode, WireError>> = {
  'invalid-request': { status: 400, type: 'invalid_request_error', code: 'invalid_request_error' },
  'insecure-origin': { status: 400, type: 'invalid_request_error', code: 'insecure_origin' },
  'sign-in-required': { status: 401, type: 'authentication_error', code: 'sign_in_required' },
  'wrong-credentials': { status: 401, type: 'authentication_error', code: 'wrong_credentials' },
  'invalid-admin-key': {
    status: 401,
    type: 'authentication_error',
    code: 'invalid_admin_key',
    headers: { 'www-authenticate': 'Bearer' },
  },
  'permission-denied': { status: 403, type: 'permission_error', code: 'permission_denied' },
  'cross-site-request': { status: 403, type: 'permission_error', code: 'cross_site_request' },
  'not-found': { status: 404, type: 'invalid_request_error', code: 'not_found' },
  conflict: { status: 409, type: 'invalid_request_error', code: 'conflict' },
  'too-many-tries': { status: 429, type: 'rate_limit_error', code: 'too_many_tries' },
  unavailable: { status: 503, type: 'server_error', code: 'service_unavailable' },
}

/** What a handler throws; its message is for people, and says nothing that the caller may not know. */
export class AdminError extends Error {
  readonly code: AdminFailureCode
  /** The field that is wrong. */
  readonly param: string | undefined
  readonly retryAfterSeconds: number | undefined

  constructor(
    code: AdminFailureCode,
    message: string,
    { param, retryAfterSeconds }: { param?: string; retryAfterSeconds?: number } = {},
  ) {
    super(message)
    this.code = code
    this.param = param
    this.retryAfterSeconds = retryAfterSeconds
  }
}

export function sendAdminError(exchange: Exchange, { code, message, param, retryAfterSeconds }: AdminError): void {
  const { status, type, code: wireCode, headers } = wireErrors[code]
  const body: ErrorBody = { error: { message, type, param: param ?? null, code: wireCode } }
  const retryAfter = retryAfterSeconds === undefined ? {} : { 'retry-after': String(Math.ceil(retryAfterSeconds)) }
  sendJson(exchange, status, body, { ...headers, ...retryAfter })
}
