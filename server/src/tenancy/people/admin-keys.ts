/** Keys with which scripts use the admin API. They lie in a table of their own: none is an API key, nor the other way round. */
import { createHmac } from 'node:crypto'
import type { Selectable } from 'kysely'
import { hexId } from '../../lib/ids.ts'
import type { Schema } from '../../storage/schema.ts'
import { subkey } from '../../storage/secret.ts'
import type { Storage } from '../../storage/storage.ts'
import { displayOf, makeSecretKey } from '../secret-key.ts'
import { type Standing, standingOf } from './people.ts'

export type AdminKey = Standing & {
  readonly id: string
  readonly name: string
  readonly display: string
  /** Milliseconds since 1970, as all times here. */
  readonly createdAt: number
  readonly createdBy: string
  readonly expiresAt: number | null
  readonly revokedAt: number | null
  /** Up to a minute old. */
  readonly lastUsedAt: number | null
}

interface NewAdminKey {
  readonly name: string
  readonly standing: Standing
  /** Who made it, for people. */
  readonly by: string
  readonly expiresAt?: number
}

export interface AdminKeys {
  /** @returns the secret too, which is nowhere else and cannot be had again */
  create(key: NewAdminKey): Promise<{ readonly key: AdminKey; readonly secret: string }>
  /** Newest first, revoked and expired ones included. */
  list(): Promise<readonly AdminKey[]>
  /** @returns undefined for an unknown one */
  revoke(id: string): Promise<AdminKey | undefined>
  /** @returns undefined for one that is unknown, revoked or expired */
  find(secret: string): Promise<AdminKey | undefined>
}

export const adminKeyPrefix = 'adm-'
const noteEveryMs = 60_000

/** @param now milliseconds since 1970 */
export function openAdminKeys(
  { db, read, secret }: Pick<Storage, 'db' | 'read' | 'secret'>,
  now: () => number = Date.now,
): AdminKeys {
  const hashKey = subkey(secret, 'admin keys')
  const hashOf = (key: string) => createHmac('sha256', hashKey).update(key).digest('hex')
  return {
    async create({ name, standing, by, expiresAt }) {
      const secret = makeSecretKey(adminKeyPrefix)
      const { prefix, lastFour } = displayOf(secret)
      const row = await db
        .insertInto('admin_keys')
        .values({
          id: hexId('admin_', 16),
          name,
          role: standing.role,
          tenant: standing.tenant,
          prefix,
          last_four: lastFour,
          hash: hashOf(secret),
          created_at: now(),
          created_by: by,
          expires_at: expiresAt ?? null,
          revoked_at: null,
          last_used_at: null,
        })
        .returningAll()
        .executeTakeFirstOrThrow()
      return { key: adminKeyOf(row), secret }
    },

    async list() {
      const rows = await read.selectFrom('admin_keys').selectAll().orderBy('created_at', 'desc').orderBy('id').execute()
      return rows.map(adminKeyOf)
    },

    async revoke(id) {
      await db
        .updateTable('admin_keys')
        .set({ revoked_at: now() })
        .where('id', '=', id)
        .where('revoked_at', 'is', null)
        .execute()
      const row = await db.selectFrom('admin_keys').selectAll().where('id', '=', id).executeTakeFirst()
      return row && adminKeyOf(row)
    },

    async find(key) {
      const at = now()
      const row = await read
        .selectFrom('admin_keys')
        .selectAll()
        .where('hash', '=', hashOf(key))
        .where('revoked_at', 'is', null)
        .executeTakeFirst()
      if (!row) return undefined
      const found = adminKeyOf(row)
      if (found.expiresAt !== null && found.expiresAt <= at) return undefined
      if (at - (found.lastUsedAt ?? 0) >= noteEveryMs)
        await db.updateTable('admin_keys').set({ last_used_at: at }).where('id', '=', found.id).execute()
      return found
    },
  }
}

const timeOf = (value: number | null): number | null => (value === null ? null : Number(value))

const adminKeyOf = (row: Selectable<Schema['admin_keys']>): AdminKey => ({
  ...standingOf(row.role, row.tenant),
  id: row.id,
  name: row.name,
  display: `${row.prefix}…${row.last_four}`,
  createdAt: Number(row.created_at),
  createdBy: row.created_by,
  expiresAt: timeOf(row.expires_at),
  revokedAt: timeOf(row.revoked_at),
  lastUsedAt: timeOf(row.last_used_at),
})
