import { z } from 'zod'
import { limits } from './keys.ts'
import { label, type Operations, ofTenant, pageOf, paging, sums, tenantId, time } from './operation.ts'

export const project = z
  .object({
    id: z.string(),
    tenant: tenantId,
    name: z.string(),
    limits: limits.describe('Of all its keys together.'),
    createdAt: time,
    archivedAt: time.nullable().describe('Its keys are refused since then (401). Null: they are served.'),
    last30Days: sums,
  })
  .meta({ id: 'Project' })

const byId = z.object({ id: z.string() })

export const projectOperations = {
  'GET /admin/projects': {
    id: 'listProjects',
    summary: 'Projects: keys of a tenant that are limited and counted together. By their tenants and names.',
    may: 'member',
    query: z.strictObject({
      ...ofTenant,
      archived: z.boolean().optional().describe('Only those that are archived, or only those that are not.'),
      ...paging,
    }),
    answer: pageOf(project),
  },
  'POST /admin/projects': {
    id: 'createProject',
    summary: 'Make a project.',
    may: 'member',
    body: z.strictObject({
      name: label.describe('Unique among the projects of the tenant.'),
      tenant: tenantId.optional().describe('Default: `default`.'),
      limits: limits.optional(),
    }),
    status: 201,
    answer: project,
  },
  'GET /admin/projects/{id}': {
    id: 'getProject',
    summary: 'One project.',
    may: 'member',
    params: byId,
    answer: project,
  },
  'PATCH /admin/projects/{id}': {
    id: 'changeProject',
    summary: 'Change a project. What is absent stays as it is; `limits` are replaced as a whole.',
    may: 'member',
    params: byId,
    body: z.strictObject({
      name: label.optional(),
      limits: limits.optional(),
      archived: z.boolean().optional().describe('True: its keys are refused, everywhere, until it is false again.'),
    }),
    answer: project,
  },
} as const satisfies Operations
