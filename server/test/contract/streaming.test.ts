import { expect, test } from 'vitest'
import { ask } from '../../src/http/http-fixture.ts'
import type { HeartbeatForm } from '../../src/tenancy/key.ts'
import { bodyB, type Client, chunksOf, saidInChunks, type WireChunk } from '../client.ts'
import { type Doubled, doubled } from './harness.ts'

/** Section "Streaming, usage, keep-alive": the bytes of an answer, and when they come. */

const off = { thinking: { type: 'disabled' } }
const tools = [{ type: 'function', function: { name: 'get_weather' } }]
const oslo =
  '<｜DSML｜tool_calls>\n<｜DSML｜invoke name="get_weather">\n<｜DSML｜parameter name="city" string="true">Oslo</｜DSML｜parameter>\n</｜DSML｜invoke>\n</｜DSML｜tool_calls>'

const streamed = async (client: Client, fields: object = {}) => {
  const answer = await client.post(bodyB({ stream: true, ...fields }))
  expect(answer.status, answer.text).toBe(200)
  return { ...answer, ...chunksOf(answer.text) }
}

/** The same request with the arrival of each piece and whether the transfer broke. */
const timed = ({ client }: Pick<Doubled, 'client'>, fields: object = {}) =>
  ask(
    { port: Number(new URL(client.origin).port) },
    { headers: { authorization: `Bearer ${client.key}` }, body: bodyB({ ...fields }) },
  )

const without = ({ id: _, created: __, model: ___, system_fingerprint: ____, ...rest }: WireChunk) => rest

test('T88, T90: reasoning, content and asked usage are the chunks of section 10, in its order', async () => {
  const { client } = await doubled(['The user·greets.</think>Hel·lo!'])
  const { headers, text, chunks, done } = await streamed(client, { stream_options: { include_usage: true } })
  expect(headers).toMatchObject({
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache',
    'x-accel-buffering': 'no',
  })
  expect(headers['x-request-id']).toBeTruthy()
  expect(text.split('\n\n').every((event) => event === '' || /^(data: \S.*|: .*)$/.test(event))).toBe(true)
  expect(text.endsWith('\n\ndata: [DONE]\n\n')).toBe(true)
  expect(done).toBe(true)
  const chunk = (delta: object) => ({
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta, finish_reason: null }],
    usage: null,
  })
  const counts = chunks.at(-1)?.usage
  expect(chunks.map(without)).toEqual([
    chunk({ role: 'assistant', content: '', reasoning_content: '' }),
    chunk({ reasoning_content: 'The user' }),
    chunk({ reasoning_content: 'greets.' }),
    chunk({ content: 'Hel' }),
    chunk({ content: 'lo!' }),
    {
      object: 'chat.completion.chunk',
      choices: [{ index: 0, delta: {}, finish_reason: 'stop', matched_stop: null }],
      usage: null,
    },
    { object: 'chat.completion.chunk', choices: [], usage: counts },
  ])
  expect(counts?.completion_tokens).toBe(3)
})

test.each([{}, { stream_options: {} }, { stream_options: { include_usage: false } }])(
  'T90: with %j the usage stands on the finish chunk and nowhere else',
  async (fields) => {
    const { client } = await doubled(['Hi'])
    const { chunks } = await streamed(client, { ...off, ...fields })
    expect(chunks.map((chunk) => 'usage' in chunk)).toEqual([false, false, true])
    expect(chunks.at(-1)).toMatchObject({ choices: [{ finish_reason: 'stop' }], usage: { completion_tokens: 1 } })
  },
)

test('T89: what names the answer is the same on all chunks, and no delta has a null', async () => {
  const { client } = await doubled([`a·b</think>c·d\n\n${oslo}`])
  const { chunks, text } = await streamed(client, { tools, model: 'deepseek-reasoner' })
  const named = chunks.map(({ id, object, created, model, system_fingerprint }) =>
    JSON.stringify([id, object, created, model, system_fingerprint]),
  )
  expect(new Set(named).size).toBe(1)
  expect(chunks[0]?.model).toBe('deepseek-reasoner')
  for (const { choices } of chunks) for (const { delta } of choices) expect(JSON.stringify(delta)).not.toContain('null')
  expect(chunks.filter(({ choices }) => choices.some(({ delta }) => 'role' in delta))).toHaveLength(1)
  expect(text).not.toMatch(/^(event|id|retry):/m)
  const order = chunks.flatMap(({ choices }) => choices.map(({ delta }) => Object.keys(delta).join()))
  expect(order).toEqual([
    'role,content,reasoning_content',
    'reasoning_content',
    'reasoning_content',
    'content',
    'content',
    'tool_calls',
    'tool_calls',
    '',
  ])
  expect(chunks.at(-1)?.choices[0]).toEqual({ index: 0, delta: {}, finish_reason: 'tool_calls', matched_stop: null })
})

test.each<[what: string, raw: string, fields: object]>([
  ['reasoning and content', 'a·b</think>c·d', {}],
  ['reasoning only', 'a·b', {}],
  ['a call', `a</think>${oslo}`, { tools }],
  ['text and a call', `Well.\n\n${oslo}`, { ...off, tools }],
  ['a stop', 'a·b·END·c', { ...off, stop: 'END' }],
  ['the limit', 'a·b·c·d', { ...off, max_tokens: 2 }],
  ['JSON', '```json\n{"a":1}\n```', { ...off, response_format: { type: 'json_object' } }],
])('T91: the fold of the stream is the whole answer: %s', async (_what, raw, fields) => {
  // A service for each: the second of two requests would find the first one's prompt in the cache.
  const whole = await (await doubled([raw])).client.ask({ ...fields })
  const { chunks } = await streamed((await doubled([raw])).client, fields)
  const fold = saidInChunks(chunks)
  const idless = (said: typeof fold) => ({ ...said, calls: said.calls.map(({ id: _, ...call }) => call) })
  expect(idless(fold)).toEqual(idless(whole))
})

test('T92: the counts agree, with every field of the page', async () => {
  const { client } = await doubled(['a·b·</think>·c·d'])
  for (let round = 0; round < 2; round++) {
    const { usage } = await client.ask()
    expect(usage).toEqual({
      prompt_tokens: usage.prompt_tokens,
      completion_tokens: 5,
      total_tokens: usage.prompt_tokens + 5,
      prompt_cache_hit_tokens: usage.prompt_cache_hit_tokens,
      prompt_cache_miss_tokens: usage.prompt_tokens - usage.prompt_cache_hit_tokens,
      prompt_tokens_details: {
        cached_tokens: usage.prompt_cache_hit_tokens,
        audio_tokens: 0,
        text_tokens: usage.prompt_tokens,
      },
      completion_tokens_details: { reasoning_tokens: 3, accepted_prediction_tokens: 0, rejected_prediction_tokens: 0 },
    })
    expect(usage.prompt_cache_hit_tokens > 0).toBe(round > 0)
  }
})

test('T93, EM3: one prompt is found in the cache by its user alone', async () => {
  const { client, clientFor } = await doubled(['ok'])
  const cached = async (asker: Client, user_id: string) =>
    (await asker.ask({ user_id })).usage.prompt_tokens_details.cached_tokens
  expect(await cached(client, 'alice')).toBe(0)
  expect(await cached(client, 'alice')).toBeGreaterThan(0)
  expect(await cached(client, 'bob')).toBe(0)
  expect(await cached(await clientFor({}), 'alice')).toBe(0)
})

const keepaliveMs = 200

test.each([true, false])('T95: a silence is filled with heartbeats, streaming: %s', async (stream) => {
  const double = await doubled([{ raw: 'a', delayMs: keepaliveMs * 3.5 }], { limits: { keepaliveMs } })
  const answer = await timed(double, { ...off, stream })
  expect(answer.status).toBe(200)
  const gaps = answer.arrivals.map((at, i) => at - (answer.arrivals[i - 1] ?? 0))
  // One lost heartbeat would be twice the time; the client shares a busy machine with the server.
  expect(Math.max(...gaps)).toBeLessThan(keepaliveMs * 1.9)
  if (stream) {
    expect(answer.text).toMatch(/^(: keep-alive\n\n){3,}data: /)
    expect(answer.text.endsWith('data: [DONE]\n\n')).toBe(true)
  } else {
    expect(answer.text).toMatch(/^\n{3,}\{/)
    expect(answer.headers['content-type']).toBe('application/json')
    expect(JSON.parse(answer.text).choices[0].message.content).toBe('a')
  }
})

test('EM5: a long silence of one engine holds up nobody else', async () => {
  const { client } = await doubled([{ raw: 'a', delayMs: 400 }], { limits: { keepaliveMs: 100 } })
  const silent = client.post(bodyB({ ...off, stream: true }))
  let asked = 0
  for (let over = false; !over; asked++) {
    expect((await client.get('/health', {})).status).toBe(200)
    over = (await Promise.race([silent, new Promise((resolve) => setTimeout(resolve, 5))])) !== undefined
  }
  expect(asked).toBeGreaterThan(5)
  expect((await silent).text).toMatch(/^(: keep-alive\n\n){2,}data: /)
})

test('C101, C49: while a call is put together the client hears heartbeats', async () => {
  const raw = oslo.replaceAll('\n', '\n·')
  const double = await doubled([{ raw: `Well.·${raw}`, delayMs: 60 }], { limits: { keepaliveMs: 80 } })
  const { text } = await timed(double, { ...off, stream: true, tools })
  const between = text.slice(text.indexOf('Well.'), text.indexOf('tool_calls'))
  expect(between.match(/^: keep-alive$/gm)?.length).toBeGreaterThanOrEqual(2)
})

test.each<[form: HeartbeatForm, stream: boolean, begins: RegExp]>([
  ['comment', true, /^(: keep-alive\n\n)+data: \{/],
  ['line', true, /^(: keep-alive\n)+data: \{/],
  [
    'chunk',
    true,
    /^data: [^\n]*"role":"assistant"[^\n]*\n\n(data: [^\n]*"delta":\{\},"finish_reason":null[^\n]*\n\n)+/,
  ],
  ['off', true, /^data: [^\n]*"role":"assistant"/],
  ['comment', false, /^\n+\{/],
  ['line', false, /^\n+\{/],
  ['off', false, /^\{/],
])('T96: a key with heartbeats of the form `%s`, streaming: %s', async (heartbeat, stream, begins) => {
  const double = await doubled([{ raw: 'a', delayMs: 250 }], { limits: { keepaliveMs: 80 } })
  const client = await double.clientFor({ settings: { heartbeat } })
  const answer = await timed({ client }, { ...off, stream })
  expect(answer.text).toMatch(begins)
  if (!stream) return expect(JSON.parse(answer.text).choices[0].message.content).toBe('a')
  expect(saidInChunks(chunksOf(answer.text.replaceAll(': keep-alive\n', '')).chunks).content).toBe('a')
  expect(answer.text.match(/"role"/g)).toHaveLength(1)
})

test('T96: heartbeats as chunks carry `usage: null` when usage is asked for, as all chunks do', async () => {
  const double = await doubled([{ raw: 'a', delayMs: 250 }], { limits: { keepaliveMs: 80 } })
  const client = await double.clientFor({ settings: { heartbeat: 'chunk' } })
  const { chunks } = await streamed(client, { ...off, stream_options: { include_usage: true } })
  expect(chunks.slice(0, -1).map(({ usage }) => usage)).toEqual(chunks.slice(1).map(() => null))
})

test('C82: log probabilities come with the content, and with nothing that a stop cut', async () => {
  const { client } = await doubled(['Hm</think>·a·b·END·c'])
  const fields = { logprobs: true, top_logprobs: 2, stop: 'END' }
  const { chunks } = await streamed(client, fields)
  const entry = (token: string) => ({
    token,
    logprob: -0.5,
    bytes: [...Buffer.from(token)],
    top_logprobs: [
      { token, logprob: -0.5, bytes: [...Buffer.from(token)] },
      { token, logprob: -1.5, bytes: [...Buffer.from(token)] },
    ],
  })
  const inChunks = chunks.flatMap(({ choices }) =>
    choices.flatMap(({ delta, logprobs }) => (delta.content ? [logprobs] : [])),
  )
  expect(inChunks).toEqual([{ content: [entry('a')] }, { content: [entry('b')] }])
  const whole = JSON.parse((await client.post(bodyB(fields))).text)
  expect(whole.choices[0].logprobs.content).toEqual([entry('a'), entry('b')])
  expect(Object.keys(whole.choices[0].logprobs)).toEqual(['content', 'reasoning_content'])
})

test('T37: log probabilities are refused by name where the engine has none', async () => {
  const { client } = await doubled(['ok'], { facts: { logprobs: false } })
  const answer = await client.post(bodyB({ logprobs: true }))
  expect([answer.status, JSON.parse(answer.text).error]).toMatchObject([
    400,
    { code: 'unsupported_parameter', param: 'logprobs' },
  ])
  expect((await client.post(bodyB({ logprobs: false }))).status).toBe(200)
})

test('seed: it reaches the engine as sent', async () => {
  const { client, engine } = await doubled(['ok'])
  await client.ask({ ...off, seed: 7 })
  await client.ask({ ...off, seed: null })
  expect(engine.got.map(({ sampling }) => sampling)).toEqual([
    { temperature: 1, topP: 1, seed: 7 },
    { temperature: 1, topP: 1 },
  ])
})

test('T98: a client that leaves after the third delta is noticed at once, recorded, and its slot is free', async () => {
  const { client, engine, log } = await doubled([{ raw: 'a·b·c·d·e·f', delayMs: 20, ends: 'stall' }], { slots: 1 })
  const leaving = new AbortController()
  const response = await fetch(`${client.origin}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${client.key}`, 'content-type': 'application/json' },
    body: JSON.stringify(bodyB({ ...off, stream: true })),
    signal: leaving.signal,
  })
  let heard = ''
  for await (const piece of response.body ?? []) {
    heard += Buffer.from(piece).toString()
    if ((heard.match(/"content":"\w"/g)?.length ?? 0) >= 3) break
  }
  const left = performance.now()
  leaving.abort()
  await expect.poll(() => engine.runs[0]?.cancelledAt).toBeDefined()
  expect((engine.runs[0]?.cancelledAt ?? Infinity) - left).toBeLessThan(1_000)
  await expect.poll(log).toContain('"outcome":"cancelled"')
  const record = JSON.parse(
    log()
      .split('\n')
      .find((line) => line.includes('"outcome":"cancelled"')) ?? '',
  )
  expect(record.status).toBe(499)
  expect(record.usage.completionTokens).toBe(engine.runs[0]?.tokens)
  expect(record.usage.completionTokens).toBeGreaterThanOrEqual(3)
  const next = client.post(bodyB({ ...off, max_tokens: 1 }))
  expect((await next).status).toBe(200)
})

test('T98: so is one that waits for a whole answer', async () => {
  const { client, engine, log } = await doubled([{ raw: 'a·b·c', ends: 'stall' }], { slots: 1 })
  const leaving = new AbortController()
  const answer = client.post(bodyB(off), { signal: leaving.signal })
  await expect.poll(() => engine.runs[0]?.tokens).toBe(3)
  leaving.abort()
  await expect(answer).rejects.toThrow()
  await expect.poll(log).toContain('"outcome":"cancelled"')
  expect(log()).toMatch(/"outcome":"cancelled","status":499.*"completionTokens":3/)
  expect((await client.post(bodyB({ ...off, max_tokens: 1 }))).status).toBe(200)
})

test('C100: users of one key take turns at a place; no user_id is one more user', async () => {
  const { client, engine } = await doubled([{ raw: 'a', ends: 'stall' }, 'a'], { slots: 1 })
  const asked = (content: string, fields: object, signal?: AbortSignal) =>
    client.post(bodyB({ ...off, messages: [{ role: 'user', content }], ...fields }), signal && { signal })
  const leaving = new AbortController()
  const first = asked('first', { user_id: 'busy' }, leaving.signal)
  await expect.poll(() => engine.runs.length).toBe(1)
  const others = [
    ['second', { user_id: 'busy' }],
    ['third', { user_id: 'busy' }],
    ['other', { user_id: 'other' }],
    ['nobody', {}],
  ] as const
  const answers = others.map(([content, fields]) => asked(content, fields))
  await expect.poll(async () => (await client.get('/metrics')).text).toMatch(/tidegate_engine_waiting\{[^}]*\} 4$/m)
  leaving.abort()
  await expect(first).rejects.toThrow()
  await Promise.all(answers)
  const order = engine.got.map(({ prompt }) => /first|second|third|other|nobody/.exec(prompt.join(''))?.[0])
  expect(order).toHaveLength(5)
  // Whichever of the busy user's two came first into the line: its other one waits for everybody else.
  expect(['second', 'third']).toContain(order.at(-1))
})
