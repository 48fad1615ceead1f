import { request } from 'undici'
import { expect, test } from 'vitest'
import { bodyB } from '../client.ts'
import { doubled } from './harness.ts'

/** What the request log is told of each request, whatever becomes of it. */

const off = { thinking: { type: 'disabled' } }

test.each([true, false])('an answer: who asked, who answered and what it came to (stream: %j)', async (stream) => {
  const { client, requests } = await doubled(['Hel·lo'])
  const answer = await client.post(bodyB({ ...off, stream, user_id: 'anna', model: 'deepseek-chat' }))
  await expect.poll(() => requests).toHaveLength(1)
  expect(requests[0]).toMatchObject({
    id: answer.headers['x-request-id'],
    tenant: 'default',
    userId: 'anna',
    model: 'deepseek-v4-flash',
    asked: 'deepseek-chat',
    engine: 'double-0',
    status: 200,
    outcome: 'stop',
    failed: false,
    streamed: stream,
    thinking: false,
    usage: { completionTokens: 2 },
    detail: { matchedStop: null, error: null, tries: [{ engine: 'double-0', why: 'only', outcome: 'ok' }] },
  })
  const { queuedMs, firstTokenMs, durationMs, cost, detail } = requests[0] ?? {}
  expect([detail?.admittedMs, queuedMs, firstTokenMs, durationMs].every((ms) => Number.isInteger(ms))).toBe(true)
  expect(cost).toBeGreaterThan(0n)
  expect(detail?.price).toMatch(/./)
  expect(requests[0]).not.toHaveProperty('said')
})

test('a stop that ended the answer, and a failed try before it', async () => {
  const { client, requests } = await doubled([{ raw: '', ends: 'lost' }], { replicas: [['one two']] })
  // Each user has a replica of its own that it begins with.
  for (let user = 0; user < 20; user++) await client.post(bodyB({ ...off, stop: [' two'], user_id: `user-${user}` }))
  await expect.poll(() => requests).toHaveLength(20)
  const entry = requests.find(({ detail }) => detail.tries.length > 1)
  expect(entry).toMatchObject({
    engine: 'double-1',
    detail: {
      matchedStop: ' two',
      tries: [
        { engine: 'double-0', why: 'prefix', outcome: 'engine-lost' },
        { engine: 'double-1', why: 'retry', outcome: 'ok' },
      ],
    },
  })
})

test('what goes wrong: by its code on the wire, and what the client was told', async () => {
  const { client, clientFor, requests } = await doubled([{ raw: '', ends: 'lost' }])
  await client.post(bodyB({ temperature: 'hot' }))
  await client.post({ model: 'no-such-model', messages: [{ role: 'user', content: 'x' }] })
  const poor = await clientFor({ settings: { requestsPerMinute: 1, budget: { total: '0' } } })
  await poor.post(bodyB(off))
  await client.post(bodyB(off))
  await expect.poll(() => requests).toHaveLength(4)
  expect(requests.map(({ status, outcome, failed, asked }) => [status, outcome, failed, asked])).toEqual([
    [400, 'invalid_request_error', true, ''],
    [404, 'model_not_found', true, 'no-such-model'],
    [402, 'insufficient_balance', true, 'deepseek-v4-flash'],
    [500, 'server_error', true, 'deepseek-v4-flash'],
  ])
  expect(requests[0]?.detail.error?.message).toContain('temperature')
  expect(requests.map(({ cost }) => cost)).toEqual([0n, 0n, 0n, 0n])
})

test('a client that leaves is 499, with what was generated until then', async () => {
  const { client, requests } = await doubled([{ raw: Array(200).fill('w ').join('·'), delayMs: 5 }])
  const leave = new AbortController()
  const { body } = await request(`${client.origin}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${client.key}` },
    body: JSON.stringify(bodyB({ ...off, stream: true })),
    signal: leave.signal,
  })
  body.on('error', () => undefined).once('data', () => leave.abort())
  await expect.poll(() => requests).toHaveLength(1)
  expect(requests[0]).toMatchObject({ status: 499, outcome: 'cancelled', failed: true, streamed: true })
  expect(requests[0]?.usage.completionTokens).toBeGreaterThan(0)
  expect(requests[0]?.cost).toBeGreaterThan(0n)
})

test('an answer that was made before costs nothing', async () => {
  const { client, requests } = await doubled(['Hi'])
  const keyed = { headers: { 'idempotency-key': 'k' } }
  for (const _ of [1, 2]) await client.post(bodyB(off), keyed)
  await expect.poll(() => requests).toHaveLength(2)
  expect(requests[1]).toMatchObject({ outcome: 'replayed', failed: false, cost: 0n, detail: { replayed: true } })
})

test('a prompt of megabytes is not kept, its answer is', async () => {
  const { client, requests } = await doubled(['Hi'], { record: 'all', facts: { contextWindow: 10_000_000 } })
  await client.post(bodyB({ ...off, messages: [{ role: 'user', content: 'x'.repeat(1_100_000) }] }))
  await expect.poll(() => requests).toHaveLength(1)
  expect(requests[0]?.said).toMatchObject({ prompt: null, answer: { text: 'Hi' } })
})

test('prompt and answer are there where recording is on', async () => {
  const { client, requests } = await doubled(['because·</think>·Hi'], { record: 'all' })
  await client.post(bodyB())
  await expect.poll(() => requests).toHaveLength(1)
  expect(requests[0]?.said).toMatchObject({
    prompt: { messages: bodyB().messages },
    answer: { reasoning: 'because', text: 'Hi', toolCalls: [] },
  })
})
