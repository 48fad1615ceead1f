import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { chain } from '../step.ts'
import type { WrittenCall } from './call-values.ts'
import { cutAtStop } from './cut-at-stop.ts'
import { guardCalls } from './guard-calls.ts'
import { guardEmpty } from './guard-empty.ts'
import { guardJson } from './guard-json.ts'
import { type BlockSyntax, parseCalls } from './parse-calls.ts'
import type { PartStep } from './part.ts'
import { readDsml } from './read-dsml.ts'
import { readElements } from './read-tool-call.ts'
import { removeMarkup } from './remove-markup.ts'
import { splitReasoning } from './split-reasoning.ts'
import { cutUp, tell } from './steps-fixture.ts'
import { stripControl } from './strip-control.ts'
import { trimNewlines } from './trim-newlines.ts'

const tags = { open: '<think>', close: '</think>' }
const dsmlMarkup = [{ text: '<｜DSML｜', until: '>' }, { text: '</｜DSML｜', until: '>' }, { text: '｜DSML｜' }]
const markup = [{ text: '<think>' }, { text: '</think>' }, ...dsmlMarkup]
const anyCall = (call: WrittenCall) => ({ type: 'fits', call }) as const
const calls = (opener: string, reader: BlockSyntax['reader'], last = true) =>
  parseCalls({ syntaxes: [{ opener, reader }], schemas: () => undefined, single: false, judge: anyCall, last })
const dsmlCalls = (last = true) => calls('<｜DSML｜', readDsml, last)
const hermesCalls = (last = true) => calls('<tool_call>', readElements('tool_call'), last)
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
  removeMarkup: () => removeMarkup(markup),
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
      removeMarkup(markup),
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
      expect(tell(removeMarkup(markup), pieces).text).not.toMatch(/<\/?think>|｜DSML｜/)
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

test('cutAtStop holds back no more than what may become a stop', () => {
  const told = tell(cutAtStop(['abcd', 'bx']), ['zab', 'b', 'q'])
  expect(told.parts.flatMap((part) => (part.type === 'text' ? [part.passage.text] : []))).toEqual(['z', 'ab', 'bq'])
})
