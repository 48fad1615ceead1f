import { expect, test } from 'vitest'
import { bodyB, chunksOf, errorOf, saidInChunks } from '../client.ts'
import * as up from '../doubles/chat.ts'
import { apiKey, askingOf } from './chat-harness.ts'

/** Rows DS of section 17: the DeepSeek API misbehaves on one side, a client is on the other. */

const off = { thinking: { type: 'disabled' } }
const weather = { type: 'function', function: { name: 'get_weather', parameters: { type: 'object' } } }
const user = { role: 'user', content: 'Hello!' }
const hello = up.answer(up.reasoning('Greet.'), up.content('Hello'), up.content('!'))

const { doubled: deepseek, said, got } = askingOf('deepseek', hello)

test('a plain answer comes through, with the counts of the upstream', async () => {
  const answer = await said(hello)
  expect(answer).toMatchObject({
    content: 'Hello!',
    reasoning: 'Greet.',
    finishReason: 'stop',
    matchedStop: null,
    model: 'deepseek-v4-flash',
    usage: {
      prompt_tokens: 12,
      completion_tokens: 20,
      prompt_cache_hit_tokens: 4,
      completion_tokens_details: { reasoning_tokens: 8 },
    },
  })
})

test('C18, C33: the request is complete, and has the fields of this API alone', async () => {
  const request = await got({
    temperature: 0.2,
    top_p: 0.5,
    stop: 'X',
    seed: 7,
    frequency_penalty: 1,
    user_id: 'alice',
    chat_template_kwargs: { a: 1 },
  })
  expect(request?.path).toBe('/chat/completions')
  expect(request?.headers.authorization).toBe(`Bearer ${apiKey}`)
  expect(request?.body).toEqual({
    model: 'upstream-model',
    messages: [user],
    stream: true,
    stream_options: { include_usage: true },
    temperature: 1,
    top_p: 1,
    max_tokens: 50_000,
    thinking: { type: 'enabled' },
    reasoning_effort: 'high',
    user_id: expect.stringMatching(/^[\w-]{43}$/),
  })
  expect((await got({ ...off, temperature: 0.2, top_p: 0 }))?.body).toMatchObject({
    thinking: { type: 'disabled' },
    temperature: 0,
    top_p: 1,
    max_tokens: 8192,
  })
  expect((await got(off))?.body).not.toHaveProperty('reasoning_effort')
  expect((await got({ reasoning_effort: 'xhigh' }))?.body.reasoning_effort).toBe('max')
})

test('C99: two users of one key get two salts, and never their own names', async () => {
  const { client, upstream } = await deepseek(hello)
  for (const user_id of ['alice', 'bob', 'alice']) await client.ask({ user_id })
  const [alice, bob, again] = upstream.received.map(({ body }) => body.user_id)
  expect(alice).toBe(again)
  expect(new Set([alice, bob, 'alice', 'bob']).size).toBe(4)
})

test('DS1: each assistant turn carries reasoning_content, known or empty', async () => {
  const { client, upstream } = await deepseek([
    up.calls(up.reasoning('I look.'), up.call(0, { id: 'u1', name: 'get_weather', arguments: '{}' })),
    hello,
  ])
  const first = await client.ask({ tools: [weather] })
  const id = first.calls[0]?.id ?? ''
  const turn = { id, type: 'function', function: { name: 'get_weather', arguments: 'not json' } }
  await client.ask({
    tools: [weather],
    messages: [
      user,
      { role: 'assistant', content: 'Hi.' },
      user,
      { role: 'assistant', content: null, tool_calls: [turn] },
      { role: 'tool', tool_call_id: id, content: 'sunny' },
    ],
  })
  const messages = upstream.received[1]?.body.messages
  expect(messages[1]).toEqual({ role: 'assistant', content: 'Hi.', reasoning_content: '' })
  expect(messages[3]).toEqual({
    role: 'assistant',
    content: '',
    reasoning_content: 'I look.',
    tool_calls: [{ ...turn, function: { name: 'get_weather', arguments: '{"arguments":"not json"}' } }],
  })
})

test('DS2: a forced call is asked for with thinking disabled', async () => {
  for (const tool_choice of ['required', { type: 'function', function: { name: 'get_weather' } }]) {
    const reply = up.calls(up.call(0, { id: 'u1', name: 'get_weather', arguments: '{"city":"Oslo"}' }))
    const answer = await said(reply, { tools: [weather], tool_choice })
    expect(answer).toMatchObject({ reasoning: undefined, finishReason: 'tool_calls', content: '' })
    expect(answer.calls).toMatchObject([{ name: 'get_weather', arguments: '{"city":"Oslo"}' }])
    expect(answer.calls[0]?.id).toMatch(/^call_[0-9a-f]{24}$/)
    expect(answer.upstream.received[0]?.body).toMatchObject({ thinking: { type: 'disabled' }, tool_choice })
  }
})

test('DS3: a schema is asked for in words and JSON mode; what is empty or invalid is asked for again, and never shown', async () => {
  const schema = {
    type: 'object',
    properties: { a: { type: 'integer' } },
    required: ['a'],
    additionalProperties: false,
  }
  const response_format = { type: 'json_schema', json_schema: { name: 'x', schema, strict: true } }
  const good = await said([up.answer(), up.answer(up.content('{"a"'), up.content(': 1}'))], { ...off, response_format })
  expect(JSON.parse(good.content)).toEqual({ a: 1 })
  const [first] = good.upstream.received
  expect(first?.body.response_format).toEqual({ type: 'json_object' })
  expect(first?.body.messages[0]).toMatchObject({
    role: 'system',
    content: expect.stringContaining('"additionalProperties"'),
  })

  const { client, upstream } = await deepseek(up.answer(up.content('{"a": "one"}')))
  const bad = await client.post(bodyB({ ...off, response_format }))
  expect([bad.status, errorOf(bad).code, bad.headers['x-should-retry']]).toEqual([500, 'invalid_model_output', 'false'])
  expect(upstream.received).toHaveLength(2)

  const plain = await said(up.answer(up.content('{}')), { ...off, response_format: { type: 'json_object' } })
  expect(JSON.stringify(plain.upstream.received[0]?.body.messages)).toMatch(/json/i)
})

test('DS4: heartbeats of the upstream are skipped, and are no progress', async () => {
  const beats = Array.from({ length: 20 }, () => [': keep-alive\n\n', 20]).flat()
  expect(await said(up.stream(...beats, up.content('Hi'), up.finish(), up.done))).toMatchObject({ content: 'Hi' })
  const { client } = await deepseek(up.stream(up.content('Hi'), ...beats, up.finish(), up.done), {
    limits: { interTokenMs: 100 },
  })
  const { chunks, done } = chunksOf((await client.post(bodyB({ stream: true }))).text)
  expect([chunks.at(-1)?.error?.code, done]).toEqual(['generation_failed', false])
  const blank = { status: 200, headers: { 'content-type': 'application/json' } }
  const whole = {
    choices: [{ index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }],
    usage: up.usage,
  }
  expect(await said({ ...blank, pieces: ['\n', 10, '\n\n', JSON.stringify(whole)] })).toMatchObject({ content: 'Hi' })
})

test('DS5: usage on the finish chunk, in a chunk of its own, or both: the last counts', async () => {
  const other = { ...up.usage, completion_tokens: 19 }
  const hi = up.content('Hi')
  for (const reply of [
    up.stream(hi, up.finish('stop', { usage: up.usage }), up.done),
    up.stream(hi, up.finish(), up.usageChunk, up.done),
    up.stream(hi, up.finish('stop', { usage: other }), up.usageChunk, up.done),
    up.stream(up.chunk({ content: 'Hi' }, 'stop', { usage: up.usage }), up.done),
  ]) {
    const { client } = await deepseek(reply)
    const asked = await client.post(bodyB({ stream: true, stream_options: { include_usage: true } }))
    const { chunks } = chunksOf(asked.text)
    expect(chunks.filter(({ usage }) => usage)).toHaveLength(1)
    expect(saidInChunks(chunks)).toMatchObject({ content: 'Hi', usage: { completion_tokens: 20 } })
  }
})

test.each(['insufficient_system_resource', 'aborted'])(
  'DS6: an answer that ends with %s has failed',
  async (reason) => {
    const broken = up.stream(up.finish(reason), up.done)
    const { client } = await deepseek(broken, { replicas: [hello] })
    for (let round = 0; round < 2; round++) expect(await client.ask()).toMatchObject({ content: 'Hello!' })
    const late = await deepseek(up.stream(up.content('Hi'), up.finish(reason), up.done))
    const { chunks, done } = chunksOf((await late.client.post(bodyB({ stream: true }))).text)
    expect([chunks.at(-1)?.error?.code, done]).toEqual(['generation_failed', false])
    expect(JSON.stringify(chunks)).not.toContain(reason)
  },
)

test('DS7: rates, money and keys of the upstream are never the client’s: another replica, else 503', async () => {
  for (const [reply, seconds] of [
    [up.refusal(429, 'Rate limit of org-secret', { 'retry-after': '7' }), '7'],
    [up.refusal(402, 'Insufficient Balance'), '5'],
    [up.refusal(401, `Authentication Fails, ${apiKey}`), '5'],
  ] as const) {
    const alone = await deepseek(reply)
    const answer = await alone.client.post(bodyB())
    expect([answer.status, errorOf(answer).code, answer.headers['retry-after']]).toEqual([
      503,
      'service_unavailable',
      seconds,
    ])
    expect(answer.text).not.toMatch(/org-secret|Balance|sk-/)
    expect(alone.upstream.received).toHaveLength(1)
    expect(alone.log()).not.toMatch(/org-secret|sk-/)
    const { client } = await deepseek(reply, { replicas: [hello] })
    for (let round = 0; round < 2; round++) expect(await client.ask()).toMatchObject({ content: 'Hello!' })
  }
})

test('C93: what the upstream refuses is tried elsewhere, and else a 500 without its words', async () => {
  const reply = up.refusal(400, 'no field <secret-field> here')
  const alone = await deepseek(reply)
  const answer = await alone.client.post(bodyB())
  expect([answer.status, errorOf(answer).code, answer.headers['x-should-retry']]).toEqual([
    500,
    'server_error',
    'false',
  ])
  expect(answer.text + alone.log()).not.toContain('secret-field')
  expect(alone.upstream.received).toHaveLength(1)
  const { client } = await deepseek(reply, { replicas: [hello] })
  expect(await client.ask()).toMatchObject({ content: 'Hello!' })
})

test('C15: a prompt that is too long for the upstream is the client’s 400', async () => {
  const { client } = await deepseek(
    up.refusal(
      400,
      "This model's maximum context length is 1000 tokens. However, you requested 1300 tokens (1200 in the messages, 100 in the completion).",
    ),
  )
  const answer = await client.post(bodyB())
  expect([answer.status, errorOf(answer).code, errorOf(answer).param]).toEqual([
    400,
    'context_length_exceeded',
    'messages',
  ])
  expect(errorOf(answer).message).toMatch(/maximum context length is 1000 tokens\. Your messages have 1200 tokens/)
})

test('DS8: an upstream that stalls has failed', async () => {
  const limits = { firstTokenMs: 500, interTokenMs: 500 }
  const silent = { ...up.stream(), ends: 'silent' } as const
  const { client, upstream } = await deepseek(silent, { limits, replicas: [hello] })
  for (let round = 0; round < 2; round++) expect(await client.ask()).toMatchObject({ content: 'Hello!' })
  await expect.poll(() => upstream.received.every(({ cancelledAt }) => cancelledAt !== undefined)).toBe(true)
  const late = await deepseek({ ...up.stream(up.content('Hi')), ends: 'silent' }, { limits })
  const { chunks, done } = chunksOf((await late.client.post(bodyB({ stream: true }))).text)
  expect([chunks.at(-1)?.error?.code, done]).toEqual(['generation_failed', false])
})

test('DS9: an end without [DONE] is a failure before a finish reason, and the end after one', async () => {
  expect(await said(up.stream(up.content('Hi'), up.finish()))).toMatchObject({ content: 'Hi', finishReason: 'stop' })
  expect(await said({ ...up.stream(up.content('Hi'), up.finish(), up.usageChunk), ends: 'reset' })).toMatchObject({
    content: 'Hi',
  })
  expect(await said({ ...up.stream(up.content('Hi'), up.finish()), ends: 'silent' })).toMatchObject({ content: 'Hi' })
  for (const ends of ['properly', 'reset'] as const) {
    const { client } = await deepseek({ ...up.stream(up.content('Hi')), ends })
    const { chunks, done } = chunksOf((await client.post(bodyB({ stream: true }))).text)
    expect([chunks.at(-1)?.error?.code, done]).toEqual(['generation_failed', false])
    const two = await deepseek({ ...up.stream(), ends }, { replicas: [hello] })
    for (let round = 0; round < 2; round++) expect(await two.client.ask()).toMatchObject({ content: 'Hello!' })
  }
})

test('DS10: the upstream’s own limit is learned from its refusal', async () => {
  const { client, upstream } = await deepseek(({ body }) =>
    body.max_tokens > 8192
      ? up.refusal(400, 'Invalid max_tokens value, the valid range of max_tokens is [1, 8192]')
      : hello,
  )
  for (let round = 0; round < 2; round++)
    expect(await client.ask({ max_tokens: 20_000 })).toMatchObject({ content: 'Hello!' })
  expect(upstream.received.map(({ body }) => body.max_tokens)).toEqual([20_000, 8192, 8192])
})

test('C14: the room that the prompt leaves is learned from the refusal', async () => {
  const { client, upstream } = await deepseek(({ body }) =>
    body.max_tokens > 800
      ? up.refusal(
          400,
          "This model's maximum context length is 1000 tokens. However, you requested 8392 tokens (200 in the messages, 8192 in the completion).",
        )
      : hello,
  )
  expect(await client.ask(off)).toMatchObject({ content: 'Hello!' })
  expect(upstream.received.map(({ body }) => body.max_tokens)).toEqual([8192, 800])
})

test('DS11: reasoning alone is an answer; nothing at all is asked for again', async () => {
  expect(await said(up.answer(up.reasoning('Hm.')))).toMatchObject({
    reasoning: 'Hm.',
    content: '',
    finishReason: 'stop',
  })
  const again = await said([up.answer(), hello])
  expect(again).toMatchObject({ content: 'Hello!', usage: { completion_tokens: 20 } })
  expect(again.upstream.received).toHaveLength(2)
})

test('DS12: the client hears the name that it asked for', async () => {
  expect(await said(hello, { model: 'deepseek-chat' })).toMatchObject({ model: 'deepseek-chat' })
})

test('C29: a prefix is continued by the upstream’s own prefix mode', async () => {
  const messages = [user, { role: 'assistant', content: 'def f(', prefix: true }]
  const request = await got({ ...off, messages })
  expect(request?.path).toBe('/beta/chat/completions')
  expect(request?.body.messages[1]).toEqual({
    role: 'assistant',
    content: 'def f(',
    reasoning_content: '',
    prefix: true,
  })
})

test('C34: with thinking off, what the upstream reasons all the same is not shown', async () => {
  expect(await said(hello, off)).toMatchObject({
    reasoning: undefined,
    content: 'Hello!',
    usage: { completion_tokens_details: { reasoning_tokens: 0 } },
  })
})

test('C65: a stop is matched here, and the upstream is cancelled', async () => {
  const reply = up.stream(up.content('foo E'), up.content('N'), up.content('D bar'), 60_000)
  const answer = await said(reply, { ...off, stop: 'END' })
  expect(answer).toMatchObject({ content: 'foo ', finishReason: 'stop', matchedStop: 'END' })
  expect(answer.upstream.received[0]?.body).not.toHaveProperty('stop')
  await expect.poll(() => answer.upstream.received[0]?.cancelledAt).toBeDefined()
  expect(answer.usage.completion_tokens).toBe(3)
})

test('C8: a client that leaves takes the request to the upstream with it', async () => {
  const { client, upstream, log } = await deepseek({ ...up.stream(up.content('Hi')), ends: 'silent' })
  const leaving = new AbortController()
  const asking = client.post(bodyB({ stream: true }), { signal: leaving.signal }).catch(() => undefined)
  await expect.poll(() => upstream.received.length).toBe(1)
  const left = performance.now()
  leaving.abort()
  await asking
  await expect.poll(() => upstream.received[0]?.cancelledAt).toBeDefined()
  expect((upstream.received[0]?.cancelledAt ?? Infinity) - left).toBeLessThan(1_000)
  await expect.poll(log).toContain('"status":499')
})

test('a connection serves one answer after the other, and many at once each have their own', async () => {
  const { promise: all, resolve: go } = Promise.withResolvers<void>()
  const { client, upstream } = await deepseek((_, index) => {
    if (index === 42) go()
    return index < 3 ? hello : { pieces: [up.content('Hi'), all, up.finish(), up.done] }
  })
  for (let round = 0; round < 3; round++) await client.ask()
  expect(new Set(upstream.received.map(({ port }) => port)).size).toBe(1)
  await Promise.all(Array.from({ length: 40 }, () => client.ask()))
  expect(new Set(upstream.received.map(({ port }) => port)).size).toBe(40)
})

test('C91: an upstream behind a broken proxy is 503, and the key is in no log', async () => {
  const { client, upstream, log } = await deepseek({
    status: 502,
    headers: { 'content-type': 'text/html' },
    pieces: ['<p>'],
  })
  const answer = await client.post(bodyB())
  expect([answer.status, errorOf(answer).code]).toEqual([503, 'service_unavailable'])
  expect(upstream.received.length).toBeGreaterThan(0)
  expect(log() + answer.text).not.toContain(apiKey)
})

test('C133: what its template writes is learned from its counts, so that a small limit serves short prompts', async () => {
  const { client, clientFor } = await deepseek(hello)
  const limited = await clientFor({ settings: { tokensPerMinute: 1_000 } })
  const fields = { max_tokens: 20 }
  expect((await limited.post(bodyB(fields))).status).toBe(429)
  await client.ask(fields)
  const answer = await limited.post(bodyB(fields))
  expect(answer.status).toBe(200)
  expect(Number(answer.headers['x-ratelimit-remaining-tokens'])).toBeGreaterThan(700)
})
