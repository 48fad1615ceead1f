import { expect, test } from 'vitest'
import { bodyB, type Client, errorOf } from '../client.ts'
import * as up from '../doubles/chat.ts'
import type { Replies, Reply } from '../doubles/upstream.ts'
import { type ChatDoubledOptions, chatDoubled } from './chat-harness.ts'

/** Several engines behind one model: who is asked, who is left alone, and what a client hears when nobody is left. */

const off = { thinking: { type: 'disabled' } }
const hello = up.answer(up.content('Hello!'))
const nothing: Reply = { pieces: [], ends: 'reset' }

const openai = (replies: Replies, options?: ChatDoubledOptions) => chatDoubled('openai', replies, options)

/** So many users that each of two replicas gets some of them, whatever the salt is. */
const many = 40

async function askMany(client: Client, count: number) {
  for (let user = 0; user < count; user++)
    expect(await client.ask({ ...off, user_id: `u${user}` })).toMatchObject({ content: 'Hello!' })
}

/** The metrics of one name, each as `labels value`. */
async function metric(client: Client, name: string): Promise<string[]> {
  const { text } = await client.get('/metrics', {})
  return text.split('\n').flatMap((line) => (line.startsWith(`${name}{`) ? [line.slice(name.length)] : []))
}

test.each([
  [401, 'our key'],
  [402, 'our balance'],
  [403, 'our rights'],
  [404, 'the name of the model'],
  [307, 'the address'],
])('C92: an engine that refuses %s (%s) is left alone, and its operator is told once', async (status) => {
  const { client, upstreams, log } = await openai(up.refusal(status, 'x'), { replicas: [hello] })
  await askMany(client, many)
  expect(upstreams[0]?.received).toHaveLength(1)
  expect(log().match(/"level":50[^\n]*"engine":"double-0"[^\n]*does not serve us/g)).toHaveLength(1)
})

test('Retry-After of a 429 and of a 503 is kept, and then it is asked again', async () => {
  for (const status of [429, 503]) {
    const { client, upstreams } = await openai([up.refusal(status, 'x', { 'retry-after': '1' }), hello], {
      replicas: [hello],
    })
    const began = performance.now()
    await askMany(client, many)
    const asked = () => upstreams[0]?.received.length ?? 0
    // A slow machine may be past the second already.
    if (performance.now() - began < 900) expect(asked()).toBe(1)
    await expect
      .poll(async () => {
        await askMany(client, many)
        return asked()
      })
      .toBeGreaterThan(1)
  }
})

test('C123: what the client caused counts against nobody, however often it comes', async () => {
  const tooLong =
    "This model's maximum context length is 10 tokens. However, you requested 20 tokens (15 in the messages, 5 in the completion)."
  for (const [message, status] of [
    [tooLong, 400],
    ['no field x here', 500],
  ] as const) {
    const { client, upstream, log } = await openai(({ body }) =>
      body.messages[0].content === 'bad' ? up.refusal(400, message) : hello,
    )
    for (let round = 0; round < 10; round++)
      expect((await client.post(bodyB({ messages: [{ role: 'user', content: 'bad' }] }))).status).toBe(status)
    expect(upstream.received).toHaveLength(10)
    await askMany(client, 3)
    expect(log()).not.toContain('left alone')
    expect(await metric(client, 'tidegate_engine_breaker')).toEqual(['{engine="double-0"} 0'])
  }
})

test('C123: clients that leave count against nobody', async () => {
  const { client, upstream } = await openai(({ body }) =>
    body.messages[0].content === 'wait' ? { ...up.stream(), ends: 'silent' } : hello,
  )
  for (let round = 0; round < 5; round++) {
    const leaving = new AbortController()
    const asking = client
      .post(bodyB({ stream: true, messages: [{ role: 'user', content: 'wait' }] }), { signal: leaving.signal })
      .catch(() => undefined)
    await expect.poll(() => upstream.received.length).toBe(round + 1)
    leaving.abort()
    await asking
  }
  await askMany(client, 3)
  expect(await metric(client, 'tidegate_engine_breaker')).toEqual(['{engine="double-0"} 0'])
})

test.each([
  ['that breaks the connection', nothing, 3],
  ['that says it failed', up.refusal(500, 'CUDA error'), 3],
  ['behind a proxy that does not reach it', up.refusal(502, ''), 1],
  ['that loads its model', up.refusal(503, 'Loading model'), 1],
  ['that nobody can read', { pieces: ['data: {nonsense\n\n'] }, 3],
])('an engine %s is left alone, and no client notices', async (_, reply, tries) => {
  const { client, upstreams } = await openai(reply, { replicas: [hello] })
  await askMany(client, many)
  // One in trouble is asked again after a pause, which a slow machine may reach.
  expect(upstreams[0]?.received.length).toBeGreaterThanOrEqual(tries)
  expect(upstreams[0]?.received.length).toBeLessThan(tries + 4)
  expect((await client.get('/health', {})).status).toBe(200)
})

test('with nobody left, the answer is 503 with the time until somebody may be asked', async () => {
  const { client, upstreams } = await openai(up.refusal(429, 'x', { 'retry-after': '40' }), {
    replicas: [up.refusal(429, 'x', { 'retry-after': '20' })],
    // Nobody waits so long for what comes later still.
    limits: { restartMs: 10_000 },
  })
  for (let round = 0; round < 3; round++) {
    const answer = await client.post(bodyB())
    expect([answer.status, errorOf(answer).code]).toEqual([503, 'service_unavailable'])
    const seconds = Number(answer.headers['retry-after'])
    expect(seconds).toBeGreaterThan(round === 0 ? 5 : 15)
    expect(seconds).toBeLessThanOrEqual(20)
  }
  expect(upstreams.map(({ received }) => received.length)).toEqual([1, 1])
  expect((await client.get('/health', {})).status).toBe(503)
})

test('one that comes back within restart_ms is waited for, by many at once, who then all go through', async () => {
  let down = true
  const { client, upstream } = await openai(() => (down ? up.refusal(503, 'Loading model') : hello), {
    limits: { restartMs: 20_000 },
  })
  expect((await openaiDown(client)).status).toBe(503)
  const asked = upstream.received.length
  const waiting = Array.from({ length: 20 }, () => client.ask(off))
  await expect.poll(() => upstream.received.length).toBeGreaterThan(asked)
  down = false
  for (const answer of await Promise.all(waiting)) expect(answer).toMatchObject({ content: 'Hello!' })
  expect(await metric(client, 'tidegate_engine_breaker')).toEqual(['{engine="double-0"} 0'])
})

const openaiDown = (client: Client) => client.post(bodyB())

test('LS1: an engine that loads its model is not ready before a client asks, and is once it has it', async () => {
  let loading = true
  const { client, upstream } = await chatDoubled(
    'llama-server',
    ({ method }) => (loading ? up.refusal(503, 'Loading model') : method === 'GET' ? up.refusal(404, '') : hello),
    { limits: { healthMs: 50 } },
  )
  const health = async () => (await client.get('/health', {})).status
  await expect.poll(health).toBe(503)
  expect(upstream.received.filter(({ method }) => method === 'POST')).toEqual([])
  expect(upstream.received[0]?.path).toBe('/health')
  loading = false
  await expect.poll(health).toBe(200)
  await askMany(client, 2)
})

test('an engine that others keep busy takes nothing while another one is idle', async () => {
  const engine =
    (running: number): Replies =>
    ({ path }) =>
      path === '/metrics'
        ? { pieces: [`vllm:num_requests_running{model_name="m"} ${running}.0\nvllm:num_requests_waiting 0.0\n`] }
        : path === '/health'
          ? { pieces: [] }
          : hello
  const { client, upstreams } = await chatDoubled('vllm', engine(50), {
    replicas: [engine(0)],
    limits: { healthMs: 50 },
  })
  const others = () => metric(client, 'tidegate_engine_others')
  await expect.poll(others).toEqual(['{engine="double-0"} 50', '{engine="double-1"} 0'])
  await askMany(client, 10)
  expect(upstreams[0]?.received.filter(({ method }) => method === 'POST')).toEqual([])
})

test('a full line is passed by while another replica has room; with none it is 503 at once', async () => {
  const { promise: all, resolve: go } = Promise.withResolvers<void>()
  const held: Reply = { pieces: [up.content('Hello!'), all, up.finish(), up.done] }
  const { client, upstreams } = await openai(held, {
    replicas: [held],
    engine: { concurrency: 2 },
    // Nobody would be waited for so long.
    limits: { queueLength: 0, restartMs: 60_000 },
  })
  const running = Array.from({ length: 4 }, (_, user) => client.ask({ ...off, user_id: `u${user % 2}` }))
  await expect.poll(() => upstreams.map(({ received }) => received.length)).toEqual([2, 2])
  const answer = await client.post(bodyB())
  expect([answer.status, errorOf(answer).code, answer.headers['retry-after']]).toEqual([
    503,
    'service_unavailable',
    '5',
  ])
  go()
  for (const one of await Promise.all(running)) expect(one.content).toBe('Hello!')
})

test('a client that leaves the line frees its place at once', async () => {
  const { promise: all, resolve: go } = Promise.withResolvers<void>()
  const { client, upstream } = await openai(
    { pieces: [up.content('Hello!'), all, up.finish(), up.done] },
    { engine: { concurrency: 1 }, limits: { queueLength: 1 } },
  )
  const first = client.ask(off)
  await expect.poll(() => upstream.received.length).toBe(1)
  const leaving = new AbortController()
  const second = client.post(bodyB(), { signal: leaving.signal }).catch(() => undefined)
  const waiting = () => metric(client, 'tidegate_engine_waiting')
  await expect.poll(waiting).toEqual(['{engine="double-0"} 1'])
  expect((await client.post(bodyB())).status).toBe(503)
  leaving.abort()
  await second
  await expect.poll(waiting).toEqual(['{engine="double-0"} 0'])
  const third = client.ask(off)
  await expect.poll(waiting).toEqual(['{engine="double-0"} 1'])
  go()
  await Promise.all([first, third])
})

test('the metrics name engines and outcomes, and nobody else', async () => {
  const { client } = await openai(up.refusal(401, 'x'), { replicas: [hello] })
  await askMany(client, many)
  expect((await metric(client, 'tidegate_engine_attempts_total')).toSorted()).toEqual([
    '{engine="double-0",outcome="engine-denied"} 1',
    `{engine="double-1",outcome="ok"} ${many}`,
  ])
  expect(await metric(client, 'tidegate_retries_total')).toEqual(['{model="deepseek-v4-flash"} 1'])
  expect(await metric(client, 'tidegate_engine_up')).toEqual(['{engine="double-0"} 0', '{engine="double-1"} 1'])
  expect(await metric(client, 'tidegate_engine_breaker')).toEqual(['{engine="double-0"} 2', '{engine="double-1"} 0'])
  expect((await client.get('/metrics', {})).text).not.toMatch(/"u\d|sk-|key_/)
})

test('an engine without a way to continue a message serves all other requests', async () => {
  const { client, upstream } = await chatDoubled('deepseek', ({ path }) =>
    path.startsWith('/beta') ? up.refusal(404, 'x') : hello,
  )
  const messages = [
    { role: 'user', content: 'Hello!' },
    { role: 'assistant', content: 'def f(', prefix: true },
  ]
  for (let round = 0; round < 4; round++)
    expect((await client.post(bodyB({ ...off, messages }))).headers['x-should-retry']).toBe('false')
  await askMany(client, 2)
  expect(upstream.received).toHaveLength(6)
})
