import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { chain } from '../step.ts'
import { bareCalls } from './bare-calls.ts'
import type { WrittenCall } from './call-values.ts'
import { cutAtStop } from './cut-at-stop.ts'
import { dropEndMarks } from './drop-end-marks.ts'
import { guardCalls } from './guard-calls.ts'
import { guardEmpty } from './guard-empty.ts'
import { guardJson } from './guard-json.ts'
import { type BlockSyntax, parseCalls } from './parse-calls.ts'
import type { PartStep } from './part.ts'
import { readDsml } from './read-dsml.ts'
import { readHarmony } from './read-listed-calls.ts'
import { readElements } from './read-tool-call.ts'
import { markupsOf, removeMarkup } from './remove-markup.ts'
import { splitReasoning } from './split-reasoning.ts'
import { cutUp, tell } from './steps-fixture.ts'
import { stripControl } from './strip-control.ts'
import { trimNewlines } from './trim-newlines.ts'
import { unifyReasoning } from './unify-reasoning.ts'

const tags = { open: '<think>', close: '</think>' }
const dsmlMarkup = [{ text: '<｜DSML｜', until: '>' }, { text: '</｜DSML｜', until: '>' }, { text: '｜DSML｜' }]
const markup = [{ text: '<think>' }, { text: '</think>' }, ...dsmlMarkup]
const anyCall = (call: WrittenCall) => ({ type: 'fits', call }) as const
const calls = (opener: string, reader: BlockSyntax['reader'], last = true) =>
  parseCalls({ syntaxes: [{ opener, reader }], schemas: () => undefined, single: false, judge: anyCall, last })
const dsmlCalls = (last = true) => calls('<｜DSML｜', readDsml, last)
const hermesCalls = (last = true) => calls('<tool_call>', readElements('tool_call'), last)
const bare = (forced = false) =>
  bareCalls({ names: ['f'], forced, only: undefined, open: '<tool_call>', close: '</tool_call>' })
const split = (starts: 'reasoning' | 'answer', thinking = true) =>
  splitReasoning({ tags, thinking, starts, callOpeners: ['<｜DSML｜'] })
const anyJson = {
  schema: true,
  problemOf: () => undefined,
  resumes: false,
  calls: false,
  prefix: '',
  last: true,
} as const
const json = (shows: 'whole' | 'settled', last = true) => guardJson({ ...anyJson, shows, last })

const steps: Record<string, () => PartStep> = {
  stripControl: () => stripControl(['<｜User｜>', '<｜end｜>']),
  'splitReasoning, inside': () => split('reasoning'),
  'splitReasoning, before': () => split('answer'),
  'splitReasoning, off': () => split('answer', false),
  'parseCalls, dsml': () => dsmlCalls(),
  'parseCalls, dsml, not the last run': () => dsmlCalls(false),
  'parseCalls, hermes': () => hermesCalls(),
  'bareCalls, before a parser': () => chain(bare(), hermesCalls()),
  'bareCalls, forced': () => chain(bare(true), hermesCalls()),
  dropEndMarks: () => dropEndMarks(),
  unifyReasoning: () => chain(unifyReasoning(tags, { calls: false }), split('answer')),
  'unifyReasoning, before a parser': () =>
    chain(chain(unifyReasoning(tags, { calls: true }), split('answer')), calls('<|channel|>', readHarmony)),
  removeMarkup: () => removeMarkup(markupsOf(markup)),
  trimNewlines: () => chain(split('reasoning'), trimNewlines({ reasoning: false, text: false })),
  cutAtStop: () => cutAtStop(['END', '<', '😀', 'ab', 'abc', 'oslo']),
  'guardJson, whole': () => json('whole'),
  'guardJson, settled': () => json('settled'),
  'guardJson, settled, not the last run': () => guardJson({ ...anyJson, shows: 'settled', resumes: true, last: false }),
  'guardJson, or calls': () => chain(dsmlCalls(), guardJson({ ...anyJson, shows: 'settled', calls: true })),
  guardCalls: () => chain(dsmlCalls(), guardCalls({ last: true })),
  'all of them': () =>
    [
      split('reasoning'),
      dsmlCalls(),
      removeMarkup(markupsOf(markup)),
      trimNewlines({ reasoning: false, text: false }),
      cutAtStop(['END', '😀']),
      guardEmpty({ last: false }),
    ].reduce((first, second) => chain(first, second), stripControl(['<｜User｜>'])),
}

const call =
  '<｜DSML｜tool_calls>\n<｜DSML｜invoke name="f">\n<｜DSML｜parameter name="p" string="true">a<b\n</｜DSML｜parameter>\n</｜DSML｜invoke>\n</｜DSML｜tool_calls>'
const piece = fc.constantFrom(
  ...[
    '<think>',
    '</think>',
    '</',
    'nk>',
    '<thi',
    'a<b',
    'ab',
    'abc',
    '😀',
    '\n',
    '\n\n',
    ' ',
    'END',
    'EN',
    '<｜User｜>',
    '<｜U',
  ],
  ...[
    call,
    call.slice(0, 60),
    call.slice(60),
    '<｜DSML｜',
    '｜DSML｜',
    '</｜DSML｜x>',
    '>',
    '{"a":1}',
    '```json\n',
    '\n```',
  ],
  ...['[f(x=1)]', '[{"name": "f", "parameters": {}}]', '[f(', '<|im_end|>', '<|im_', '[THINK]', '[/THINK]', '◁/think▷'],
  ...[
    '<|channel|>analysis<|message|>',
    '<|channel|>',
    'final',
    '<|message|>',
    '<|end|>',
    '<|start|>assistant',
    '<|call|>',
  ],
  ...['<|channel|>commentary to=functions.f<|message|>{"x":1}<|call|>'],
  ...['<tool_call>{"name":"f","arguments":{"x":"}"}}</tool_call>', '<tool_call>', '</tool_call>', '{"name":"f"}'],
)

describe.each(Object.entries(steps))('%s', (_, start) => {
  test('what was said does not depend on where it was cut', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), fc.array(fc.nat(), { maxLength: 12 }), (pieces, cuts) => {
        const text = pieces.join('')
        const { parts: _whole, ...whole } = tell(start(), [text])
        const { parts: _cut, ...cut } = tell(start(), cutUp(text, cuts))
        expect(cut).toEqual(whole)
      }),
      { numRuns: 300 },
    )
  })
})

test('no tag and no call markup is left in what went through removeMarkup, in any combination', () => {
  const shards = fc.constantFrom(
    '<think>',
    '</think>',
    '<th',
    'ink>',
    '<｜DSML｜',
    '</｜DSML｜',
    '｜DS',
    'ML｜',
    '<',
    '>',
    '/',
    'x',
  )
  fc.assert(
    fc.property(fc.array(shards, { maxLength: 20 }), (pieces) => {
      expect(tell(removeMarkup(markupsOf(markup)), pieces).text).not.toMatch(/<\/?think>|｜DSML｜/)
    }),
  )
})

describe('splitReasoning', () => {
  test('counts the reasoning with its closing tag, and says where the answer begins', () => {
    const told = tell(split('reasoning'), ['a', 'b', '</th', 'ink>', 'c'])
    expect(told.parts).toContainEqual({ type: 'border', into: 'answer', tokens: 4, at: 10 })
  })

  test('reasoning that begins again before the first word is reasoning', () => {
    expect(tell(split('reasoning'), ['a</think>\n<think>b</think>c'])).toMatchObject({ reasoning: 'ab', text: 'c' })
  })

  test('without an opening tag a model that may think does not', () => {
    expect(tell(split('answer'), ['\nHello'])).toMatchObject({ reasoning: '', text: '\nHello' })
    expect(tell(split('answer'), ['\n<think>x</think>y'])).toMatchObject({ reasoning: 'x', text: 'y' })
  })

  test('blanks alone are text', () => {
    expect(tell(split('answer'), [' \n', ' '])).toMatchObject({ text: ' \n ' })
  })
})

describe('parseCalls', () => {
  test('hermes: arguments keep the text that the model wrote', () => {
    const told = tell(hermesCalls(), [
      'Hm.\n<tool_call>\n{"name": "f", "arguments": {"b": 1.0, "a": "</tool_call>"}}\n</tool_call>\n',
      '<tool_call>{"arguments": "{\\"x\\": 1}", "name": "g"}</tool_call>',
      '<tool_call>{"name":"h"}</tool_call> and more',
    ])
    expect(told).toMatchObject({
      text: 'Hm.',
      calls: [
        ['f', '{"b": 1.0, "a": "</tool_call>"}'],
        ['g', '{"x": 1}'],
        ['h', '{}'],
      ],
      ending: { type: 'ended', reason: 'stop' },
    })
  })

  test.each([
    ['<tool_call>{"name":"f","arguments":[1]}</tool_call>'],
    ['<tool_call>{"name":"f","arguments":{"a":1,"a":2}}</tool_call>'],
    ['<tool_call>{"arguments":{}}</tool_call>'],
    ['<tool_call>f()</tool_call>'],
    ['<tool_call>{"name":"f"'],
    ['<tool_call>{"name":"f"} </tool'],
  ])('hermes: %s is malformed', (raw) => {
    expect(tell(hermesCalls(false), [`ab${raw}`]).ending).toEqual({ type: 'again', keep: 2 })
    expect(tell(hermesCalls(), [raw])).toMatchObject({ calls: [], text: raw, ending: { reason: 'stop' } })
  })

  test.each([
    [
      'a parameter twice',
      call.replace(
        '</｜DSML｜invoke>',
        '<｜DSML｜parameter name="p" string="true">b</｜DSML｜parameter>\n</｜DSML｜invoke>',
      ),
    ],
    ['no string flag', call.replace(' string="true"', '')],
    ['no JSON', call.replace('string="true"', 'string="false"')],
    ['no call', '<｜DSML｜tool_calls>\n</｜DSML｜tool_calls>'],
    ['another block', call.replace('tool_calls', 'calls')],
    ['no end', call.slice(0, -3)],
    ['text inside', call.replace('<｜DSML｜invoke', 'x<｜DSML｜invoke')],
  ])('dsml: %s is malformed', (_, raw) => {
    expect(tell(dsmlCalls(false), [`ab\n\n${raw}`]).ending).toEqual({ type: 'again', keep: 4 })
    expect(tell(dsmlCalls(), [raw])).toMatchObject({ calls: [], text: raw })
  })

  test('dsml: key order, digits and a key named __proto__ are those of the text', () => {
    const parameter = (name: string, value: string) =>
      `<｜DSML｜parameter name="${name}" string="false">${value}</｜DSML｜parameter>`
    const raw = `<｜DSML｜tool_calls><｜DSML｜invoke name="f">${parameter('2', '1.0')}${parameter('1', '12345678901234567890')}${parameter('__proto__', '{}')}</｜DSML｜invoke></｜DSML｜tool_calls>`
    expect(tell(dsmlCalls(), [raw]).calls).toEqual([['f', '{"2":1.0,"1":12345678901234567890,"__proto__":{}}']])
  })

  test('the turn ends with the block', () => {
    expect(tell(dsmlCalls(), [`a\n\n${call}`, 'more'])).toMatchObject({ text: 'a', calls: [['f', '{"p":"a<b\\n"}']] })
  })
})

describe('bareCalls', () => {
  const told = (text: string, options: { forced?: boolean; only?: string } = {}) => {
    const step = bareCalls({
      names: ['f', 'g_h'],
      forced: options.forced ?? options.only !== undefined,
      only: options.only,
      open: '<tool_call>',
      close: '</tool_call>',
    })
    const whole = tell(chain(step, hermesCalls()), [text])
    const { parts: _, ...cut } = tell(chain(step, hermesCalls()), [])
    expect(cut.text).toBe('')
    return whole
  }
  test.each<[string, readonly (readonly [string, string])[]]>([
    ['{"name": "f", "parameters": {"x": 1}}', [['f', '{"x": 1}']]],
    [
      ' [{"name": "f", "arguments": {}}, {"type": "function", "name": "g_h", "arguments": null}]\n',
      [
        ['f', '{}'],
        ['g_h', '{}'],
      ],
    ],
    ['{"type": "function", "function": {"name": "f", "arguments": "{}"}}', [['f', '{}']]],
    [
      '{"name": "f", "parameters": {}}; {"name": "g_h", "parameters": {"a": "}"}}',
      [
        ['f', '{}'],
        ['g_h', '{"a": "}"}'],
      ],
    ],
    [
      `[f(x=-1.50, y='it\\'s', z=[None, True, {"a": ("b",)}]), g_h()]`,
      [
        ['f', '{"x":-1.50,"y":"it\'s","z":[null,true,{"a":["b"]}]}'],
        ['g_h', '{}'],
      ],
    ],
  ])('%s is calls', (text, calls) => {
    expect(told(text)).toMatchObject({ text: '', calls })
  })
  test.each([
    '{"name": "Alice", "parameters": {}}',
    '{"a": 1}',
    '[1, 2]',
    '[link](x)',
    '[f](x)',
    '[f(1)]',
    '[f(x=1), other()]',
    '{"name": "f", "parameters": {}} is a call',
    '{"name": "f", "arguments": [1]}',
    'f(x=1)',
    '{}',
    '[',
  ])('%s is text', (text) => {
    expect(told(text)).toMatchObject({ text, calls: [] })
  })
  test('where one function must be called, an object is its arguments', () => {
    expect(told('{"x": 1}', { only: 'f' })).toMatchObject({ text: '', calls: [['f', '{"x": 1}']] })
    expect(told('```json\n[{"name": "f", "parameters": {}}]\n```', { forced: true })).toMatchObject({
      calls: [['f', '{}']],
    })
  })
  test('text that is none is not kept back', () => {
    expect(bare()({ type: 'text', passage: { text: '{"x', marks: [], from: 0 } })).toHaveLength(1)
    expect(bare()({ type: 'text', passage: { text: 'Well', marks: [], from: 0 } })).toHaveLength(1)
  })
})

test.each([
  ['Hello<|im_end|>', 'Hello'],
  ['Hello\n<|eot_id|>\n<|end_of_text|> ', 'Hello\n'],
  ['It is <|im_end|>.', 'It is <|im_end|>.'],
  ['Hello<|im_', 'Hello<|im_'],
  ['<|im_end|>', ''],
])('dropEndMarks: %j', (raw, text) => {
  for (const pieces of [[raw], [...raw]]) expect(tell(dropEndMarks(), pieces).text).toBe(text)
})

test.each<[string, string, string]>([
  ['[THINK]a[/THINK]b', 'a', 'b'],
  ['\n◁think▷a◁/think▷b', 'a', 'b'],
  ['<seed:think>a</seed:think>b', 'a', 'b'],
  ['<|START_THINKING|>a<|END_THINKING|>b', 'a', 'b'],
  ['<|channel>thought\na<channel|>b', '\na', 'b'],
  ['<|channel|>analysis<|message|>a<|end|><|start|>assistant<|channel|>final<|message|>b<|return|>', 'a', 'b'],
  ['<|channel|>final<|message|>b', '', 'b'],
  [
    '<|start|>assistant<|channel|>analysis<|message|>a<|end|><|start|>assistant<|channel|>analysis<|message|>A<|end|><|start|>assistant<|channel|>final<|message|>b',
    'aA',
    'b',
  ],
  ['<|channel|>commentary<|message|>b<|end|><|start|>assistant<|channel|>analysis<|message|>a<|end|>', '', 'b'],
  ['<|channel|>commentary to=functions.f <|constrain|>json<|message|>{}<|call|>', '', ''],
  ['<|channel|>analysis<|message|>a', 'a', ''],
  ['The token <|start|> begins a message.', '', 'The token <|start|> begins a message.'],
  ['Write [THINK] here.', '', 'Write [THINK] here.'],
  ['[b]', '', '[b]'],
])('unifyReasoning: %j', (raw, reasoning, text) => {
  for (const pieces of [[raw], [...raw]])
    expect(tell(chain(unifyReasoning(tags, { calls: false }), split('answer')), pieces)).toMatchObject({
      reasoning,
      text,
    })
})

test('removeMarkup: what reasoning held back comes before the first word of the answer', () => {
  const step = removeMarkup(markupsOf(markup))
  const said = (type: 'reasoning' | 'text', text: string) => ({ type, passage: { text, marks: [], from: 0 } }) as const
  expect(step(said('reasoning', 'why <'))).toMatchObject([{ type: 'reasoning', passage: { text: 'why ' } }])
  expect(step(said('text', 'so'))).toMatchObject([
    { type: 'reasoning', passage: { text: '<' } },
    { type: 'text', passage: { text: 'so' } },
  ])
})

test('unifyReasoning: of a header that the limit cut nothing is said', () => {
  const limit = { type: 'ended', reason: 'length', matchedStop: null } as const
  expect(tell(unifyReasoning(tags, { calls: false }), ['b<|channel|>fin'], limit).text).toBe('b')
})

test('cutAtStop holds back no more than what may become a stop', () => {
  const told = tell(cutAtStop(['abcd', 'bx']), ['zab', 'b', 'q'])
  expect(told.parts.flatMap((part) => (part.type === 'text' ? [part.passage.text] : []))).toEqual(['z', 'ab', 'bq'])
})
