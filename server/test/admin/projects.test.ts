import { expect, test } from 'vitest'
import { bodyB, clientOf } from '../client.ts'
import { startOfMinute } from '../clock.ts'
import { onEachStore } from '../stores.ts'
import { administered, administrator, memberOf } from './harness.ts'

onEachStore(() => {
  test('a project is made, its keys share its limits, and what it used is seen; archived, it refuses them', async () => {
    startOfMinute()
    const service = await administered()
    const member = await service.person('alice', memberOf('acme'))
    const made = await member.ask('POST /admin/projects', { body: { name: ' web ', limits: { requestsPerMinute: 2 } } })
    expect(made.json).toMatchObject({ name: 'web', tenant: 'acme', limits: { requestsPerMinute: 2 }, archivedAt: null })
    const { id } = made.json
    const taken = await member.ask('POST /admin/projects', { body: { name: 'web' } })
    expect([taken.status, taken.json.error.param]).toEqual([409, 'name'])
    const newKey = async (name: string, project?: string) =>
      (await member.ask('POST /admin/keys', { body: { name, ...(project && { project }) } })).json
    const [first, second, free] = [await newKey('a', id), await newKey('b', id), await newKey('c')]
    expect([first.key.project, free.key.project]).toEqual([{ id, name: 'web', archived: false }, null])
    const statusOf = async ({ secret }: { secret: string }) =>
      (await clientOf(service.client.origin, secret).post(bodyB())).status
    expect([await statusOf(first), await statusOf(second), await statusOf(first), await statusOf(free)]).toEqual([
      ...[200, 200, 429, 200],
    ])

    await service.flushLog()
    const params = { id }
    expect((await member.ask('GET /admin/projects/{id}', { params })).json.last30Days).toMatchObject({ requests: 3 })
    const usage = (await member.ask('GET /admin/usage', { query: { groupBy: 'project' } })).json
    const used = usage.series.map((one: { group: { project: string | null }; total: { requests: number } }) => [
      one.group.project,
      one.total.requests,
    ])
    expect(used.toSorted()).toEqual(
      [
        [null, 1],
        [id, 3],
      ].toSorted(),
    )
    const table = await member.ask('GET /admin/usage/export', { query: { groupBy: 'project', project: id } })
    expect(table.text.split('\n')[0]).toMatch(/^time,project,requests/)
    const requests = (await member.ask('GET /admin/requests', { query: { project: id } })).json.items
    expect(requests.map((one: { projectId: string }) => one.projectId)).toEqual([id, id, id])
    const keys = (await member.ask('GET /admin/keys', { query: { project: id } })).json.items
    // Two keys of one millisecond stand in either order.
    expect(keys.map((one: { name: string }) => one.name).toSorted()).toEqual(['a', 'b'])
    const entries = (await member.ask('GET /admin/ledger')).json.items
    expect(entries.map((one: { projectId: string | null }) => one.projectId)).toEqual([null, id, id])

    const body = { name: 'site', limits: {}, archived: true }
    const archived = (await member.ask('PATCH /admin/projects/{id}', { params, body })).json
    expect(archived).toMatchObject({ name: 'site', limits: {}, archivedAt: expect.any(String) })
    expect([await statusOf(first), await statusOf(free)]).toEqual([401, 200])
    const refused = await member.ask('POST /admin/keys', { body: { name: 'x', project: id } })
    expect([refused.status, refused.json.error.param]).toEqual([400, 'project'])
    expect((await member.ask('GET /admin/projects', { query: { archived: false } })).json.items).toEqual([])
    await member.ask('PATCH /admin/projects/{id}', { params, body: { archived: false } })
    expect(await statusOf(second)).toBe(200)
  })
})

test('nobody sees or uses a project of another tenant; an administrator pages through all of them', async () => {
  const service = await administered()
  const admin = await service.script(administrator)
  const stranger = await service.person('eve', memberOf('other'))
  await admin.ask('POST /admin/tenants', { body: { id: 'acme' } })
  for (const name of ['a', 'b', 'c']) await admin.ask('POST /admin/projects', { body: { name, tenant: 'acme' } })
  await stranger.ask('POST /admin/projects', { body: { name: 'a' } })
  const first = (await admin.ask('GET /admin/projects', { query: { limit: 3 } })).json
  const second = (await admin.ask('GET /admin/projects', { query: { limit: 3, cursor: first.next } })).json
  const named = [...first.items, ...second.items].map(({ tenant, name }) => `${tenant}/${name}`)
  expect([named, second.next]).toEqual([['acme/a', 'acme/b', 'acme/c', 'other/a'], null])
  const params = { id: first.items[0].id }
  expect((await stranger.ask('GET /admin/projects/{id}', { params })).status).toBe(404)
  expect((await stranger.ask('PATCH /admin/projects/{id}', { params, body: { archived: true } })).status).toBe(404)
  const foreign = await stranger.ask('POST /admin/keys', { body: { name: 'x', project: params.id } })
  expect([foreign.status, foreign.json.error.param]).toEqual([400, 'project'])
  const unknown = await admin.ask('POST /admin/projects', { body: { name: 'x', tenant: 'nobody' } })
  expect([unknown.status, unknown.json.error.param]).toEqual([400, 'tenant'])
})
