import { describe, expect, test } from 'vitest'
import { type Message, type Prompt, pieces, render, type Tool } from './dialect.ts'

const B = '<｜begin▁of▁sentence｜>'
const E = '<｜end▁of▁sentence｜>'
const HIGH = 'Effort: high. Think before you answer.\n\n'
const MAX = 'Effort: max. Think step by step and check the result before you answer.\n\n'
const user = (content: string): Message => ({ role: 'user', content })
const system = (content: string): Message => ({ role: 'system', content })
const assistant = (content: string, reasoning_content?: string): Message => ({
  role: 'assistant',
  content,
  ...(reasoning_content !== undefined && { reasoning_content }),
})
const result = (content: string): Message => ({ role: 'tool', content, tool_call_id: 'call_1' })
const weather: Tool = {
  type: 'function',
  function: { name: 'get_weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } },
}
const calling = (reasoning_content?: string): Message => ({
  ...(assistant('Let me look.', reasoning_content) as Message & { role: 'assistant' }),
  tool_calls: [
    {
      function: {
        name: 'get_weather',
        arguments: { city: 'Oslo', days: 3, exact: true, tags: ['a'], more: { x: null } },
      },
    },
    { function: { name: 'get_weather', arguments: { city: 'Rome' } } },
  ],
})
const CALLS = `Let me look.

<｜DSML｜tool_calls>
<｜DSML｜invoke name="get_weather">
<｜DSML｜parameter name="city" string="true">Oslo</｜DSML｜parameter>
<｜DSML｜parameter name="days" string="false">3</｜DSML｜parameter>
<｜DSML｜parameter name="exact" string="false">true</｜DSML｜parameter>
<｜DSML｜parameter name="tags" string="false">["a"]</｜DSML｜parameter>
<｜DSML｜parameter name="more" string="false">{"x": null}</｜DSML｜parameter>
</｜DSML｜invoke>
<｜DSML｜invoke name="get_weather">
<｜DSML｜parameter name="city" string="true">Rome</｜DSML｜parameter>
</｜DSML｜invoke>
</｜DSML｜tool_calls>`
const TOOLS = `## Tools

To use tools, end the turn with a <｜DSML｜tool_calls> block: one invoke per call, one parameter per argument. string="true" means plain text, string="false" means JSON.

{"name": "get_weather", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}}

Use a tool only when the request needs it.`

const next = (messages: Message[], rest: Partial<Prompt> = {}): string =>
  render({ messages, thinking: false, add_generation_prompt: true, ...rest })

describe('the start of a prompt', () => {
  test('chat mode ends with a closed reasoning, thinking mode with an open one', () => {
    expect(next([user('Hi')])).toBe(`${B}<｜User｜>Hi<｜Assistant｜></think>`)
    expect(next([user('Hi')], { thinking: true })).toBe(`${B}<｜User｜>Hi<｜Assistant｜><think>`)
  })

  test.each([
    ['low', ''],
    ['high', HIGH],
    ['max', MAX],
  ] as const)('effort %s has its own prefix', (reasoning_effort, prefix) => {
    expect(next([system('S'), user('Hi')], { thinking: true, reasoning_effort })).toBe(
      `${B}${prefix}S<｜User｜>Hi<｜Assistant｜><think>`,
    )
  })

  test('without thinking the effort leaves no trace', () => {
    expect(next([user('Hi')], { reasoning_effort: 'max' })).toBe(`${B}<｜User｜>Hi<｜Assistant｜></think>`)
  })

  test('leading system messages are joined by a blank line and have no role token', () => {
    expect(next([system('One'), system('Two'), user('Hi')])).toBe(`${B}One\n\nTwo<｜User｜>Hi<｜Assistant｜></think>`)
  })

  test('tools stand after the system text, the response format after the tools', () => {
    const format = { type: 'json_object' } as const
    expect(next([system('S'), user('Hi')], { tools: [weather], response_format: format })).toBe(
      `${B}S\n\n${TOOLS}\n\n## Response format\n\nAnswer with one JSON object and nothing else.<｜User｜>Hi<｜Assistant｜></think>`,
    )
  })

  test('of a tool the description stands first, and nothing else of it is left out', () => {
    const tool: Tool = {
      type: 'function',
      function: { name: 'f', description: 'Does "it"', parameters: { type: 'object', properties: {} }, strict: true },
    }
    expect(next([user('Hi')], { tools: [tool, weather] })).toContain(
      `

{"description": "Does \\"it\\"", "name": "f", "parameters": {"type": "object", "properties": {}}, "strict": true}
{"name": "get_weather", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}}

`,
    )
  })

  test('a JSON schema is shown whole', () => {
    const schema = { type: 'object', properties: { a: { enum: [1, null, 'ü'] } }, required: ['a'] }
    expect(next([user('Hi')], { response_format: { type: 'json_schema', json_schema: { name: 'x', schema } } })).toBe(
      `${B}## Response format\n\nAnswer with JSON that fits this schema and nothing else:\n{"type": "object", "properties": {"a": {"enum": [1, null, "ü"]}}, "required": ["a"]}<｜User｜>Hi<｜Assistant｜></think>`,
    )
  })
})

describe('turns', () => {
  test('a system message in the middle becomes a note in the user turn', () => {
    expect(next([user('Hi'), system('Be brief'), user('Go')])).toBe(
      `${B}<｜User｜>Hi\n\nSystem note: Be brief\n\nGo<｜Assistant｜></think>`,
    )
    expect(next([user('Hi'), assistant('Yes'), system('Be brief')])).toBe(
      `${B}<｜User｜>Hi<｜Assistant｜></think>Yes${E}<｜User｜>System note: Be brief<｜Assistant｜></think>`,
    )
  })

  test('without tools, reasoning before the last user turn is left out', () => {
    expect(next([user('1'), assistant('a', 'r1'), user('2'), assistant('b', 'r2')], { thinking: true })).toBe(
      `${B}<｜User｜>1<｜Assistant｜></think>a${E}<｜User｜>2<｜Assistant｜><think>r2</think>b${E}<｜Assistant｜><think>`,
    )
  })

  test('with tools, all reasoning is kept, and lost reasoning is empty', () => {
    expect(
      next([user('1'), assistant('a', 'r1'), user('2'), assistant('b'), user('3')], {
        thinking: true,
        tools: [weather],
      }),
    ).toBe(
      `${B}${TOOLS}<｜User｜>1<｜Assistant｜><think>r1</think>a${E}<｜User｜>2<｜Assistant｜><think></think>b${E}<｜User｜>3<｜Assistant｜><think>`,
    )
  })

  test('a call in the history counts as tools', () => {
    expect(next([user('1'), calling('r1'), result('x'), result('y'), user('2')], { thinking: true })).toBe(
      `${B}<｜User｜>1<｜Assistant｜><think>r1</think>${CALLS}${E}<｜User｜><tool_result>x</tool_result>\n\n<tool_result>y</tool_result>\n\n2<｜Assistant｜><think>`,
    )
  })

  test('in chat mode no reasoning is written', () => {
    expect(next([user('1'), calling('r1'), result('x')])).toBe(
      `${B}<｜User｜>1<｜Assistant｜></think>${CALLS}${E}<｜User｜><tool_result>x</tool_result><｜Assistant｜></think>`,
    )
  })

  test('a call without text starts with the two newlines all the same', () => {
    const silent: Message = { role: 'assistant', content: '', tool_calls: [{ function: { name: 'f', arguments: {} } }] }
    expect(render({ messages: [user('1'), silent], thinking: false })).toBe(
      `${B}<｜User｜>1<｜Assistant｜></think>\n\n<｜DSML｜tool_calls>\n<｜DSML｜invoke name="f">\n</｜DSML｜invoke>\n</｜DSML｜tool_calls>${E}`,
    )
  })
})

describe('going on with the last message', () => {
  const on = (last: Message, thinking: boolean) =>
    render({ messages: [user('1'), last], thinking, continue_final_message: true })

  test('chat mode goes on with the content', () => {
    expect(on(assistant('Once upon'), false)).toBe(`${B}<｜User｜>1<｜Assistant｜></think>Once upon`)
  })

  test('thinking mode goes on inside the reasoning while there is no content', () => {
    expect(on(assistant('', 'I think'), true)).toBe(`${B}<｜User｜>1<｜Assistant｜><think>I think`)
  })

  test('thinking mode takes the reasoning as finished once there is content', () => {
    expect(on(assistant('Once', 'I think'), true)).toBe(`${B}<｜User｜>1<｜Assistant｜><think>I think</think>Once`)
  })
})

describe('what is learnt', () => {
  test('every assistant turn, from its opening marker to the end token', () => {
    const cut = pieces({ messages: [user('1'), assistant('a'), user('2'), assistant('b', 'r')], thinking: true })
    expect(cut.filter((piece) => piece.learnt).map((piece) => piece.text)).toEqual([`a${E}`, `r</think>b${E}`])
    expect(cut.map((piece) => piece.text).join('')).toBe(
      render({ messages: [user('1'), assistant('a'), user('2'), assistant('b', 'r')], thinking: true }),
    )
  })

  test('not the opening of a call that the server forces', () => {
    const forced = '\n\n<｜DSML｜tool_calls>\n<｜DSML｜invoke name="f">\n'
    const last: Message = {
      role: 'assistant',
      content: '',
      forced,
      tool_calls: [{ function: { name: 'f', arguments: { a: 'x' } } }],
    }
    const learnt = pieces({ messages: [user('1'), last], thinking: false }).filter((piece) => piece.learnt)
    expect(learnt.map((piece) => piece.text)).toEqual([
      `<｜DSML｜parameter name="a" string="true">x</｜DSML｜parameter>\n</｜DSML｜invoke>\n</｜DSML｜tool_calls>${E}`,
    ])
  })
})
