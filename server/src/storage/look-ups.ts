/** What every request looks up on its way, apart from money. */
import type { DatabaseSync } from 'node:sqlite'
import type { ApiKeyRow } from './schema.ts'

/** What a key's check needs of its row. */
export type KeyRow = Pick<
  ApiKeyRow,
  'id' | 'tenant' | 'project' | 'name' | 'hash' | 'settings' | 'expires_at' | 'revoked_at'
> & {
  /** Null without a project. */
  readonly project_limits: string | null
  readonly project_archived_at: number | null
}

type Soon<Value> = Value | Promise<Value>

export interface LookUps {
  /** By the keyed hash of its secret. */
  key(hash: Uint8Array): Soon<KeyRow | undefined>
  isBlocked(tenant: string, userId: string): Soon<boolean>
  /** This process has changed keys or blocked users: it must see that at once. Others do within a second. */
  changed(): void
}

/** Looked up anew each time, prepared once: what any process has changed is seen at once. Some ten microseconds, and never behind a writer. */
export function sqliteLookUps(reader: DatabaseSync): LookUps {
  const key = reader.prepare(
    `select k.id, k.tenant, project, k.name, hash, settings, expires_at, revoked_at,
      p.limits as project_limits, p.archived_at as project_archived_at
      from api_keys k left join projects p on p.id = k.project where hash = ?`,
  )
  const blocked = reader.prepare('select 1 from blocked_users where tenant = ? and user_id = ?')
  return {
    key: (hash) => key.get(hash) as KeyRow | undefined,
    isBlocked: (tenant, userId) => blocked.get(tenant, userId) !== undefined,
    changed: () => undefined,
  }
}
