import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { judgeCalls } from '../../completion/judge-calls.ts'
import { chain } from '../../completion/step.ts'
import { parseCalls } from '../../completion/steps/parse-calls.ts'
import { markupsOf, removeMarkup } from '../../completion/steps/remove-markup.ts'
import { cutUp, tell } from '../../completion/steps/steps-fixture.ts'
import { allReadings, markupOf, schemasOf } from './call-readings.ts'

const tools = [
  {
    name: 'get_weather',
    strict: false,
    parameters: {
      type: 'object',
      properties: {
        city: { type: 'string' },
        days: { type: 'integer' },
        when: { anyOf: [{ type: 'string' }, { type: 'null' }] },
        sunny: { type: 'boolean' },
      },
    },
  },
]
const reading = (last = true) =>
  parseCalls({
    syntaxes: allReadings,
    schemas: schemasOf(tools),
    single: false,
    judge: judgeCalls([], undefined),
    last,
  })
const clean = (last = true) => chain(reading(last), removeMarkup(markupsOf(markupOf(allReadings, false))))

const args = '{"city": "Oslo", "days": 3}'
const typed = '{"city":"Oslo","days":3}'
const call = `{"name": "get_weather", "arguments": ${args}}`
const one = [['get_weather', args]] as const
const dsml = (space: string, name: string) =>
  [
    `<｜DSML｜${space}${name}>`,
    `<｜DSML｜${space}invoke name="get_weather">`,
    `<｜DSML｜${space}parameter name="city" string="true">Oslo</｜DSML｜${space}parameter>`,
    `<｜DSML｜${space}parameter name="days" string="false">3</｜DSML｜${space}parameter>`,
    `</｜DSML｜${space}invoke>`,
    `</｜DSML｜${space}${name}>`,
  ].join('\n')
const xml =
  '<function=get_weather>\n<parameter=city>\nOslo\n</parameter>\n<parameter=days>\n3\n</parameter>\n</function>'
const pairs =
  'get_weather\n<arg_key>city</arg_key>\n<arg_value>Oslo</arg_value>\n<arg_key>days</arg_key>\n<arg_value>3</arg_value>\n'
const invoke = (family: string) =>
  `<${family}invoke name="get_weather">\n<${family}parameter name="city">Oslo</${family}parameter>\n<${family}parameter name="days">3</${family}parameter>\n</${family}invoke>`
const v3 = (name: string, json: string) => `<｜tool▁call▁begin｜>${name}${json}<｜tool▁call▁end｜>`
const fenced = v3('function<｜tool▁sep｜>get_weather', `\n\`\`\`json\n${args}\n\`\`\``)
const kimi = (id: string) => `<|tool_call_begin|>${id}<|tool_call_argument_begin|>${args}<|tool_call_end|>`

/** What a model writes, and the calls in it. */
const families: readonly (readonly [name: string, raw: string, calls: readonly (readonly [string, string])[]])[] = [
  ['DSML of V4', dsml('', 'tool_calls'), [['get_weather', typed]]],
  ['DSML of V4.1', dsml(' ', 'calls'), [['get_weather', typed]]],
  ['DSML with spaces and the name of V4', dsml(' ', 'tool_calls'), [['get_weather', typed]]],
  ['DSML of V3.2', dsml('', 'function_calls'), [['get_weather', typed]]],
  ['Hermes', `<tool_call>\n${call}\n</tool_call>`, one],
  ['Hermes, two', `<tool_call>${call}</tool_call>\n<tool_call>${call}</tool_call>`, [...one, ...one]],
  ['JSON in another element', `<function_call>${call}</function_call>`, one],
  ['Qwen3-Coder', `<tool_call>\n${xml}\n</tool_call>`, [['get_weather', typed]]],
  ['Qwen3-Coder, bare', xml, [['get_weather', typed]]],
  [
    'Qwen3-Coder, two, the last end missing',
    `<tool_call>${xml}</tool_call>\n<tool_call>${xml}\n`,
    [
      ['get_weather', typed],
      ['get_weather', typed],
    ],
  ],
  ['Llama, functions', `<function=get_weather>${args}</function>`, one],
  ['GLM', `<tool_call>${pairs}</tool_call>`, [['get_weather', typed]]],
  ['GLM, no arguments', '<tool_call>get_weather\n</tool_call>', [['get_weather', '{}']]],
  ['Mistral, array', `[TOOL_CALLS][${call}, {"name": "f", "arguments": {}}]`, [...one, ['f', '{}']]],
  ['Mistral, names', `[TOOL_CALLS]get_weather[ARGS]${args}[TOOL_CALLS]f[CALL_ID]abc[ARGS]{}`, [...one, ['f', '{}']]],
  ['Llama', `<|python_tag|>{"name": "get_weather", "parameters": ${args}}; ${call}`, [...one, ...one]],
  ['DeepSeek R1', `<｜tool▁calls▁begin｜>${fenced}\n${fenced}<｜tool▁calls▁end｜>`, [...one, ...one]],
  ['DeepSeek V3.1, end swallowed', `<｜tool▁calls▁begin｜>${v3('get_weather<｜tool▁sep｜>', args)}`, one],
  [
    'Kimi K2',
    `<|tool_calls_section_begin|>${kimi('functions.get_weather:0')}${kimi('get_weather:1')}<|tool_calls_section_end|>`,
    [...one, ...one],
  ],
  ['Mistral, a name and JSON', `[TOOL_CALLS]get_weather${args}[TOOL_CALLS]f{}`, [...one, ['f', '{}']]],
  ['Granite, an array', `<tool_call>[${call}, {"name": "f", "arguments": {}}]</tool_call>`, [...one, ['f', '{}']]],
  [
    'Llama 4',
    `<|python_start|>[get_weather(city='Oslo', days=3), f()]<|python_end|>`,
    [
      ['get_weather', typed],
      ['f', '{}'],
    ],
  ],
  ['Llama, as Python', '<|python_tag|>get_weather(city="Oslo", days=3)', [['get_weather', typed]]],
  ['gpt-oss', `<|channel|>commentary to=functions.get_weather <|constrain|>json<|message|>${args}<|call|>`, one],
  [
    'gpt-oss, two, with the message before its channel',
    `<|start|>assistant to=functions.get_weather<|channel|>commentary json<|message|>${args}<|call|><|start|>assistant<|channel|>commentary to=functions.f<|message|>{}<|call|>`,
    [...one, ['f', '{}']],
  ],
  ['Phi 4', `<|tool_call|>[${call}]<|/tool_call|>`, one],
  ['LFM 2', '<|tool_call_start|>[get_weather(city="Oslo", days=3)]<|tool_call_end|>', [['get_weather', typed]]],
  ['InternLM', `<|action_start|><|plugin|>\n{"name": "get_weather", "parameters": ${args}}<|action_end|>`, one],
  [
    'Command',
    `<|START_ACTION|>[{"tool_call_id": "0", "tool_name": "get_weather", "parameters": ${args}}]<|END_ACTION|>`,
    one,
  ],
  ['Gemma 4', '<|tool_call>call:get_weather{city:<|"|>Oslo<|"|>,days:3}<tool_call|>', [['get_weather', typed]]],
  [
    'FunctionGemma',
    '<start_function_call>call:get_weather{city:<escape>Oslo<escape>,days:3}<end_function_call>',
    [['get_weather', typed]],
  ],
  [
    'MiniMax',
    `<minimax:tool_call>\n${invoke('')}\n${invoke('')}\n</minimax:tool_call>`,
    [
      ['get_weather', typed],
      ['get_weather', typed],
    ],
  ],
  ['Seed', `<seed:tool_call>\n${xml}\n</seed:tool_call>`, [['get_weather', typed]]],
  [
    'Step',
    `<｜tool_calls_begin｜><｜tool_call_begin｜>function<｜tool_sep｜>${invoke('steptml:')}<｜tool_call_end｜><｜tool_calls_end｜>`,
    [['get_weather', typed]],
  ],
  ['Nemotron', `<TOOLCALL>[${call}]</TOOLCALL>`, one],
  ['Jamba', `<tool_calls>[${call}]</tool_calls>`, one],
  ['function_calls', `<function_calls>\n${invoke('')}\n</function_calls>`, [['get_weather', typed]]],
  ['arguments in a string', `<tool_call>{"name": "f", "arguments": "{\\"x\\": 1}"}</tool_call>`, [['f', '{"x": 1}']]],
]

describe.each(families)('%s', (_, raw, calls) => {
  test('the calls are read, and nothing else is left', () => {
    expect(tell(clean(), [`Hm.\n\n${raw}`])).toMatchObject({ text: 'Hm.', calls, ending: { type: 'ended' } })
  })

  test('wherever it is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 6 }), (cuts) => {
        const { parts: _parts, ...told } = tell(clean(), cutUp(`Hm.\n\n${raw} and`, cuts))
        const { parts: _whole, ...whole } = tell(clean(), [`Hm.\n\n${raw} and`])
        expect(told).toEqual(whole)
      }),
      { numRuns: 50 },
    )
    const { parts: _parts, ...told } = tell(clean(), [...raw])
    expect(told).toMatchObject({ text: '', calls })
  })

  test('the limit leaves no half of a call', () => {
    const limit = { type: 'ended', reason: 'length', matchedStop: null } as const
    for (let end = 1; end < raw.length; end += 3) {
      const told = tell(clean(), [raw.slice(0, end)], limit)
      expect(told.calls).toEqual(calls.slice(0, told.calls.length))
    }
  })
})

test.each([
  ['<tool_call>{"name": 1}</tool_call>'],
  ['<tool_call>f()</tool_call>'],
  ['<tool_call><function=f><parameter=a>1</parameter>'],
  ['<tool_call>f<arg_key>a</arg_key></tool_call>'],
  ['<function=f><parameter=a>1</parameter><parameter=a>2</parameter></function>'],
  ['[TOOL_CALLS][{"name": "f"'],
  ['[TOOL_CALLS][1]'],
  ['[TOOL_CALLS]f[ARGS]no'],
  ['<|python_tag|>print(1)'],
  ['<|python_start|>[f(a=g())]<|python_end|>'],
  ['<|tool_call|>[{"name": 1}]<|/tool_call|>'],
  ['<minimax:tool_call><invoke name="f"><parameter name="a">1</invoke></minimax:tool_call>'],
  ['<|channel|>commentary to=functions.f<|message|>[1]<|call|>'],
  ['<|tool_call>f{}<tool_call|>'],
  ['<｜tool▁calls▁begin｜>text'],
  [`<｜tool▁calls▁begin｜>${fenced.replace('```json', '```')}`],
  ['<|tool_calls_section_begin|><|tool_call_begin|>f<|tool_call_argument_begin|>[1]<|tool_call_end|>'],
])('%s is malformed: another run, then text without markup', (raw) => {
  expect(tell(clean(false), [`Hm. ${raw}`]).ending).toEqual({ type: 'again', keep: 4 })
  const told = tell(clean(), [raw])
  expect(told).toMatchObject({ calls: [], ending: { type: 'ended' } })
  expect(told.text).not.toMatch(/DSML|<\/?tool_call>|TOOL_CALLS|python_tag|tool▁|tool_call/)
})

test.each([
  'Mistral writes [TOOL_CALLS] before its calls.',
  'In C++ it is template <function=0>? No: <function= x>, or <function=.',
  'See [TOOL_CALLS] and [TOOL_CALLS] (the token).',
  'Put <tool_calls> and </tool_calls> around it, or <function_calls>\nand a list.',
])('%s is talk, however it is cut', (text) => {
  for (const pieces of [[text], [...text]]) expect(tell(clean(false), pieces)).toMatchObject({ text, calls: [] })
})

test('a call behind talk of one is a call', () => {
  const raw = `Like <function= x>: ${xml}`
  for (const pieces of [[raw], [...raw]])
    expect(tell(clean(), pieces)).toMatchObject({ text: 'Like <function= x>: ', calls: [['get_weather', typed]] })
})

test('where calls were offered and ruled out, no opener is talk', () => {
  const step = removeMarkup(markupsOf(markupOf(allReadings, true)))
  expect(tell(step, ['[TOOL_CALLS]f <function=f>x'])).toMatchObject({ text: 'f f>x' })
})

test('values without types have the type that was declared', () => {
  const value = (key: string, text: string) => {
    const raw = `<function=get_weather><parameter=${key}>\n${text}\n</parameter></function>`
    return tell(reading(), [raw]).calls[0]?.[1]
  }
  expect(value('city', '3')).toBe('{"city":"3"}')
  expect(value('city', ' a\n"b"\n')).toBe('{"city":" a\\n\\"b\\"\\n"}')
  expect(value('days', '12345678901234567890')).toBe('{"days":12345678901234567890}')
  expect(value('days', 'three')).toBe('{"days":"three"}')
  expect(value('sunny', 'True')).toBe('{"sunny":true}')
  expect(value('when', 'null')).toBe('{"when":null}')
  expect(value('when', '1')).toBe('{"when":"1"}')
  expect(value('other', '[1, {"a": 2}]')).toBe('{"other":[1, {"a": 2}]}')
  expect(value('other', 'None')).toBe('{"other":"None"}')
})
