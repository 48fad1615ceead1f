/** API keys: made, listed, revoked, and checked on every request. Only a keyed hash of a secret is ever stored. */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Insertable, Kysely } from 'kysely'
import type { UseLimits } from '../completion/use-limits.ts'
import { createLru } from '../lib/lru.ts'
import { OperatorError } from '../lib/operator-error.ts'
import type { KeyRow } from '../storage/look-ups.ts'
import type { ApiKeyRow, Schema } from '../storage/schema.ts'
import { subkey } from '../storage/secret.ts'
import type { Storage } from '../storage/storage.ts'
import type { Key, KeySettings } from './key.ts'
import { trackLastUsed } from './last-used.ts'
import { bearerToken, displayOf, invalidKey, looksLikeKey, makeSecretKey, projectArchived } from './secret-key.ts'
import { ensureTenant } from './tenants.ts'

interface NewKey {
  readonly name: string
  /** Made when it is not there. */
  readonly tenant: string
  /** The id of one of the tenant's projects, for ever. */
  readonly project?: string
  readonly settings?: KeySettings
  readonly expiresAt?: Date
}

/** A key as the operator sees it. */
export interface KeyRecord extends Omit<Key, 'project'> {
  readonly project?: { readonly id: string; readonly name: string; readonly archived: boolean }
  /** First characters and last four of the secret, `sk-AbCd…9f3c`. */
  readonly display: string
  readonly createdAt: Date
  readonly expiresAt?: Date
  readonly revokedAt?: Date
  /** Up to a minute old. */
  readonly lastUsedAt?: Date
}

export interface Keys {
  /**
   * @returns the secret too, which is nowhere else and cannot be had again
   * @throws OperatorError for a project that the tenant does not have, or that is archived
   */
  create(key: NewKey): Promise<{ readonly key: KeyRecord; readonly secret: string }>
  /** Oldest first, revoked and expired ones included. */
  list(): Promise<readonly KeyRecord[]>
  /** Takes effect in every process within a second. @returns the limits of now, undefined for an unknown key */
  limit(id: string, change: (before: UseLimits) => UseLimits): Promise<UseLimits | undefined>
  revoke(id: string): Promise<'revoked' | 'already-revoked' | 'unknown'>
  /**
   * The key of the console's playground, made with its first use. Nobody has its secret; its limits are those of any key.
   * @returns undefined when it was revoked, or has expired
   */
  forConsole(tenant: string): Promise<Key | undefined>
  /**
   * Looks the key up each time, so that a revoked one stops in every process.
   * @throws ServeError unauthenticated, the same for unknown, revoked and expired keys; one whose project is archived is told so
   */
  authenticate(authorization: string | undefined): Promise<Key>
  /**
   * Makes sure that `secret` is a key of the default tenant; without one, that there is any key at all. A key that was revoked
   * stays revoked.
   * @returns the secret of a key that was made up now and that the operator has to be shown
   */
  ensureBootstrapKey(secret: string | undefined): Promise<string | undefined>
  /** Writes when keys were last used. Call before the storage is closed. */
  flush(): Promise<void>
}

const hashesKept = 1_000

/** @param now milliseconds since 1970 */
export function openKeys(storage: Storage, now: () => number = Date.now): Keys {
  const { db, lookUps } = storage
  const hashKey = subkey(storage.secret, 'api keys')
  const hashOf = (secret: string): Buffer => createHmac('sha256', hashKey).update(secret).digest()
  /** Of good keys that were used of late. Whether they still are is looked up each time. */
  const hashes = createLru<Buffer>(hashesKept)
  const lastUsed = trackLastUsed(db, now)

  const rowFor = (key: NewKey, secret: string): Insertable<Schema['api_keys']> => {
    const { prefix, lastFour } = displayOf(secret)
    return {
      id: `key_${randomBytes(8).toString('hex')}`,
      tenant: key.tenant,
      project: key.project ?? null,
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
      if (key.project !== undefined) await requireProject(db, key.project, key.tenant)
      const secret = makeSecretKey()
      const row = rowFor(key, secret)
      await db.insertInto('api_keys').values(row).execute()
      lookUps.changed()
      const made = await selectKeys(db).where('api_keys.id', '=', row.id).executeTakeFirstOrThrow()
      return { key: recordOf(made), secret }
    },

    async list() {
      const rows = await selectKeys(db).orderBy('api_keys.created_at').orderBy('api_keys.id').execute()
      return rows.map(recordOf)
    },

    async limit(id, change) {
      const changed = await db.transaction().execute(async (trx) => {
        const row = await trx
          .selectFrom('api_keys')
          .select('settings')
          .where('id', '=', id)
          .forUpdate()
          .executeTakeFirst()
        if (!row) return undefined
        const { models, heartbeat, ...before } = JSON.parse(row.settings) as KeySettings
        const limits = change(before)
        const settings: KeySettings = { ...(models && { models }), ...(heartbeat && { heartbeat }), ...limits }
        await trx
          .updateTable('api_keys')
          .set({ settings: JSON.stringify(settings) })
          .where('id', '=', id)
          .execute()
        return limits
      })
      lookUps.changed()
      return changed
    },

    async revoke(id) {
      const { numUpdatedRows } = await db
        .updateTable('api_keys')
        .set({ revoked_at: now() })
        .where('id', '=', id)
        .where('revoked_at', 'is', null)
        .executeTakeFirst()
      lookUps.changed()
      if (numUpdatedRows > 0n) return 'revoked'
      const known = await db.selectFrom('api_keys').select('id').where('id', '=', id).executeTakeFirst()
      return known ? 'already-revoked' : 'unknown'
    },

    async forConsole(tenant) {
      // No header can carry a space, so that no token is ever hashed to this.
      const hash = hashOf(`console of ${tenant}`)
      if (!(await lookUps.key(hash))) {
        await db
          .insertInto('api_keys')
          .values({ ...rowFor({ name: 'console', tenant }, ''), hash })
          .onConflict((conflict) => conflict.column('hash').doNothing())
          .execute()
        lookUps.changed()
      }
      const row = await lookUps.key(hash)
      if (!row || !isUsable(row, now())) return undefined
      lastUsed.note(row.id)
      return keyOf(row)
    },

    async authenticate(authorization) {
      const token = bearerToken(authorization)
      const known = hashes.get(token)
      const hash = known ?? hashOf(token)
      const found = lookUps.key(hash)
      const row = found instanceof Promise ? await found : found
      if (!row || !timingSafeEqual(row.hash, hash) || !isUsable(row, now())) throw invalidKey(token)
      if (!known) hashes.set(token, hash)
      if (row.project_archived_at !== null) throw projectArchived()
      lastUsed.note(row.id)
      return keyOf(row)
    },

    async ensureBootstrapKey(given) {
      if (given !== undefined && !looksLikeKey(given))
        throw new OperatorError('TIDEGATE_BOOTSTRAP_KEY must be 1 to 512 printable ASCII characters without spaces.')
      const secret = given ?? makeSecretKey()
      const made = await db.transaction().execute(async (trx) => {
        // Of several processes that start at once, one makes it.
        await trx.selectFrom('tenants').select('id').where('id', '=', 'default').forUpdate().execute()
        const others = trx.selectFrom('api_keys').select('id')
        const known = await (given === undefined ? others : others.where('hash', '=', hashOf(given))).executeTakeFirst()
        if (known) return false
        const row = rowFor({ name: given === undefined ? 'first start' : 'bootstrap', tenant: 'default' }, secret)
        await trx.insertInto('api_keys').values(row).execute()
        return true
      })
      lookUps.changed()
      return made && given === undefined ? secret : undefined
    },
  }
}

const isUsable = (row: Pick<ApiKeyRow, 'expires_at' | 'revoked_at'>, at: number): boolean =>
  row.revoked_at === null && (row.expires_at === null || row.expires_at > at)

const keyOf = (row: KeyRow): Key => ({
  id: row.id,
  tenant: row.tenant,
  ...(row.project !== null && {
    project: { id: row.project, limits: JSON.parse(row.project_limits ?? '{}') as UseLimits },
  }),
  name: row.name,
  settings: JSON.parse(row.settings) as KeySettings,
})

/** Keys with their projects, for people. */
export const selectKeys = (db: Kysely<Schema>) =>
  db
    .selectFrom('api_keys')
    .leftJoin('projects', 'projects.id', 'api_keys.project')
    .selectAll('api_keys')
    .select(['projects.name as project_name', 'projects.archived_at as project_archived_at'])

type RecordRow = ApiKeyRow & { readonly project_name: string | null; readonly project_archived_at: number | null }

export const recordOf = (row: RecordRow): KeyRecord => ({
  id: row.id,
  tenant: row.tenant,
  ...(row.project !== null && {
    project: { id: row.project, name: row.project_name ?? '', archived: row.project_archived_at !== null },
  }),
  name: row.name,
  settings: JSON.parse(row.settings) as KeySettings,
  display: `${row.prefix}…${row.last_four}`,
  createdAt: new Date(row.created_at),
  ...(row.expires_at !== null && { expiresAt: new Date(row.expires_at) }),
  ...(row.revoked_at !== null && { revokedAt: new Date(row.revoked_at) }),
  ...(row.last_used_at !== null && { lastUsedAt: new Date(row.last_used_at) }),
})

/** @throws OperatorError */
async function requireProject(db: Kysely<Schema>, id: string, tenant: string): Promise<void> {
  const found = await db
    .selectFrom('projects')
    .select('archived_at')
    .where('id', '=', id)
    .where('tenant', '=', tenant)
    .executeTakeFirst()
  if (!found) throw new OperatorError(`The tenant '${tenant}' has no project '${id}'.`)
  if (found.archived_at !== null) throw new OperatorError(`The project '${id}' is archived: restore it first.`)
}
