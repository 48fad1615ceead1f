import { expect, test } from 'vitest'
import { type FailureCode, ServeError } from '../../completion/failure.ts'
import { type ChatBody, decodeChat } from './decode.ts'

type Fields = { readonly [field: string]: unknown }

const hello = { model: 'deepseek-v4-flash', messages: [{ role: 'user', content: 'Hello!' }] }
const decode = (fields: Fields): ChatBody => decodeChat({ ...hello, ...fields })
const withMessages = (...messages: readonly unknown[]): ChatBody => decode({ messages })

/** @returns `code param`, as the contract's tables write it: `400(param)` when the code is the usual one */
function refusal(read: () => unknown): string {
  try {
    read()
  } catch (error) {
    if (!(error instanceof ServeError)) throw error
    const { code, param } = error.failure
    const usual: FailureCode = 'invalid-request'
    return code === usual ? `400(${param ?? 'null'})` : `${code}(${param})`
  }
  return 'accepted'
}

const messageOf = (read: () => unknown): string => {
  try {
    read()
  } catch (error) {
    if (error instanceof ServeError) return error.failure.message
    throw error
  }
  return 'accepted'
}

const tool = (name: unknown, more: Fields = {}) => ({ type: 'function', function: { name, ...more } })
const call = (id: unknown, more: Fields = {}) => ({
  id,
  type: 'function',
  function: { name: 'f', arguments: '{}', ...more },
})
const chars = (count: number) => 'a'.repeat(count)

test.each<[check: string, fields: Fields, expected: string]>([
  ['T15', { model: undefined }, '400(model)'],
  ['T15', { model: null }, '400(model)'],
  ['T15', { model: '' }, '400(model)'],
  ['T15', { model: 123 }, '400(model)'],
  ['T17', { messages: undefined }, '400(messages)'],
  ['T17', { messages: [] }, '400(messages)'],
  ['T17', { messages: 'hi' }, '400(messages)'],
  ['T17', { messages: {} }, '400(messages)'],
  ['T18', { max_tokens: 0 }, '400(max_tokens)'],
  ['T18', { max_tokens: -1 }, '400(max_tokens)'],
  ['T18', { max_tokens: 1.5 }, '400(max_tokens)'],
  ['T18', { max_tokens: '2' }, '400(max_tokens)'],
  ['T18', { max_tokens: true }, '400(max_tokens)'],
  ['T18', { max_tokens: JSON.parse('1e400') }, '400(max_tokens)'],
  ['T19', { max_tokens: null }, 'accepted'],
  ['T19', { max_tokens: 1_000_000_000 }, 'accepted'],
  ['T22', { temperature: -0.1 }, '400(temperature)'],
  ['T22', { temperature: 2.1 }, '400(temperature)'],
  ['T22', { temperature: '1' }, '400(temperature)'],
  ['T22', { top_p: -0.01 }, '400(top_p)'],
  ['T22', { top_p: 1.01 }, '400(top_p)'],
  ['T22', { top_p: '1' }, '400(top_p)'],
  ['T25', { frequency_penalty: -2.1 }, '400(frequency_penalty)'],
  ['T25', { frequency_penalty: 2.1 }, '400(frequency_penalty)'],
  ['T25', { presence_penalty: -2.1 }, '400(presence_penalty)'],
  ['T25', { presence_penalty: 2.1 }, '400(presence_penalty)'],
  ['T26', { frequency_penalty: 2, presence_penalty: -2 }, 'accepted'],
  ['T27', { stop: Array(17).fill('x') }, '400(stop)'],
  ['T27', { stop: 5 }, '400(stop)'],
  ['T27', { stop: {} }, '400(stop)'],
  ['T27', { stop: [1] }, '400(stop[0])'],
  ['T28', { stop: Array(16).fill('x') }, 'accepted'],
  ['T29', { stream: 'true' }, '400(stream)'],
  ['T29', { stream: 1 }, '400(stream)'],
  ['T30', { stream_options: { include_usage: true } }, '400(stream_options)'],
  ['T30', { stream: false, stream_options: { include_usage: true } }, '400(stream_options)'],
  ['T30', { stream_options: null }, 'accepted'],
  ['T31', { stream: true, stream_options: {} }, 'accepted'],
  ['T31', { stream: true, stream_options: { include_usage: 'yes' } }, '400(stream_options.include_usage)'],
  ['T32', { response_format: null }, 'accepted'],
  ['T32', { response_format: { type: 'text' } }, 'accepted'],
  ['T32', { response_format: 'json_object' }, '400(response_format)'],
  ['T32', { response_format: {} }, '400(response_format.type)'],
  ['T32', { response_format: { type: 'xml' } }, '400(response_format.type)'],
  ['T33', { thinking: true }, '400(thinking)'],
  ['T33', { thinking: { type: 'auto' } }, '400(thinking.type)'],
  ['T33', { reasoning_effort: 'extreme' }, '400(reasoning_effort)'],
  ['T33', { reasoning_effort: 5 }, '400(reasoning_effort)'],
  ['T34', { user: 'a b@c' }, 'accepted'],
  ['T34', { user_id: chars(512) }, 'accepted'],
  ['T34', { user_id: chars(513) }, '400(user_id)'],
  ['T34', { user_id: 'a b' }, '400(user_id)'],
  ['T34', { user_id: '' }, '400(user_id)'],
  ['T34', { user_id: 'é' }, '400(user_id)'],
  ['T34', { user_id: 5 }, '400(user_id)'],
  ['T34', { user_id: 'a\n' }, '400(user_id)'],
  ['T35', { n: 1 }, 'accepted'],
  ['T35', { n: null }, 'accepted'],
  ['T35', { n: 2 }, 'unsupported-parameter(n)'],
  ['T35', { n: 0 }, 'unsupported-parameter(n)'],
  ['T36', { logit_bias: {} }, 'accepted'],
  ['T36', { functions: [] }, 'accepted'],
  ['T36', { logit_bias: { 1: 5 } }, 'unsupported-parameter(logit_bias)'],
  ['T36', { functions: [{ name: 'f' }] }, 'unsupported-parameter(functions)'],
  ['C12', { function_call: 'auto' }, 'unsupported-parameter(function_call)'],
  ['C12', { audio: {} }, 'unsupported-parameter(audio)'],
  ['C12', { modalities: ['text', 'audio'] }, 'unsupported-parameter(modalities)'],
  ['C12', { modalities: ['text'] }, 'accepted'],
  ['T37', { top_logprobs: 3 }, '400(top_logprobs)'],
  ['T37', { logprobs: true, top_logprobs: 21 }, '400(top_logprobs)'],
  ['T37', { logprobs: true, top_logprobs: 20 }, 'accepted'],
  ['T38', { foo: 1, chat_template_kwargs: { thinking: false }, ignore_eos: true }, 'accepted'],
  ['T39', { temperature: 9, top_p: 9, model: 1 }, '400(model)'],
  ['T60', { tools: Array.from({ length: 128 }, (_, i) => tool(`f${i}`)) }, 'accepted'],
  ['T60', { tools: Array.from({ length: 129 }, (_, i) => tool(`f${i}`)) }, '400(tools)'],
  ['T60', { tools: {} }, '400(tools)'],
  ['T61', { tools: [tool(chars(128))] }, 'accepted'],
  ['T61', { tools: [tool(chars(129))] }, '400(tools[0].function.name)'],
  ['T61', { tools: [tool('')] }, '400(tools[0].function.name)'],
  ['T61', { tools: [tool('a b')] }, '400(tools[0].function.name)'],
  ['T61', { tools: [tool('a.b')] }, '400(tools[0].function.name)'],
  ['T61', { tools: [tool('a'), tool('b'), tool('a')] }, '400(tools[2].function.name)'],
  ['T62', { tools: [{ type: 'function' }] }, '400(tools[0].function)'],
  ['T62', { tools: [{ type: 'retrieval' }] }, '400(tools[0].type)'],
  ['T63', { tools: [tool('f', { parameters: { type: 'objekt' } })] }, '400(tools[0].function.parameters)'],
  ['T63', { tools: [tool('f', { parameters: [] })] }, '400(tools[0].function.parameters)'],
  [
    'T63',
    { tools: [tool('f', { strict: true, parameters: { type: 'object', properties: {} } })] },
    '400(tools[0].function.parameters)',
  ],
  ['T64', { tools: [] }, 'accepted'],
  ['T64', { tools: [], tool_choice: 'auto' }, 'accepted'],
  ['T64', { tools: [], tool_choice: 'required' }, '400(tool_choice)'],
  ['T64', { tool_choice: 'none' }, 'accepted'],
  ['T65', { tools: [tool('f')], tool_choice: tool('g') }, '400(tool_choice)'],
  ['T65', { tools: [tool('f')], tool_choice: 'any' }, '400(tool_choice)'],
  ['T65', { tools: [tool('f')], tool_choice: 5 }, '400(tool_choice)'],
  ['T65', { tools: [tool('f')], tool_choice: { type: 'none' } }, '400(tool_choice)'],
  ['C43', { tool_choice: tool('f') }, '400(tool_choice)'],
  [
    'T80',
    { response_format: { type: 'json_schema', json_schema: { name: 'a' } } },
    '400(response_format.json_schema.schema)',
  ],
  [
    'T80',
    { response_format: { type: 'json_schema', json_schema: { name: 'a b', schema: {} } } },
    '400(response_format.json_schema.name)',
  ],
  ['C56', { response_format: { type: 'json_schema' } }, '400(response_format.json_schema)'],
  [
    'C56',
    { response_format: { type: 'json_schema', json_schema: { name: 'a', schema: { type: 'objekt' } } } },
    '400(response_format.json_schema.schema)',
  ],
])('%s: %j gives %s', (_check, fields, expected) => {
  expect(refusal(() => decode(fields))).toBe(expected)
})

/** What each field takes; everything else in `values` is the wrong type for it. */
const values: Fields = {
  text: 'x y',
  number: 0.25,
  yes: true,
  array: [7],
  object: { x: 1 },
  infinity: JSON.parse('-1e400'),
}
const takes: { readonly [field: string]: readonly string[] } = {
  model: ['text'],
  messages: [],
  thinking: ['object'],
  max_tokens: [],
  response_format: [],
  stop: ['text'],
  stream: ['yes'],
  stream_options: ['object'],
  temperature: ['number'],
  top_p: ['number'],
  tools: [],
  tool_choice: [],
  frequency_penalty: ['number'],
  presence_penalty: ['number'],
  user_id: [],
  reasoning_effort: [],
  max_completion_tokens: [],
  logprobs: ['yes'],
  top_logprobs: [],
  parallel_tool_calls: ['yes'],
  seed: [],
  n: [],
  user: Object.keys(values),
  logit_bias: [],
  functions: [],
  function_call: [],
  audio: [],
  modalities: [],
}

test.each(Object.keys(takes).flatMap((field) => Object.keys(values).map((kind): [string, string] => [field, kind])))(
  '%s with the value %s is taken or refused, and the refusal names the field',
  (field, kind) => {
    const before = field === 'stream_options' ? { stream: true } : {}
    const result = refusal(() => decode({ ...before, [field]: values[kind] }))
    if (takes[field]?.includes(kind)) expect(result).toBe('accepted')
    else expect(result).toMatch(new RegExp(`^(400|unsupported-parameter)\\(${field}([.[].*)?\\)$`))
  },
)

test.each(Object.keys(takes).filter((field) => field !== 'model' && field !== 'messages'))(
  'C10: null means that %s is absent',
  (field) => {
    expect(decode({ [field]: null })).toEqual(decode({}))
  },
)

test.each([null, [], 'x', 5, true])('T9: a body of %j is refused without a field', (json) => {
  expect(refusal(() => decodeChat(json))).toBe('400(null)')
})

test('C13: the message names the field, the rule and the value, and is short', () => {
  expect(messageOf(() => decode({ max_tokens: 0 }))).toBe("'max_tokens' must be an integer >= 1, got 0.")
  expect(messageOf(() => decode({ temperature: '1' }))).toBe(`'temperature' must be a number between 0 and 2, got "1".`)
  expect(messageOf(() => decode({ reasoning_effort: chars(1_000_000) })).length).toBeLessThan(250)
  expect(messageOf(() => decode({ model: undefined }))).toBe("'model' is required and must be a non-empty string.")
})

test('T40: the sample of the page fails at stream_options, and passes once its placeholders are filled', () => {
  const sample = {
    thinking: {},
    max_tokens: 2,
    response_format: { type: 'text' },
    stop: '<string>',
    stream: false,
    stream_options: { include_usage: true },
    temperature: 1,
    top_p: 1,
    tools: [{ type: 'function' }],
    frequency_penalty: 0,
    presence_penalty: 0,
    user_id: '<string>',
  }
  expect(refusal(() => decode(sample))).toBe('400(stream_options)')
  expect(refusal(() => decode({ ...sample, stream: true, tools: [tool('f')], user_id: 'u1' }))).toBe('accepted')
})

test('T63: a bad schema is told in the words that the contract fixes', () => {
  for (const parameters of [{ type: 'objekt' }, [], { type: 'object', maximum: JSON.parse('1e400') }])
    expect(messageOf(() => decode({ tools: [tool('f', { parameters })] }))).toMatch(
      /^Invalid schema for function 'f': /,
    )
})

test('silence is the default of the contract, and 2.0 is the integer 2', () => {
  expect(decode({ max_tokens: 2.0 }).maxTokens).toBe(2)
  expect(decode({})).toEqual({
    model: 'deepseek-v4-flash',
    messages: [{ role: 'user', content: 'Hello!' }],
    thinking: undefined,
    effort: undefined,
    maxTokens: undefined,
    format: { type: 'text' },
    stop: [],
    stream: false,
    includeUsage: false,
    temperature: 1,
    topP: 1,
    tools: [],
    toolChoice: { type: 'none' },
    parallelToolCalls: true,
    seed: undefined,
    userId: undefined,
    logprobs: undefined,
  })
})

test('T21, T28, T34: two limits, empty stops, and a user that is no user_id', () => {
  expect(decode({ max_tokens: 5, max_completion_tokens: 3 }).maxTokens).toBe(3)
  expect(decode({ max_completion_tokens: 9 }).maxTokens).toBe(9)
  expect(decode({ stop: ['', 'END'] }).stop).toEqual(['END'])
  for (const stop of ['', ['', ''], [], null]) expect(decode({ stop }).stop).toEqual([])
  expect(decode({ user: 'u-1', user_id: 'u-2' }).userId).toBe('u-2')
  expect(decode({ user: 'u-1' }).userId).toBe('u-1')
  expect(decode({ user: 'a b@c' }).userId).toMatch(/^[0-9a-f]{64}$/)
  expect(decode({ user: 5 }).userId).not.toBe(decode({ user: 6 }).userId)
})

test('T54: the wish at the top level wins over the one inside thinking', () => {
  expect(decode({ thinking: { reasoning_effort: 'max' }, reasoning_effort: 'low' }).effort).toBe('low')
  expect(decode({ thinking: { reasoning_effort: 'max' } }).effort).toBe('max')
})

test('tools and choices come out in our words', () => {
  const parameters = { type: 'object', properties: { city: { type: 'string' } } }
  const body = decode({ tools: [tool('f', { parameters, description: 'd' }), tool('g')], tool_choice: tool('g') })
  expect(body.tools).toEqual([
    { name: 'f', description: 'd', parameters, strict: false },
    { name: 'g', strict: false },
  ])
  expect(body.toolChoice).toEqual({ type: 'function', name: 'g' })
  expect(decode({ tools: [tool('f')] }).toolChoice).toEqual({ type: 'auto' })
  expect(decode({ tools: [tool('f')], tool_choice: 'required' }).toolChoice).toEqual({ type: 'required' })
})

const user = { role: 'user', content: 'u' }
const caller = (...calls: readonly unknown[]) => ({ role: 'assistant', content: null, tool_calls: calls })
const result = (id: unknown) => ({ role: 'tool', tool_call_id: id, content: `result of ${id}` })

test.each<[check: string, messages: readonly unknown[], expected: string]>([
  ['T41', [{ role: 'function', content: 'x' }], '400(messages[0].role)'],
  ['T41', [{ content: 'x' }], '400(messages[0].role)'],
  ['T41', [user, 'hi'], '400(messages[1])'],
  ['T42', [{ role: 'user' }], '400(messages[0].content)'],
  ['T42', [{ role: 'user', content: null }], '400(messages[0].content)'],
  ['T42', [{ role: 'user', content: [] }], '400(messages[0].content)'],
  ['T42', [{ role: 'user', content: '' }], 'accepted'],
  ['T43', [{ role: 'user', content: [{ type: 'image_url', image_url: {} }] }], '400(messages[0].content[0])'],
  ['C22', [{ role: 'user', content: [{ type: 'text', text: 'a' }, 5] }], '400(messages[0].content[1])'],
  ['C20', [{ role: 'user', content: [{ type: 'text' }] }], '400(messages[0].content[0].text)'],
  ['C20', [{ role: 'assistant', content: [] }], '400(messages[0].content)'],
  ['T44', [user, { role: 'assistant' }, user], 'accepted'],
  ['T44', [user, caller(call('a')), result('a')], 'accepted'],
  ['T44', [user, caller(call(undefined)), user], '400(messages[1].tool_calls[0].id)'],
  ['T44', [user, caller(call('')), user], '400(messages[1].tool_calls[0].id)'],
  ['T44', [user, caller(call('a'), call('a'))], '400(messages[1].tool_calls[1].id)'],
  ['T44', [user, caller(call('a', { name: '' }))], '400(messages[1].tool_calls[0].function.name)'],
  ['T45', [user, result('a')], '400(messages[1])'],
  ['T45', [user, { role: 'tool', content: 'x' }], '400(messages[1].tool_call_id)'],
  ['T45', [user, caller(call('a')), result('b')], '400(messages[2])'],
  ['T46', [user, caller(call('a'), call('b')), result('a'), user], '400(messages[1])'],
  ['T46', [user, caller(call('a'))], '400(messages[1])'],
  ['T46', [user, caller(call('a')), result('a'), result('a')], '400(messages[3].tool_call_id)'],
  ['T47', [user, caller(call('a', { arguments: 'not json' })), result('a')], 'accepted'],
  ['T47', [user, caller(call('a', { arguments: undefined })), result('a')], 'accepted'],
  ['T49', [user, { role: 'assistant', content: 'def f(', prefix: true }], 'accepted'],
  ['T49', [{ ...user, prefix: true }], '400(messages[0].prefix)'],
  ['T49', [{ role: 'assistant', content: 'x', prefix: true }, user], '400(messages[0].prefix)'],
  ['T49', [{ ...user, prefix: false }], 'accepted'],
  ['C28', [user, user, { role: 'system', content: 's' }], 'accepted'],
  ['C28', [{ role: 'system', content: 's' }], 'accepted'],
  ['C4', [{ ...user, name: 5 }], '400(messages[0].name)'],
  ['C4', [{ ...user, reasoning_content: 5, tool_calls: 'x' }], 'accepted'],
  ['C4', [{ role: 'assistant', reasoning_content: 5 }], '400(messages[0].reasoning_content)'],
])('%s: the messages %j give %s', (_check, messages, expected) => {
  expect(refusal(() => withMessages(...messages))).toBe(expected)
})

test('T45, T46: two messages are quoted from DeepSeek, for clients look for them', () => {
  expect(messageOf(() => withMessages(user, result('a')))).toBe(
    "Messages with role 'tool' must be a response to a preceding message with 'tool_calls'",
  )
  expect(messageOf(() => withMessages(user, caller(call('a')), user))).toBe(
    "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. (insufficient tool messages following tool_calls message)",
  )
})

test('T43, T48: text parts are joined with one newline, a developer is a system', () => {
  const parts = [
    { type: 'text', text: 'a' },
    { type: 'text', text: 'b' },
  ]
  expect(withMessages({ role: 'developer', content: parts }).messages).toEqual([{ role: 'system', content: 'a\nb' }])
})

test('C21: reasoning and refusal parts of an assistant go where they belong', () => {
  const content = [
    { type: 'thinking', thinking: 'hm' },
    { type: 'reasoning', text: 'so' },
    { type: 'refusal', refusal: 'no' },
  ]
  expect(withMessages({ role: 'assistant', content }).messages).toEqual([
    { role: 'assistant', content: 'no', reasoning: 'hm\nso', toolCalls: [], prefix: false },
  ])
})

test('C37, C38: sent reasoning is kept apart from none, also when it is empty', () => {
  expect(withMessages({ role: 'assistant', content: 'x', reasoning_content: '' }).messages[0]).toHaveProperty(
    'reasoning',
    '',
  )
  expect(withMessages({ role: 'assistant', content: 'x', reasoning: 'r' }).messages[0]).toHaveProperty('reasoning', 'r')
  expect(withMessages({ role: 'assistant', content: 'x', reasoning_content: null }).messages[0]).not.toHaveProperty(
    'reasoning',
  )
})

test('T46, T47: results come in the order of the calls, arguments as they were written', () => {
  const calls = caller(
    call('a', { arguments: { a: 1 } }),
    call('b', { arguments: 'not json' }),
    call('c', { arguments: '' }),
  )
  const { messages } = withMessages(
    user,
    calls,
    result('c'),
    { role: 'system', content: 's' },
    result('a'),
    result('b'),
  )
  expect(messages[1]).toMatchObject({
    toolCalls: [{ arguments: '{"a":1}' }, { arguments: 'not json' }, { arguments: '' }],
  })
  expect(messages.slice(2)).toEqual([
    { role: 'tool', toolCallId: 'a', content: 'result of a' },
    { role: 'system', content: 's' },
    { role: 'tool', toolCallId: 'b', content: 'result of b' },
    { role: 'tool', toolCallId: 'c', content: 'result of c' },
  ])
})
