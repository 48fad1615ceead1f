import OpenAI from 'openai'
import { expect, test } from 'vitest'
import { ask } from '../../src/http/http-fixture.ts'
import { bodyB, type Client, chunksOf, errorOf } from '../client.ts'
import { doubled } from './harness.ts'

/** Section "Failures and the rest": what a client sees when engines die, stall, lie, or are not there. */

const off = { thinking: { type: 'disabled' } }
const dying = (raw: string) => ({ raw, ends: 'lost' as const })
const incomplete = {
  message: 'Generation failed on every replica. The answer above is incomplete.',
  type: 'server_error',
  param: null,
  code: 'generation_failed',
}
const away = {
  message: 'No engine is available for this model. Retry after 5 seconds.',
  type: 'server_error',
  param: null,
  code: 'service_unavailable',
}

/** The answer with its arrivals, and whether the transfer broke. */
const timed = (client: Client, fields: object = {}) =>
  ask(
    { port: Number(new URL(client.origin).port) },
    { headers: { authorization: `Bearer ${client.key}` }, body: bodyB({ ...off, ...fields }) },
  )

test.each([true, false])(
  'T101: a replica that dies before its first token leaves no trace, streaming: %s',
  async (stream) => {
    for (const runs of [
      [[dying('')], ['Hi']],
      [['Hi'], [dying('')]],
    ] as const) {
      const [first, second] = runs
      const { client } = await doubled(first, { replicas: [second] })
      const answer = await client.post(bodyB({ ...off, stream }))
      expect(answer.status).toBe(200)
      expect(answer.text).toContain('Hi')
      expect(answer.text).not.toMatch(/error|double/)
    }
  },
)

test.each([
  ['before a word', '', 2],
  ['in the middle', 'half· an', 3],
])(
  'C93: engines that die over one whole answer %s end it: the client is told not to repeat it',
  async (_, raw, runs) => {
    const { client, engine, log } = await doubled([dying(raw)])
    const answer = await client.post(bodyB(off))
    expect(answer.status).toBe(500)
    expect(answer.headers['x-should-retry']).toBe('false')
    expect(errorOf(answer)).toEqual({
      message: 'Internal server error.',
      type: 'server_error',
      param: null,
      code: 'server_error',
    })
    expect(engine.runs).toHaveLength(runs)
    expect(log()).not.toContain('half')
  },
)

test.each([true, false])(
  'T102: with no replica alive the answer is 503 and a time to come back, streaming: %s',
  async (stream) => {
    const { client } = await doubled(['Hi'], { replicas: [['Ho']], ready: () => false })
    const answer = await client.post(bodyB({ stream }))
    expect(answer.status).toBe(503)
    expect(answer.headers['content-type']).toBe('application/json')
    expect(answer.headers['retry-after']).toBe('5')
    expect(errorOf(answer)).toEqual(away)
  },
)

test('T103: a stream whose engines die after some content has one error event, no finish and no [DONE]', async () => {
  const { client } = await doubled([dying('Hel·lo')], { replicas: [[dying('Hel·lo')]] })
  const answer = await timed(client, { stream: true })
  expect([answer.status, answer.broken]).toEqual([200, false])
  const { chunks, done } = chunksOf(answer.text)
  expect(done).toBe(false)
  expect(answer.text).not.toContain('[DONE]')
  expect(chunks.filter(({ error }) => error)).toEqual([{ error: incomplete }])
  expect(chunks.at(-1)).toEqual({ error: incomplete })
  expect(chunks.flatMap(({ choices }) => choices ?? []).filter((choice) => choice.finish_reason)).toEqual([])
})

test('T103: a whole answer that fails behind its first newline ends with the error, and the connection is cut', async () => {
  const { client } = await doubled([{ raw: 'Hel·lo', delayMs: 60, ends: 'lost' }], { limits: { keepaliveMs: 50 } })
  const answer = await timed(client)
  expect([answer.status, answer.broken]).toEqual([200, true])
  expect(answer.text).toMatch(/^\n+\{/)
  expect(JSON.parse(answer.text)).toEqual({ error: incomplete })
})

test('T104: the OpenAI SDK raises over a broken stream', async () => {
  const { client } = await doubled([dying('Hel·lo')])
  const sdk = new OpenAI({ apiKey: client.key, baseURL: `${client.origin}/v1`, maxRetries: 0 })
  const read = async () => {
    const stream = await sdk.chat.completions.create({
      model: 'deepseek-v4-flash',
      messages: [{ role: 'user', content: 'Hello!' }],
      stream: true,
    })
    for await (const _ of stream);
  }
  await expect(read()).rejects.toThrow('Generation failed on every replica.')
})

test('C105: an engine without a first token by first_token_ms is replaced, with heartbeats meanwhile', async () => {
  const { client, engines } = await doubled([{ raw: '', ends: 'stall' }], {
    replicas: [['Hi']],
    limits: { firstTokenMs: 250, keepaliveMs: 60 },
  })
  for (let round = 0; engines[0]?.runs.length === 0 && round < 8; round++) await timed(client, { user_id: `u${round}` })
  const answer = await timed(client, { stream: true, user_id: 'u0' })
  expect(answer.text).toContain('Hi')
  expect(answer.text.endsWith('data: [DONE]\n\n')).toBe(true)
})

test('C105: an engine that falls silent after a token fails at inter_token_ms; a whole answer is gone on with', async () => {
  const limits = { interTokenMs: 100 }
  const stalled = await doubled([{ raw: 'a·b', ends: 'stall' }, 'c'], { limits })
  expect((await stalled.client.ask(off)).content).toBe('abc')
  const streaming = await doubled([{ raw: 'a·b', ends: 'stall' }], { limits })
  const { chunks } = chunksOf((await timed(streaming.client, { stream: true })).text)
  expect(chunks.at(-1)?.error).toEqual(incomplete)
})

test('C93: an engine without an end is a failure of the engine', async () => {
  const { client } = await doubled([{ raw: '', ends: 'silent' }])
  const answer = await client.post(bodyB(off))
  expect([answer.status, errorOf(answer)]).toEqual([503, away])
})

test.each([true, false])(
  'C106: whoever waits in the line for longer than queue_ms gets 503, streaming: %s',
  async (stream) => {
    const { client, engine } = await doubled([{ raw: 'a·b', ends: 'stall' }], { slots: 1, limits: { queueMs: 150 } })
    const leaving = new AbortController()
    const first = client.post(bodyB({ ...off, stream: true }), { signal: leaving.signal }).catch(() => undefined)
    await expect.poll(() => engine.runs[0]?.tokens).toBe(2)
    const answer = await client.post(bodyB({ ...off, stream }))
    expect([answer.status, errorOf(answer)]).toEqual([503, away])
    expect(answer.headers['retry-after']).toBe('5')
    leaving.abort()
    await first
  },
)

test('C106: after heartbeats the end of the wait is told as any other broken answer', async () => {
  const { client, engine } = await doubled([{ raw: 'a·b', ends: 'stall' }], {
    slots: 1,
    limits: { queueMs: 150, keepaliveMs: 40 },
  })
  const leaving = new AbortController()
  const first = client.post(bodyB({ ...off, stream: true }), { signal: leaving.signal }).catch(() => undefined)
  await expect.poll(() => engine.runs[0]?.tokens).toBe(2)
  const streamed = await timed(client, { stream: true })
  expect(streamed.text).toMatch(/^(: keep-alive\n\n)+data: \{"error":/)
  const whole = await timed(client)
  expect([whole.status, whole.broken]).toEqual([200, true])
  leaving.abort()
  await first
})

test('a line that is full is 503 at once', async () => {
  const { client, engine } = await doubled([{ raw: 'a', ends: 'stall' }], { slots: 1, limits: { queueLength: 0 } })
  const leaving = new AbortController()
  const first = client.post(bodyB({ ...off, stream: true }), { signal: leaving.signal }).catch(() => undefined)
  await expect.poll(() => engine.runs[0]?.tokens).toBe(1)
  const answer = await client.post(bodyB(off))
  expect([answer.status, errorOf(answer), answer.headers['retry-after']]).toEqual([503, away, '5'])
  leaving.abort()
  await first
})

test('T107: whatever an engine dies of, its words and its name stay inside', async () => {
  const { client, log } = await doubled(() => {
    throw new Error('CUDA error at double-0 on host 10.0.0.7: out of memory')
  })
  for (const stream of [true, false]) {
    const answer = await client.post(bodyB({ ...off, stream }))
    expect(answer.status).toBe(500)
    expect(errorOf(answer)).toEqual({
      message: 'Internal server error.',
      type: 'server_error',
      param: null,
      code: 'server_error',
    })
  }
  expect(log()).not.toContain('10.0.0.7')
})

test('C36: an answer of nothing is made again once, and then it is what it is', async () => {
  const again = await doubled(['', 'Hi'])
  expect(await again.client.ask(off)).toMatchObject({ content: 'Hi', finishReason: 'stop' })
  const nothing = await doubled([''])
  expect(await nothing.client.ask(off)).toMatchObject({ content: '', finishReason: 'stop' })
  expect(nothing.engine.runs).toHaveLength(2)
})
