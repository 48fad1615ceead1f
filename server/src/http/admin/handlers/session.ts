/** Signing in and out, and one's own password. */
import { TooMany } from '../../../tenancy/people/passwords.ts'
import type { People } from '../../../tenancy/people/people.ts'
import { lifeMs, type Sessions, type SignIn } from '../../../tenancy/people/sessions.ts'
import type { Actor } from '../actor.ts'
import { requireSameSite } from '../actor.ts'
import { type Client, isLoopback } from '../client.ts'
import type { Me } from '../contract.ts'
import { AdminError } from '../errors.ts'
import type { HandlersOf, RunParts } from '../run.ts'
import { clearCookie, setCookie } from '../session-cookie.ts'
import { timeOf } from '../wire.ts'

export interface SessionParts extends Pick<RunParts, 'trail'> {
  readonly sessions: Sessions
  readonly people: People
}

export const sessionHandlers = ({
  sessions,
  people,
  trail,
}: SessionParts): HandlersOf<
  | 'POST /admin/session'
  | 'GET /admin/session'
  | 'DELETE /admin/session'
  | 'DELETE /admin/sessions'
  | 'PUT /admin/password'
> => ({
  async 'POST /admin/session'({ body, client, exchange, notes }) {
    requireSameSite(exchange.request)
    const page = pageOf(exchange.request.headers.origin, client)
    if (page === 'insecure') throw insecure()
    const found = await sessions.signIn(body.name, body.password, client.address).catch(asUnavailable)
    if ('refused' in found) {
      if (found.refused === 'wrong' && found.known) {
        const { id, name, tenant } = found.known
        const actor = { kind: 'nobody', id: null, name: '' } as const
        const line = { actor, operation: 'signIn', tenant, subject: id, outcome: 'refused', detail: { name } } as const
        await trail.add({ ...line, address: client.address })
      }
      throw refusal(found, 'The name or the password is wrong.')
    }
    const { person, expiresAt } = found.session
    setCookie(exchange.response, found.token, lifeMs / 1000, page === 'local')
    notes.actor = { kind: 'person', id: person.id, name: person.name }
    notes.tenant = person.tenant
    notes.subject = person.id
    notes.detail = {}
    return meOf({ ...person, kind: 'person', expiresAt, session: found.session })
  },

  'GET /admin/session': ({ actor }) => meOf(actor),

  async 'DELETE /admin/session'({ actor, exchange, client }) {
    await sessions.end(sessionOf(actor))
    clearCookie(exchange.response, pageOf(exchange.request.headers.origin, client) === 'local')
  },

  async 'DELETE /admin/sessions'({ actor, exchange, client }) {
    sessionOf(actor)
    await sessions.endAllOf(actor.id)
    clearCookie(exchange.response, pageOf(exchange.request.headers.origin, client) === 'local')
  },

  async 'PUT /admin/password'({ actor, body, client }) {
    const { person, hash } = sessionOf(actor)
    const found = await sessions.confirm(person, body.current, client.address).catch(asUnavailable)
    if (found !== true)
      throw found.refused === 'throttled'
        ? refusal(found, '')
        : new AdminError('invalid-request', "'current' is not your password.", { param: 'current' })
    await people.setPassword(person.id, body.password, hash)
  },
})

function sessionOf(actor: Actor) {
  if (actor.kind === 'person') return actor.session
  throw new AdminError('permission-denied', 'An admin key has no session and no password.')
}

const meOf = ({ kind, id, name, role, tenant, expiresAt }: Actor): Me => ({
  kind,
  id,
  name,
  role,
  tenant,
  expiresAt: timeOf(expiresAt),
})

/** What kind of page asks. Without an origin it is no page. */
function pageOf(origin: string | undefined, { https }: Client): 'safe' | 'local' | 'insecure' {
  const url = URL.parse(origin ?? '')
  if (url === null || url.protocol === 'https:' || https) return 'safe'
  return isLoopback(url.host) ? 'local' : 'insecure'
}

const insecure = () =>
  new AdminError(
    'insecure-origin',
    'This page came over plain http from another machine, where a browser does not keep the cookie of a session, and everybody ' +
      'on the way could read it. Open the console over https, or at http://localhost through a tunnel (ssh -L).',
  )

function refusal(found: Extract<SignIn, { refused: string }>, message: string): AdminError {
  if (found.refused === 'wrong') return new AdminError('wrong-credentials', message)
  const retryAfterSeconds = Math.ceil(found.waitMs / 1000)
  const seconds = retryAfterSeconds === 1 ? 'second' : 'seconds'
  const told = `There were too many tries. Try again in ${retryAfterSeconds} ${seconds}.`
  return new AdminError('too-many-tries', told, { retryAfterSeconds })
}

function asUnavailable(error: unknown): never {
  if (error instanceof TooMany)
    throw new AdminError('unavailable', 'Too many people sign in at once. Try again in 2 seconds.', {
      retryAfterSeconds: 2,
    })
  throw error
}
