import { expect, test } from 'vitest'
import { bodyB, clientOf } from '../client.ts'
import { onEachStore } from '../stores.ts'
import { administered, administrator, memberOf } from './harness.ts'

onEachStore(() => {
  test('a key that was made in the console works as it says, until it is revoked there', async () => {
    const service = await administered()
    const member = await service.person('alice', memberOf('acme'))
    const made = await member.ask('POST /admin/keys', {
      body: {
        name: ' ci ',
        limits: { requestsPerMinute: 2, budget: { month: '10' } },
        expiresAt: '2999-01-01T00:00:00Z',
      },
    })
    const { key, secret } = made.json
    expect(secret).toMatch(/^sk-\w{48}$/)
    expect(key).toMatchObject({
      name: 'ci',
      tenant: 'acme',
      status: 'active',
      models: null,
      limits: { requestsPerMinute: 2, budget: { month: '10' } },
      heartbeat: 'comment',
      expiresAt: '2999-01-01T00:00:00.000Z',
      last30Days: { requests: 0, cost: '0.000000' },
    })
    const client = clientOf(service.client.origin, secret)
    await client.ask({ user_id: 'u-1' })
    await client.ask()
    expect((await client.post(bodyB())).status).toBe(429)

    await service.flushLog()
    const params = { id: key.id }
    const used = await member.ask('GET /admin/keys/{id}', { params })
    expect(used.json.last30Days).toMatchObject({ requests: 3, tokens: { input: expect.any(Number) } })
    expect(used.json.last30Days.cost).not.toBe('0.000000')
    expect(used.text).not.toContain(secret)
    const widened = await member.ask('PATCH /admin/keys/{id}', {
      params,
      body: { name: 'ci 2', limits: {}, models: ['other-model'], expiresAt: null },
    })
    expect(widened.json).toMatchObject({ name: 'ci 2', limits: {}, models: ['other-model'], expiresAt: null })
    expect((await client.post(bodyB())).status).toBe(403)
    await member.ask('PATCH /admin/keys/{id}', { params, body: { models: null } })
    expect((await client.post(bodyB())).status).toBe(200)
    const revoked = await member.ask('POST /admin/keys/{id}/revoke', { params })
    expect(revoked.json).toMatchObject({ status: 'revoked', revokedAt: expect.any(String) })
    expect((await client.post(bodyB())).status).toBe(401)
    expect((await member.ask('GET /admin/audit')).status).toBe(403)
  })
})

test('keys are found page by page, by a part of their name, and by what they are now', async () => {
  const service = await administered()
  const admin = await service.script(administrator)
  await admin.ask('POST /admin/tenants', { body: { id: 'acme' } })
  for (let i = 0; i < 5; i++) await admin.ask('POST /admin/keys', { body: { name: `job 100% ${i}`, tenant: 'acme' } })
  const names: string[] = []
  for (let cursor: string | undefined; ; ) {
    const query = { tenant: 'acme', limit: 2, ...(cursor && { cursor }) }
    const { json } = await admin.ask('GET /admin/keys', { query })
    names.push(...json.items.map(({ name }: { name: string }) => name))
    cursor = json.next
    if (!cursor) break
  }
  expect(names.toSorted()).toEqual([0, 1, 2, 3, 4].map((i) => `job 100% ${i}`))
  const found = async (query: Record<string, string>) =>
    (await admin.ask('GET /admin/keys', { query })).json.items.length
  expect(await found({ search: 'JOB 100%' })).toBe(5)
  expect(await found({ search: 'job_100' })).toBe(0)
  expect(await found({ status: 'revoked' })).toBe(0)
  const refused = await admin.ask('GET /admin/keys', { query: { cursor: 'nonsense' } })
  expect([refused.status, refused.json.error.param]).toEqual([400, 'cursor'])
  const unknown = await admin.ask('POST /admin/keys', { body: { name: 'x', tenant: 'nobody' } })
  expect([unknown.status, unknown.json.error.param]).toEqual([400, 'tenant'])
  const past = await admin.ask('POST /admin/keys', { body: { name: 'x', expiresAt: '2020-01-01T00:00:00Z' } })
  expect([past.status, past.json.error.param]).toEqual([400, 'expiresAt'])
})

test('a tenant spends its balance only, tops up, and is limited; its ledger tells all of it', async () => {
  const service = await administered()
  const admin = await service.script(administrator)
  const made = await admin.ask('POST /admin/tenants', {
    body: { id: 'acme', name: 'Acme & Söhne', prepaid: true, limits: { concurrency: 4 } },
  })
  expect(made.json).toMatchObject({
    id: 'acme',
    name: 'Acme & Söhne',
    limits: { concurrency: 4 },
    account: { currency: 'USD', balance: '0.000000', held: '0.000000', prepaid: true },
    keys: 0,
  })
  expect((await admin.ask('POST /admin/tenants', { body: { id: 'acme' } })).status).toBe(409)
  const client = await service.clientFor({ tenant: 'acme' })
  expect((await client.post(bodyB())).status).toBe(402)
  const params = { tenant: 'acme' }
  const body = { amount: '25', note: 'invoice 7' }
  const topped = await admin.ask('POST /admin/tenants/{tenant}/top-ups', { params, body })
  expect([topped.status, topped.json.balance]).toEqual([201, '25.000000'])
  await client.ask({ user_id: 'u-1' })
  expect((await admin.ask('POST /admin/tenants/{tenant}/top-ups', { params, body: { amount: '0' } })).status).toBe(400)
  const changed = await admin.ask('PATCH /admin/tenants/{tenant}', { params, body: { prepaid: false, limits: {} } })
  expect(changed.json).toMatchObject({ name: 'Acme & Söhne', limits: {}, account: { prepaid: false }, keys: 1 })

  const member = await service.person('alice', memberOf('acme'))
  const { items } = (await member.ask('GET /admin/ledger')).json
  expect(items).toMatchObject([
    { seq: 2, kind: 'usage', userId: 'u-1', model: 'deepseek-v4-flash', note: 'stop' },
    { seq: 1, kind: 'top-up', amount: '25.000000', balance: '25.000000', note: 'invoice 7', tokens: null },
  ])
  const first = (await member.ask('GET /admin/ledger', { query: { limit: 1 } })).json
  const second = (await member.ask('GET /admin/ledger', { query: { limit: 1, cursor: first.next } })).json
  expect([...first.items, ...second.items]).toEqual(items)
  expect(second.next).toBeNull()
  expect((await member.ask('GET /admin/ledger', { query: { kind: 'top-up' } })).json.items).toHaveLength(1)
  expect((await member.ask('GET /admin/ledger', { query: { to: '2020-01-01' } })).json.items).toHaveLength(0)
  expect((await admin.ask('GET /admin/ledger')).json.error.param).toBe('tenant')

  const csv = await member.ask('GET /admin/ledger/export')
  expect(csv.headers['content-disposition']).toBe('attachment; filename="ledger.csv"')
  expect(csv.text.split('\n')).toHaveLength(4)
  const lines = (await member.ask('GET /admin/ledger/export', { query: { format: 'jsonl' } })).text.trim().split('\n')
  expect(lines.map((line) => JSON.parse(line).hash)).toEqual(
    items.map(({ hash }: { hash: string }) => hash).toReversed(),
  )
  const verdict = await admin.ask('POST /admin/ledger/verify')
  expect(verdict.json).toEqual({ entries: 2, tenants: 1, problems: [] })
})

test('a user_id is blocked at once, and seen with what it used', async () => {
  const service = await administered()
  const member = await service.person('alice', memberOf('acme'))
  const client = await service.clientFor({ tenant: 'acme' })
  for (const user_id of ['u-1', 'u-2', 'u-1', 'v-1']) await client.ask({ user_id })
  await client.ask()
  const list = async (query: Record<string, string | number | boolean> = {}) => {
    const { json } = await member.ask('GET /admin/end-users', { query })
    return json.items.map(
      ({
        userId,
        blockedAt,
        last30Days,
      }: {
        userId: string
        blockedAt: string | null
        last30Days: { requests: number }
      }) => [userId, last30Days.requests, blockedAt !== null],
    )
  }
  await service.flushLog()
  expect(await list()).toEqual([
    ['u-1', 2, false],
    ['u-2', 1, false],
    ['v-1', 1, false],
  ])
  const block = (userId: string) =>
    member.ask('PUT /admin/tenants/{tenant}/blocked-users/{userId}', { params: { tenant: 'acme', userId } })
  expect((await block('u-2')).status).toBe(204)
  expect((await block('silent')).status).toBe(204)
  expect((await client.post(bodyB({ user_id: 'u-2' }))).status).toBe(403)
  expect((await block('no spaces')).json.error.param).toBe('userId')
  await service.flushLog()
  expect(await list({ search: 'u-' })).toEqual([
    ['u-1', 2, false],
    // What was refused counts, too.
    ['u-2', 2, true],
  ])
  expect((await list({ blocked: true })).toSorted()).toEqual([
    ['silent', 0, true],
    ['u-2', 2, true],
  ])
  expect(await list({ blocked: false, limit: 1 })).toEqual([['u-1', 2, false]])
  await member.ask('DELETE /admin/tenants/{tenant}/blocked-users/{userId}', {
    params: { tenant: 'acme', userId: 'u-2' },
  })
  expect((await client.post(bodyB({ user_id: 'u-2' }))).status).toBe(200)
})
