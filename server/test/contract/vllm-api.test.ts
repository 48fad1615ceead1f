import { expect, test } from 'vitest'
import { bodyB, chunksOf, errorOf } from '../client.ts'
import { done } from '../doubles/chat.ts'
import type { Replies } from '../doubles/upstream.ts'
import * as up from '../doubles/vllm.ts'
import { askingOf } from './chat-harness.ts'

/** Rows VL of section 17: vLLM misbehaves on one side, a client is on the other. */

const off = { thinking: { type: 'disabled' } }
const user = { role: 'user', content: 'Hello!' }
const weather = { type: 'function', function: { name: 'get_weather', parameters: { type: 'object' } } }
const named = { type: 'function', function: { name: 'get_weather' } }
const hello = up.answer(up.reasoning('Greet.'), up.content('Hello'), up.content('!'))

const { doubled, said, got, fails } = askingOf('vllm', hello)

test('C18, C33, C99: the request is complete, in fields of this API, with our salt', async () => {
  const request = await got({ temperature: 0.2, stop: 'X', seed: 7, presence_penalty: 1, user_id: 'alice' })
  expect(request?.path).toBe('/v1/chat/completions')
  expect(request?.body).toEqual({
    model: 'upstream-model',
    messages: [user],
    stream: true,
    stream_options: { include_usage: true, continuous_usage_stats: true },
    temperature: 1,
    top_p: 1,
    top_k: -1,
    min_p: 0,
    repetition_penalty: 1,
    max_tokens: 50_000,
    seed: 7,
    chat_template_kwargs: { thinking: true, enable_thinking: true, reasoning_effort: 'high' },
    cache_salt: expect.stringMatching(/^[\w-]{43}$/),
  })
})

test('VL1: reasoning is called `reasoning` there, in and out', async () => {
  expect(await said(hello)).toMatchObject({ reasoning: 'Greet.', content: 'Hello!' })
  const request = await got({
    messages: [user, { role: 'assistant', content: 'a', reasoning_content: 'because' }, user],
  })
  expect(request?.body.messages[1]).toEqual({ role: 'assistant', content: 'a', reasoning: 'because' })
})

test('VL2: it thinks unless it is told not to, so it is told', async () => {
  const thinking: Replies = ({ body }) =>
    body.chat_template_kwargs?.enable_thinking === false ? up.answer(up.content('Hello!')) : hello
  expect(await said(thinking, off)).toMatchObject({ reasoning: undefined, content: 'Hello!' })
  expect(await said(thinking)).toMatchObject({ reasoning: 'Greet.', content: 'Hello!' })
})

test('VL3: stops are not sent, so that none is applied to the reasoning', async () => {
  const stopping: Replies = ({ body }) =>
    body.stop
      ? up.stream(up.reasoning('a'), up.finish('stop', 'X'), done)
      : up.answer(up.reasoning('aXb'), up.content('cXd'))
  expect(await said(stopping, { stop: 'X' })).toMatchObject({ reasoning: 'aXb', content: 'c', matchedStop: 'X' })
})

test('VL4: a closing tag, half of one, or the tail of the reasoning before the content goes where it belongs', async () => {
  const thought = up.reasoning('I think about')
  for (const [pieces, reasoning] of [
    [['</think>Hi.'], 'I think about'],
    [['/think>Hi.'], 'I think about'],
    [['/th', 'ink>', 'Hi.'], 'I think about'],
    [['\n</think>\n\nHi.'], 'I think about'],
    [[' it.</think>Hi.'], 'I think about it.'],
    [[' i', 't.', '</', 'think', '>\n\nH', 'i.'], 'I think about it.'],
  ] as const)
    expect(await said(up.answer(thought, ...pieces.map(up.content))), pieces.join('|')).toMatchObject({
      reasoning,
      content: 'Hi.',
    })
  expect(await said(up.answer(up.reasoning('I think<'), up.content('/think>Hi.')))).toMatchObject({
    reasoning: 'I think',
    content: 'Hi.',
  })
  for (const residue of ['</think>', '/think>'])
    expect(await said(up.answer(up.content(`${residue}Hi.`)), off)).toMatchObject({
      reasoning: undefined,
      content: 'Hi.',
    })
})

test('VL5: what it refuses is not sent', async () => {
  const strict: Replies = ({ body }) => {
    const wrong = body.tools?.length === 0 || (body.tool_choice && !body.tools) || body.top_p === 0 || 'stop' in body
    return wrong ? up.refusal('no') : hello
  }
  for (const fields of [
    { tools: [] },
    { tool_choice: 'auto' },
    { tool_choice: 'none', tools: [weather] },
    { top_p: 0 },
    { stop: '' },
  ])
    expect(await said(strict, fields)).toMatchObject({ content: 'Hello!' })
})

test('VL6: broken markup in the content is asked for again, and never shown', async () => {
  const broken = '<tool_call>\n{"name": "get_weather", "arguments": {"city":\n</tool_call>'
  const good = '<tool_call>\n{"name": "get_weather", "arguments": {"city":"Oslo"}}\n</tool_call>'
  const asked = { ...off, tools: [weather] }
  const markup = (text: string) => up.answer(up.content('I look.\n'), ...[...text].map(up.content))
  expect(await said([markup(broken), markup(good)], asked)).toMatchObject({
    content: 'I look.',
    calls: [{ name: 'get_weather', arguments: '{"city":"Oslo"}' }],
    finishReason: 'tool_calls',
  })
  const twice = await said(markup(broken), asked)
  expect(twice).toMatchObject({ calls: [], finishReason: 'stop' })
  expect(twice.content).not.toContain('tool_call')
})

test('VL7: a named choice is one valid call, whatever comes of it at first', async () => {
  const good = up.calls(up.call(0, 'a', 'get_weather', '{"city":"Oslo"}'))
  const leak = up.calls(up.content('<tool_call>\n{"name": "get_weather", "arguments": {"city":"Oslo"}}\n</tool_call>'))
  const half = up.calls(up.call(0, 'a', 'get_weather', '{"city":'))
  const one = {
    calls: [{ name: 'get_weather', arguments: '{"city":"Oslo"}' }],
    finishReason: 'tool_calls',
    content: '',
  }
  for (const replies of [good, leak, [half, good]])
    expect(await said(replies, { ...off, tools: [weather], tool_choice: named })).toMatchObject(one)
  const empty = up.calls(up.call(0, 'a', 'get_weather', ''))
  expect(await said(empty, { ...off, tools: [weather], tool_choice: named })).toMatchObject({
    calls: [{ name: 'get_weather', arguments: '{}' }],
  })
})

test('VL8: `tool_calls` without a call is asked for once more when a call must come, and is never said', async () => {
  const none = up.calls(up.content('I will not.'))
  const one = up.calls(up.call(0, 'a', 'get_weather', '{}'))
  const asked = { ...off, tools: [weather], tool_choice: 'required' }
  expect(await said([none, one], asked)).toMatchObject({ calls: [{ name: 'get_weather' }], finishReason: 'tool_calls' })
  const { client } = await doubled(none)
  expect(errorOf(await client.post(bodyB(asked)))).toMatchObject({ code: 'invalid_model_output', param: 'tool_choice' })
  const auto = await said(none, { ...off, tools: [weather] })
  expect(auto).toMatchObject({ content: 'I will not.', calls: [], finishReason: 'stop' })
  expect(auto.upstream.received).toHaveLength(1)
})

test('VL9: a named choice that finishes with `stop` finished with a call; its own members are not shown', async () => {
  const reply = up.stream(up.call(0, 'a', 'get_weather', '{}'), up.finish('stop', 128_009), up.usageChunk, done)
  const asked = { ...off, tools: [weather], tool_choice: named }
  expect(await said(reply, asked)).toMatchObject({ finishReason: 'tool_calls', matchedStop: null })
  const { client } = await doubled(reply)
  const whole = await client.post(bodyB(asked))
  const stream = await client.post(bodyB({ ...asked, stream: true }))
  expect(whole.text + stream.text).not.toMatch(/stop_reason|token_ids/)
})

test('VL10: errors have our shape, beside the stream and inside of it', async () => {
  const { client, log } = await doubled(up.refusal('secret'))
  const answer = await client.post(bodyB())
  expect([answer.status, errorOf(answer).type, errorOf(answer).code]).toEqual([500, 'server_error', 'server_error'])
  const error = up.errorEvent('secret')
  const failed = await fails(up.stream(error, done), up.stream(up.reasoning('Hm'), error, done))
  expect(answer.text + log() + failed.text + failed.log).not.toContain('secret')
})

/** Counts a prompt no further than to where the request does not fit. */
const windowed =
  (window: number, prompt: number): Replies =>
  ({ body: { max_tokens: limit } }) => {
    if (limit > window)
      return up.refusal(
        `max_tokens=${limit} cannot be greater than max_model_len=max_total_tokens=${window}. Please request fewer output tokens.`,
      )
    return prompt + limit <= window
      ? hello
      : up.refusal(
          `This model's maximum context length is ${window} tokens. However, you requested ${limit} output tokens and your prompt contains at least ${window - limit + 1} input tokens, for a total of at least ${window + 1} tokens. Please reduce the length of the input prompt or the number of requested output tokens.`,
        )
  }

test('VL10, C15: only a prompt that leaves no room at all is the client’s 400', async () => {
  const roomy = await said(windowed(40_000, 30_000))
  expect(roomy.content).toBe('Hello!')
  expect(roomy.upstream.received.map(({ body }) => body.max_tokens)).toEqual([50_000, 40_000, 20_000, 10_000])
  const { client } = await doubled(windowed(40_000, 40_000))
  const answer = await client.post(bodyB())
  expect([answer.status, errorOf(answer).code]).toEqual([400, 'context_length_exceeded'])
})

test('VL11: a server that takes the request and says nothing has failed; another one answers', async () => {
  const limits = { firstTokenMs: 500, keepaliveMs: 100 }
  const silent = { pieces: [], ends: 'silent' } as const
  const { client, upstreams } = await doubled(silent, { limits, replicas: [hello] })
  const texts: string[] = []
  // Each user has a favourite among the replicas.
  for (let user = 0; upstreams[0]?.received.length === 0; user++)
    texts.push((await client.post(bodyB({ stream: true, user_id: `u${user}` }))).text)
  for (const text of texts) expect(chunksOf(text).done).toBe(true)
  // Who waited for the silent one heard heartbeats meanwhile.
  expect(texts.some((text) => chunksOf(text).comments > 0)).toBe(true)
  await expect.poll(() => upstreams[0]?.received[0]?.cancelledAt).toBeDefined()
})

test('VL12: JSON that came as reasoning is the answer; a schema that was ignored is asked for again', async () => {
  const schema = {
    type: 'object',
    properties: { a: { type: 'integer' } },
    required: ['a'],
    additionalProperties: false,
  }
  const strict = { type: 'json_schema', json_schema: { name: 'x', schema, strict: true } }
  const misplaced = up.answer(up.reasoning('{"a":'), up.reasoning(' 1}'))
  for (const response_format of [{ type: 'json_object' }, strict])
    for (const fields of [{}, off]) {
      const answer = await said(misplaced, { ...fields, response_format })
      expect(JSON.parse(answer.content)).toEqual({ a: 1 })
      expect(answer.upstream.received).toHaveLength(1)
    }
  // Reasoning that led to no answer at all: without it there is one.
  const mute: Replies = ({ body }) =>
    body.chat_template_kwargs.thinking
      ? up.answer(up.reasoning('I think {"a": "x"}'))
      : up.answer(up.content('{"a": 2}'))
  const quiet = await said(mute, { response_format: strict })
  expect([quiet.reasoning, JSON.parse(quiet.content)]).toEqual(['I think {"a": "x"}', { a: 2 }])
  const ignored = up.answer(up.reasoning('Hm.'), up.content('{"b": 1}'))
  const again = await said([ignored, up.answer(up.reasoning('Hm.'), up.content('{"a": 3}'))], {
    response_format: strict,
  })
  expect(JSON.parse(again.content)).toEqual({ a: 3 })
  const { client } = await doubled(ignored)
  const answer = await client.post(bodyB({ response_format: strict }))
  expect([answer.status, errorOf(answer).code]).toEqual([500, 'invalid_model_output'])
})

test('C29: a message that this face cannot continue is refused by its path', async () => {
  const { client, upstream } = await doubled(hello)
  const messages = [user, { role: 'assistant', content: 'b', prefix: true }]
  const answer = await client.post(bodyB({ messages }))
  expect([answer.status, errorOf(answer).code, errorOf(answer).param]).toEqual([
    400,
    'unsupported_parameter',
    'messages[1].prefix',
  ])
  expect(upstream.received).toEqual([])
})

test('VL14: reasoning that goes in circles is ended, and an answer follows', async () => {
  const round = 'But wait, is that so? Yes, it is. '
  const circling: Replies = ({ body }) =>
    body.chat_template_kwargs.thinking
      ? { ...up.stream(up.reasoning('First I think. '), ...Array(60).fill(up.reasoning(round))), ends: 'silent' }
      : up.answer(up.content('It is.'))
  const answer = await said(circling, { max_tokens: 500 })
  expect(answer).toMatchObject({ content: 'It is.', finishReason: 'stop' })
  expect(answer.reasoning).toMatch(/^First I think\. (But wait, is that so\? Yes, it is\. ){5,}/)
  const [first, second] = answer.upstream.received
  await expect.poll(() => first?.cancelledAt).toBeDefined()
  const { completion_tokens, completion_tokens_details } = answer.usage
  // Each delta of the reasoning was one token, and the second run had what they left.
  expect(completion_tokens_details.reasoning_tokens).toBeGreaterThan(5)
  expect(completion_tokens).toBe(completion_tokens_details.reasoning_tokens + 20)
  expect(second?.body.max_tokens).toBe(500 - completion_tokens_details.reasoning_tokens)
})

test('VL15: of the usage in every chunk the last one counts', async () => {
  const running = (completion: number) => ({ usage: { ...up.usage, completion_tokens: completion } })
  const reply = up.stream(
    up.chunk({ reasoning: 'Hm' }, {}, running(1)),
    up.chunk({ content: 'Hi' }, {}, running(2)),
    up.chunk({ content: '' }, { finish_reason: 'stop' }, running(3)),
    up.usageChunk,
    done,
  )
  const { client } = await doubled(reply)
  for (const fields of [{}, { stream_options: { include_usage: true } }]) {
    const { chunks } = chunksOf((await client.post(bodyB({ stream: true, ...fields }))).text)
    const counts = chunks.flatMap(({ usage }) => (usage ? [usage.completion_tokens] : []))
    expect(counts).toEqual([20])
  }
})
