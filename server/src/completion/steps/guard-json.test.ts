import { describe, expect, test } from 'vitest'
import { validatorOf } from '../json-schema.ts'
import { guardJson, type JsonGuard } from './guard-json.ts'
import type { Part } from './part.ts'
import { tell } from './steps-fixture.ts'

const object = { type: 'object', properties: { a: { type: 'integer' } }, additionalProperties: false } as const
const guard = (options: Partial<JsonGuard> = {}) =>
  guardJson({
    schema: object,
    problemOf: validatorOf(object),
    shows: 'settled',
    resumes: false,
    calls: false,
    prefix: '',
    last: false,
    ...options,
  })
const texts = (parts: readonly Part[]) => parts.flatMap((part) => (part.type === 'text' ? [part.passage.text] : []))
const ended = { type: 'ended', reason: 'stop' }

describe('settled', () => {
  test('text is shown as soon as it is certain, a key and a number once they are whole', () => {
    const told = tell(guard(), ['{', '"', 'a', '"', ':', ' ', '1', '2', '}'])
    expect(texts(told.parts)).toEqual(['{', '"a"', ':', ' 12}'])
    expect(told.ending).toMatchObject(ended)
  })

  test('nothing of what is wrong is shown; what was shown before it makes it a failure', () => {
    expect(tell(guard(), ['{"a":', '1.', '5}'])).toMatchObject({ text: '{"a":', ending: { type: 'failed' } })
    expect(tell(guard(), ['{"b', '":1}'])).toMatchObject({ text: '{', ending: { type: 'failed' } })
    expect(tell(guard(), ['Sure: {}'])).toMatchObject({ text: '', ending: { type: 'again', keep: 0 } })
  })

  test('where another run can go on from the middle it does, from the first place that is not certain', () => {
    expect(tell(guard({ resumes: true }), ['{"a":', ' "x"}']).ending).toEqual({ type: 'again', keep: 5 })
    expect(tell(guard({ resumes: true }), ['```\n{"a":', ' 1', ',}']).ending).toEqual({ type: 'again', keep: 11 })
    expect(tell(guard({ resumes: true }), ['{"a":', ' ']).ending).toEqual({ type: 'again', keep: 5 })
    expect(tell(guard({ resumes: true, last: true }), ['{"a":', ' "x"}']).ending).toMatchObject({ type: 'failed' })
  })

  test('the whole value is looked at before its end is shown', () => {
    const problemOf = () => 'No.'
    expect(tell(guard({ problemOf, resumes: true }), ['{}']).ending).toEqual({ type: 'again', keep: 1 })
    expect(tell(guard({ problemOf }), ['{', '}'])).toMatchObject({ text: '{', ending: { type: 'failed' } })
  })

  test('what follows the JSON is not shown, and ends the answer', () => {
    expect(tell(guard(), ['{} ', '\nI hope this helps', 'x'])).toMatchObject({ text: '{}', ending: ended })
  })

  test('the JSON that was cut short is shown', () => {
    const limit = { type: 'ended', reason: 'length', matchedStop: null } as const
    expect(tell(guard(), ['{"a":', ' 1'], limit)).toMatchObject({ text: '{"a": 1', ending: limit })
    expect(tell(guard(), ['```json\n{"a'], limit)).toMatchObject({ text: '{"a', ending: limit })
    expect(tell(guard(), ['\n`'], limit)).toMatchObject({ text: '\n`', ending: limit })
  })

  test('a number at the top is whole when the text ends', () => {
    const any = { schema: { type: 'integer' }, problemOf: () => undefined } as const
    expect(tell(guard(any), ['1', '2'])).toMatchObject({ text: '12', ending: ended })
    expect(tell(guard(any), ['1', '.5'])).toMatchObject({ text: '', ending: { type: 'again' } })
    expect(tell(guard(any), ['1', '2', '\n'])).toMatchObject({ text: '12', ending: ended })
  })
})

describe('whole', () => {
  const whole = (options: Partial<JsonGuard> = {}) => guard({ shows: 'whole', ...options })

  test('nothing is shown before it is certain that all of it fits, and what cannot fit is not waited for', () => {
    expect(tell(whole(), ['{"a"', ':1', '}', ' '])).toMatchObject({ text: '{"a":1}', ending: ended })
    const told = tell(whole(), ['{"a"', ':"', 'and so on'])
    expect(told).toMatchObject({ text: '', ending: { type: 'again', keep: 0 } })
  })

  test('a fence is taken off where it surrounds everything', () => {
    expect(
      tell(whole({ schema: true, problemOf: () => undefined }), ['\n```json\n{"a":', '"```"}\n``', '`\n']).text,
    ).toBe('{"a":"```"}')
    expect(tell(whole(), ['Here: ```{}```']).ending).toMatchObject({ type: 'again' })
    expect(tell(whole(), ['```json\n{}']).ending).toMatchObject({ type: 'again' })
    expect(tell(whole(), ['```{}```']).ending).toMatchObject({ type: 'again' })
  })

  test('text behind the JSON is a reason to try again; in the last run it is left out', () => {
    expect(tell(whole(), ['{"a":1} or {"a":2}']).ending).toMatchObject({ type: 'again' })
    expect(tell(whole({ last: true }), ['{"a":1} or {"a":2}'])).toMatchObject({ text: '{"a":1}', ending: ended })
  })
})

test('what continues a prefix is JSON together with it', () => {
  for (const shows of ['whole', 'settled'] as const) {
    expect(tell(guard({ prefix: '{"a":', shows }), ['1', '}'])).toMatchObject({ text: '1}', ending: ended })
    expect(tell(guard({ prefix: '{"a":1}', shows }), [])).toMatchObject({ text: '', ending: ended })
    expect(tell(guard({ prefix: '{"a":', shows }), ['"x"}'])).toMatchObject({ text: '', ending: { type: 'again' } })
  }
})

test('blanks without end are no JSON; behind it they are its end', () => {
  const blanks = ' '.repeat(1001)
  expect(tell(guard(), [`{${blanks}`]).ending).toMatchObject({ type: 'failed' })
  expect(tell(guard(), [blanks]).ending).toMatchObject({ type: 'again' })
  expect(tell(guard(), [`{${blanks.slice(1)}}`])).toMatchObject({ ending: ended })
  expect(tell(guard(), ['{}', blanks, 'x'])).toMatchObject({ text: '{}', ending: ended })
})

test('where calls may come, text before one is no mistake', () => {
  const step = guard({ calls: true })
  const passage = { text: 'Let me see.', marks: [], from: 0 }
  expect(step({ type: 'text', passage })).toEqual([])
  expect(step({ type: 'call', name: 'f', arguments: '{}' })).toHaveLength(1)
  expect(step({ type: 'ended', reason: 'stop', matchedStop: null })).toMatchObject([ended])
  expect(tell(guard({ calls: true }), ['Let me see.']).ending).toMatchObject({ type: 'again' })
})

test('JSON that came as reasoning, with nothing behind it, is the answer', () => {
  const thinks = (text: string, step = guard()) => {
    const passage = { text, marks: [], from: 0 }
    step({ type: 'reasoning', passage: { ...passage, text: text.slice(0, 3) } })
    step({ type: 'reasoning', passage: { ...passage, text: text.slice(3) } })
    return step({ type: 'ended', reason: 'stop', matchedStop: null })
  }
  expect(texts(thinks('\n{"a": 1}\n'))).toEqual(['{"a": 1}'])
  expect(texts(thinks('```json\n{"a": 1}\n```'))).toEqual(['{"a": 1}'])
  expect(thinks('{"b": 1}')).toMatchObject([{ type: 'again' }])
  expect(thinks('Let me think.')).toMatchObject([{ type: 'again' }])
})
