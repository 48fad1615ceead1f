/** How each operation is rightly asked for, about things of the tenant `acme`. */
import type { BodyOf, OperationName, ParamsOf, QueryOf } from '../../src/http/admin/contract.ts'

export interface Things {
  readonly keyId: string
  readonly projectId: string
  readonly personId: string
  readonly adminKeyId: string
  readonly requestId: string
  readonly engine: string
}

type Example<N extends OperationName> = {
  readonly params?: ParamsOf<N>
  readonly query?: QueryOf<N>
  readonly body?: BodyOf<N>
}
type Examples = { readonly [N in OperationName]?: Example<N> }

export const examplesOf = ({ personId, adminKeyId, engine, keyId, projectId, requestId }: Things): Examples => ({
  'GET /admin/session': {},
  'GET /admin/people': {},
  'POST /admin/people': { body: { name: 'carol', password: 'correct horse', role: 'member', tenant: 'acme' } },
  'PATCH /admin/people/{id}': { params: { id: personId }, body: { disabled: false } },
  'PUT /admin/people/{id}/password': { params: { id: personId }, body: { password: 'correct horse 2' } },
  'GET /admin/admin-keys': {},
  'POST /admin/admin-keys': { body: { name: 'backup', role: 'member', tenant: 'acme' } },
  'POST /admin/admin-keys/{id}/revoke': { params: { id: adminKeyId } },
  'GET /admin/audit': { query: { tenant: 'acme' } },
  'GET /admin/keys': { query: { tenant: 'acme', search: 'acme', status: 'active', limit: 5 } },
  'POST /admin/keys': {
    body: { name: 'ci', tenant: 'acme', models: ['deepseek-v4-flash'], limits: { budget: { day: '5' } } },
  },
  'GET /admin/keys/{id}': { params: { id: keyId } },
  'PATCH /admin/keys/{id}': { params: { id: keyId }, body: { name: 'changed', limits: { requestsPerMinute: 60 } } },
  'POST /admin/keys/{id}/revoke': { params: { id: keyId } },
  'GET /admin/projects': { query: { tenant: 'acme', archived: false } },
  'POST /admin/projects': { body: { name: 'batch', tenant: 'acme', limits: { budget: { month: '50' } } } },
  'GET /admin/projects/{id}': { params: { id: projectId } },
  'PATCH /admin/projects/{id}': { params: { id: projectId }, body: { name: 'site', archived: true } },
  'GET /admin/tenants': { query: { search: 'a' } },
  'POST /admin/tenants': { body: { id: 'new', prepaid: true, limits: { concurrency: 8 } } },
  'GET /admin/tenants/{tenant}': { params: { tenant: 'acme' } },
  'PATCH /admin/tenants/{tenant}': { params: { tenant: 'acme' }, body: { name: 'Acme' } },
  'POST /admin/tenants/{tenant}/top-ups': { params: { tenant: 'acme' }, body: { amount: '25', note: 'invoice 7' } },
  'GET /admin/ledger': { query: { tenant: 'acme', kind: 'usage', from: '2026-01-01' } },
  'GET /admin/ledger/export': { query: { tenant: 'acme', format: 'jsonl' } },
  'POST /admin/ledger/verify': {},
  'GET /admin/end-users': { query: { tenant: 'acme' } },
  'PUT /admin/tenants/{tenant}/blocked-users/{userId}': { params: { tenant: 'acme', userId: 'u-1' } },
  'DELETE /admin/tenants/{tenant}/blocked-users/{userId}': { params: { tenant: 'acme', userId: 'u-1' } },
  'GET /admin/usage': { query: { tenant: 'acme', step: 'hour', groupBy: ['model', 'user'] } },
  'GET /admin/usage/export': { query: { tenant: 'acme', groupBy: ['key'] } },
  'GET /admin/requests': { query: { tenant: 'acme', failed: false, limit: 10 } },
  'GET /admin/requests/export': { query: { tenant: 'acme', format: 'jsonl' } },
  'GET /admin/requests/{id}': { params: { id: requestId } },
  'GET /admin/overview': {},
  'GET /admin/models': {},
  'GET /admin/engines': {},
  'POST /admin/engines/{id}/drain': { params: { id: engine } },
  'DELETE /admin/engines/{id}/drain': { params: { id: engine } },
  'GET /admin/engines/{id}/check': { params: { id: engine } },
  'POST /admin/engines/{id}/check': { params: { id: engine } },
  'DELETE /admin/engines/{id}/check': { params: { id: engine } },
  'POST /admin/chat/completions': {
    query: { tenant: 'acme' },
    body: { model: 'deepseek-v4-flash', messages: [{ role: 'user', content: 'Hello!' }] },
  },
  'PUT /admin/password': { body: { current: 'correct horse battery staple', password: 'another one, longer' } },
  'DELETE /admin/sessions': {},
  'DELETE /admin/session': {},
})
