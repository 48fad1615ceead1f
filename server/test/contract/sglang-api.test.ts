import { expect, test } from 'vitest'
import { bodyB, chunksOf, errorOf } from '../client.ts'
import { data, done } from '../doubles/chat.ts'
import * as up from '../doubles/sglang.ts'
import type { Replies } from '../doubles/upstream.ts'
import { askingOf } from './chat-harness.ts'

/** Rows SG of section 17: SGLang misbehaves on one side, a client is on the other. */

const off = { thinking: { type: 'disabled' } }
const user = { role: 'user', content: 'Hello!' }
const weather = { type: 'function', function: { name: 'get_weather', parameters: { type: 'object' } } }
const hello = up.answer(up.reasoning('Greet.'), up.content('Hello'), up.content('!'))

const { doubled, said, got, fails } = askingOf('sglang', hello)

test('C18, C33, C99: the request is complete, in fields of this API, with our salt', async () => {
  const request = await got({
    ...{ temperature: 0.2, top_p: 0.5, stop: 'X', seed: 7, frequency_penalty: 1, presence_penalty: 1 },
    user_id: 'alice',
    ignore_eos: true,
  })
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
    reasoning_effort: 'high',
    chat_template_kwargs: { thinking: true, enable_thinking: true, reasoning_effort: 'high' },
    separate_reasoning: true,
    cache_salt: expect.stringMatching(/^[\w-]{43}$/),
  })
  const others = await Promise.all(['alice', 'bob'].map((user_id) => got({ user_id })))
  expect(new Set(others.map((one) => one?.body.cache_salt)).size).toBe(2)
})

/** Thinks only when it is told so in the way that it knows. */
const obeying: Replies = ({ body }) => {
  if ('thinking' in body) return up.refusal('unknown field')
  return body.chat_template_kwargs?.thinking === true ? hello : up.answer(up.content('Hello!'))
}

test('SG1: the switch for thinking is always there, and absent means on', async () => {
  for (const fields of [{}, { thinking: {} }, { thinking: { type: 'enabled' } }, { reasoning_effort: 'low' }])
    expect(await said(obeying, fields)).toMatchObject({ reasoning: 'Greet.', content: 'Hello!' })
  for (const fields of [off, { reasoning_effort: 'none' }, { model: 'deepseek-chat' }]) {
    const answer = await said(obeying, fields)
    expect(answer).toMatchObject({ reasoning: undefined, content: 'Hello!' })
    expect(answer.upstream.received[0]?.body).not.toHaveProperty('reasoning_effort')
    expect(answer.upstream.received[0]?.body.chat_template_kwargs).toEqual({ thinking: false, enable_thinking: false })
  }
})

test('SG2: reasoning that comes inside the content is split off at the closing tag', async () => {
  for (const pieces of [
    ['reasoning</think>answer'],
    ['reason', 'ing</th', 'ink>', 'answer'],
    ['reasoning', '</think>', '\n\n', 'answer'],
  ])
    expect(await said(up.answer(...pieces.map(up.content)))).toMatchObject({
      reasoning: 'reasoning',
      content: 'answer',
    })
  const long = 'I think about it. '.repeat(100)
  const cut = [...long].map(up.content)
  expect(await said(up.answer(...cut, up.content('</think>'), up.content('answer')))).toMatchObject({
    reasoning: long,
    content: 'answer',
    usage: { completion_tokens_details: { reasoning_tokens: 8 } },
  })
  const { client, log } = await doubled(up.answer(up.content('reasoning</think>answer')))
  for (let round = 0; round < 2; round++) await client.ask()
  expect(log().match(/an engine writes its reasoning into the answer/g)).toHaveLength(1)
})

test('SG2: an answer without any reasoning is one, and is not kept back once it is clear that there is none inside', async () => {
  const { client } = await doubled([
    up.answer(up.content('Plain.')),
    { ...up.stream(up.content('No reasoning here.')), ends: 'silent' },
  ])
  expect(await client.ask()).toMatchObject({ reasoning: '', content: 'Plain.' })
  const leaving = new AbortController()
  const response = await fetch(`${client.origin}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${client.key}`, 'content-type': 'application/json' },
    body: JSON.stringify(bodyB({ stream: true })),
    signal: leaving.signal,
  })
  let text = ''
  for await (const piece of response.body ?? []) {
    text += Buffer.from(piece)
    if (text.includes('No reasoning here.')) break
  }
  leaving.abort()
  expect(text).toContain('"content":"No reasoning here."')
})

test('SG2: an upstream that falls silent is waited for, its words are not kept back with it', async () => {
  const { client, upstream } = await doubled(
    { ...up.stream(up.content('Is this it?')), ends: 'silent' },
    {
      limits: { interTokenMs: 2_000 },
    },
  )
  const { chunks } = chunksOf((await client.post(bodyB({ stream: true }))).text)
  expect(chunks.flatMap(({ choices = [] }) => choices.map(({ delta }) => delta.content))).toContain('Is this it?')
  expect(chunks.at(-1)?.error?.code).toBe('generation_failed')
  expect(upstream.received).toHaveLength(1)
})

test('SG3: the level goes along in both places that builds look for it', async () => {
  const levels = { absent: undefined, medium: 'medium', high: 'high', max: 'ultra', low: 'minimal' }
  const sent = await Promise.all(
    Object.values(levels).map(async (reasoning_effort) => {
      const { body } = (await got({ reasoning_effort: reasoning_effort ?? null })) ?? {}
      return [body.reasoning_effort, body.chat_template_kwargs.reasoning_effort]
    }),
  )
  const both = (level: string) => [level, level]
  expect(sent).toEqual([both('high'), both('high'), both('high'), both('max'), both('low')])
})

test('SG4: the id of a token is no stop, also beside calls', async () => {
  expect(await said(up.answer(up.content('Hi')), off)).toMatchObject({ matchedStop: null, finishReason: 'stop' })
  const called = up.stream(up.call(0, 'a', 'get_weather', '{}'), up.finish('tool_calls', 1), up.usageChunk, done)
  expect(await said(called, { ...off, tools: [weather] })).toMatchObject({
    matchedStop: null,
    finishReason: 'tool_calls',
  })
})

test('SG5: nulls, and names and times of the upstream, are not passed on', async () => {
  const { client } = await doubled(hello)
  const { chunks } = chunksOf((await client.post(bodyB({ stream: true }))).text)
  const heads = new Set(chunks.map(({ id, created, model }) => JSON.stringify([id, created, model])))
  expect(heads.size).toBe(1)
  expect([...heads][0]).toMatch(/^\["chatcmpl-[0-9a-f]{32}",\d+,"deepseek-v4-flash"\]$/)
  for (const { choices } of chunks) for (const { delta } of choices) expect(Object.values(delta)).not.toContain(null)
})

test('SG6: later fragments without id and name belong to their call', async () => {
  const reply = up.calls(
    up.call(0, 'call_abc', 'get_weather', ''),
    up.call(0, null, null, '{"city":'),
    up.call(0, null, null, '"Oslo"}'),
    up.call(1, 'call_def', 'get_weather', '{}'),
  )
  const { client } = await doubled(reply)
  const { chunks } = chunksOf((await client.post(bodyB({ stream: true, tools: [weather] }))).text)
  const fragments = chunks.flatMap(({ choices }) => choices.flatMap(({ delta }) => delta.tool_calls ?? []))
  expect(fragments.map(({ index, type, function: f }) => [index, type, f.name, f.arguments])).toEqual([
    [0, 'function', 'get_weather', ''],
    [0, undefined, undefined, '{"city":"Oslo"}'],
    [1, 'function', 'get_weather', ''],
    [1, undefined, undefined, '{}'],
  ])
})

test('SG7: with `none` no tools are sent, and markup that comes all the same is removed', async () => {
  const markup = '<tool_call>\n{"name": "get_weather", "arguments": {}}\n</tool_call>'
  const answer = await said(up.answer(up.content(`Hi ${markup}`)), { ...off, tools: [weather], tool_choice: 'none' })
  expect(answer).toMatchObject({ calls: [], finishReason: 'stop' })
  expect(answer.content).not.toContain('tool_call')
  const { body } = answer.upstream.received[0] ?? {}
  expect([body.tools, body.tool_choice]).toEqual([undefined, undefined])
})

const schema = { type: 'object', properties: { a: { type: 'integer' } }, required: ['a'], additionalProperties: false }
const response_format = { type: 'json_schema', json_schema: { name: 'x', schema, strict: true } }

test('SG8: a format beside tools is asked for in words alone; a forced call leaves none', async () => {
  const json = up.answer(up.content('{"a":1}'))
  const beside = (await said(json, { ...off, tools: [weather], response_format })).upstream.received[0]
  expect(beside?.body).toMatchObject({ tools: [weather], tool_choice: 'auto' })
  expect(beside?.body).not.toHaveProperty('response_format')
  expect(beside?.body.messages[0]).toMatchObject({ role: 'system', content: expect.stringContaining('"integer"') })
  const { client, upstream } = await doubled(up.calls(up.call(0, 'a', 'get_weather', '{}')))
  await client.ask({ tools: [weather], tool_choice: 'required', response_format })
  expect(upstream.received[0]?.body).not.toHaveProperty('response_format')
  expect(JSON.stringify(upstream.received[0]?.body.messages)).not.toContain('integer')
  const alone = await doubled(json)
  await alone.client.ask({ ...off, response_format })
  expect(alone.upstream.received[0]?.body.response_format).toEqual(response_format)
})

test('C58: a schema that the upstream cannot enforce is asked for in words, and checked', async () => {
  const replies: Replies = ({ body }) =>
    body.response_format ? up.refusal('Unsupported keyword in the schema: secret') : up.answer(up.content('{"a":1}'))
  const answer = await said(replies, { ...off, response_format })
  expect(JSON.parse(answer.content)).toEqual({ a: 1 })
  expect(answer.upstream.received).toHaveLength(2)
})

test('SG9: usage is filled up, and reasoning tokens are moved to their place', async () => {
  expect((await said(hello)).usage).toEqual({
    prompt_tokens: 12,
    completion_tokens: 20,
    total_tokens: 32,
    prompt_cache_hit_tokens: 0,
    prompt_cache_miss_tokens: 12,
    prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0, text_tokens: 12 },
    completion_tokens_details: { reasoning_tokens: 8, accepted_prediction_tokens: 0, rejected_prediction_tokens: 0 },
  })
})

test('SG10: a flat error with an integer code is our shape, without its words', async () => {
  const { client, log } = await doubled(up.refusal('Invalid secret-field'))
  const answer = await client.post(bodyB())
  expect([answer.status, errorOf(answer)]).toEqual([
    500,
    { message: expect.any(String), type: 'server_error', param: null, code: 'server_error' },
  ])
  expect(answer.text + log()).not.toContain('secret-field')
  const two = await doubled(up.refusal('Invalid secret-field'), { replicas: [hello] })
  expect(await two.client.ask()).toMatchObject({ content: 'Hello!' })
  for (const message of [
    "The input (1200 tokens) is longer than the model's context length (1000 tokens).",
    "Requested token count exceeds the model's maximum context length of 1000 tokens. You requested a total of 1300 tokens: 1200 tokens from the input messages and 100 tokens for the completion.",
  ]) {
    const long = await doubled(up.refusal(message))
    const refused = await long.client.post(bodyB())
    expect([refused.status, errorOf(refused).code]).toEqual([400, 'context_length_exceeded'])
    expect(errorOf(refused).message).toMatch(/maximum context length is 1000 tokens\. Your messages have 1200 tokens/)
  }
})

test('SG11: an error inside the stream is a failure, and no end', async () => {
  const error = up.errorEvent('secret')
  const { text, log } = await fails(
    up.stream(error, done),
    up.stream(up.reasoning('Hm'), up.content('Hi'), error, done),
  )
  expect(text + log).not.toContain('secret')
})

test('SG12: an aborted answer is a failure, and never called so', async () => {
  const aborted = up.finish('abort', null)
  const { text } = await fails(up.stream(aborted, done), up.stream(up.reasoning('Hm'), aborted, done))
  expect(text).not.toContain('abort')
})

test('SG13: a message that this face cannot continue is refused; a last turn of the assistant stays one', async () => {
  const { client, upstream } = await doubled(hello)
  const turns = [user, { role: 'assistant', content: 'def f(' }]
  const answer = await client.post(bodyB({ messages: [user, { ...turns[1], prefix: true }] }))
  expect([answer.status, errorOf(answer).code, errorOf(answer).param]).toEqual([
    400,
    'unsupported_parameter',
    'messages[1].prefix',
  ])
  await client.ask({ messages: turns })
  expect(upstream.received.map(({ body }) => body.messages)).toEqual([[...turns, { role: 'user', content: '' }]])
})

test('SG14: arguments of the history are JSON objects, and known reasoning goes along', async () => {
  const call = (id: string, args: string) => ({
    id,
    type: 'function',
    function: { name: 'get_weather', arguments: args },
  })
  const request = await got({
    messages: [
      user,
      { role: 'assistant', reasoning_content: 'I look.', tool_calls: [call('a', 'not json'), call('b', '[1]')] },
      { role: 'tool', tool_call_id: 'a', content: 'x' },
      { role: 'tool', tool_call_id: 'b', content: 'y' },
      { role: 'assistant', content: 'So.' },
      user,
    ],
  })
  const [, turn, , , last] = request?.body.messages ?? []
  expect(turn).toEqual({
    role: 'assistant',
    content: '',
    reasoning_content: 'I look.',
    tool_calls: [call('a', '{"arguments":"not json"}'), call('b', '{"arguments":"[1]"}')],
  })
  expect(last).toEqual({ role: 'assistant', content: 'So.' })
})

test('SG15: what it refuses or would apply is not sent; the room that is left is learned from it', async () => {
  const strict: Replies = ({ body }) => {
    if (body.top_p === 0 || 'frequency_penalty' in body || 'presence_penalty' in body) return up.refusal('no')
    return body.max_tokens > 800
      ? up.refusal(
          `Requested token count exceeds the model's maximum context length of 1000 tokens. You requested a total of ${body.max_tokens + 200} tokens: 200 tokens from the input messages and ${body.max_tokens} tokens for the completion.`,
        )
      : hello
  }
  const answer = await said(strict, { top_p: 0, frequency_penalty: 2, presence_penalty: -2 })
  expect(answer.content).toBe('Hello!')
  expect(answer.upstream.received.map(({ body }) => body.max_tokens)).toEqual([50_000, 800])
  const greedy = await got({ ...off, top_p: 0, temperature: 0.7 })
  expect(greedy?.body).toMatchObject({ temperature: 0, top_p: 1 })
})

test('SG17: a call inside reasoning that nobody closed ends the reasoning', async () => {
  const block =
    '<｜DSML｜tool_calls>\n<｜DSML｜invoke name="get_weather">\n<｜DSML｜parameter name="city" string="true">Oslo</｜DSML｜parameter>\n</｜DSML｜invoke>\n</｜DSML｜tool_calls>'
  const hermes = '<tool_call>\n{"name": "get_weather", "arguments": {"city":"Oslo"}}\n</tool_call>'
  for (const markup of [block, hermes])
    for (const pieces of [[`I look.${markup}`], ['I look.', ...markup]])
      expect(await said(up.answer(...pieces.map(up.reasoning)), { tools: [weather] })).toMatchObject({
        reasoning: 'I look.',
        content: '',
        calls: [{ name: 'get_weather', arguments: '{"city":"Oslo"}' }],
        finishReason: 'tool_calls',
      })
})

test('SG18: extras of the upstream are removed', async () => {
  const extras = { metadata: { weight_version: 'default' }, sglext: { routed_experts: 'x' } }
  const reply = up.stream(
    up.chunk({ content: 'Hi', hidden_states: [[1]] }, { hidden_states: [[1]], meta_info: {} }, extras),
    up.finish(),
    data({ choices: [], usage: up.usage, ...extras }),
    done,
  )
  const { client } = await doubled(reply)
  const whole = await client.post(bodyB(off))
  const body = JSON.parse(whole.text)
  expect(Object.keys(body).sort()).toEqual(
    ['id', 'object', 'created', 'model', 'choices', 'usage', 'system_fingerprint'].sort(),
  )
  expect(Object.keys(body.choices[0]).sort()).toEqual(
    ['index', 'message', 'logprobs', 'finish_reason', 'matched_stop'].sort(),
  )
  const stream = await client.post(bodyB({ ...off, stream: true }))
  expect(whole.text + stream.text).not.toMatch(/metadata|sglext|hidden_states|meta_info/)
})

test('C46: a forced call comes behind reasoning; if none came, without it', async () => {
  const named = { type: 'function', function: { name: 'get_weather' } }
  const call = up.call(0, 'a', 'get_weather', '{"city":"Oslo"}')
  for (const tool_choice of ['required', named]) {
    const answer = await said(up.calls(up.reasoning('I look.'), call), { tools: [weather], tool_choice })
    expect(answer).toMatchObject({ reasoning: 'I look.', calls: [{ name: 'get_weather' }], finishReason: 'tool_calls' })
    expect(answer.upstream.received[0]?.body).toMatchObject({ tool_choice, chat_template_kwargs: { thinking: true } })
  }
  const refusing: Replies = ({ body }) =>
    body.chat_template_kwargs.thinking ? up.answer(up.reasoning('No.'), up.content('I will not.')) : up.calls(call)
  const again = await said(refusing, { tools: [weather], tool_choice: 'required' })
  expect(again).toMatchObject({ reasoning: 'No.', content: '', calls: [{ name: 'get_weather' }] })
  expect(again.usage.completion_tokens_details.reasoning_tokens).toBe(8)
})

test('C86: a call that we end is counted from what the upstream said last', async () => {
  const running = (count: number) => ({ usage: { ...up.usage, completion_tokens: count, reasoning_tokens: 0 } })
  const reply = up.stream(
    up.chunk({ content: 'foo E' }, {}, running(4)),
    up.chunk({ content: 'ND bar' }, {}, running(9)),
    60_000,
  )
  const answer = await said(reply, { ...off, stop: 'END' })
  expect(answer).toMatchObject({
    content: 'foo ',
    matchedStop: 'END',
    usage: { prompt_tokens: 12, completion_tokens: 9 },
  })
  const { client, log } = await doubled(reply)
  await client.ask({ ...off, stop: 'END' })
  await expect.poll(log).toContain('"estimated":true')
})

test('C86, C88: when the client hangs up, what the upstream said last is what was used', async () => {
  const running = { usage: { ...up.usage, completion_tokens: 17, reasoning_tokens: 0 } }
  const { client, upstream, log } = await doubled({
    ...up.stream(up.reasoning('Hm'), up.chunk({ content: 'x'.repeat(200) }, {}, running)),
    ends: 'silent',
  })
  const leaving = new AbortController()
  const response = await fetch(`${client.origin}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${client.key}`, 'content-type': 'application/json' },
    body: JSON.stringify(bodyB({ stream: true })),
    signal: leaving.signal,
  })
  let text = ''
  for await (const piece of response.body ?? []) {
    text += Buffer.from(piece)
    if (text.includes('xxx')) break
  }
  leaving.abort()
  await expect.poll(() => upstream.received[0]?.cancelledAt).toBeDefined()
  await expect.poll(log).toContain('"status":499')
  expect(log()).toContain('"promptTokens":12,"cachedTokens":0,"completionTokens":17')
  expect(log()).toContain('"estimated":true')
})

test('C84, C86: a count that cannot be is corrected, and the record says so', async () => {
  const hi = [up.reasoning('Hm'), up.content('Hello'), up.content('!')]
  for (const [reported, expected] of [
    [
      { completion_tokens: 0, reasoning_tokens: 0 },
      { completion_tokens: 3, completion_tokens_details: { reasoning_tokens: 1 } },
    ],
    [{ reasoning_tokens: 21 }, { completion_tokens: 20, completion_tokens_details: { reasoning_tokens: 7 } }],
    [{ reasoning_tokens: 0 }, { completion_tokens: 20, completion_tokens_details: { reasoning_tokens: 7 } }],
    [{ completion_tokens: 1_000 }, { completion_tokens: 50 }],
    [{ completion_tokens: '20' }, { prompt_tokens: 12, completion_tokens: 3 }],
    [{ completion_tokens: -1 }, { completion_tokens: 3 }],
    [{ completion_tokens: 20.5 }, { completion_tokens: 3 }],
    [{ prompt_tokens_details: { cached_tokens: 99 } }, { prompt_tokens: 12, prompt_cache_hit_tokens: 12 }],
    [{ prompt_tokens: 0 }, { completion_tokens: 20, prompt_tokens: expect.toSatisfy((count: number) => count > 0) }],
  ] as const) {
    const { client, log } = await doubled(
      up.stream(...hi, up.finish(), data({ choices: [], usage: { ...up.usage, ...reported } }), done),
    )
    const { usage } = await client.ask({ max_tokens: 50 })
    expect(usage, JSON.stringify(reported)).toMatchObject(expected)
    expect(usage.total_tokens).toBe(usage.prompt_tokens + usage.completion_tokens)
    await expect.poll(log).toContain('"estimated":true')
  }
  const { client, log } = await doubled(hello)
  await client.ask()
  await expect.poll(log).toContain('"completionTokens":20')
  expect(log()).not.toContain('estimated')
})
