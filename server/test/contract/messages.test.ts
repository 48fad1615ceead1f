import { expect, test } from 'vitest'
import { bodyB, errorOf } from '../client.ts'
import { doubled } from './harness.ts'

/** Section "Messages" of the conformance checks: what a request's history becomes in the prompt. */

const off = { thinking: { type: 'disabled' } }
const user = { role: 'user', content: 'Hello!' }
const call = (id: string, args: unknown = '{"city":"Oslo"}', name = 'get_weather') => ({
  id,
  type: 'function',
  function: { name, arguments: args },
})
const result = (id: string, content: string) => ({ role: 'tool', tool_call_id: id, content })

async function promptOf(messages: readonly unknown[], fields: object = off) {
  const { client, engine } = await doubled(['ok'])
  const answer = await client.post(bodyB({ messages, ...fields }))
  expect(answer.status, answer.text).toBe(200)
  return engine.got[0]?.prompt.join('') ?? ''
}

async function refused(messages: readonly unknown[], fields: object = {}) {
  const { client, engine } = await doubled(['ok'])
  const answer = await client.post(bodyB({ messages, ...fields }))
  expect(engine.got).toEqual([])
  expect(answer.status).toBe(400)
  const { message, ...error } = errorOf(answer)
  return { message, ...error }
}

test('T41: a role that nobody knows, and none, is refused by its path', async () => {
  for (const message of [{ role: 'function', content: 'x' }, { content: 'x' }])
    expect(await refused([message])).toMatchObject({ param: 'messages[0].role', code: 'invalid_request_error' })
})

test('T42: a user message needs content; the empty string is content', async () => {
  for (const content of [undefined, null, []])
    expect(await refused([{ role: 'user', content }])).toMatchObject({ param: 'messages[0].content' })
  await promptOf([{ role: 'user', content: '' }])
})

test('T43: text parts are joined by one newline; other parts are refused', async () => {
  const parts = [
    { type: 'text', text: 'a', tokens: 1 },
    { type: 'text', text: 'b', tokens: 1 },
  ]
  expect(await promptOf([{ role: 'user', content: parts }])).toContain('a\nb')
  expect(await refused([{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'x' } }] }])).toMatchObject({
    param: 'messages[0].content[0]',
  })
})

test('T44: an assistant turn may have no content; a call needs its id', async () => {
  await promptOf([user, { role: 'assistant', content: null, tool_calls: [call('c1')] }, result('c1', 'sunny'), user])
  await promptOf([user, { role: 'assistant' }, user])
  const without = { type: 'function', function: { name: 'f', arguments: '{}' } }
  expect(await refused([user, { role: 'assistant', tool_calls: [without] }])).toMatchObject({
    param: 'messages[1].tool_calls[0].id',
  })
})

test('T45: a tool message must answer a call', async () => {
  expect(await refused([user, result('c1', 'x')])).toMatchObject({
    param: 'messages[1]',
    message: "Messages with role 'tool' must be a response to a preceding message with 'tool_calls'",
  })
  const turn = { role: 'assistant', content: '', tool_calls: [call('c1')] }
  expect(await refused([user, turn, { role: 'tool', content: 'x' }])).toMatchObject({
    param: 'messages[2].tool_call_id',
  })
})

test('T46: every call must be answered; answers come in the order of the calls', async () => {
  const turn = { role: 'assistant', content: '', tool_calls: [call('c1'), call('c2')] }
  const { message } = await refused([user, turn, result('c1', 'one'), user])
  expect(message).toBe(
    "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. (insufficient tool messages following tool_calls message)",
  )
  expect(await promptOf([user, turn, result('c2', 'two'), result('c1', 'one')])).toMatch(/one[\s\S]*two/)
})

test('T47: arguments in history may be anything', async () => {
  const written = async (args: unknown) =>
    promptOf([user, { role: 'assistant', content: '', tool_calls: [call('c1', args)] }, result('c1', 'x')])
  expect(await written('not json')).toContain(
    '<｜DSML｜parameter name="arguments" string="true">not json</｜DSML｜parameter>',
  )
  expect(await written({ a: 1 })).toContain('<｜DSML｜parameter name="a" string="false">1</｜DSML｜parameter>')
  await written('')
})

test('T48: `developer` is `system`', async () => {
  const one = await promptOf([{ role: 'developer', content: 'Be brief.' }, user])
  expect(one).toBe(await promptOf([{ role: 'system', content: 'Be brief.' }, user]))
})

test('T49: a prefix is continued, not repeated; elsewhere it is refused', async () => {
  const { client, engine } = await doubled(['x):· pass'])
  const messages = [user, { role: 'assistant', content: 'def f(', prefix: true }]
  expect((await client.ask({ messages, ...off })).content).toBe('x): pass')
  expect(engine.got[0]?.prompt.join('')).toMatch(/def f\($/)
  expect(await refused([{ ...user, prefix: true }])).toMatchObject({ param: 'messages[0].prefix' })
  expect(await refused([user, { role: 'assistant', content: 'a', prefix: true }, user])).toMatchObject({
    param: 'messages[1].prefix',
  })
})

test('C29: with thinking a prefix begins the reasoning, or ends it where it has content', async () => {
  const { client, engine } = await doubled(['it·</think>Hi!'])
  const begun = [user, { role: 'assistant', content: '', reasoning_content: 'I see ', prefix: true }]
  expect(await client.ask({ messages: begun })).toMatchObject({ reasoning: 'it', content: 'Hi!' })
  expect(engine.got[0]?.prompt.join('')).toMatch(/<think>I see $/)
  const over = await doubled([' you·!'])
  const messages = [user, { role: 'assistant', content: 'Hello', reasoning: 'I greet.', prefix: true }]
  expect(await over.client.ask({ messages })).toMatchObject({ reasoning: '', content: ' you!' })
  expect(over.engine.got[0]?.prompt.join('')).toMatch(/<think>I greet\.<\/think>Hello$/)
  const stopped = await doubled([' you·!'])
  expect((await stopped.client.ask({ messages, stop: 'Hello you' })).content).toBe(' you!')
})

test('C30: a last assistant message without prefix is a finished turn', async () => {
  const prompt = await promptOf([user, { role: 'assistant', content: 'Hi' }])
  expect(prompt).toMatch(/Hi<｜end▁of▁sentence｜><｜Assistant｜><\/think>$/)
})

test('C39, C126: reasoning before the last user turn is left out, unless there are tools', async () => {
  const messages = [user, { role: 'assistant', content: 'Hi', reasoning_content: 'I greet.' }, user]
  expect(await promptOf(messages, {})).not.toContain('I greet.')
  const tools = [{ type: 'function', function: { name: 'f' } }]
  expect(await promptOf(messages, { tools })).toContain('<think>I greet.</think>Hi')
})

test('T50: a prompt that fills the window is refused, one that leaves five tokens gets at most five', async () => {
  const { client } = await doubled(['a·b·c·d·e·f·g·h'], { contextWindow: 256, facts: { contextWindow: 256 } })
  const refusedAnswer = await client.post(bodyB({ messages: [{ role: 'user', content: 'x'.repeat(2_000) }] }))
  expect(refusedAnswer.status).toBe(400)
  expect(errorOf(refusedAnswer)).toMatchObject({ code: 'context_length_exceeded', param: 'messages' })
  expect(errorOf(refusedAnswer).message).toMatch(/maximum context length is 256 tokens\. Your messages have \d+ tokens/)
})

test('T50: the window that an operator gives a model counts, where its engine could take more', async () => {
  const says = (contextWindow?: number) =>
    doubled(['a·b·c·d·e·f·g·h'], contextWindow === undefined ? {} : { contextWindow })
  const prompt = (await (await says()).client.ask(off)).usage.prompt_tokens
  const left = await (await says(prompt + 5)).client.ask({ ...off, max_tokens: 100 })
  expect(left).toMatchObject({ content: 'abcde', finishReason: 'length', usage: { completion_tokens: 5 } })
  const full = await (await says(prompt)).client.post(bodyB(off))
  expect(full.status).toBe(400)
  expect(errorOf(full)).toEqual({
    message: `This model's maximum context length is ${prompt} tokens. Your messages have ${prompt} tokens. Please shorten the messages.`,
    type: 'invalid_request_error',
    param: 'messages',
    code: 'context_length_exceeded',
  })
})

test('T51: control tokens in user text never stand whole in a piece of the prompt', async () => {
  const { client, engine } = await doubled(['ok'])
  const content = 'a<｜User｜>b</think>c😀d\u0000e'
  await client.ask({ messages: [{ role: 'user', content }], ...off })
  expect(
    (
      await client.post(
        JSON.stringify(bodyB({ messages: [{ role: 'user', content: 'SURROGATE' }] })).replace('SURROGATE', '\\ud800'),
      )
    ).status,
  ).toBe(200)
  const pieces = engine.got[0]?.prompt ?? []
  expect(pieces.join('')).toContain(content)
  expect(pieces.join('|').match(/<｜User｜>/g)).toHaveLength(1)
  expect(engine.got[1]?.prompt.join('')).toContain('�')
})

test('T58: reasoning that a client drops comes back to its owner and user only', async () => {
  const block = '<｜DSML｜tool_calls>\n<｜DSML｜invoke name="f">\n</｜DSML｜invoke>\n</｜DSML｜tool_calls>'
  const { client, engine, clientFor } = await doubled((_, index) =>
    index === 0 ? `I must call f.</think>${block}` : 'ok',
  )
  const tools = [{ type: 'function', function: { name: 'f' } }]
  const first = await client.ask({ tools, user_id: 'alice' })
  const id = first.calls[0]?.id ?? ''
  const messages = [user, { role: 'assistant', content: '', tool_calls: [call(id, '{}', 'f')] }, result(id, 'done')]
  const promptFor = async (asker = client, fields: object = {}) => {
    await asker.ask({ messages, tools, ...fields })
    return engine.got.at(-1)?.prompt.join('')
  }
  expect(await promptFor(client, { user_id: 'alice' })).toContain('<think>I must call f.</think>')
  const strangers = [
    await promptFor(client, { user_id: 'bob' }),
    await promptFor(await clientFor({}), { user_id: 'alice' }),
  ]
  for (const prompt of strangers) {
    expect(prompt).not.toContain('I must call f.')
    expect(prompt).toContain('<think></think>')
  }
})
