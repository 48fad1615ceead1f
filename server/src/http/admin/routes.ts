import { send } from '../answer.ts'
import type { Reads } from '../reads.ts'
import type { Route } from '../routes.ts'
import { type OperationName, operations } from './contract.ts'
import type { EngineChecks } from './engine-checks.ts'
import { auditHandlers } from './handlers/audit.ts'
import { checkHandlers } from './handlers/checks.ts'
import { type EndUserParts, endUserHandlers } from './handlers/end-users.ts'
import { type KeyParts, keyHandlers } from './handlers/keys.ts'
import { ledgerHandlers } from './handlers/ledger.ts'
import { type ModelParts, modelHandlers } from './handlers/models.ts'
import { type OverviewParts, overviewHandlers } from './handlers/overview.ts'
import { type PeopleParts, peopleHandlers } from './handlers/people.ts'
import { type PlaygroundParts, playgroundHandlers } from './handlers/playground.ts'
import { type ProjectParts, projectHandlers } from './handlers/projects.ts'
import { type RequestParts, requestHandlers } from './handlers/requests.ts'
import { type SessionParts, sessionHandlers } from './handlers/session.ts'
import { type TenantParts, tenantHandlers } from './handlers/tenants.ts'
import { type UsageParts, usageHandlers } from './handlers/usage.ts'
import { sayPrivate } from './headers.ts'
import { openApi } from './openapi.ts'
import { type Handler, type RunParts, running } from './run.ts'

export type AdminParts = RunParts &
  SessionParts &
  PeopleParts &
  KeyParts &
  ProjectParts &
  TenantParts &
  EndUserParts &
  ModelParts &
  UsageParts &
  RequestParts &
  OverviewParts &
  PlaygroundParts & {
    readonly checks: EngineChecks
    readonly reads: Pick<Reads, 'ask'>
  }

/** The admin API, a route for each operation of the table. */
export function adminRoutes(parts: AdminParts): readonly Route[] {
  const handlers = {
    ...sessionHandlers(parts),
    ...peopleHandlers(parts),
    ...auditHandlers(parts.reads),
    ...modelHandlers(parts),
    ...checkHandlers(parts.checks),
    ...playgroundHandlers(parts),
    ...keyHandlers(parts),
    ...projectHandlers(parts),
    ...tenantHandlers(parts),
    ...endUserHandlers(parts),
    ...ledgerHandlers(parts.reads),
    ...usageHandlers(parts),
    ...requestHandlers(parts),
    ...overviewHandlers(parts),
  }
  // Few ever ask for it, and to make it costs each start more than all routes together.
  let document: string | undefined
  return [
    ...Object.entries(handlers).map(([key, handler]): Route => {
      const name = key as keyof typeof handlers
      const [method, path] = name.split(' ') as [Route['method'], string]
      const handle = running(name, operations[name], handler as Handler<OperationName>, parts)
      return { method, paths: [path], handle }
    }),
    {
      method: 'GET',
      paths: ['/admin/openapi.json'],
      handle: (exchange) => {
        sayPrivate(exchange.response, parts.clientOf(exchange.request))
        document ??= JSON.stringify(openApi())
        send(exchange, 200, 'application/json', document)
      },
    },
  ]
}
