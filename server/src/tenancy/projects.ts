/** Projects of a tenant: keys that are limited and counted together. A key belongs to one for ever, or to none. */
import { randomBytes } from 'node:crypto'
import type { Kysely, Selectable } from 'kysely'
import type { UseLimits } from '../completion/use-limits.ts'
import type { Schema } from '../storage/schema.ts'
import type { Storage } from '../storage/storage.ts'

export interface Project {
  /** `proj_…`. */
  readonly id: string
  readonly tenant: string
  /** For people; no other project of the tenant has it. */
  readonly name: string
  /** Of all its keys together. */
  readonly limits: UseLimits
  /** Milliseconds since 1970. */
  readonly createdAt: number
  /** Its keys are refused since then; null while they are served. */
  readonly archivedAt: number | null
}

/** What is absent stays as it is. */
interface ProjectChange {
  readonly name?: string | undefined
  readonly limits?: ((before: UseLimits) => UseLimits) | undefined
  readonly archived?: boolean | undefined
}

/** Wherever a tenant is given, a project of another one is not there. */
export interface Projects {
  /** In the order of their tenants and names. */
  list(question: {
    readonly tenant?: string | undefined
    readonly archived?: boolean | undefined
    /** Only those behind this one. */
    readonly after?: Pick<Project, 'tenant' | 'name'> | undefined
    readonly limit?: number
  }): Promise<readonly Project[]>
  /** By its id, or by its name where a tenant is given. */
  find(idOrName: string, tenant: string | undefined): Promise<Project | undefined>
  /** @returns `taken` when the tenant has one of that name already */
  create(
    project: Pick<Project, 'tenant' | 'name'> & { readonly limits?: UseLimits | undefined },
  ): Promise<Project | 'taken'>
  /** Takes effect in this process at once, in others within a second. @returns undefined when it is not there */
  change(id: string, tenant: string | undefined, to: ProjectChange): Promise<Project | 'taken' | undefined>
}

/** @param now milliseconds since 1970 */
export function openProjects(
  { db, read, lookUps }: Pick<Storage, 'db' | 'read' | 'lookUps'>,
  now: () => number = Date.now,
): Projects {
  const chosen = (from: Kysely<Schema>, tenant: string | undefined) => {
    const query = from.selectFrom('projects').selectAll()
    return tenant === undefined ? query : query.where('tenant', '=', tenant)
  }
  return {
    async list({ tenant, archived, after, limit }) {
      let query = chosen(read, tenant).orderBy('tenant').orderBy('name')
      if (archived !== undefined) query = query.where('archived_at', archived ? 'is not' : 'is', null)
      if (after) {
        const { tenant: lastTenant, name } = after
        query = query.where(({ eb, refTuple, tuple }) => eb(refTuple('tenant', 'name'), '>', tuple(lastTenant, name)))
      }
      if (limit !== undefined) query = query.limit(limit)
      return (await query.execute()).map(projectOf)
    },

    async find(idOrName, tenant) {
      const row = await chosen(read, tenant)
        .where(({ or, eb }) =>
          tenant === undefined ? eb('id', '=', idOrName) : or([eb('id', '=', idOrName), eb('name', '=', idOrName)]),
        )
        // A name may look like the id of another one: what is called by its id is meant.
        .orderBy(({ eb }) => eb('id', '=', idOrName), 'desc')
        .executeTakeFirst()
      return row && projectOf(row)
    },

    async create({ tenant, name, limits = {} }) {
      const id = `proj_${randomBytes(8).toString('hex')}`
      const row = await db
        .insertInto('projects')
        .values({ id, tenant, name, limits: JSON.stringify(limits), created_at: now() })
        .onConflict((conflict) => conflict.columns(['tenant', 'name']).doNothing())
        .returningAll()
        .executeTakeFirst()
      return row ? projectOf(row) : 'taken'
    },

    async change(id, tenant, { name, limits, archived }) {
      const changed = await db.transaction().execute(async (trx) => {
        const row = await chosen(trx, tenant).where('id', '=', id).forUpdate().executeTakeFirst()
        if (!row) return undefined
        if (name !== undefined && name !== row.name) {
          const other = await chosen(trx, row.tenant).where('name', '=', name).executeTakeFirst()
          if (other) return 'taken'
        }
        return trx
          .updateTable('projects')
          .set({
            name: name ?? row.name,
            limits: limits ? JSON.stringify(limits(JSON.parse(row.limits) as UseLimits)) : row.limits,
            archived_at: archived === undefined ? row.archived_at : archived ? (row.archived_at ?? now()) : null,
          })
          .where('id', '=', id)
          .returningAll()
          .executeTakeFirstOrThrow()
      })
      lookUps.changed()
      return changed && changed !== 'taken' ? projectOf(changed) : changed
    },
  }
}

const projectOf = (row: Selectable<Schema['projects']>): Project => ({
  id: row.id,
  tenant: row.tenant,
  name: row.name,
  limits: JSON.parse(row.limits) as UseLimits,
  createdAt: Number(row.created_at),
  archivedAt: row.archived_at === null ? null : Number(row.archived_at),
})
