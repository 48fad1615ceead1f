/** Projects of tenants: keys that are limited and counted together. */
import type { UseLimits } from '../../../completion/use-limits.ts'
import type { Project, Projects } from '../../../tenancy/projects.ts'
import type { Tenants } from '../../../tenancy/tenants.ts'
import type { Reads } from '../../reads.ts'
import type { Sums, Project as WireProject } from '../contract.ts'
import { AdminError } from '../errors.ts'
import { cursorIn, pageOf } from '../paging.ts'
import type { HandlersOf } from '../run.ts'
import { usedLately, usedLatelyBy } from '../used.ts'
import { timeOf } from '../wire.ts'

export interface ProjectParts {
  readonly projects: Projects
  readonly tenants: Pick<Tenants, 'has'>
  readonly reads: Pick<Reads, 'ask'>
}

export function projectHandlers({
  projects,
  tenants,
  reads,
}: ProjectParts): HandlersOf<
  'GET /admin/projects' | 'POST /admin/projects' | 'GET /admin/projects/{id}' | 'PATCH /admin/projects/{id}'
> {
  /** @throws AdminError when it is not there, or could not be made or named so */
  async function look(project: Project | 'taken' | undefined, id: string, name = ''): Promise<WireProject> {
    if (project === undefined) throw new AdminError('not-found', `There is no project '${id}'.`)
    if (project === 'taken')
      throw new AdminError('conflict', `The tenant has a project '${name}' already.`, { param: 'name' })
    return wireProject(project, await usedLatelyBy(reads, 'project', project.tenant, project.id))
  }

  return {
    async 'GET /admin/projects'({ scope, query: { archived, cursor, limit } }) {
      const [tenant, name] = cursorIn(cursor, ['string', 'string']) ?? []
      const after = tenant === undefined || name === undefined ? undefined : { tenant, name }
      const found = await projects.list({ tenant: scope, archived, after, limit: limit + 1 })
      const used = await usedLately(reads, 'project', scope)
      return pageOf(
        found,
        limit,
        (project) => wireProject(project, used(project.id)),
        (project) => [project.tenant, project.name],
      )
    },

    async 'POST /admin/projects'({ body: { name, tenant = 'default', limits } }) {
      if (!(await tenants.has(tenant)))
        throw new AdminError('invalid-request', `There is no tenant '${tenant}'.`, { param: 'tenant' })
      return look(await projects.create({ tenant, name, limits: limits as UseLimits | undefined }), '', name)
    },

    async 'GET /admin/projects/{id}'({ scope, params: { id } }) {
      return look(await projects.find(id, scope), id)
    },

    async 'PATCH /admin/projects/{id}'({ scope, params: { id }, body: { name, limits, archived } }) {
      const to = { name, archived, ...(limits && { limits: () => limits as UseLimits }) }
      return look(await projects.change(id, scope, to), id, name)
    },
  }
}

const wireProject = (project: Project, last30Days: Sums): WireProject => ({
  id: project.id,
  tenant: project.tenant,
  name: project.name,
  limits: project.limits as WireProject['limits'],
  createdAt: timeOf(project.createdAt),
  archivedAt: project.archivedAt === null ? null : timeOf(project.archivedAt),
  last30Days,
})
