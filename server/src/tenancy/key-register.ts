/** API keys as people look at them and change them; what a request needs of them stands in `keys.ts`. */
import type { Kysely } from 'kysely'
import type { UseLimits } from '../completion/use-limits.ts'
import type { Schema } from '../storage/schema.ts'
import type { Storage } from '../storage/storage.ts'
import type { HeartbeatForm, KeySettings } from './key.ts'
import { type KeyRecord, recordOf, selectKeys } from './keys.ts'
import { has } from './tenants.ts'

export type KeyStatus = 'active' | 'expired' | 'revoked'

interface KeyQuestion {
  /** Undefined: all tenants. */
  readonly tenant?: string | undefined
  /** The id of one. */
  readonly project?: string | undefined
  /** Part of the name, the id or the last four. */
  readonly search?: string | undefined
  readonly status?: KeyStatus | undefined
  /** Only keys older than this one. */
  readonly before?: { readonly createdAt: number; readonly id: string } | undefined
  readonly limit: number
}

/** What is absent stays as it is; null takes a restriction away. */
interface KeyChange {
  readonly name?: string | undefined
  readonly models?: readonly string[] | null | undefined
  readonly limits?: UseLimits | undefined
  readonly heartbeat?: HeartbeatForm | undefined
  readonly expiresAt?: Date | null | undefined
}

/** Wherever a tenant is given, a key of another one is not there. */
export interface KeyRegister {
  /** Newest first. */
  list(question: KeyQuestion): Promise<readonly KeyRecord[]>
  find(id: string, tenant: string | undefined): Promise<KeyRecord | undefined>
  /** Takes effect in this process at once, in others within a second. */
  change(id: string, tenant: string | undefined, to: KeyChange): Promise<KeyRecord | undefined>
  /** How many may be used, of each of these tenants. */
  countUsable(tenants: readonly string[]): Promise<ReadonlyMap<string, number>>
}

/** @param now milliseconds since 1970 */
export function openKeyRegister(
  { db, read, lookUps }: Pick<Storage, 'db' | 'read' | 'lookUps'>,
  now: () => number = Date.now,
): KeyRegister {
  const find = async (from: Kysely<Schema>, id: string, tenant: string | undefined) => {
    const query = selectKeys(from).where('api_keys.id', '=', id)
    const row = await (tenant === undefined ? query : query.where('api_keys.tenant', '=', tenant)).executeTakeFirst()
    return row && recordOf(row)
  }
  return {
    async list({ tenant, project, search, status, before, limit }) {
      const at = now()
      let query = selectKeys(read).orderBy('api_keys.created_at', 'desc').orderBy('api_keys.id', 'desc').limit(limit)
      if (tenant !== undefined) query = query.where('api_keys.tenant', '=', tenant)
      if (project !== undefined) query = query.where('project', '=', project)
      if (search !== undefined)
        query = query.where(({ or, ref }) =>
          or([has(ref('api_keys.name'), search), has(ref('api_keys.id'), search), has(ref('last_four'), search)]),
        )
      if (status === 'revoked') query = query.where('revoked_at', 'is not', null)
      else if (status !== undefined) query = query.where('revoked_at', 'is', null)
      if (status === 'expired') query = query.where('expires_at', '<=', at)
      if (status === 'active')
        query = query.where(({ or, eb }) => or([eb('expires_at', 'is', null), eb('expires_at', '>', at)]))
      if (before)
        query = query.where(({ eb, refTuple, tuple }) =>
          eb(refTuple('api_keys.created_at', 'api_keys.id'), '<', tuple(before.createdAt, before.id)),
        )
      return (await query.execute()).map(recordOf)
    },

    find: (id, tenant) => find(read, id, tenant),

    async change(id, tenant, to) {
      const changed = await db.transaction().execute(async (trx) => {
        const settings = await lockedSettings(trx, id, tenant)
        if (!settings) return undefined
        await trx
          .updateTable('api_keys')
          .set({
            ...(to.name !== undefined && { name: to.name }),
            settings: JSON.stringify(changedSettings(settings, to)),
            ...(to.expiresAt !== undefined && { expires_at: to.expiresAt?.getTime() ?? null }),
          })
          .where('id', '=', id)
          .execute()
        return find(trx, id, tenant)
      })
      lookUps.changed()
      return changed
    },

    async countUsable(tenants) {
      if (tenants.length === 0) return new Map()
      const rows = await read
        .selectFrom('api_keys')
        .select(({ fn }) => ['tenant', fn.countAll<number>().as('count')])
        .where('tenant', 'in', tenants)
        .where('revoked_at', 'is', null)
        .where(({ or, eb }) => or([eb('expires_at', 'is', null), eb('expires_at', '>', now())]))
        .groupBy('tenant')
        .execute()
      return new Map(rows.map(({ tenant, count }) => [tenant, Number(count)]))
    },
  }
}

async function lockedSettings(trx: Kysely<Schema>, id: string, tenant: string | undefined) {
  const query = trx.selectFrom('api_keys').select('settings').where('id', '=', id).forUpdate()
  const row = await (tenant === undefined ? query : query.where('tenant', '=', tenant)).executeTakeFirst()
  return row && (JSON.parse(row.settings) as KeySettings)
}

function changedSettings(before: KeySettings, to: KeyChange): KeySettings {
  const { models, heartbeat, ...limits } = before
  const newModels = to.models === undefined ? models : (to.models ?? undefined)
  const newHeartbeat = to.heartbeat ?? heartbeat
  return {
    ...(newModels && { models: newModels }),
    ...(newHeartbeat && { heartbeat: newHeartbeat }),
    ...(to.limits ?? limits),
  }
}

export const statusOf = ({ revokedAt, expiresAt }: KeyRecord, now: number): KeyStatus => {
  if (revokedAt) return 'revoked'
  return expiresAt && expiresAt.getTime() <= now ? 'expired' : 'active'
}
