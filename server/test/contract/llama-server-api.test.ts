import { expect, test } from 'vitest'
import { bodyB, errorOf } from '../client.ts'
import { data, done } from '../doubles/chat.ts'
import * as up from '../doubles/llama-server.ts'
import { askingOf } from './chat-harness.ts'

/** Rows LS of section 17: llama-server misbehaves on one side, a client is on the other. */

const off = { thinking: { type: 'disabled' } }
const user = { role: 'user', content: 'Hello!' }
const tool = (name: string) => ({ type: 'function', function: { name, parameters: { type: 'object' } } })
const weather = tool('get_weather')
const hello = up.answer(up.reasoning('Greet.'), up.content('Hello'), up.content('!'))

const { doubled, said, got, fails } = askingOf('llama-server', hello)

test('a plain answer comes through, with the counts of the upstream', async () => {
  expect(await said(hello)).toMatchObject({
    reasoning: 'Greet.',
    content: 'Hello!',
    usage: { prompt_tokens: 12, completion_tokens: 20, prompt_cache_hit_tokens: 4 },
  })
})

test('LS1: a model that is still loading is not ready: another replica, or a wait, else 503', async () => {
  const loading = up.refusal('Loading model', 503, 'unavailable_error')
  const two = await doubled(loading, { replicas: [hello] })
  for (let round = 0; round < 2; round++) expect(await two.client.ask()).toMatchObject({ content: 'Hello!' })
  const patient = await doubled([loading, hello], { limits: { restartMs: 10_000 } })
  expect(await patient.client.ask()).toMatchObject({ content: 'Hello!' })
  const alone = await doubled(loading)
  const answer = await alone.client.post(bodyB())
  expect([answer.status, errorOf(answer).code]).toEqual([503, 'service_unavailable'])
  expect(answer.headers['retry-after']).toMatch(/^[1-5]$/)
  expect(answer.text + alone.log()).not.toContain('Loading')
})

test('LS2, LS4: sampling is what was asked for, whatever the server would rather do, and no cache is shared', async () => {
  const request = await got({ ...off, temperature: 0.3, top_p: 0.8, presence_penalty: 1, user_id: 'alice', seed: 7 })
  expect(request?.path).toBe('/v1/chat/completions')
  expect(request?.body).toEqual({
    model: 'upstream-model',
    messages: [user],
    stream: true,
    stream_options: { include_usage: true },
    temperature: 0.3,
    top_p: 0.8,
    max_tokens: 8192,
    seed: 7,
    top_k: 0,
    min_p: 0,
    typical_p: 1,
    top_n_sigma: -1,
    xtc_probability: 0,
    dry_multiplier: 0,
    dynatemp_range: 0,
    mirostat: 0,
    repeat_penalty: 1,
    cache_prompt: false,
    return_progress: true,
    timings_per_token: true,
    reasoning_format: 'deepseek',
    chat_template_kwargs: { thinking: false, enable_thinking: false },
  })
})

test('LS2: which stop matched is found here', async () => {
  const answer = await said(up.answer(up.content('foo E'), up.content('ND bar')), { ...off, stop: ['END', 'x'] })
  expect(answer).toMatchObject({ content: 'foo ', finishReason: 'stop', matchedStop: 'END' })
  expect(answer.upstream.received[0]?.body).not.toHaveProperty('stop')
})

test('LS4: two users get nothing of each other’s out of the cache', async () => {
  const { client, upstream } = await doubled(hello)
  for (const user_id of ['alice', 'bob']) await client.ask({ user_id })
  expect(upstream.received.map(({ body }) => body.cache_prompt)).toEqual([false, false])
  expect(JSON.stringify(upstream.received.map(({ body }) => body))).not.toMatch(/alice|bob/)
})

test('LS5: an error inside the stream is a failure, in the old form and in the new one', async () => {
  const error = up.error('secret', 500, 'server_error')
  for (const event of [`error: ${JSON.stringify(error)}\n\n`, data({ error })]) {
    const { text, log } = await fails(up.stream(event, done), up.stream(up.reasoning('Hm'), event, done))
    expect(text + log).not.toContain('secret')
  }
})

test('LS6: the end needs no blank line behind it', async () => {
  const reply = up.stream(up.content('Hi'), up.finish(), up.usageChunk, 'data: [DONE]')
  expect(await said(reply, off)).toMatchObject({ content: 'Hi', usage: { completion_tokens: 20 } })
})

test('LS7: arguments as an object are written as text; malformed ones are asked for again', async () => {
  const asked = { ...off, tools: [weather] }
  const withArguments = (args: unknown) => up.calls(up.call(0, 'a', 'get_weather', args))
  expect((await said(withArguments({ city: 'Oslo' }), asked)).calls[0]?.arguments).toBe('{"city":"Oslo"}')
  const again = await said([withArguments('{"city": Oslo}'), withArguments('{"city":"Oslo"}')], asked)
  expect(again.calls.map((call) => call.arguments)).toEqual(['{"city":"Oslo"}'])
  expect(await said(withArguments('{"city": Oslo}'), asked)).toMatchObject({ calls: [], finishReason: 'stop' })
})

test('LS8: a format that was ignored is asked for once more, and is else an error', async () => {
  const schema = {
    type: 'object',
    properties: { a: { type: 'integer' } },
    required: ['a'],
    additionalProperties: false,
  }
  const strict = { type: 'json_schema', json_schema: { name: 'x', schema, strict: true } }
  const ignored = up.answer(up.content('Sure! Here is your JSON.'))
  const kept = up.answer(up.content('```json\n{"a": 1}\n```'))
  for (const response_format of [{ type: 'json_object' }, strict]) {
    const answer = await said([ignored, kept], { ...off, response_format })
    expect(JSON.parse(answer.content)).toEqual({ a: 1 })
    expect(answer.upstream.received[0]?.body.response_format).toEqual(response_format)
    const { client } = await doubled(ignored)
    const refused = await client.post(bodyB({ ...off, response_format }))
    expect([refused.status, errorOf(refused).code]).toEqual([500, 'invalid_model_output'])
  }
})

test('LS10: an overflow that comes as the first event of a stream is the client’s 400', async () => {
  const overflow = up.error(
    'request (1200 tokens) exceeds the available context size (1000 tokens), try increasing it',
    400,
    'exceed_context_size_error',
    { n_prompt_tokens: 1200, n_ctx: 1000 },
  )
  const { client } = await doubled({ pieces: [data({ error: overflow })] })
  for (const fields of [{}, { stream: true }]) {
    const answer = await client.post(bodyB(fields))
    expect([answer.status, errorOf(answer).code, errorOf(answer).param]).toEqual([
      400,
      'context_length_exceeded',
      'messages',
    ])
    expect(errorOf(answer).message).toMatch(/maximum context length is 1000 tokens\. Your messages have 1200 tokens/)
  }
})

test('C30: a last turn of the assistant is finished, for a server that would go on with it', async () => {
  const turn = { role: 'assistant', content: 'b' }
  expect((await got({ messages: [user, turn] }))?.body.messages).toEqual([user, turn, { role: 'user', content: '' }])
  const { client } = await doubled(hello)
  const answer = await client.post(bodyB({ messages: [user, { ...turn, prefix: true }] }))
  expect([answer.status, errorOf(answer).code]).toEqual([400, 'unsupported_parameter'])
})

test('C44: a named choice is the one function, and must be called: names are not read there', async () => {
  const { client, upstream } = await doubled(up.calls(up.call(0, 'a', 'get_time', '{}')))
  const tool_choice = { type: 'function', function: { name: 'get_time' } }
  const answer = await client.ask({ tools: [weather, tool('get_time')], tool_choice })
  expect(answer).toMatchObject({ calls: [{ name: 'get_time' }], finishReason: 'tool_calls' })
  expect(upstream.received[0]?.body).toMatchObject({ tools: [tool('get_time')], tool_choice: 'required' })
})

test('C105: reports of a prompt that is being read are progress', async () => {
  const reports = [1, 2, 3, 4, 5].flatMap((processed) => [300, up.progress(processed, 6)])
  const reply = up.answer(...reports, up.content('Hi'))
  expect(await said(reply, off, { limits: { firstTokenMs: 1_000 } })).toMatchObject({ content: 'Hi' })
  const { client } = await doubled(up.answer(1_500, up.content('Hi')), { limits: { firstTokenMs: 1_000 } })
  expect((await client.post(bodyB(off))).status).toBe(503)
})

test('C86: a call that we end is counted from the timings', async () => {
  const reply = up.stream(up.content('foo E', up.timings(3, 7, 4)), up.content('ND bar', up.timings(3, 7, 6)), 60_000)
  expect((await said(reply, { ...off, stop: 'END' })).usage).toMatchObject({
    prompt_tokens: 10,
    prompt_cache_hit_tokens: 3,
    completion_tokens: 6,
  })
})

test('C82: log probabilities beside tools are refused by name: the server cannot give them', async () => {
  const { client, upstream } = await doubled(hello, { engine: { logprobs: true } })
  const answer = await client.post(bodyB({ logprobs: true, tools: [weather] }))
  expect([answer.status, errorOf(answer).code, errorOf(answer).param]).toEqual([
    400,
    'unsupported_parameter',
    'logprobs',
  ])
  expect(upstream.received).toEqual([])
  expect((await client.post(bodyB({ logprobs: true }))).status).toBe(200)
})
