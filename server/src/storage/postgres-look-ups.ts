import type { Kysely } from 'kysely'
import { ServeError } from '../completion/failure.ts'
import { createFresh } from './fresh.ts'
import type { KeyRow, LookUps } from './look-ups.ts'
import type { Schema } from './schema.ts'

/**
 * Looked up for the first use, then held fresh for as long as they are in use: a request waits for no round trip, and what is
 * changed on any machine, in whatever way, is seen by all within a second. When the database cannot be reached nobody is let in
 * on old knowledge for longer than that, since a key may have been revoked meanwhile.
 */
export function postgresLookUps(db: Kysely<Schema>): LookUps & { close(): void } {
  const keys = createFresh<KeyRow>(async (hashes) => {
    const rows = await db
      .selectFrom('api_keys')
      .leftJoin('projects', 'projects.id', 'api_keys.project')
      .select(['api_keys.id', 'api_keys.tenant', 'project', 'api_keys.name', 'hash', 'settings', 'expires_at'])
      .select(['revoked_at', 'projects.limits as project_limits', 'projects.archived_at as project_archived_at'])
      .where(
        'hash',
        'in',
        hashes.map((hash) => Buffer.from(hash, 'hex')),
      )
      .execute()
    return new Map(rows.map((row) => [Buffer.from(row.hash).toString('hex'), row]))
  })
  const blocked = createFresh<boolean>(async (users) => {
    const rows = await db
      .selectFrom('blocked_users')
      .select(['tenant', 'user_id'])
      .where(({ eb, refTuple, tuple }) =>
        eb(
          refTuple('tenant', 'user_id'),
          'in',
          users.map((user) => {
            const [tenant, userId] = JSON.parse(user) as [string, string]
            return tuple(tenant, userId)
          }),
        ),
      )
      .execute()
    const found = new Set(rows.map(({ tenant, user_id: userId }) => JSON.stringify([tenant, userId])))
    return new Map(users.map((user) => [user, found.has(user)]))
  })
  return {
    key: (hash) => orRefuse(keys.get(Buffer.from(hash).toString('hex'))),
    isBlocked: async (tenant, userId) => (await orRefuse(blocked.get(JSON.stringify([tenant, userId])))) ?? false,
    changed() {
      keys.forget()
      blocked.forget()
    },
    close() {
      keys.close()
      blocked.close()
    },
  }
}

async function orRefuse<Value>(found: Value | Promise<Value>): Promise<Value> {
  try {
    return await found
  } catch (cause) {
    const message = 'The database cannot be reached at the moment. Retry after 5 seconds.'
    throw new ServeError({ code: 'engine-unavailable', message, retryAfterSeconds: 5 }, { cause })
  }
}
