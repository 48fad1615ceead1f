import type { Keys } from '../../../tenancy/keys.ts'
import type { Tenants } from '../../../tenancy/tenants.ts'
import type { KeyedHandler } from '../../exchange.ts'
import { AdminError } from '../errors.ts'
import type { HandlersOf } from '../run.ts'

export interface PlaygroundParts {
  readonly keys: Pick<Keys, 'forConsole'>
  readonly tenants: Pick<Tenants, 'has'>
  /** `POST /v1/chat/completions`. */
  readonly chat: KeyedHandler
}

/** The playground is a client like any other: its answers have a key, a price and a line in the log. */
export const playgroundHandlers = ({
  keys,
  tenants,
  chat,
}: PlaygroundParts): HandlersOf<'POST /admin/chat/completions'> => ({
  async 'POST /admin/chat/completions'({ query: { tenant = 'default' }, exchange }) {
    if (!(await tenants.has(tenant))) throw new AdminError('not-found', `There is no tenant '${tenant}'.`)
    const key = await keys.forConsole(tenant)
    if (!key)
      throw new AdminError(
        'permission-denied',
        `The key 'console' of the tenant '${tenant}' is revoked or has expired, so that there is no playground.`,
      )
    exchange.notes.key = key.id
    await chat(exchange, key)
    return undefined
  },
})
