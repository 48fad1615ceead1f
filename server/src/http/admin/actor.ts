/** Who asks, and whether the request comes from where that one would ask. */
import type { IncomingMessage } from 'node:http'
import { type AdminKeys, adminKeyPrefix } from '../../tenancy/people/admin-keys.ts'
import type { Standing } from '../../tenancy/people/people.ts'
import type { Session, Sessions } from '../../tenancy/people/sessions.ts'
import { AdminError } from './errors.ts'
import { cookieIn } from './session-cookie.ts'

export type Actor = Standing & {
  readonly id: string
  readonly name: string
  readonly expiresAt: number | null
} & ({ readonly kind: 'person'; readonly session: Session } | { readonly kind: 'key' })

export interface ActorParts {
  readonly sessions: Pick<Sessions, 'find'>
  readonly adminKeys: Pick<AdminKeys, 'find'>
}

/** @throws AdminError when nobody is asking, or from another site */
export async function actorOf(request: IncomingMessage, { sessions, adminKeys }: ActorParts): Promise<Actor> {
  const { authorization } = request.headers
  if (authorization !== undefined) {
    const [scheme = '', token = ''] = authorization.trim().split(/[ \t]+/, 2)
    const key =
      scheme.toLowerCase() === 'bearer' && token.startsWith(adminKeyPrefix) ? await adminKeys.find(token) : undefined
    if (!key) throw new AdminError('invalid-admin-key', wrongKey(token))
    const { id, name, expiresAt } = key
    return { kind: 'key', id, name, expiresAt, ...standing(key) }
  }
  const token = cookieIn(request)
  const session = token === undefined ? undefined : await sessions.find(token)
  if (!session) throw new AdminError('sign-in-required', 'Sign in first, or send an admin key: Authorization: Bearer.')
  if (request.method !== 'GET' && request.method !== 'HEAD') requireSameSite(request)
  const { person, expiresAt } = session
  return { kind: 'person', id: person.id, name: person.name, expiresAt, session, ...standing(person) }
}

const wrongKey = (token: string): string =>
  token.startsWith('sk-')
    ? "This is an API key. The admin API needs an admin key: 'tidegate admin create-key' makes one."
    : 'The admin key is unknown, revoked or expired.'

const standing = ({ role, tenant }: Standing): Standing =>
  role === 'administrator' ? { role, tenant: null } : { role, tenant }

/**
 * Browsers send the cookie with what other pages make them send, too, as far as `SameSite=Strict` lets them: pages of the same
 * site are not all ours. The header can only be set by a script of our origin: for others the browser would ask us first.
 * @throws AdminError cross-site-request
 */
export function requireSameSite({ headers }: IncomingMessage): void {
  const site = headers['sec-fetch-site']
  const origin = headers.origin
  const ours =
    headers['x-tidegate-console'] !== undefined &&
    (site === undefined ? origin === undefined || hostOf(origin) === headers.host : site === 'same-origin')
  if (!ours)
    throw new AdminError(
      'cross-site-request',
      'Requests with the cookie of a session must come from the console, and carry the header x-tidegate-console: 1.',
    )
}

const hostOf = (origin: string): string => URL.parse(origin)?.host ?? ''
