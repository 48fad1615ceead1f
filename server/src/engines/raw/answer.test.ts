import { describe, expect, test } from 'vitest'
import {
  type Script,
  type ScriptedEngine,
  type ScriptedEngineOptions,
  scriptedEngine,
  scriptedFacts,
} from '../../../test/scripted-engine.ts'
import type { CompletedCall, CompletionEvent } from '../../completion/event.ts'
import type { CompletionRequest, Message, Tool } from '../../completion/request.ts'
import type { Call } from '../../completion/serve.ts'
import { answerRaw } from './answer.ts'
import { dialectOf } from './dialect.ts'
import { restOfGrammar } from './grammar/rest-of-grammar.ts'
import { createPlanner } from './planner.ts'

const block = `<｜DSML｜tool_calls>
<｜DSML｜invoke name="get_weather">
<｜DSML｜parameter name="city" string="true">Oslo</｜DSML｜parameter>
<｜DSML｜parameter name="days" string="false">3</｜DSML｜parameter>
</｜DSML｜invoke>
</｜DSML｜tool_calls>`
const twoCalls = block.replace(
  '</｜DSML｜invoke>\n',
  '</｜DSML｜invoke>\n<｜DSML｜invoke name="get_time">\n</｜DSML｜invoke>\n',
)
const weather: Tool = { name: 'get_weather', strict: false }
const off = { enabled: false, effort: 'high' } as const

const base: CompletionRequest = {
  model: 'm',
  messages: [{ role: 'user', content: 'Hello!' }],
  thinking: { enabled: true, effort: 'high' },
  maxTokens: 1000,
  sampling: { temperature: 1, topP: 1 },
  stop: [],
  tools: [],
  toolChoice: { type: 'none' },
  parallelToolCalls: true,
  format: { type: 'text' },
}
const withTools = { tools: [weather], toolChoice: { type: 'auto' }, thinking: off } as const
const json = { format: { type: 'json_object' }, thinking: off } as const

interface Answer {
  readonly events: readonly CompletionEvent[]
  readonly reasoning: string
  readonly text: string
  readonly calls: readonly CompletedCall[]
  /** The terminal event. */
  readonly end: CompletionEvent | undefined
  readonly engine: ScriptedEngine
}

async function ask(
  engine: ScriptedEngine,
  request: Partial<CompletionRequest> = {},
  { signal = new AbortController().signal, onEvent = (_: CompletionEvent): void => undefined } = {},
): Promise<Answer> {
  const call: Call = { id: 'req', tenant: 't', keyId: 'k', namespace: 'n', signal }
  const dialect = dialectOf(engine.facts)
  const planFor = createPlanner(engine, dialect, 4096)
  const serve = answerRaw(engine, dialect, { limits: { qualityRetries: 1 }, planFor, writer: 'w', vocabulary: 'w' })
  const events: CompletionEvent[] = []
  const hear = (event: CompletionEvent) => {
    events.push(event)
    onEvent(event)
  }
  hear(await serve({ ...base, ...request }, call, hear))
  const joined = (type: 'reasoning' | 'text') => events.map((e) => (e.type === type ? e.text : '')).join('')
  const calls = events.flatMap((e) => (e.type === 'tool-call' ? [e.call] : []))
  return { events, reasoning: joined('reasoning'), text: joined('text'), calls, end: events.at(-1), engine }
}

const say = (
  runs: readonly Script[],
  request: Partial<CompletionRequest> = {},
  options: Partial<ScriptedEngineOptions> = {},
) => ask(scriptedEngine({ ...options, runs }), request)

const promptOf = (answer: Answer, run = 0) => answer.engine.got[run]?.prompt.join('') ?? ''
const usageOf = ({ end }: Answer) => (end?.type === 'finished' || end?.type === 'failed' ? end.usage : undefined)
const finish = (reason: string, matchedStop: string | null = null) =>
  expect.objectContaining({ type: 'finished', reason, matchedStop })
const failure = (code: string, param?: string) =>
  expect.objectContaining({
    type: 'failed',
    failure: expect.objectContaining(param === undefined ? { code } : { code, param }),
  })

describe('fields', () => {
  test.each([base.thinking, off])('T20: one token is all that a limit of 1 allows (%o)', async (thinking) => {
    const answer = await say(['a·b·c'], { maxTokens: 1, thinking })
    expect(answer.end).toEqual(finish('length'))
    expect(usageOf(answer)?.completionTokens).toBe(1)
  })

  test('T23: sampling goes to the engine as asked, and top_p 0 as greedy', async () => {
    const got = async (temperature: number, topP: number) =>
      (await say(['a'], { thinking: off, sampling: { temperature, topP } })).engine.got[0]?.sampling
    expect(await got(0, 1)).toEqual({ temperature: 0, topP: 1 })
    expect(await got(2, 1)).toEqual({ temperature: 2, topP: 1 })
    expect(await got(1, 0)).toEqual({ temperature: 0, topP: 1 })
  })

  test('T24: DeepSeek weights that think have their own sampling', async () => {
    const answer = await say(['a'], { sampling: { temperature: 0.2, topP: 0.5, seed: 7 } })
    expect(answer.engine.got[0]?.sampling).toEqual({ temperature: 1, topP: 1, seed: 7 })
  })

  test('T50: a prompt that fills the context is refused, and says so with both numbers', async () => {
    const answer = await say(['a'], { messages: [{ role: 'user', content: 'word '.repeat(4096) }] })
    expect(answer.end).toEqual(failure('context-too-long', 'messages'))
  })
})

describe('messages', () => {
  const calls = [
    { id: 'a', name: 'one', arguments: 'not json' },
    { id: 'b', name: 'two', arguments: '{"x":1}' },
  ]
  const history: Message[] = [
    { role: 'user', content: 'Go' },
    { role: 'assistant', content: '', toolCalls: calls, prefix: false },
    { role: 'tool', content: 'first', toolCallId: 'a' },
    { role: 'tool', content: 'second', toolCallId: 'b' },
    { role: 'user', content: 'And?' },
  ]

  test('tool results and the text behind them are one turn', async () => {
    const prompt = promptOf(await say(['a'], { messages: history }))
    expect(prompt).toContain('<tool_result>first</tool_result>\n\n<tool_result>second</tool_result>\n\nAnd?')
  })

  test('T47: arguments that are no JSON object are one parameter named arguments', async () => {
    const prompt = promptOf(await say(['a'], { messages: history }))
    expect(prompt).toContain('<｜DSML｜parameter name="arguments" string="true">not json</｜DSML｜parameter>')
    expect(prompt).toContain('<｜DSML｜parameter name="x" string="false">1</｜DSML｜parameter>')
  })

  test('T49: a prefix is continued, not repeated', async () => {
    const prefix: Message = { role: 'assistant', content: 'def f(', toolCalls: [], prefix: true }
    const messages: Message[] = [...base.messages, prefix]
    const plain = await say(['x): pass'], { messages, thinking: off })
    expect(plain.text).toBe('x): pass')
    expect(promptOf(plain)).toMatch(/<｜Assistant｜><\/think>def f\($/)
    const thought = await say(['x): pass'], { messages: [...base.messages, { ...prefix, reasoning: 'why' }] })
    expect(promptOf(thought)).toMatch(/<｜Assistant｜><think>why<\/think>def f\($/)
    expect(thought).toMatchObject({ reasoning: '', text: 'x): pass' })
    const thinking = await say(['y</think>z'], {
      messages: [...base.messages, { ...prefix, content: '', reasoning: 'be' }],
    })
    expect(promptOf(thinking)).toMatch(/<think>be$/)
    expect(thinking).toMatchObject({ reasoning: 'y', text: 'z' })
  })

  test('T51: control tokens in user text are cut apart, and nothing else of it changes', async () => {
    const content = 'a<｜User｜>b</think>c😀\u0000\ufffd<'
    const answer = await say(['a'], { messages: [{ role: 'user', content }] })
    expect(promptOf(answer)).toContain(content)
    const tokens = (answer.engine.got[0]?.prompt ?? []).flatMap((piece) => piece.match(/<｜User｜>|<\/think>/g) ?? [])
    expect(tokens).toEqual(['<｜User｜>'])
  })
})

describe('thinking', () => {
  test('T52, T56: reasoning and content are told apart at any token border', async () => {
    const answer = await say(['a·</thi·nk>·b'])
    expect(answer).toMatchObject({ reasoning: 'a', text: 'b', end: finish('stop') })
    expect(usageOf(answer)).toMatchObject({ completionTokens: 4, reasoningTokens: 3 })
    expect(await say(['x</think>y'])).toMatchObject({ reasoning: 'x', text: 'y' })
    expect(await say(['<think>x</think>y'])).toMatchObject({ reasoning: 'x', text: 'y' })
  })

  test('T53: with thinking off no reasoning comes out, whatever the model writes', async () => {
    const answer = await say(['<think>·a·</think>·b·</think>·c'], { thinking: off })
    expect(answer).toMatchObject({ reasoning: '', text: 'bc' })
    expect(usageOf(answer)).toMatchObject({ completionTokens: 6, reasoningTokens: 0 })
    expect(promptOf(answer)).toMatch(/<｜Assistant｜><\/think>$/)
    expect(answer.engine.got[0]?.banned).toEqual(['｜DSML｜', '<think>', '</think>'])
  })

  test('T55: each effort is a prompt of its own', async () => {
    const prompts = await Promise.all(
      (['low', 'high', 'max'] as const).map(async (effort) =>
        promptOf(await say(['a'], { thinking: { enabled: true, effort } })),
      ),
    )
    expect(new Set(prompts).size).toBe(3)
  })

  test('T57: an answer of reasoning only is an answer', async () => {
    const answer = await say(['x·</think>'])
    expect(answer).toMatchObject({ reasoning: 'x', text: '', end: finish('stop') })
    expect(answer.engine.got).toHaveLength(1)
  })

  test('an answer of nothing is asked for once more', async () => {
    expect(await say(['', 'a</think>b'])).toMatchObject({ reasoning: 'a', text: 'b' })
    const answer = await say([''])
    expect(answer).toMatchObject({ text: '', end: finish('stop') })
    expect(answer.engine.got).toHaveLength(2)
  })

  test('a control token that comes out as text ends the turn', async () => {
    const answer = await say(['a·</think>·b·<｜end▁of·▁sentence｜>·c'])
    expect(answer).toMatchObject({ reasoning: 'a', text: 'b', end: finish('stop') })
    expect(answer.engine.runs[0]?.cancelled).toBe(true)
  })
})

describe('tools', () => {
  test('T66: without tools, call markup is removed and no call comes out', async () => {
    const answer = await say([`see\n\n${block}`], { ...withTools, toolChoice: { type: 'none' } })
    expect(answer.calls).toEqual([])
    expect(answer.text).not.toContain('DSML')
    expect(promptOf(answer)).not.toContain('get_weather')
    expect(answer.end).toEqual(finish('stop'))
    const reasoned = await say([`see ${block}</think>ok`], { toolChoice: { type: 'none' } })
    expect(reasoned.reasoning).not.toContain('DSML')
    expect(reasoned.text).toBe('ok')
  })

  test.each(['required', 'function'] as const)(
    'T67: a %s call behind reasoning, on an engine that constrains',
    async (type) => {
      const answer = await say(
        [`hm·</think>·\n\n${block}`],
        { ...withTools, thinking: base.thinking, toolChoice: { type, name: 'get_weather' } },
        { constrains: true },
      )
      expect(answer).toMatchObject({ reasoning: 'hm', text: '', end: finish('tool-calls') })
      expect(answer.calls).toHaveLength(1)
      expect(answer.engine.got[0]?.constraints.map(({ after }) => after)).toEqual(['</think>', '<｜DSML｜tool_calls>'])
    },
  )

  test.each(['required', 'function'] as const)(
    'T68: a %s call on an engine that does not constrain is made without thinking',
    async (type) => {
      const answer = await say([`\n\n${block}`], {
        ...withTools,
        thinking: base.thinking,
        toolChoice: { type, name: 'get_weather' },
      })
      expect(answer).toMatchObject({ reasoning: '', text: '', end: finish('tool-calls') })
      expect(answer.events[0]).toMatchObject({ type: 'started', thinking: false })
      expect(promptOf(answer)).toMatch(/<\/think>$/)
    },
  )

  test('a required call that does not come is asked for once more, and the first text is not seen', async () => {
    const toolChoice = { type: 'required' } as const
    expect(await say(['Sorry.', block], { ...withTools, toolChoice })).toMatchObject({
      text: '',
      end: finish('tool-calls'),
    })
    expect(await say(['Sorry.'], { ...withTools, toolChoice })).toMatchObject({
      text: '',
      end: { type: 'failed', failure: { code: 'invalid-output', param: 'tool_choice' } },
    })
  })

  test('T69: a call is read whatever its cuts', async () => {
    const raw = `\n\n${block}`
    for (const cut of [0, ...Array.from(raw, (_, i) => i)]) {
      const answer = await say([`${raw.slice(0, cut)}·${raw.slice(cut)}`], withTools)
      expect(answer).toMatchObject({ text: '', end: finish('tool-calls') })
      expect(answer.calls).toEqual([
        {
          id: expect.stringMatching(/^call_[0-9a-f]{24}$/),
          name: 'get_weather',
          arguments: '{"city":"Oslo","days":3}',
        },
      ])
    }
  })

  test('T70: two calls, the second without parameters', async () => {
    const answer = await say([`Well.\n\n${twoCalls}`], withTools)
    expect(answer.text).toBe('Well.')
    expect(answer.calls.map((call) => [call.name, call.arguments])).toEqual([
      ['get_weather', '{"city":"Oslo","days":3}'],
      ['get_time', '{}'],
    ])
    expect(answer.events.flatMap((event) => (event.type === 'tool-call' ? [event.index] : []))).toEqual([0, 1])
  })

  test('T71: an unclosed block is written again from before it', async () => {
    const unclosed = block.slice(0, block.lastIndexOf('</｜DSML｜tool_calls>'))
    for (const broken of [
      unclosed,
      block.replace('string="false"', ''),
      block.replace('>3<', '>three<'),
      block.slice(0, 60),
    ]) {
      const answer = await say([`So·: ·\n\n${broken}`, `\n\n·${block}`], withTools)
      expect(answer).toMatchObject({ text: 'So: ', end: finish('tool-calls') })
      expect(answer.calls).toHaveLength(1)
      expect(answer.engine.got[1]?.prompt.at(-1)).toBe('So: \n\n')
      // 'So' and ': ' were kept; the token that the cut went through was not.
      expect(usageOf(answer)?.completionTokens).toBe(4)

      const twice = await say([`\n\n${broken}`], withTools)
      expect(twice.calls).toEqual([])
      expect(twice.text).not.toContain('DSML')
      expect(twice.end).toEqual(finish('stop'))
      expect(twice.engine.got).toHaveLength(2)
    }
  })

  test('a second call that is malformed is written again from behind the first, which stays', async () => {
    const broken = twoCalls.replace('get_time">', 'get_time">now')
    const answer = await say(
      [broken, '\n<｜DSML｜invoke name="get_time">\n</｜DSML｜invoke>\n</｜DSML｜tool_calls>'],
      withTools,
    )
    expect(answer.calls.map(({ name }) => name)).toEqual(['get_weather', 'get_time'])
    expect(new Set(answer.calls.map(({ id }) => id)).size).toBe(2)
  })

  test('a constrained call that is written again is ruled by what is left of its grammar', async () => {
    const thinking = { ...withTools, thinking: base.thinking, toolChoice: { type: 'required' } as const }
    const answer = await say([`hm</think>·\n\n${block.slice(0, 80)}`, block], thinking, { constrains: true })
    expect(answer).toMatchObject({ reasoning: 'hm', text: '', end: finish('tool-calls') })
    const [first, second] = answer.engine.got
    expect(second?.prompt.at(-1)).toBe('hm</think>\n\n')
    expect(second?.constraints).toEqual([{ gbnf: restOfGrammar(first?.constraints[0]?.gbnf ?? '', '\n\n') }])
  })

  test('text that was held when a call broke is not said twice, and not changed', async () => {
    const answer = await say([`a<th·${block.slice(0, 80)}`, `ink>b${block}`], withTools)
    expect(answer).toMatchObject({ text: 'ab', end: finish('tool-calls') })
  })

  test('T72: a call cut by the limit is not given, complete ones are', async () => {
    const cut = twoCalls.slice(0, twoCalls.indexOf('get_time') + 4)
    const answer = await say([{ raw: cut, ends: 'length' }], withTools)
    expect(answer.calls.map(({ name }) => name)).toEqual(['get_weather'])
    expect(answer.end).toEqual(finish('length'))
  })

  test('T73: without parallel calls the turn ends with the first', async () => {
    const answer = await say([twoCalls.replaceAll('>', '>·')], { ...withTools, parallelToolCalls: false })
    expect(answer.calls).toHaveLength(1)
    expect(answer.end).toEqual(finish('tool-calls'))
    expect(answer.engine.runs[0]?.cancelled).toBe(true)
  })

  test('T74: a call inside the reasoning ends it', async () => {
    const answer = await say([`hm \n\n${block}</think>more`], { ...withTools, thinking: base.thinking })
    expect(answer).toMatchObject({ reasoning: 'hm \n\n', text: '', end: finish('tool-calls') })
    expect(answer.calls).toHaveLength(1)
  })

  test('T75: the text of a parameter is taken as it stands', async () => {
    const value = ' "Ü" \\n\n<b>&amp;</think> 😀\t'
    const answer = await say([block.replace('Oslo', value)], withTools)
    expect(JSON.parse(answer.calls[0]?.arguments ?? '')).toEqual({ city: value, days: 3 })
  })

  describe('arguments that break their schema', () => {
    const parameters = {
      type: 'object',
      properties: { city: { type: 'string' }, days: { type: 'string', pattern: '^[a-z]+$' } },
      required: ['city', 'days'],
      additionalProperties: false,
    }
    const asked = (strict: boolean) => ({ ...withTools, tools: [{ ...weather, parameters, strict }] })
    const right = block.replace('string="false">3', 'string="true">three')

    test('are asked for once more', async () => {
      for (const strict of [true, false]) {
        const answer = await say([block, right], asked(strict))
        expect(answer.calls.map((call) => call.arguments)).toEqual(['{"city":"Oslo","days":"three"}'])
      }
    })

    test('fail when they come again, if the function is strict; else they pass as they are', async () => {
      expect((await say([block], asked(true))).end).toEqual(failure('invalid-output', 'tools[0].function.parameters'))
      expect((await say([block], asked(false))).calls[0]?.arguments).toBe('{"city":"Oslo","days":3}')
    })

    test('are repaired where they are plainly meant otherwise', async () => {
      const loose = { ...parameters, properties: { city: { type: 'string' }, days: { type: 'string' } } }
      const answer = await say([block], { ...withTools, tools: [{ ...weather, parameters: loose, strict: true }] })
      expect(answer.calls[0]?.arguments).toBe('{"city":"Oslo","days":"3"}')
      expect(answer.engine.runs).toHaveLength(1)
    })
  })
})

describe('JSON mode', () => {
  test('T76: content is an object, and the prompt asks for it', async () => {
    const answer = await say(['{"a":·1}'], json)
    expect(answer.text).toBe('{"a":1}')
    expect(promptOf(answer)).toContain('JSON')
  })

  test('T77: a fence is taken off; of two answers only the valid one is seen', async () => {
    expect((await say(['```json\n{"a":1}\n```'], json)).text).toBe('{"a":1}')
    const answer = await say(['think</think>·Sure! {}', '{"b":2}'], { format: json.format })
    expect(answer).toMatchObject({ reasoning: 'think', text: '{"b":2}', end: finish('stop') })
    expect(answer.engine.got[1]?.prompt.at(-1)).toBe('think</think>')
    expect(usageOf(answer)).toMatchObject({ completionTokens: 2, reasoningTokens: 1 })
  })

  test('T78: invalid twice is a failure', async () => {
    const answer = await say(['a</think>nope'], { format: json.format })
    expect(answer).toMatchObject({ reasoning: 'a', text: '', end: failure('invalid-output', 'response_format') })
  })

  const schema = {
    type: 'object',
    properties: { a: { type: 'integer' } },
    required: ['a'],
    additionalProperties: false,
  }
  const format = { type: 'json_schema', name: 's', schema, strict: true } as const

  test('T79: a strict schema rules behind the reasoning, or is checked', async () => {
    const ruled = await say(['x·</think>·{"a"·:1}'], { format }, { constrains: true })
    expect(ruled).toMatchObject({ reasoning: 'x', text: '{"a":1}' })
    expect(ruled.engine.got[0]?.constraints).toEqual([{ gbnf: expect.any(String), after: '</think>' }])
    expect(ruled.events.filter(({ type }) => type === 'text')).toHaveLength(2)
    expect((await say(['{"a":"1"}', '{"a":1}'], { format, thinking: off })).text).toBe('{"a":1}')
  })

  test('T81: what the limit or a stop cuts is passed on', async () => {
    expect(await say([{ raw: '{"a":', ends: 'length' }], json)).toMatchObject({ text: '{"a":', end: finish('length') })
    expect(await say(['{"a":1}'], { ...json, stop: ['1'] })).toMatchObject({ text: '{"a":', end: finish('stop', '1') })
  })

  test('a long run of blanks is invalid', async () => {
    const answer = await say([`{${' '.repeat(1001)}}`, '{}'], json)
    expect(answer).toMatchObject({ text: '{}', end: finish('stop') })
  })

  test('what a grammar let pass is gone on with from where it was still good: what was shown stands', async () => {
    const ask = { format, thinking: off }
    const answer = await say(['{"a"·:·"x"·}', ' 1}'], ask, { constrains: true })
    expect(answer).toMatchObject({ text: '{"a": 1}', end: finish('stop') })
    expect(answer.engine.got[1]?.prompt.at(-1)).toBe('{"a":')
    expect(answer.engine.runs[0]).toMatchObject({ tokens: 3 })
    const lost = await say([`{·${' '.repeat(1001)}}`, '}'], json, { constrains: true })
    expect(lost).toMatchObject({ text: '{}', end: finish('stop') })
    expect(await say(['{"a"·:·"x"·}', ' "y"}'], ask, { constrains: true })).toMatchObject({
      text: '{"a":',
      end: failure('invalid-output', 'response_format'),
    })
  })

  test('with tools an answer is calls or JSON', async () => {
    expect(await say([`Ok.\n\n${block}`], { ...withTools, format: json.format })).toMatchObject({
      text: '',
      end: finish('tool-calls'),
    })
    const ruled = await say(['{}'], { ...withTools, format: json.format }, { constrains: true })
    expect(ruled.engine.got[0]?.constraints).toHaveLength(1)
  })
})

describe('stop', () => {
  const plain = { thinking: off }
  test('T82: content ends before a stop that comes in parts', async () => {
    const answer = await say(['foo E·N·D bar'], { ...plain, stop: ['END'] })
    expect(answer).toMatchObject({ text: 'foo ', end: finish('stop', 'END') })
    expect(usageOf(answer)?.completionTokens).toBe(3)
  })

  test('T83: what only looked like a stop is sent', async () => {
    expect(await say(['foo EN·TER'], { ...plain, stop: ['END'] })).toMatchObject({
      text: 'foo ENTER',
      end: finish('stop'),
    })
    expect(await say(['foo EN'], { ...plain, stop: ['END'] })).toMatchObject({ text: 'foo EN', end: finish('stop') })
  })

  test('T84: reasoning is not looked at', async () => {
    expect(await say(['aXb</think>cXd'], { stop: ['X'] })).toMatchObject({ reasoning: 'aXb', text: 'c' })
  })

  test('T85: the first end wins, then the longest', async () => {
    expect(await say(['zabc'], { ...plain, stop: ['ab', 'abc'] })).toMatchObject({
      text: 'z',
      end: finish('stop', 'ab'),
    })
    expect(await say(['zabc'], { ...plain, stop: ['bc', 'abc'] })).toMatchObject({
      text: 'z',
      end: finish('stop', 'abc'),
    })
  })

  test('T86: calls are not looked at; a stop may be one character of two tokens', async () => {
    expect((await say([block], { ...withTools, stop: ['city'] })).calls).toHaveLength(1)
    expect(await say(['a··é·b'], { ...plain, stop: ['é'] })).toMatchObject({ text: 'a', end: finish('stop', 'é') })
  })

  test('T87: a match cancels the run; a natural end matches nothing', async () => {
    const answer = await say([{ raw: 'a·END·b', ends: 'stall' }], { ...plain, stop: ['END'] })
    expect(answer.engine.runs[0]).toMatchObject({ cancelled: true, tokens: 2 })
    const natural = await say(['a'], plain)
    expect(natural.end).toEqual(finish('stop'))
    expect(natural.engine.runs[0]?.cancelled).toBe(false)
  })
})

describe('streams', () => {
  test('T94: a character of three tokens comes whole', async () => {
    const answer = await say(['a···😀'], { thinking: off })
    expect(answer.events.flatMap((event) => (event.type === 'text' ? [event.text] : []))).toEqual(['a', '😀'])
    expect(usageOf(answer)?.completionTokens).toBe(4)
  })

  test('T98: a caller who leaves gets an end with the usage so far', async () => {
    const caller = new AbortController()
    const engine = scriptedEngine({ runs: [{ raw: 'a·b·c', ends: 'stall' }] })
    const answer = await ask(
      engine,
      {},
      {
        signal: caller.signal,
        onEvent: (event) => event.type === 'reasoning' && event.text === 'c' && caller.abort(),
      },
    )
    expect(answer.end).toEqual(failure('cancelled'))
    expect(usageOf(answer)).toMatchObject({ completionTokens: 3, reasoningTokens: 3 })
    expect(engine.runs[0]?.cancelled).toBe(true)
  })

  test('an engine that dies, or ends without an end, is a failure with its usage', async () => {
    const lost = await say([{ raw: 'a·b', ends: 'lost' }])
    expect(lost.end).toEqual(failure('engine-lost'))
    expect(usageOf(lost)?.completionTokens).toBe(2)
    expect((await say([{ raw: 'a', ends: 'silent' }])).end).toEqual(failure('engine-protocol'))
  })

  test('log probabilities go with the text of their tokens; what a stop cuts has none', async () => {
    const answer = await say(['r·</think>·a·bE·ND'], { stop: ['END'], logprobs: { top: 2 } })
    const told = answer.events.flatMap((event) =>
      event.type === 'reasoning' || event.type === 'text'
        ? [[event.type, event.logprobs?.map(({ token }) => token)]]
        : [],
    )
    expect(told).toEqual([
      ['reasoning', ['r']],
      ['text', ['a']],
      ['text', []],
    ])
  })
})

test('the facts of the double are those of its template', () => {
  expect(dialectOf(scriptedFacts)).toMatchObject({ name: 'deepseek-v4', deepseek: true, canThink: true })
})
