import { expect, onTestFinished, test } from 'vitest'
import { defaultLimits } from '../../src/completion/limits.ts'
import { engineKinds } from '../../src/config/schema.ts'
import type { Generation } from '../../src/engines/token-engine.ts'
import { openEngineChecks } from '../../src/http/admin/engine-checks.ts'
import { bodyB, chunksOf, saidInChunks } from '../client.ts'
import { mortalModel } from '../mortal-model.ts'
import { administered, administrator, memberOf } from './harness.ts'

const job = new URL('../../src/cli/check-job.ts', import.meta.url)

/** Asks again until it is so; the test's own time limit ends it. */
async function until<T>(look: () => Promise<T>, isSo: (seen: T) => boolean): Promise<T> {
  for (;;) {
    const seen = await look()
    if (isSo(seen)) return seen
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

test('administrators see how each engine is, and what went wrong there; never its key', async () => {
  const service = await administered([{ raw: 'Hel', ends: 'lost' }, 'A greeting.</think>Hello!'], {
    limits: { maxAttempts: 1 },
  })
  const admin = await service.script(administrator)
  const { items, seenFrom } = (await admin.ask('GET /admin/engines')).json
  // Nobody else is on a database in a file.
  expect(seenFrom).toBeNull()
  const [before] = items
  expect(before).toMatchObject({
    id: 'double-0',
    kind: 'openai',
    face: 'chat',
    url: 'http://127.0.0.1:9',
    models: ['deepseek-v4-flash'],
    state: 'well',
    breaker: { state: 'closed', cause: null, retryInMs: null },
    running: 0,
    waiting: 0,
    lastErrors: [],
    check: null,
    checking: false,
  })
  const failed = await service.client.post(bodyB())
  const { json, text } = await admin.ask('GET /admin/engines')
  const requestId = failed.headers['x-request-id']
  expect(json.items[0].lastErrors).toEqual([
    { at: expect.any(String), code: 'engine-lost', message: expect.any(String), requestId },
  ])
  expect(text).not.toContain('sk-upstream')
})

test('a drained engine gets nothing new, hands over what it has, and can be taken back', async () => {
  const words = Array.from({ length: 40 }, (_, index) => `w${index} `)
  const runs = mortalModel(words.join('·'), [])
  const slow = (generation: Generation) => ({ raw: String(runs(generation)), delayMs: 25 })
  const off = { thinking: { type: 'disabled' } }
  const service = await administered(slow, { replicas: [slow], limits: { restartMs: 600_000 } })
  const admin = await service.script(administrator)
  const looks = async () => (await admin.ask('GET /admin/engines')).json.items
  const runsOf = () => service.engines.map((engine) => engine.runs.length)
  const answer = service.client.post(bodyB({ ...off, stream: true }))
  const at = await until(
    async () => runsOf().findIndex((count) => count > 0),
    (index) => index >= 0,
  )
  const id = `double-${at}`
  expect((await admin.ask('POST /admin/engines/{id}/drain', { params: { id } })).status).toBe(204)
  expect((await looks())[at]).toMatchObject({ id, state: 'draining', drained: true })
  const { chunks, done } = chunksOf((await answer).text)
  expect([saidInChunks(chunks).content, done]).toEqual([words.join(''), true])
  expect(runsOf()).toEqual([1, 1])
  const { text } = await service.client.get('/metrics', {})
  expect(text).toContain('tidegate_stream_resumes_total{phase="text",reason="drain"} 1')
  expect(text).toContain(`tidegate_engine_up{engine="${id}"} 0`)
  for (let more = 0; more < 3; more++) await service.client.ask({ ...off, max_tokens: 1 })
  expect(runsOf()[at]).toBe(1)
  const other = `double-${1 - at}`
  await admin.ask('POST /admin/engines/{id}/drain', { params: { id: other } })
  const refused = await service.client.post(bodyB(off))
  expect([refused.status, refused.headers['retry-after']]).toEqual([503, '5'])
  await admin.ask('DELETE /admin/engines/{id}/drain', { params: { id } })
  await service.client.ask({ ...off, max_tokens: 1 })
  expect([runsOf()[at], (await looks())[at].state]).toEqual([2, 'well'])
  expect((await admin.ask('POST /admin/engines/{id}/drain', { params: { id: 'x' } })).status).toBe(404)
})

test('a member sees what is served and what it costs', async () => {
  const service = await administered()
  const member = await service.person('alice', memberOf('acme'))
  const [model] = (await member.ask('GET /admin/models')).json.items
  expect(model).toMatchObject({
    id: 'deepseek-v4-flash',
    well: true,
    standIn: null,
    aliases: [
      { name: 'deepseek-chat', thinking: false },
      { name: 'deepseek-reasoner', thinking: true },
    ],
    price: {
      currency: 'USD',
      inputPerMillion: '1.000000',
      cachedInputPerMillion: '0.500000',
      outputPerMillion: '2.000000',
    },
    replicas: [{ engine: 'double-0', weight: 1, well: true }],
  })
})

test('a check runs beside the service, tells how far it is, and leaves its report to every process', async () => {
  const service = await administered()
  const engine = engineKinds.openai.parse({
    id: 'self',
    kind: 'openai',
    url: `${service.client.origin}/v1`,
    model: 'deepseek-v4-flash',
    apiKey: service.client.key,
  })
  const models = [
    {
      id: 'deepseek-v4-flash',
      displayName: 'deepseek-v4-flash',
      aliases: [],
      engines: [{ engine: 'self', weight: 1 }],
      thinkingByDefault: true,
      price: { input: 140_000n, cachedInput: 2_800n, output: 280_000n, currency: 'USD' },
    },
  ]
  const subjects = new Map([['self', { engine, models, limits: defaultLimits, only: ['T1', 'T2'] }]])
  const checks = openEngineChecks(service.storage, subjects, job)
  const elsewhere = openEngineChecks(service.storage, subjects, job)
  onTestFinished(checks.close)
  expect(await checks.state('self')).toEqual({ running: null, error: null, report: null })
  expect(await checks.start('self')).toBeUndefined()
  expect(await elsewhere.start('self')).toBe('self')
  const { report, error } = await until(
    () => elsewhere.state('self'),
    ({ running }) => running === null,
  )
  expect(error).toBeNull()
  expect(report?.columns).toEqual(['direct', 'through'])
  expect(report?.checks.map(({ id, direct, through }) => [id, direct?.verdict, through?.verdict])).toEqual([
    ['T1', 'kept', 'kept'],
    ['T2', 'kept', 'kept'],
  ])
  expect(JSON.stringify(report)).not.toContain(service.client.key)
}, 60_000)

test('a check of what is not there says so', async () => {
  const service = await administered()
  const engine = engineKinds.openai.parse({ id: 'x', kind: 'openai', url: 'http://127.0.0.1:9', model: 'm' })
  const checks = openEngineChecks(service.storage, new Map([['x', { engine, models: [], limits: defaultLimits }]]), job)
  onTestFinished(checks.close)
  await checks.start('x')
  const ended = await until(
    () => checks.state('x'),
    ({ running }) => running === null,
  )
  expect(ended).toEqual({ running: null, report: null, error: expect.stringMatching(/cannot be reached/) })
}, 60_000)

test('a check can be ended from any process, and leaves what it found', async () => {
  const service = await administered([{ raw: 'A greeting.</think>Hello!', delayMs: 20 }])
  const engine = engineKinds.openai.parse({
    id: 'self',
    kind: 'openai',
    url: `${service.client.origin}/v1`,
    model: 'deepseek-v4-flash',
    apiKey: service.client.key,
  })
  const subjects = new Map([['self', { engine, models: [], limits: defaultLimits }]])
  const checks = openEngineChecks(service.storage, subjects, job)
  const elsewhere = openEngineChecks(service.storage, subjects, job)
  onTestFinished(checks.close)
  await checks.start('self')
  await until(
    () => elsewhere.state('self'),
    ({ running }) => (running?.done ?? 0) > 0,
  )
  await elsewhere.stop('self')
  const { report } = await until(
    () => elsewhere.state('self'),
    ({ running }) => running === null,
  )
  expect(report?.complete).toBe(false)
  expect(report?.checks[0]?.direct?.verdict).toBe('kept')
  expect(await checks.start('self')).toBeUndefined()
}, 60_000)

test('a check whose process died with the service counts as over', async () => {
  const service = await administered()
  let now = Date.now()
  const checks = openEngineChecks(service.storage, new Map(), job, () => now)
  const running = { startedAt: new Date(now).toISOString(), column: 'direct', done: 3, total: 107, current: 'x' }
  await service.storage.db
    .insertInto('check_reports')
    .values({ engine: 'x', at: now, report: JSON.stringify({ running, error: null, report: null, beatAt: now }) })
    .execute()
  expect((await checks.state('x')).running).toEqual(running)
  now += 30_001
  expect(await checks.state('x')).toEqual({ running: null, error: 'The check ended before its time.', report: null })
})
