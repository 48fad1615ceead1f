import { describe, expect, test } from 'vitest'
import { scriptedEngine, scriptedFacts } from '../../../test/scripted-engine.ts'
import type { CompletionEvent } from '../../completion/event.ts'
import type { CompletionRequest } from '../../completion/request.ts'
import { answerRaw } from './answer.ts'
import { dialectOf } from './dialect.ts'
import { createPlanner } from './planner.ts'
import { promptWriter } from './prompt.ts'

/** Like Qwen's: tools in `<tool_call>` tags, thinking unless it is switched off. */
const hermesTemplate = `{%- if tools %}{{ '<|im_start|>system\\n' }}{%- if messages[0].role == 'system' %}{{ messages[0].content + '\\n\\n' }}{%- endif %}
{{- '# Tools' }}{%- for tool in tools %}{{ '\\n' + (tool | tojson) }}{%- endfor %}{{ ' Use <tool_call>{"name": N, "arguments": A}.<|im_end|>\\n' }}
{%- elif messages[0].role == 'system' %}{{ '<|im_start|>system\\n' + messages[0].content + '<|im_end|>\\n' }}{%- endif %}
{%- for message in messages %}{%- if message.role != 'system' %}{{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}{%- endif %}{%- endfor %}
{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- if enable_thinking is defined and enable_thinking is false %}{{- '<think>\\n\\n</think>\\n\\n' }}{%- endif %}{%- endif %}`

/** Like many older ones: it knows neither tools nor thinking, and no system message. */
const plainTemplate = `{{ bos_token }}{% for message in messages %}{% if message.role == 'system' %}{{ '<<SYS>>' + message.content + '<</SYS>>' }}{% elif message.role == 'user' %}{{ '[INST] ' + message.content + ' [/INST]' }}{% elif message.role == 'assistant' %}{{ message.content + eos_token }}{% else %}{{ raise_exception('Only user and assistant roles are supported!') }}{% endif %}{% endfor %}`

/** Like R1's: it always opens the reasoning itself. */
const alwaysThinks = `{% for m in messages %}{{ '<｜' + ('User' if m.role == 'user' else 'Assistant') + '｜>' + m.content }}{% endfor %}{{ '<｜Assistant｜><think>\\n' }}`

const base: CompletionRequest = {
  model: 'm',
  messages: [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'Hello!' },
  ],
  thinking: { enabled: true, effort: 'high' },
  maxTokens: 100,
  sampling: { temperature: 0.5, topP: 0.9 },
  stop: [],
  tools: [],
  toolChoice: { type: 'none' },
  parallelToolCalls: true,
  format: { type: 'text' },
}
const off = { enabled: false, effort: 'high' } as const
const tool = { name: 'f', description: 'It does.', strict: false }
const withTool = { tools: [tool], toolChoice: { type: 'auto' } } as const

async function ask(chatTemplate: string, raw: string, request: Partial<CompletionRequest> = {}) {
  const engine = scriptedEngine({ runs: [raw], facts: { chatTemplate } })
  const events: CompletionEvent[] = []
  const dialect = dialectOf(engine.facts)
  const planFor = createPlanner(engine, dialect, 4096)
  const serve = answerRaw(engine, dialect, { limits: { qualityRetries: 1 }, planFor, writer: 'w', vocabulary: 'w' })
  const call = { id: 'r', tenant: 't', keyId: 'k', namespace: 'n', signal: new AbortController().signal }
  const hear = (event: CompletionEvent) => void events.push(event)
  hear(await serve({ ...base, ...request }, call, hear))
  const joined = (type: 'reasoning' | 'text') => events.map((e) => (e.type === type ? e.text : '')).join('')
  const calls = events.flatMap((e) => (e.type === 'tool-call' ? [[e.call.name, e.call.arguments]] : []))
  const [generation] = engine.got
  return {
    prompt: generation?.prompt.join('') ?? '',
    generation,
    reasoning: joined('reasoning'),
    text: joined('text'),
    calls,
    end: events.at(-1),
  }
}

test('a family is known by its template', () => {
  const named = (chatTemplate: string) => dialectOf({ chatTemplate })
  expect(named(scriptedFacts.chatTemplate)).toMatchObject({ name: 'deepseek-v4', deepseek: true, canThink: true })
  expect(named(hermesTemplate)).toMatchObject({ name: 'hermes', deepseek: false, canThink: true, writesTools: true })
  expect(named(plainTemplate)).toMatchObject({ name: 'plain', canThink: false, writesTools: false })
  expect(named(alwaysThinks)).toMatchObject({ name: 'deepseek', deepseek: true, canThink: true, writesTools: false })
})

test('a model without a chat template is refused', () => {
  expect(() => dialectOf({ chatTemplate: ' ' })).toThrow('has no chat template')
})

describe('hermes', () => {
  test('reasoning comes between tags that the model writes; the newlines around it are layout', async () => {
    const answer = await ask(hermesTemplate, '<think>\n·One.\n\nTwo.·\n</think>·\n\n·Hi!\n·\nBye.')
    expect(answer).toMatchObject({ reasoning: 'One.\n\nTwo.', text: 'Hi!\n\nBye.' })
    expect(answer.end).toMatchObject({ usage: { completionTokens: 6, reasoningTokens: 3 } })
    expect(answer.generation?.sampling).toEqual({ temperature: 0.5, topP: 0.9 })
  })

  test('a model that does not think although it may gives an answer, no reasoning', async () => {
    const answer = await ask(hermesTemplate, 'Hi!')
    expect(answer).toMatchObject({ reasoning: '', text: 'Hi!' })
    expect(answer.end).toMatchObject({ usage: { reasoningTokens: 0 } })
  })

  test("thinking off is the template's business", async () => {
    const answer = await ask(hermesTemplate, 'Hi!', { thinking: off })
    expect(answer.prompt).toMatch(/<think>\n\n<\/think>\n\n$/)
    expect(answer.generation?.banned).toEqual(['<tool_call>', '</tool_call>', '<think>', '</think>'])
  })

  test('calls are read', async () => {
    const raw = '<tool_call>\n{"name": "f", "arguments": {"a": 1}}\n</tool_call>'
    const answer = await ask(hermesTemplate, raw, { ...withTool, thinking: off })
    expect(answer).toMatchObject({ text: '', calls: [['f', '{"a": 1}']], end: { reason: 'tool-calls' } })
    expect(answer.prompt).toContain('"name": "f"')
  })
})

describe('a template that knows nothing of tools', () => {
  test('tools are described in the system message, and calls read as hermes', async () => {
    const answer = await ask(plainTemplate, 'Ok.\n<tool_call>{"name": "f"}</tool_call>', withTool)
    expect(answer).toMatchObject({ text: 'Ok.', calls: [['f', '{}']] })
    expect(answer.prompt).toMatch(
      /<<SYS>>Be brief\.\n\nYou can call these functions[\s\S]*"description":"It does\."[\s\S]*<<\/SYS>>/,
    )
  })

  test('calls and results in history are written as text', async () => {
    const calls = [{ id: '1', name: 'f', arguments: '{"a":1}' }]
    const messages: CompletionRequest['messages'] = [
      { role: 'user', content: 'Go' },
      { role: 'assistant', content: '', toolCalls: calls, prefix: false },
      { role: 'tool', toolCallId: '1', content: 'done' },
    ]
    const { prompt } = await ask(plainTemplate, 'Ok.', { messages })
    expect(prompt).toContain('<tool_call>\n{"name":"f","arguments":{"a":1}}\n</tool_call>')
    expect(prompt).toContain('[INST] <tool_response>\ndone\n</tool_response> [/INST]')
  })

  test('the response format is asked for in words, for an object only if nobody spoke of JSON', async () => {
    const format = { type: 'json_object' } as const
    expect((await ask(plainTemplate, '{}', { format })).prompt).toContain('Answer with one JSON object')
    const messages = [{ role: 'user', content: 'Some json please' }] as const
    expect((await ask(plainTemplate, '{}', { format, messages })).prompt).not.toContain('Answer with')
    const schema = { type: 'json_schema', name: 's', schema: { type: 'array' }, strict: false } as const
    expect((await ask(plainTemplate, '[]', { format: schema, messages })).prompt).toContain('{"type":"array"}')
  })

  test('a prefix is appended, and answered from there', async () => {
    const messages: CompletionRequest['messages'] = [
      { role: 'user', content: 'Go' },
      { role: 'assistant', content: 'One, ', toolCalls: [], prefix: true },
    ]
    expect(await ask(plainTemplate, 'two.', { messages })).toMatchObject({
      prompt: `${scriptedFacts.bosToken}[INST] Go [/INST]One, `,
      text: 'two.',
    })
  })
})

test('a template that always opens the reasoning has it closed when thinking is off', async () => {
  expect(await ask(alwaysThinks, 'Hm.</think>Hi!')).toMatchObject({ reasoning: 'Hm.', text: 'Hi!' })
  const answer = await ask(alwaysThinks, 'Hi!', { thinking: off })
  expect(answer).toMatchObject({ reasoning: '', text: 'Hi!' })
  expect(answer.prompt).toMatch(/<think>\n<\/think>\n\n$/)
})

test('a template that refuses the messages says why', async () => {
  const refusing = `{{ raise_exception('Roles must alternate.') }}`
  expect((await ask(refusing, '')).end).toMatchObject({
    type: 'failed',
    failure: { code: 'invalid-request', param: 'messages', message: expect.stringContaining('Roles must alternate.') },
  })
})

test('neighbours of one role and system messages are accepted, also where the template wants them otherwise', async () => {
  const strict = `{% for m in messages %}{% if m.role == 'system' %}{{ raise_exception('No system.') }}{% endif %}{% if (m.role == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Roles must alternate.') }}{% endif %}{{ '[' + m.role + ']' + m.content }}{% endfor %}`
  const messages: CompletionRequest['messages'] = [
    { role: 'system', content: 'S' },
    { role: 'user', content: 'A' },
    { role: 'user', content: 'B' },
    { role: 'assistant', content: 'C', toolCalls: [], prefix: false },
    { role: 'system', content: 'D' },
  ]
  expect((await ask(strict, 'x', { messages })).prompt).toBe('[user]S\n\nA\n\nB[assistant]C[user]D')
})

test('a template that wants a list of tools gets an empty one', async () => {
  expect((await ask('{% for t in tools %}{% endfor %}{{ messages[1].content }}', 'x')).prompt).toBe('Hello!')
})

test('what else a template shows of calls is read too, and kept from a model without tools', () => {
  const { callReadings } = dialectOf({ chatTemplate: '[TOOL_CALLS]{{ x }}[ARGS]' })
  expect(callReadings.map(({ opener }) => opener)).toEqual(['<tool_call>', '[TOOL_CALLS]'])
  expect(callReadings.flatMap(({ tokens }) => tokens)).toContain('[TOOL_CALLS]')
})

test('markers without the syntax that we write are not taken for it', () => {
  expect(dialectOf({ chatTemplate: '<tool_call><function=f>' })).toMatchObject({ name: 'plain', writesTools: false })
  expect(dialectOf({ chatTemplate: '<｜Assistant｜><｜DSML｜function_calls>' })).toMatchObject({ name: 'deepseek' })
})

test('of a model that writes channels only what it says to the user is told, and its calls', async () => {
  const channels = `{{ '<|start|>user<|message|>' + messages[1].content + '<|end|><|start|>assistant<|channel|>' if false else messages[1].content }}`
  const thought = '<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant'
  expect(await ask(channels, `${thought}<|channel|>final<|message|>Hi!<|return|>`)).toMatchObject({
    reasoning: '',
    text: 'Hi!',
  })
  const call = `${thought}<|channel|>commentary to=functions.f <|constrain|>json<|message|>{"a": 1}<|call|>`
  expect(await ask(channels, call, withTool)).toMatchObject({ text: '', calls: [['f', '{"a": 1}']] })
  expect((await ask(channels, 'x')).generation?.banned).not.toContain('<|channel|>')
})

test('a template that is no Jinja is refused', () => {
  const facts = { ...scriptedFacts, chatTemplate: '{% if %}' }
  expect(() => promptWriter(facts, dialectOf(facts))).toThrow("The model's chat template cannot be read")
})
