/** API keys, as whoever looks after them sees and changes them. */
import type { UseLimits } from '../../../completion/use-limits.ts'
import { type KeyRegister, statusOf } from '../../../tenancy/key-register.ts'
import type { KeyRecord, Keys } from '../../../tenancy/keys.ts'
import type { Projects } from '../../../tenancy/projects.ts'
import type { Tenants } from '../../../tenancy/tenants.ts'
import type { Reads } from '../../reads.ts'
import type { ApiKey, Sums } from '../contract.ts'
import { AdminError } from '../errors.ts'
import { cursorIn, pageOf } from '../paging.ts'
import type { HandlersOf } from '../run.ts'
import { usedLately, usedLatelyBy } from '../used.ts'

export interface KeyParts {
  readonly keys: Pick<Keys, 'create' | 'revoke'>
  readonly register: KeyRegister
  readonly tenants: Pick<Tenants, 'has'>
  readonly projects: Pick<Projects, 'find'>
  readonly reads: Pick<Reads, 'ask'>
}

export function keyHandlers({
  keys,
  register,
  tenants,
  projects,
  reads,
}: KeyParts): HandlersOf<
  | 'GET /admin/keys'
  | 'POST /admin/keys'
  | 'GET /admin/keys/{id}'
  | 'PATCH /admin/keys/{id}'
  | 'POST /admin/keys/{id}/revoke'
> {
  const known = (key: KeyRecord | undefined, id: string): KeyRecord => {
    if (key) return key
    throw new AdminError('not-found', `There is no key '${id}'.`)
  }
  const requireOpen = async (id: string, tenant: string): Promise<void> => {
    const project = await projects.find(id, tenant)
    const wrong = project?.id !== id ? 'is none of the tenant' : project.archivedAt !== null && 'is archived'
    if (wrong) throw new AdminError('invalid-request', `The project '${id}' ${wrong}.`, { param: 'project' })
  }
  const look = async (key: KeyRecord) => wireKey(key, await usedLatelyBy(reads, 'key', key.tenant, key.id))

  return {
    async 'GET /admin/keys'({ scope, query: { project, search, status, cursor, limit } }) {
      const before = cursorIn(cursor, ['number', 'string'])
      const records = await register.list({
        tenant: scope,
        project,
        search,
        status,
        before: before && { createdAt: before[0], id: before[1] },
        limit: limit + 1,
      })
      const used = await usedLately(reads, 'key', scope)
      return pageOf(
        records,
        limit,
        (key) => wireKey(key, used(key.id)),
        ({ createdAt, id }) => [createdAt.getTime(), id],
      )
    },

    async 'POST /admin/keys'({
      body: { name, tenant = 'default', project, models, limits = {}, heartbeat, expiresAt },
    }) {
      if (!(await tenants.has(tenant)))
        throw new AdminError('invalid-request', `There is no tenant '${tenant}'.`, { param: 'tenant' })
      if (project !== undefined) await requireOpen(project, tenant)
      const ends = future(expiresAt)
      const { key, secret } = await keys.create({
        name,
        tenant,
        ...(project !== undefined && { project }),
        settings: { ...(models && { models }), ...(heartbeat && { heartbeat }), ...(limits as UseLimits) },
        ...(ends && { expiresAt: ends }),
      })
      return { key: await look(key), secret }
    },

    async 'GET /admin/keys/{id}'({ scope, params: { id } }) {
      return look(known(await register.find(id, scope), id))
    },

    async 'PATCH /admin/keys/{id}'({ scope, params: { id }, body: { name, models, limits, heartbeat, expiresAt } }) {
      const ends = future(expiresAt)
      const to = { name, models, heartbeat, limits: limits as UseLimits | undefined, expiresAt: ends }
      return look(known(await register.change(id, scope, to), id))
    },

    async 'POST /admin/keys/{id}/revoke'({ scope, params: { id } }) {
      known(await register.find(id, scope), id)
      await keys.revoke(id)
      return look(known(await register.find(id, scope), id))
    },
  }
}

/** @throws AdminError for a time that is over */
function future(text: string | null | undefined): Date | null | undefined {
  if (text === null || text === undefined) return text
  const time = new Date(text)
  if (time.getTime() > Date.now()) return time
  throw new AdminError('invalid-request', "'expiresAt' lies in the past.", { param: 'expiresAt' })
}

function wireKey(key: KeyRecord, last30Days: Sums): ApiKey {
  const { models, heartbeat, ...limits } = key.settings
  return {
    id: key.id,
    name: key.name,
    tenant: key.tenant,
    project: key.project ?? null,
    display: key.display,
    status: statusOf(key, Date.now()),
    models: models ? [...models] : null,
    limits: limits as ApiKey['limits'],
    heartbeat: heartbeat ?? 'comment',
    createdAt: key.createdAt.toISOString(),
    expiresAt: key.expiresAt?.toISOString() ?? null,
    revokedAt: key.revokedAt?.toISOString() ?? null,
    lastUsedAt: key.lastUsedAt?.toISOString() ?? null,
    last30Days,
  }
}
