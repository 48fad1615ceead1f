import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { bodyB, chunksOf, errorOf, saidInChunks } from '../client.ts'
import * as up from '../doubles/chat.ts'
import type { Replies, Reply } from '../doubles/upstream.ts'
import { askingOf } from './chat-harness.ts'

/** Rows OA of section 17: any OpenAI-compatible upstream misbehaves on one side, a client is on the other. */

const off = { thinking: { type: 'disabled' } }
const weather = { type: 'function', function: { name: 'get_weather', parameters: { type: 'object' } } }
const time = { type: 'function', function: { name: 'get_time' } }
type Fields = Readonly<Record<string, unknown>>
const hello = up.answer(up.content('Hello'), up.content('!'))

const { doubled: openai, said: saidOf, fails: failsIn } = askingOf('openai', hello)
const said = (replies: Replies, fields: Record<string, unknown> = off) => saidOf(replies, fields)
const fails = (reply: Reply, late: Reply = reply) => failsIn(reply, late, off)

test('OA1: a server that knows nothing but OpenAI’s fields gets nothing else', async () => {
  const known = ['model', 'messages', 'stream', 'stream_options', 'temperature', 'top_p', 'max_tokens', 'seed']
  const strict: Replies = ({ body }) => {
    const unknown = Object.keys(body).filter((field) => ![...known, 'tools', 'tool_choice'].includes(field))
    return unknown.length > 0 ? up.refusal(400, `Unknown fields: ${unknown}`) : hello
  }
  const answer = await said(strict, {
    user_id: 'alice',
    reasoning_effort: 'max',
    seed: 5,
    temperature: 0.5,
    tools: [weather],
    stop: ['x'],
    presence_penalty: 1,
  })
  expect(answer.content).toBe('Hello!')
  const [request] = answer.upstream.received
  expect(request?.path).toBe('/v1/chat/completions')
  expect(request?.body).toMatchObject({ seed: 5, temperature: 0.5, top_p: 1, tools: [weather], tool_choice: 'auto' })
  const history = [
    { role: 'user', content: 'a' },
    { role: 'assistant', content: 'b', reasoning_content: 'c' },
    { role: 'user', content: 'd' },
  ]
  const { client, upstream } = await openai(hello)
  await client.ask({ messages: history, tools: [weather], tool_choice: 'none' })
  expect(upstream.received[0]?.body.messages[1]).toEqual({ role: 'assistant', content: 'b' })
  expect(upstream.received[0]?.body).not.toHaveProperty('tools')
})

test('OA2: without usage from the upstream the counts are ours, and the record says so', async () => {
  const answer = await said(
    up.stream(up.reasoning('Hm'), up.content('Hello'), up.content('!'), up.finish(), up.done),
    {},
  )
  expect(answer.usage).toMatchObject({ completion_tokens: 3, completion_tokens_details: { reasoning_tokens: 1 } })
  expect(answer.usage.prompt_tokens).toBeGreaterThan(0)
  expect(answer.usage.total_tokens).toBe(answer.usage.prompt_tokens + 3)
  const { client, log } = await openai(up.stream(up.content('Hello'), up.finish(), up.done))
  await client.ask(off)
  await expect.poll(log).toContain('"estimated":true')
})

test('OA3: reasoning inside the content is split off', async () => {
  for (const pieces of [
    ['<think>a</think>\n\nb'],
    ['<thi', 'nk>', 'a</', 'think>', '\n\nb'],
    ['<think>a', '</think>b'],
  ]) {
    const reply = up.answer(...pieces.map(up.content))
    expect(await said(reply, {})).toMatchObject({ reasoning: 'a', content: 'b' })
    expect(await said(reply, off)).toMatchObject({ reasoning: undefined, content: 'b' })
  }
})

test.each([[null], ['eos'], ['function_call']])(
  'OA4: the finish reason %j followed by [DONE] is an end',
  async (reason) => {
    expect(await said(up.stream(up.content('Hi'), up.finish(reason), up.done))).toMatchObject({ finishReason: 'stop' })
    expect(await said(up.stream(up.content('Hi'), up.done))).toMatchObject({ finishReason: 'stop' })
    const called = up.stream(up.call(0, { id: 'a', name: 'get_weather', arguments: '{}' }), up.finish(reason), up.done)
    expect(await said(called, { ...off, tools: [weather] })).toMatchObject({ finishReason: 'tool_calls' })
  },
)

test('OA5: events are read by the rules, however they are written and cut', async () => {
  const json = (text: string) => JSON.stringify({ choices: [{ index: 0, delta: { content: text } }] })
  const [first, second] = [json('Grüße '), json('😀')]
  const split = `data:${second.slice(0, second.indexOf(','))},\r\ndata:${second.slice(second.indexOf(',') + 1)}\r\n\r\n`
  const bytes = Buffer.from(
    `\uFEFFdata:${first}\r\n\r\n${split}data: ${json('!')}\r\rdata:{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata:[DONE]\n\n`,
  )
  const whole = await said({ pieces: [bytes] })
  expect(whole.content).toBe('Grüße 😀!')
  expect((await said({ pieces: Array.from(bytes, (byte) => new Uint8Array([byte])) })).content).toBe('Grüße 😀!')
})

test('OA6: what is no answer is skipped', async () => {
  const noise =
    'data: : keep-alive\n\ndata: \n\nevent: ping\n\nevent: ping\ndata: now\n\n: hm\n\ndata: {"type":"ping"}\n\n'
  expect(await said(up.answer(noise, up.content('Hi'), noise))).toMatchObject({ content: 'Hi' })
})

test('OA7: an event that is not JSON is a failure', async () => {
  await fails(
    up.stream('data: {"choices":[\n\n', up.done),
    up.stream(up.content('Hi'), 'data: {"choices":[\n\n', up.done),
  )
})

test('OA8: an error that comes with a 200, and a page of a proxy, are failures', async () => {
  const error = { error: { message: 'secret host down', code: 500 } }
  const json: Reply = { headers: { 'content-type': 'application/json' }, pieces: [JSON.stringify(error)] }
  const page: Reply = { status: 502, headers: { 'content-type': 'text/html' }, pieces: ['<html>secret</html>'] }
  for (const reply of [json, page]) {
    const { client } = await openai(reply, { replicas: [hello] })
    for (let round = 0; round < 2; round++) expect(await client.ask(off)).toMatchObject({ content: 'Hello!' })
    const alone = await openai(reply)
    const answer = await alone.client.post(bodyB(off))
    expect([answer.status, errorOf(answer).code]).toEqual([503, 'service_unavailable'])
    expect(answer.text + alone.log()).not.toContain('secret')
  }
})

test('SG11, VL10, LS5: an error inside the stream is a failure, with [DONE] behind it too', async () => {
  const error = { message: 'secret', type: 'x', code: 500 }
  for (const event of [
    up.data({ error }),
    `error: ${JSON.stringify(error)}\n\n`,
    up.data({ object: 'error', ...error }),
  ])
    await fails(up.stream(event, up.done), up.stream(up.content('Hi'), event, up.done))
})

test('OA9: a new id is a new call, whatever its index; a name comes once', async () => {
  const reply = up.calls(
    up.call(0, { id: 'a', name: 'get_weather', arguments: '{"city":' }),
    up.call(0, { id: 'a', name: 'get_weather', arguments: '"Oslo"}' }),
    up.call(0, { id: 'b', name: 'get_time', arguments: '' }),
    up.call(0, { id: null, name: null, arguments: '{"zone":' }),
    up.call(0, { name: 'get_time', arguments: '1}' }),
  )
  const { client } = await openai(reply)
  const { chunks } = chunksOf((await client.post(bodyB({ ...off, stream: true, tools: [weather, time] }))).text)
  const fragments = chunks.flatMap((chunk) => chunk.choices.flatMap(({ delta }) => delta.tool_calls ?? []))
  expect(fragments.map(({ index, function: f }) => [index, f.name, f.arguments])).toEqual([
    [0, 'get_weather', ''],
    [0, undefined, '{"city":"Oslo"}'],
    [1, 'get_time', ''],
    [1, undefined, '{"zone":1}'],
  ])
  expect(saidInChunks(chunks).finishReason).toBe('tool_calls')
})

test('OA10: behind the finish only usage counts, behind [DONE] nothing', async () => {
  const reply = up.stream(
    up.content('Hi'),
    up.finish(),
    up.content(' there'),
    up.finish('length'),
    up.usageChunk,
    up.done,
    up.content('more'),
    up.data({ choices: [], usage: { prompt_tokens: 1, completion_tokens: 1 } }),
    up.done,
  )
  const { client } = await openai(reply)
  const answer = await client.post(bodyB({ ...off, stream: true }))
  const { chunks } = chunksOf(answer.text)
  expect(saidInChunks(chunks)).toMatchObject({ content: 'Hi', finishReason: 'stop', usage: { completion_tokens: 20 } })
  expect(chunks.filter((chunk) => chunk.choices[0]?.finish_reason)).toHaveLength(1)
  expect(answer.text.match(/\[DONE\]/g)).toHaveLength(1)
})

test('OA11: the halves of a character in two events are one character', async () => {
  const half = (escaped: string) => `data: {"choices":[{"index":0,"delta":{"content":"${escaped}"}}]}\n\n`
  const reply = up.answer(up.content('a'), half('\\ud83d'), half('\\ude00'), half('b\\ud83d'))
  const { client } = await openai(reply)
  const { chunks } = chunksOf((await client.post(bodyB({ ...off, stream: true }))).text)
  const deltas = chunks.flatMap((chunk) => chunk.choices.flatMap(({ delta }) => delta.content || []))
  expect(deltas.join('')).toBe('a😀b\uFFFD')
  expect(deltas.every((delta) => delta.isWellFormed())).toBe(true)
})

test('OA12: of two choices the first counts, and calls end the turn', async () => {
  const two = up.data({
    choices: [
      { index: 1, delta: { content: 'no' } },
      { index: 0, delta: { content: 'yes' } },
    ],
  })
  expect(await said(up.answer(two, up.data({ choices: [{ index: 1, delta: { content: 'no' } }] })))).toMatchObject({
    content: 'yes',
  })
  const after = up.stream(
    up.content('I look <'),
    up.call(0, { id: 'a', name: 'get_weather', arguments: '{}' }),
    up.content('\n'),
    up.content('Done!'),
    60_000,
  )
  const answer = await said(after, { ...off, tools: [weather] })
  expect(answer).toMatchObject({ content: 'I look <', calls: [{ name: 'get_weather' }], finishReason: 'tool_calls' })
  await expect.poll(() => answer.upstream.received[0]?.cancelledAt).toBeDefined()
})

test('OA13: a redirect is not followed, and the key goes nowhere else', async () => {
  const elsewhere = await openai(hello)
  const reply: Reply = {
    status: 307,
    headers: { location: `${elsewhere.upstream.url}/v1/chat/completions` },
    pieces: [],
  }
  const alone = await openai(reply)
  const answer = await alone.client.post(bodyB(off))
  expect([answer.status, errorOf(answer).code]).toEqual([503, 'service_unavailable'])
  const { client } = await openai(reply, { replicas: [hello] })
  for (let round = 0; round < 2; round++) expect(await client.ask(off)).toMatchObject({ content: 'Hello!' })
  expect(elsewhere.upstream.received).toEqual([])
})

test('VL7, LS7: arguments may be an object, or nothing; what is neither is asked for again', async () => {
  const asked = { ...off, tools: [weather] }
  const withArguments = (args: unknown) => up.calls(up.call(0, { id: 'a', name: 'get_weather', arguments: args }))
  expect((await said(withArguments({ city: 'Oslo' }), asked)).calls[0]?.arguments).toBe('{"city":"Oslo"}')
  expect((await said(withArguments(''), asked)).calls[0]?.arguments).toBe('{}')
  const again = await said([withArguments('{"city":'), withArguments('{"city":"Oslo"}')], asked)
  expect(again.calls.map((call) => call.arguments)).toEqual(['{"city":"Oslo"}'])
  expect(await said(withArguments('{"city":'), asked)).toMatchObject({ calls: [], finishReason: 'stop' })
})

test('VL6: call markup in place of calls is read', async () => {
  const dsml =
    '<｜DSML｜tool_calls>\n<｜DSML｜invoke name="get_weather">\n<｜DSML｜parameter name="city" string="true">Oslo</｜DSML｜parameter>\n</｜DSML｜invoke>\n</｜DSML｜tool_calls>'
  const hermes = '<tool_call>\n{"name": "get_weather", "arguments": {"city":"Oslo"}}\n</tool_call>'
  for (const markup of [dsml, hermes]) {
    const reply = up.answer(up.content('I look.\n\n'), ...[...markup].map(up.content))
    expect(await said(reply, { ...off, tools: [weather] })).toMatchObject({
      content: 'I look.',
      calls: [{ name: 'get_weather', arguments: '{"city":"Oslo"}' }],
      finishReason: 'tool_calls',
    })
    const { content } = await said(reply, off)
    expect(content).not.toMatch(/DSML|tool_call/)
  }
})

test('VL8: a forced call that did not come is asked for once more; no call, no `tool_calls`', async () => {
  const none = up.calls(up.content('I will not.'))
  const one = up.calls(up.call(0, { id: 'a', name: 'get_weather', arguments: '{}' }))
  const asked = { ...off, tools: [weather], tool_choice: 'required' }
  expect(await said([none, one], asked)).toMatchObject({ content: '', finishReason: 'tool_calls' })
  const { client } = await openai(none)
  expect(errorOf(await client.post(bodyB(asked)))).toMatchObject({ code: 'invalid_model_output', param: 'tool_choice' })
  expect((await client.post(bodyB({ ...asked, stream: true }))).text).not.toContain('I will not.')
})

test('C46: a named choice is exactly one call of that function', async () => {
  const wrong = up.calls(up.call(0, { id: 'a', name: 'get_time', arguments: '{}' }))
  const right = up.stream(
    up.call(0, { id: 'a', name: 'get_weather', arguments: '{}' }),
    up.call(1, { id: 'b', name: 'get_weather', arguments: '{}' }),
    60_000,
  )
  const answer = await said([wrong, right], {
    ...off,
    tools: [weather, time],
    tool_choice: { type: 'function', function: { name: 'get_weather' } },
  })
  expect(answer).toMatchObject({ calls: [{ name: 'get_weather' }], finishReason: 'tool_calls' })
  await expect.poll(() => answer.upstream.received[1]?.cancelledAt).toBeDefined()
})

test('C51, C52: a call that the limit cut is not told; strict arguments always validate', async () => {
  const cut = up.stream(
    up.call(0, { id: 'a', name: 'get_weather', arguments: '{"a":1}' }),
    up.call(1, { id: 'b', name: 'get_weather', arguments: '{"a":2}' }),
    up.finish('length'),
    up.done,
  )
  expect(await said(cut, { ...off, tools: [weather] })).toMatchObject({
    calls: [{ arguments: '{"a":1}' }],
    finishReason: 'length',
  })
  const parameters = {
    type: 'object',
    properties: { a: { type: 'integer' } },
    required: ['a'],
    additionalProperties: false,
  }
  const strict = { type: 'function', function: { name: 'f', parameters, strict: true } }
  const bad = up.calls(up.call(0, { id: 'a', name: 'f', arguments: '{"a":"x"}' }))
  const good = up.calls(up.call(0, { id: 'a', name: 'f', arguments: '{"a":1}' }))
  expect((await said([bad, good], { ...off, tools: [strict] })).calls).toMatchObject([{ arguments: '{"a":1}' }])
  const { client } = await openai(bad)
  const answer = await client.post(bodyB({ ...off, tools: [strict] }))
  expect([answer.status, errorOf(answer).code]).toEqual([500, 'invalid_model_output'])
})

test('C37: reasoning that was shown already is not shown again when the rest is asked for once more', async () => {
  const first = up.answer(up.reasoning('One.'), up.content('{"a":'))
  const second = up.answer(up.reasoning('Two, and longer.'), up.content('{"a":1}'))
  const answer = await said([first, second], { response_format: { type: 'json_object' } })
  expect(answer).toMatchObject({ reasoning: 'One.', content: '{"a":1}' })
})

test('SG5, VL1: nulls are nothing, and `reasoning` is another name', async () => {
  const reply = up.answer(
    up.chunk({ content: null, reasoning: 'Hm.', tool_calls: null }),
    up.chunk({ content: 'Hi', reasoning_content: null, tool_calls: null }, null, { usage: null }),
  )
  expect(await said(reply, {})).toMatchObject({ reasoning: 'Hm.', content: 'Hi' })
})

test('C29: a prefix that this upstream cannot continue is refused by its path', async () => {
  const { client, upstream } = await openai(hello)
  const messages = [
    { role: 'user', content: 'a' },
    { role: 'assistant', content: 'b', prefix: true },
  ]
  const answer = await client.post(bodyB({ messages }))
  expect([answer.status, errorOf(answer).code, errorOf(answer).param]).toEqual([
    400,
    'unsupported_parameter',
    'messages[1].prefix',
  ])
  expect(upstream.received).toEqual([])
})

test('C82: log probabilities come through where the configuration says that there are some', async () => {
  const token = {
    token: 'Hi',
    logprob: -0.25,
    bytes: [72, 105],
    top_logprobs: [{ token: 'Ho', logprob: -2, bytes: null }],
  }
  const reply = up.answer(
    up.data({ choices: [{ index: 0, delta: { content: 'Hi' }, logprobs: { content: [token] } }] }),
  )
  const { client, upstream } = await openai(reply, { engine: { logprobs: true } })
  const answer = await client.post(bodyB({ ...off, logprobs: true, top_logprobs: 1 }))
  expect(JSON.parse(answer.text).choices[0].logprobs.content).toEqual([
    { ...token, top_logprobs: [{ token: 'Ho', logprob: -2, bytes: [72, 111] }] },
  ])
  expect(upstream.received[0]?.body).toMatchObject({ logprobs: true, top_logprobs: 1 })
  const without = await openai(reply)
  expect((await without.client.post(bodyB({ ...off, logprobs: true }))).status).toBe(400)
})

test('C91: a key that was exchanged in its file is taken up when the old one is refused, and told to nobody', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tidegate-key-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const apiKeyFile = join(folder, 'key')
  const keys = ['sk-file-first-1111', 'sk-file-second-2222']
  let valid = keys[0]
  writeFileSync(apiKeyFile, `${keys[0]}\n`)
  const strict: Replies = ({ headers }) =>
    headers.authorization === `Bearer ${valid}` ? hello : up.refusal(401, `no such key: ${headers.authorization}`)
  const { client, upstream, log } = await openai(strict, { engine: { apiKeyFile } })
  expect(await client.ask(off)).toMatchObject({ content: 'Hello!' })
  valid = keys[1]
  writeFileSync(apiKeyFile, `${keys[1]}\n`)
  expect(await client.ask(off)).toMatchObject({ content: 'Hello!' })
  expect(upstream.received.map(({ headers }) => headers.authorization)).toEqual(
    [0, 0, 1].map((key) => `Bearer ${keys[key]}`),
  )
  valid = 'another one'
  const refused = await client.post(bodyB(off))
  expect([refused.status, errorOf(refused).code]).toEqual([503, 'service_unavailable'])
  expect(upstream.received).toHaveLength(4)
  expect(refused.text + log()).not.toMatch(/sk-file/)
})

const refusing = (takes: (body: Record<string, unknown>) => boolean, message: string, then: Reply = hello): Replies => {
  return ({ body }) => (takes(body) ? then : up.refusal(400, message))
}
const called = up.calls(up.call(0, { id: 'a', name: 'get_weather', arguments: '{}' }))
const named = { type: 'function', function: { name: 'get_weather' } }
const strictTool = {
  ...weather,
  function: { name: 'get_weather', strict: true, parameters: { type: 'object', additionalProperties: false } },
}

describe('a field that a server does not know, and no promise hangs on, is left out', () => {
  const renamed =
    "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
  test.each<[string, Fields, Replies]>([
    [
      'max_tokens',
      {},
      refusing((body) => body.max_completion_tokens !== undefined && !('max_tokens' in body), renamed),
    ],
    [
      'stream_options',
      {},
      refusing((body) => !('stream_options' in body), 'stream_options: Extra inputs are not permitted'),
    ],
    ['seed', { seed: 5 }, refusing((body) => !('seed' in body), 'Unrecognized request argument supplied: seed')],
    [
      'temperature and top_p',
      {},
      refusing((body) => !('temperature' in body || 'top_p' in body), "'temperature' and 'top_p' are not supported"),
    ],
    [
      'strict',
      { tools: [strictTool] },
      refusing((body) => !JSON.stringify(body).includes('"strict"'), 'tools[0].function.strict: unknown'),
    ],
  ])('%s', async (_, fields, replies) => {
    const { client, upstream } = await openai(replies)
    await client.ask({ ...off, ...fields })
    const asked = upstream.received.length
    expect(asked).toBeLessThanOrEqual(3)
    // It is asked once in a server's life.
    await client.ask({ ...off, ...fields })
    expect(upstream.received.length).toBe(asked + 1)
  })

  test('a JSON mode that is not there is asked for in words', async () => {
    const json = up.answer(up.content('{"a":1}'))
    const replies = refusing((body) => !('response_format' in body), "'response_format.type' must be 'text'", json)
    expect(await said(replies, { ...off, response_format: { type: 'json_object' } })).toMatchObject({
      content: '{"a":1}',
    })
  })

  test.each<[string, unknown, string]>([
    ['required', 'required', "tool_choice 'required' is not supported"],
    ['named', named, 'Thinking mode does not support this tool_choice'],
  ])('a forced call is asked for in other ways: %s', async (_, choice, message) => {
    const replies = refusing((body) => body.tool_choice === 'auto', message, called)
    const answer = await said(replies, { ...off, tools: [weather, time], tool_choice: choice })
    expect(answer).toMatchObject({ finishReason: 'tool_calls', calls: [{ name: 'get_weather' }] })
  })

  test.each([
    "Unsupported value: 'temperature' does not support 1.2 with this model. Only the default (1) value is supported.",
    'temperature: Input should be less than or equal to 1',
    "'temperature' must be between 0 and 1",
  ])('what a client would miss is refused by its name: %s', async (message) => {
    const { client } = await openai(refusing((body) => body.temperature === 1, message))
    const refused = await client.post(bodyB({ ...off, temperature: 1.2 }))
    expect(refused.status).toBe(400)
    expect(errorOf(refused)).toMatchObject({ code: 'unsupported_parameter', param: 'temperature' })
    expect(refused.text).not.toContain(message)
    await client.ask(off)
  })
})

describe('a server that does not keep to the limit is cut off at it (C14)', () => {
  const words = ['One', ' two', ' three', ' four', ' five', ' six']
  test('by deltas, over reasoning and answer', async () => {
    const reply = up.answer(...words.slice(0, 2).map(up.reasoning), ...words.slice(2).map(up.content))
    const answer = await said(reply, { max_tokens: 4 })
    expect(answer).toMatchObject({ reasoning: 'One two', content: ' three four', finishReason: 'length' })
    expect(answer.usage.completion_tokens).toBe(4)
  })
  test('by a running count, where there is one', async () => {
    const counted = words.map((word, i) =>
      up.chunk({ content: word }, null, { usage: { ...up.usage, completion_tokens: i + 1 } }),
    )
    expect(await said(up.answer(...counted), { ...off, max_tokens: 3 })).toMatchObject({ content: 'One two three' })
  })
  test('one that cuts its tokens in pieces is not', async () => {
    const letters = [...'Seven short words are these here now.'].map(up.content)
    expect(await said(up.answer(...letters), { ...off, max_tokens: 10 })).toMatchObject({ finishReason: 'stop' })
  })
  test('no half of a call is shown', async () => {
    const fragments = ['{"a', '": "', 'one', ' two', ' three', '"}'].map((part) => up.call(0, { arguments: part }))
    const reply = up.calls(up.call(0, { id: 'a', name: 'get_weather' }), ...fragments)
    const answer = await said(reply, { ...off, max_tokens: 3, tools: [weather] })
    expect(answer).toMatchObject({ finishReason: 'length', calls: [] })
  })
})
