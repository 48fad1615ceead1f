import { isDeepStrictEqual } from 'node:util'
import { afterAll, expect, test } from 'vitest'
import { bodyB, chunksOf, errorOf, saidInChunks } from '../client.ts'
import { doubled } from './harness.ts'
import { speakers } from './speakers.ts'

/** Sections "Thinking", "Tools", "JSON mode" and "Stop": raw text of a model on one side, a client on the other, in both modes. */

const off = { thinking: { type: 'disabled' } }
const tool = (name: string, parameters?: object, strict?: boolean) => ({
  type: 'function',
  function: { name, ...(parameters && { parameters }), ...(strict && { strict }) },
})
const weather = tool('get_weather', {
  type: 'object',
  properties: { city: { type: 'string' }, days: { type: 'integer' } },
})
const open = '<｜DSML｜tool_calls>\n'
const close = '</｜DSML｜tool_calls>'
const invoke = (name: string, ...parameters: readonly string[]) =>
  `<｜DSML｜invoke name="${name}">\n${parameters.join('\n')}${parameters.length > 0 ? '\n' : ''}</｜DSML｜invoke>\n`
const text = (name: string, value: string) =>
  `<｜DSML｜parameter name="${name}" string="true">${value}</｜DSML｜parameter>`
const json = (name: string, value: string) =>
  `<｜DSML｜parameter name="${name}" string="false">${value}</｜DSML｜parameter>`
const oslo = `${open}${invoke('get_weather', text('city', 'Oslo'), json('days', '3'))}${close}`

/** The excuses of engines that were looked at, and whether one was needed. */
const excuses = new Map<string, boolean>()
afterAll(() => expect([...excuses].filter(([, needed]) => !needed)).toEqual([]))

/** What a client hears of this raw text in both modes, which must be the same (contract C69). */
async function said(
  raw: string | readonly string[],
  fields: Record<string, unknown>,
  options: Parameters<typeof doubled>[1] = {},
) {
  const runs = typeof raw === 'string' ? [raw] : raw
  const plainly = await doubled(runs, options)
  const streaming = await doubled(runs, options)
  const answer = await plainly.client.ask({ ...fields })
  const streamed = await streaming.client.ask({ ...fields, stream: true })
  const idless = (one: typeof answer) => ({ ...one, calls: one.calls.map(({ name, arguments: args }) => [name, args]) })
  expect(idless(streamed)).toEqual(idless(answer))
  // Another engine in front of the same model makes no difference.
  const heard = ({ content, reasoning, calls, finishReason, matchedStop }: typeof answer) => ({
    ...{ content, reasoning, finishReason, matchedStop },
    calls: calls.map(({ name, arguments: args }) => [name, args]),
  })
  const [check = ''] = expect.getState().currentTestName?.split(/[,:]/) ?? []
  const { constrains = false } = options
  for (const { name, start, excused } of speakers.filter(({ enforces }) => enforces || !constrains)) {
    const { client } = await start(runs, { thinks: !('thinking' in fields), constrains })
    const other = heard(await client.ask({ ...fields, stream: true }))
    if (!(check in excused)) expect(other, name).toEqual(heard(answer))
    else excuses.set(`${name}: ${check}`, excuses.get(`${name}: ${check}`) || !isDeepStrictEqual(other, heard(answer)))
  }
  return { ...answer, engine: plainly.engine }
}

test('T54, T55: the switch and the level decide the prompt', async () => {
  const { client, engine } = await doubled(['a</think>b'])
  const promptFor = async (fields: Record<string, unknown>) => {
    await client.ask(fields)
    return engine.got.at(-1)?.prompt.join('') ?? ''
  }
  const [absent, medium, high] = [
    await promptFor({}),
    await promptFor({ reasoning_effort: 'medium' }),
    await promptFor({ reasoning_effort: 'high' }),
  ]
  const max = await Promise.all(
    ['xhigh', 'max', 'ultra'].map(async (reasoning_effort) => promptFor({ reasoning_effort })),
  )
  const low = await promptFor({ reasoning_effort: 'low' })
  expect([medium, high]).toEqual([absent, absent])
  expect(new Set(max).size).toBe(1)
  expect(new Set([absent, max[0], low]).size).toBe(3)
  expect(await promptFor({ reasoning_effort: 'none' })).toMatch(/<\/think>$/)
  expect(await promptFor({ ...off, reasoning_effort: 'high' })).toMatch(/<\/think>$/)
  expect(await promptFor({ thinking: { type: 'enabled' }, reasoning_effort: 'none' })).toBe(absent)
  expect(await promptFor({ thinking: { reasoning_effort: 'max' }, reasoning_effort: 'low' })).toBe(low)
})

test('T59: the aliases carry their default, and are echoed', async () => {
  const { client, engine } = await doubled(['a</think>b'])
  const ends = async (fields: Record<string, unknown>) => {
    const { model } = await client.ask(fields)
    return [model, /<think>$/.test(engine.got.at(-1)?.prompt.join('') ?? '')]
  }
  expect(await ends({ model: 'deepseek-chat' })).toEqual(['deepseek-chat', false])
  expect(await ends({ model: 'deepseek-reasoner' })).toEqual(['deepseek-reasoner', true])
  expect(await ends({ model: 'deepseek-chat', thinking: { type: 'enabled' } })).toEqual(['deepseek-chat', true])
})

test('T23, T24, T26, T38: what the engine gets is the contract’s own set', async () => {
  const { client, engine } = await doubled(['a</think>b'])
  const got = async (fields: Record<string, unknown>) => {
    await client.ask(fields)
    return engine.got.at(-1)?.sampling
  }
  expect(await got({ ...off, temperature: 0 })).toEqual({ temperature: 0, topP: 1 })
  expect(await got({ ...off, temperature: 2 })).toEqual({ temperature: 2, topP: 1 })
  expect(await got({ ...off, top_p: 0 })).toEqual({ temperature: 0, topP: 1 })
  expect(await got({ temperature: 0.2, top_p: 0.5 })).toEqual({ temperature: 1, topP: 1 })
  expect(await got({ ...off, frequency_penalty: 2, presence_penalty: -2 })).toEqual({ temperature: 1, topP: 1 })
  expect(await got({ foo: 1, chat_template_kwargs: { thinking: false }, ignore_eos: true })).toEqual({
    temperature: 1,
    topP: 1,
  })
  expect(JSON.stringify(engine.got.at(-1))).not.toMatch(/foo|ignore_eos|kwargs/)
})

test('T21: of two limits the smaller counts', async () => {
  const { usage, finishReason } = await said('a·b·c·d·e·f', { ...off, max_tokens: 5, max_completion_tokens: 3 })
  expect([usage.completion_tokens, finishReason]).toEqual([3, 'length'])
})

test('T56: the border of reasoning is found in any split, with and without its opening tag', async () => {
  expect(await said('a·</thi·nk>·b', {})).toMatchObject({ reasoning: 'a', content: 'b' })
  expect(await said('x</think>y', {})).toMatchObject({ reasoning: 'x', content: 'y' })
})

test('T57: reasoning alone is an answer', async () => {
  expect(await said('x</think>', {})).toMatchObject({ reasoning: 'x', content: '', finishReason: 'stop' })
})

test('T53: with thinking off there is no reasoning and no key for it', async () => {
  const { client } = await doubled(['Hi'])
  const answer = await client.post(bodyB({ ...off, stream: true }))
  expect(answer.text).not.toContain('"reasoning_content"')
  expect(saidInChunks(chunksOf(answer.text).chunks).usage.completion_tokens_details.reasoning_tokens).toBe(0)
})

test('T66: without a choice of tools nothing of them is in the prompt, and no markup leaks', async () => {
  const { calls, content, engine } = await said(`Well. ${oslo}`, { ...off, tools: [weather], tool_choice: 'none' })
  expect(calls).toEqual([])
  expect(content).not.toContain('DSML')
  expect(engine.got[0]?.prompt.join('')).not.toContain('get_weather')
})

test('T67: a forced call keeps its reasoning where the engine can be constrained', async () => {
  for (const tool_choice of ['required', { type: 'function', function: { name: 'get_weather' } }]) {
    const answer = await said(`I look.</think>${oslo}`, { tools: [weather], tool_choice }, { constrains: true })
    expect(answer).toMatchObject({ reasoning: 'I look.', finishReason: 'tool_calls', content: '' })
    expect(answer.engine.got[0]?.constraints.map(({ after }) => after)).toContain('</think>')
  }
})

test('T68: where it cannot, the request runs with thinking off', async () => {
  const answer = await said(oslo, { tools: [weather], tool_choice: 'required' })
  expect(answer).toMatchObject({ reasoning: undefined, finishReason: 'tool_calls' })
  expect(answer.engine.got[0]?.prompt.join('')).toMatch(/<\/think>$/)
})

test('T69: a call is read in every split', async () => {
  const { client } = await doubled((_, index) => {
    const cut = index % (oslo.length + 1)
    return cut === 0 ? oslo : `${oslo.slice(0, cut)}·${oslo.slice(cut)}`
  })
  for (let cut = 0; cut <= oslo.length; cut++) {
    const { calls, content, finishReason } = await client.ask({ ...off, tools: [weather] })
    expect(calls.map(({ name, arguments: args }) => [name, args])).toEqual([
      ['get_weather', '{"city":"Oslo","days":3}'],
    ])
    expect([content, finishReason]).toEqual(['', 'tool_calls'])
  }
})

test('T70: two calls get their indexes, and each its names once', async () => {
  const two = `${open}${invoke('get_weather', text('city', 'Oslo'))}${invoke('get_time')}${close}`
  const { client } = await doubled([two])
  const { chunks } = chunksOf(
    (await client.post(bodyB({ ...off, stream: true, tools: [weather, tool('get_time')] }))).text,
  )
  const fragments = chunks.flatMap((chunk) => chunk.choices.flatMap(({ delta }) => delta.tool_calls ?? []))
  expect(fragments.map(({ index, type, function: f }) => [index, type, f.name, f.arguments])).toEqual([
    [0, 'function', 'get_weather', ''],
    [0, undefined, undefined, '{"city":"Oslo"}'],
    [1, 'function', 'get_time', ''],
    [1, undefined, undefined, '{}'],
  ])
  expect(fragments.map(({ id }) => id !== undefined)).toEqual([true, false, true, false])
})

test('T71: a malformed call is made again; malformed twice it is text without markup', async () => {
  const broken = `${open}<｜DSML｜invoke name="get_weather">\n`
  const good = await said([broken, oslo.split('\n').join('\n·')], { ...off, tools: [weather] })
  expect(good.calls).toHaveLength(1)
  expect(good.usage.completion_tokens).toBe(oslo.split('\n').length)
  const bad = await said([broken, broken], { ...off, tools: [weather] })
  expect(bad).toMatchObject({ calls: [], finishReason: 'stop' })
  expect(bad.content).not.toContain('｜DSML｜')
})

test('T72: the limit inside the second call leaves the first', async () => {
  const raw = `${open}${invoke('get_weather', text('city', 'Oslo'))}·<｜DSML｜invoke name="get_weather">·more·more`
  expect(await said(raw, { ...off, tools: [weather], max_tokens: 2 })).toMatchObject({
    finishReason: 'length',
    calls: [{ name: 'get_weather' }],
  })
})

test('T73: without parallel calls the turn ends after the first, and the engine is told', async () => {
  const raw = `${open}${invoke('get_weather', text('city', 'Oslo'))}·${invoke('get_weather', text('city', 'Rome'))}·${close}`
  const { client, engine } = await doubled([{ raw, delayMs: 20 }])
  const answer = await client.ask({ ...off, tools: [weather], parallel_tool_calls: false })
  expect(answer.calls).toHaveLength(1)
  await expect.poll(() => engine.runs[0]?.over).toBe(true)
  expect(engine.runs[0]?.tokens).toBeLessThan(3)
})

test('T74: a call inside reasoning ends it', async () => {
  const answer = await said(`I look.${oslo}</think>`, { tools: [weather] })
  expect(answer).toMatchObject({ reasoning: 'I look.', content: '', finishReason: 'tool_calls' })
  expect(answer.calls).toHaveLength(1)
})

test('T75: any text is a string parameter', async () => {
  const value = 'Ærø "quoted"\n\tline \\ 😀 </b> {"a":1}'
  const raw = `${open}${invoke('get_weather', text('city', value))}${close}`
  const { calls } = await said(raw, { ...off, tools: [weather] })
  expect(JSON.parse(calls[0]?.arguments ?? '')).toEqual({ city: value })
})

test('T76: JSON mode without the word in the prompt', async () => {
  const { content, engine } = await said('{"a"·: 1}', { ...off, response_format: { type: 'json_object' } })
  expect(JSON.parse(content)).toEqual({ a: 1 })
  expect(engine.got[0]?.prompt.join('')).toMatch(/json/i)
})

test('T77: without constraints a fence is removed, and invalid JSON is made again before anything is seen', async () => {
  const format = { ...off, response_format: { type: 'json_object' } }
  expect((await said('```json·\n{"a": 1}\n·```', format)).content).toBe('{"a": 1}')
  expect((await said(['{"a": ', '{"b": 2}'], format)).content).toBe('{"b": 2}')
})

test('T78: invalid twice is an error that says so, and a broken stream after its first byte', async () => {
  const { client } = await doubled(['{"a": '])
  const answer = await client.post(bodyB({ ...off, response_format: { type: 'json_object' } }))
  expect(answer.status).toBe(500)
  expect(errorOf(answer).code).toBe('invalid_model_output')
  expect(answer.headers['x-should-retry']).toBe('false')
  const thinking = await doubled(['I think·.</think>{"a": '])
  const streamed = await thinking.client.post(bodyB({ stream: true, response_format: { type: 'json_object' } }))
  const { chunks, done } = chunksOf(streamed.text)
  expect(chunks.at(-1)?.error?.code).toBe('generation_failed')
  expect(done).toBe(false)
})

test('T79: a strict schema holds for the content, not for the reasoning', async () => {
  const schema = {
    type: 'object',
    properties: { a: { type: 'integer' } },
    required: ['a'],
    additionalProperties: false,
  }
  const response_format = { type: 'json_schema', json_schema: { name: 'x', schema, strict: true } }
  const answer = await said(['Hm {.</think>{"a": "one"}', '{"a": 1}'], { response_format })
  expect(JSON.parse(answer.content)).toEqual({ a: 1 })
})

test('T81: JSON that is cut by the limit is passed on', async () => {
  const answer = await said('{"a"·: ·1}', { ...off, response_format: { type: 'json_object' }, max_tokens: 2 })
  expect(answer).toMatchObject({ finishReason: 'length', content: '{"a": ' })
})

test('T82: a stop ends the content before it, whatever the split', async () => {
  const answer = await said('foo E·N·D bar', { ...off, stop: 'END' })
  expect(answer).toMatchObject({ content: 'foo ', finishReason: 'stop', matchedStop: 'END' })
})

test('T83: what only looked like a stop is said', async () => {
  expect(await said('foo EN·TER', { ...off, stop: 'END' })).toMatchObject({ content: 'foo ENTER', matchedStop: null })
  expect(await said('foo ·EN', { ...off, stop: 'END' })).toMatchObject({ content: 'foo EN', matchedStop: null })
})

test('T84: a stop does not fire inside reasoning', async () => {
  expect(await said('aXb</think>cXd', { stop: 'X' })).toMatchObject({
    reasoning: 'aXb',
    content: 'c',
    matchedStop: 'X',
  })
})

test('T85: the earliest end wins, then the longest stop', async () => {
  expect(await said('zabc', { ...off, stop: ['ab', 'abc'] })).toMatchObject({ content: 'z', matchedStop: 'ab' })
  expect(await said('zabc', { ...off, stop: ['bc', 'abc'] })).toMatchObject({ content: 'z', matchedStop: 'abc' })
})

test('T86: a stop does not fire inside a call', async () => {
  const answer = await said(oslo, { ...off, tools: [weather], stop: 'city' })
  expect(answer.calls[0]?.arguments).toBe('{"city":"Oslo","days":3}')
  expect(await said('caf·é·!', { ...off, stop: 'é' })).toMatchObject({ content: 'caf', matchedStop: 'é' })
})

test('T87: after a match the engine is told to stop, and its tokens so far are counted', async () => {
  const { client, engine } = await doubled([{ raw: 'a·END·b·c·d', delayMs: 20 }])
  const answer = await client.ask({ ...off, stop: 'END' })
  expect(answer.usage.completion_tokens).toBe(2)
  await expect.poll(() => engine.runs[0]?.over).toBe(true)
  expect(engine.runs[0]?.tokens).toBeLessThan(5)
})

test('T94, EM1: a character in three tokens comes whole', async () => {
  const { client } = await doubled(['a·😀·b'])
  const { chunks } = chunksOf((await client.post(bodyB({ ...off, stream: true }))).text)
  expect(chunks.flatMap((chunk) => chunk.choices.map(({ delta }) => delta.content ?? ''))).toContain('😀')
})

const cityOnly = {
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
  additionalProperties: false,
}
const wrongCity = `${open}${invoke('get_weather', json('city', '["Oslo"]'))}${close}`
const rightCity = `${open}${invoke('get_weather', text('city', 'Oslo'))}${close}`

test('EM2: a control token that comes out as text ends the turn, in no field is any of it', async () => {
  for (const raw of ['Hi<｜end▁of▁sentence｜>junk', 'Hi·<｜Us·er｜>·Bye', 'Hi·<｜Assistant｜>']) {
    const { client } = await doubled([raw])
    for (const stream of [true, false])
      expect(await client.ask({ ...off, stream })).toMatchObject({ content: 'Hi', finishReason: 'stop' })
  }
  const thinking = await doubled(['a<｜end▁of▁sentence｜>b</think>c'])
  expect(await thinking.client.ask()).toMatchObject({ reasoning: 'a', content: '' })
})

test('C35: no tag of the model is seen, and no reasoning in the content', async () => {
  expect(await said('a<think>b</think>c</think>d<think>e', {})).toMatchObject({ reasoning: 'ab', content: 'cde' })
  const quiet = await said('a</think>b<think>c', off)
  expect(quiet.reasoning).toBeUndefined()
  expect(quiet.content).not.toMatch(/think>/)
})

test('C46, C47: a named choice gives exactly one call, of that function, with an id of ours', async () => {
  const two = `${open}${invoke('get_time')}${invoke('get_weather', text('city', 'Oslo'))}${close}`
  const fields = { ...off, tools: [weather, tool('get_time')], tool_choice: tool('get_time') }
  const { calls } = await said(two, fields)
  expect(calls).toEqual([{ id: expect.stringMatching(/^call_[0-9a-f]{24}$/), name: 'get_time', arguments: '{}' }])
})

test('C52: strict arguments that do not fit are made again, then are an error; without strict they are passed on', async () => {
  const strict = { ...off, tools: [tool('get_weather', cityOnly, true)] }
  const mended = await said([wrongCity, rightCity], strict)
  expect(mended.calls.map((call) => call.arguments)).toEqual(['{"city":"Oslo"}'])
  const { client } = await doubled([wrongCity])
  const answer = await client.post(bodyB(strict))
  expect([answer.status, errorOf(answer).code, answer.headers['x-should-retry']]).toEqual([
    500,
    'invalid_model_output',
    'false',
  ])
  const thinking = await doubled([`Hm·</think>${wrongCity}`])
  const streamed = await thinking.client.post(bodyB({ ...strict, thinking: null, stream: true }))
  const { chunks, done } = chunksOf(streamed.text)
  expect([chunks.at(-1)?.error?.code, done]).toEqual(['generation_failed', false])
  const loose = await said(wrongCity, { ...off, tools: [tool('get_weather', cityOnly)] })
  expect(loose.calls.map((call) => call.arguments)).toEqual(['{"city":["Oslo"]}'])
  const unknown = await said(`${open}${invoke('nobody')}${close}`, { ...off, tools: [weather] })
  expect(unknown.calls.map(({ name }) => name)).toEqual(['nobody'])
})

test('C52: what strict asks of a schema is refused by its path, in the words of C42', async () => {
  const { client } = await doubled(['ok'])
  for (const parameters of [
    { ...cityOnly, additionalProperties: undefined },
    { ...cityOnly, required: [] },
    { ...cityOnly, properties: { city: { type: 'object', properties: { name: { type: 'string' } } } } },
    { ...cityOnly, properties: { city: { type: 'array', items: { type: 'object', properties: {} } } } },
  ]) {
    const answer = await client.post(bodyB({ tools: [tool('a', cityOnly), tool('get_weather', parameters, true)] }))
    expect(answer.status).toBe(400)
    expect(errorOf(answer)).toMatchObject({ param: 'tools[1].function.parameters', code: 'invalid_request_error' })
    expect(errorOf(answer).message).toMatch(/^Invalid schema for function 'get_weather': \S/)
  }
})

test('C56: without strict a schema is a hint and any JSON will do', async () => {
  const hint = { ...off, response_format: { type: 'json_schema', json_schema: { name: 'x', schema: cityOnly } } }
  expect((await said('[1, 2]', hint)).content).toBe('[1, 2]')
  expect((await said(['Sure!', '{"a": 1}'], hint)).content).toBe('{"a": 1}')
  const { client } = await doubled(['Sure!'])
  expect((await client.post(bodyB(hint))).status).toBe(500)
})

test('C59: with tools an answer is calls or JSON; a forced call leaves the format out; blanks without end are invalid', async () => {
  const format = { ...off, response_format: { type: 'json_object' }, tools: [weather] }
  expect(await said(rightCity, format)).toMatchObject({ content: '', finishReason: 'tool_calls' })
  expect(await said('{"a": 1}', format)).toMatchObject({ content: '{"a": 1}', calls: [], finishReason: 'stop' })
  const forced = await said(`Look:\n\n${rightCity}`, { ...format, tool_choice: 'required' })
  expect(forced).toMatchObject({ content: 'Look:', finishReason: 'tool_calls' })
  expect(forced.engine.got[0]?.prompt.join('')).not.toContain('Response format')
  const blanks = await said([`{"a":${' '.repeat(1_001)}1}`, '{"b": 2}'], { ...format, tools: undefined })
  expect(blanks.content).toBe('{"b": 2}')
  const some = `{"a":${' '.repeat(1_000)}1}`
  expect((await said(some, { ...format, tools: undefined })).content).toBe(some)
})

test('C87: what was discarded is in nobody’s count', async () => {
  const answer = await said(['a·b·c·{', '{"a"·: 1}'], { ...off, response_format: { type: 'json_object' } })
  expect(answer.usage.completion_tokens).toBe(2)
})

test('VL14: reasoning that goes round in a loop is ended once, and an answer follows', async () => {
  const round = 'city is Oslo, ·'
  const { client, engine } = await doubled([round.repeat(500), 'It is Oslo.'])
  const answer = await client.ask({ stream: true })
  expect(answer).toMatchObject({ content: 'It is Oslo.', finishReason: 'stop' })
  const rounds = (answer.reasoning ?? '').split('city is Oslo, ').length - 1
  expect(rounds).toBeLessThan(60)
  expect(engine.got[1]?.prompt.join('')).toMatch(/city is Oslo, <\/think>$/)
  expect(answer.usage.completion_tokens).toBe(rounds + 1)
})

test.each([true, false])(
  'C46, C57: reasoning that the model never ends is ended for it where an answer was promised; constrained: %s',
  async (constrains) => {
    const format = { response_format: { type: 'json_object' } }
    const object = await said(['I think· and', '{"a": 1}'], format, { constrains })
    expect(object).toMatchObject({ reasoning: 'I think and', content: '{"a": 1}', finishReason: 'stop' })
    expect(object.usage).toMatchObject({ completion_tokens: 3, completion_tokens_details: { reasoning_tokens: 2 } })
    expect(object.engine.got[1]?.prompt.join('')).toMatch(/<think>I think and<\/think>$/)
    if (constrains) expect(object.engine.got[1]?.constraints).toEqual([{ gbnf: expect.any(String) }])
    if (!constrains) return
    const forced = await said(['I think· and', oslo], { tools: [weather], tool_choice: 'required' }, { constrains })
    expect(forced).toMatchObject({ reasoning: 'I think and', finishReason: 'tool_calls' })
  },
)
