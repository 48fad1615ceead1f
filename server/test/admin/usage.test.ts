import { expect, test } from 'vitest'
import { bodyB } from '../client.ts'
import { administered, administrator, memberOf } from './harness.ts'

test('a request is found with its timeline, who asked, what it cost, and in the sums of its hour', async () => {
  const service = await administered()
  const member = await service.person('alice', memberOf('acme'))
  const client = await service.clientFor({ tenant: 'acme' })
  const answer = await client.post(bodyB({ user_id: 'u-1', stream: true }))
  await client.post(bodyB({ max_tokens: -1 }))
  await service.flushLog()
  const id = answer.headers['x-request-id']
  const { items, newest, next } = (await member.ask('GET /admin/requests')).json
  expect(next).toBeNull()
  const line = items.find((one: { id: string }) => one.id === id)
  expect(line).toMatchObject({
    tenant: 'acme',
    key: { id: expect.stringMatching(/^key_/), name: 'test' },
    userId: 'u-1',
    model: 'deepseek-v4-flash',
    engine: 'double-0',
    status: 200,
    outcome: 'stop',
    failed: false,
    streamed: true,
    currency: 'USD',
    attempts: 1,
    recorded: false,
  })
  const detail = (await member.ask('GET /admin/requests/{id}', { params: { id: String(id) } })).json
  expect(detail).toMatchObject({ ...line, asked: 'deepseek-v4-flash', error: null, recording: null })
  expect(detail.price).toEqual({
    currency: 'USD',
    inputPerMillion: '1.000000',
    cachedInputPerMillion: '0.500000',
    outputPerMillion: '2.000000',
  })
  expect(detail.tries).toMatchObject([{ engine: 'double-0', why: 'only', outcome: 'ok', message: null, resumed: null }])
  expect(detail.timeline[0]).toEqual({ atMs: 0, what: 'accepted', detail: null })
  expect(detail.timeline.at(-1)).toMatchObject({ what: 'finished', detail: 'stop' })

  const usage = (await member.ask('GET /admin/usage', { query: { step: 'hour', groupBy: 'user', from: hourAgo() } }))
    .json
  expect(usage.times.length).toBeGreaterThanOrEqual(1)
  const [series] = usage.series.filter(({ group }: { group: { user: string } }) => group.user === 'u-1')
  expect(series.total).toMatchObject({ requests: 1, errors: 0, cost: line.cost, tokens: line.tokens })
  expect(series.requests.reduce((sum: number, count: number) => sum + count)).toBe(1)
  expect(series.requests).toHaveLength(usage.times.length)

  const csv = (await member.ask('GET /admin/usage/export', { query: { step: 'day', groupBy: 'user,model' } })).text
  expect(csv.split('\n')[0]).toBe(
    'time,user,model,requests,errors,input,cached_input,output,reasoning,cost,currency,first_token_p50_ms,first_token_p95_ms',
  )
  expect(csv).toContain(',u-1,deepseek-v4-flash,1,0,')

  expect((await member.ask('GET /admin/requests', { query: { after: newest } })).json).toMatchObject({
    items: [],
    newest,
  })
  await client.ask()
  await service.flushLog()
  // The same question was asked a moment ago: who asks again is told the same for as long as finding it took (`lib/asked-once.ts`).
  const since = async () => (await member.ask('GET /admin/requests', { query: { after: newest } })).json
  await expect.poll(async () => (await since()).items.length, { timeout: 10_000 }).toBe(1)
  expect((await since()).newest).not.toBe(newest)
})

const hourAgo = () => new Date(Date.now() - 3_600_000).toISOString()

test('the log is filtered, paged and exported', async () => {
  const service = await administered()
  const member = await service.person('alice', memberOf('acme'))
  const client = await service.clientFor({ tenant: 'acme' })
  for (const user_id of ['a', 'b', 'a']) await client.ask({ user_id })
  await service.flushLog()
  const count = async (query: Record<string, string | number | boolean>) =>
    (await member.ask('GET /admin/requests', { query })).json.items.length
  expect(await count({ user: 'a' })).toBe(2)
  expect(await count({ engine: 'nobody' })).toBe(0)
  expect(await count({ failed: true })).toBe(0)
  expect(await count({ outcome: 'stop', model: 'deepseek-v4-flash', from: hourAgo() })).toBe(3)
  expect(await count({ slowerThanMs: 600_000 })).toBe(0)
  expect([await count({ streamed: true }), await count({ streamed: false })]).toEqual([0, 3])
  expect([await count({ hungUp: true }), await count({ hungUp: false })]).toEqual([0, 3])
  const first = (await member.ask('GET /admin/requests', { query: { limit: 2 } })).json
  const second = (await member.ask('GET /admin/requests', { query: { limit: 2, cursor: first.next } })).json
  expect([first.items.length, second.items.length, second.next]).toEqual([2, 1, null])
  const lines = (await member.ask('GET /admin/requests/export', { query: { format: 'jsonl' } })).text.trim().split('\n')
  expect(lines.map((line) => JSON.parse(line).user)).toEqual(['a', 'b', 'a'])
  expect(Object.keys(JSON.parse(lines[0] ?? ''))).toContain('cost')
  expect((await member.ask('GET /admin/requests', { query: { after: 'x' } })).json.error.param).toBe('after')
  const tooMany = await member.ask('GET /admin/usage', { query: { step: 'hour', from: '2000-01-01' } })
  expect([tooMany.status, tooMany.json.error.param]).toEqual([400, 'from'])
  // The hours of single users are read from the requests.
  const from = new Date(Date.now() - 32 * 24 * 3_600_000).toISOString()
  const hours = (more: object) => member.ask('GET /admin/usage', { query: { step: 'hour', from, ...more } })
  expect((await hours({ groupBy: 'user' })).json.error.param).toBe('from')
  expect((await hours({ user: 'a' })).json.error.param).toBe('from')
  expect((await hours({})).status).toBe(200)
  expect((await member.ask('GET /admin/usage', { query: { from: '2999-01-01' } })).json.error.param).toBe('from')
})

test('what was said is shown only where the operator has it recorded, and to its tenant only', async () => {
  const service = await administered(undefined, { record: 'all' })
  const member = await service.person('alice', memberOf('acme'))
  const stranger = await service.person('eve', memberOf('other'))
  const client = await service.clientFor({ tenant: 'acme' })
  const id = String((await client.post(bodyB())).headers['x-request-id'])
  await service.flushLog()
  const { recording, recorded } = (await member.ask('GET /admin/requests/{id}', { params: { id } })).json
  expect(recorded).toBe(true)
  expect(recording).toMatchObject({
    prompt: { messages: [{ role: 'user', content: 'Hello!' }] },
    answer: { reasoning: 'A greeting.', text: 'Hello!', toolCalls: [] },
    keptUntil: expect.any(String),
  })
  expect((await stranger.ask('GET /admin/requests/{id}', { params: { id } })).status).toBe(404)
})

test('the overview says what is going on, for all or for one tenant', async () => {
  const service = await administered()
  const admin = await service.script(administrator)
  const member = await service.person('alice', memberOf('acme'))
  await service.client.ask()
  await service.flushLog()
  const { json: all } = await admin.ask('GET /admin/overview', { headers: { host: 'tidegate.example' } })
  expect(all).toMatchObject({
    baseUrl: 'http://tidegate.example/v1',
    currency: 'USD',
    well: true,
    standIns: [],
    recording: { on: false, keptDays: null },
    now: { running: 0, requestsPerMinute: 0.2, errorsPerMinute: 0 },
  })
  expect((await member.ask('GET /admin/overview')).json.now.requestsPerMinute).toBe(0)
})
