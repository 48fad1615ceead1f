/** API keys: made, listed, revoked, and checked on every request. Only a keyed hash of a secret is ever stored. */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Insertable } from 'kysely'
import { OperatorError } from '../lib/operator-error.ts'
import type { ApiKeyRow, Schema } from '../storage/schema.ts'
import { subkey } from '../storage/secret.ts'
import type { Storage } from '../storage/storage.ts'
import type { Key, KeySettings } from './key.ts'
import { trackLastUsed } from './last-used.ts'
import { bearerToken, displayOf, invalidKey, looksLikeKey, makeSecretKey } from './secret-key.ts'
import { ensureTenant } from './tenants.ts'

interface NewKey {
  readonly name: string
  /** Made when it is not there. */
  readonly tenant: string
  readonly settings?: KeySettings
  readonly expiresAt?: Date
}

/** A key as the operator sees it. */
export interface KeyRecord extends Key {
  /** First characters and last four of the secret, `sk-AbCd…9f3c`. */
  readonly display: string
  readonly createdAt: Date
  readonly expiresAt?: Date
  readonly revokedAt?: Date
  /** Up to a minute old. */
  readonly lastUsedAt?: Date
}

export interface Keys {
  /** @returns the secret too, which is nowhere else and cannot be had again */
  create(key: NewKey): Promise<{ readonly key: KeyRecord; readonly secret: string }>
  /** Oldest first, revoked and expired ones included. */
  list(): Promise<readonly KeyRecord[]>
  revoke(id: string): Promise<'revoked' | 'already-revoked' | 'unknown'>
  /**
   * Looks the key up anew each time, so that a revoked one stops at once in every process (some 20 µs).
   * @throws ServeError unauthenticated, the same for unknown, revoked and expired keys
   */
  authenticate(authorization: string | undefined): Key
  /**
   * Makes sure that `secret` is a key of the default tenant; without one, that there is any key at all. A key that was revoked
   * stays revoked.
   * @returns the secret of a key that was made up now and that the operator has to be shown
   */
  ensureBootstrapKey(secret: string | undefined): Promise<string | undefined>
  /** Writes when keys were last used. Call before the storage is closed. */
  flush(): Promise<void>
}

/** @param now milliseconds since 1970 */
export function openKeys(storage: Storage, now: () => number = Date.now): Keys {
  const { db } = storage
  const hashKey = subkey(storage.secret, 'api keys')
  const hashOf = (secret: string): Buffer => createHmac('sha256', hashKey).update(secret).digest()
  const find = storage.reader.prepare(
    'select id, tenant, name, hash, settings, expires_at, revoked_at from api_keys where hash = ?',
  )
  const lastUsed = trackLastUsed(db, now)

  const rowFor = (key: NewKey, secret: string): Insertable<Schema['api_keys']> => {
    const { prefix, lastFour } = displayOf(secret)
    return {
      id: `key_${randomBytes(8).toString('hex')}`,
      tenant: key.tenant,
      name: key.name,
      prefix,
      last_four: lastFour,
      hash: hashOf(secret),
      settings: JSON.stringify(key.settings ?? {}),
      created_at: now(),
      expires_at: key.expiresAt?.getTime() ?? null,
      revoked_at: null,
      last_used_at: null,
    }
  }

  return {
    flush: lastUsed.flush,

    async create(key) {
      await ensureTenant(db, key.tenant, now())
      const secret = makeSecretKey()
      const row = await db.insertInto('api_keys').values(rowFor(key, secret)).returningAll().executeTakeFirstOrThrow()
      return { key: recordOf(row), secret }
    },

    async list() {
      const rows = await db.selectFrom('api_keys').selectAll().orderBy('created_at').orderBy('id').execute()
      return rows.map(recordOf)
    },

    async revoke(id) {
      const { numUpdatedRows } = await db
        .updateTable('api_keys')
        .set({ revoked_at: now() })
        .where('id', '=', id)
        .where('revoked_at', 'is', null)
        .executeTakeFirst()
      if (numUpdatedRows > 0n) return 'revoked'
      const known = await db.selectFrom('api_keys').select('id').where('id', '=', id).executeTakeFirst()
      return known ? 'already-revoked' : 'unknown'
    },

    authenticate(authorization) {
      const token = bearerToken(authorization)
      const hash = hashOf(token)
      const row = find.get(hash) as Omit<ApiKeyRow, 'last_used_at' | 'created_at'> | undefined
      if (
        !row ||
        !timingSafeEqual(row.hash, hash) ||
        row.revoked_at !== null ||
        (row.expires_at !== null && row.expires_at <= now())
      )
        throw invalidKey(token)
      lastUsed.note(row.id)
      return keyOf(row)
    },

    async ensureBootstrapKey(given) {
      if (given !== undefined && !looksLikeKey(given))
        throw new OperatorError('TIDEGATE_BOOTSTRAP_KEY must be 1 to 512 printable ASCII characters without spaces.')
      const secret = given ?? makeSecretKey()
      const made = await db.transaction().execute(async (trx) => {
        const others = trx.selectFrom('api_keys').select('id')
        const known = await (given === undefined ? others : others.where('hash', '=', hashOf(given))).executeTakeFirst()
        if (known) return false
        const row = rowFor({ name: given === undefined ? 'first start' : 'bootstrap', tenant: 'default' }, secret)
        await trx.insertInto('api_keys').values(row).execute()
        return true
      })
      return made && given === undefined ? secret : undefined
    },
  }
}

const keyOf = (row: Pick<ApiKeyRow, 'id' | 'tenant' | 'name' | 'settings'>): Key => ({
  id: row.id,
  tenant: row.tenant,
  name: row.name,
  settings: JSON.parse(row.settings) as KeySettings,
})

const recordOf = (row: ApiKeyRow): KeyRecord => ({
  ...keyOf(row),
  display: `${row.prefix}…${row.last_four}`,
  createdAt: new Date(row.created_at),
  ...(row.expires_at !== null && { expiresAt: new Date(row.expires_at) }),
  ...(row.revoked_at !== null && { revokedAt: new Date(row.revoked_at) }),
  ...(row.last_used_at !== null && { lastUsedAt: new Date(row.last_used_at) }),
})
