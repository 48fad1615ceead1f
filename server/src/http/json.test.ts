import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ServeError } from '../completion/failure.ts'
import { defaultLimits } from '../completion/limits.ts'
import { parseJson } from './json.ts'
import { findJsonError } from './json-error.ts'

const parse = (text: string, maxJsonDepth = 256): unknown =>
  parseJson(Buffer.from(text), { maxJsonDepth, maxJsonValues: 1_000_000 })

const messageOf = (read: () => unknown): string => {
  try {
    read()
  } catch (error) {
    if (error instanceof ServeError && error.failure.code === 'invalid-request' && error.failure.param === undefined)
      return error.message
    throw error
  }
  throw new Error('This was accepted.')
}

test.each([
  ['', 'it must be a JSON object'],
  [' \n\t', 'it must be a JSON object'],
  ['{"model":', 'it ends where a value should come'],
  ['{"a":x}', 'expected a value at line 1, column 6'],
  ['{"a":1,}', 'expected a property name at line 1, column 8'],
  ['[1,]', 'expected a value at line 1, column 4'],
  ['{"a" 1}', "expected ':' at line 1, column 6"],
  ['{"a":1 "b":2}', "expected ',' or the closing bracket at line 1, column 8"],
  ['{"a":1}\n}', 'expected the end at line 2, column 1'],
  ['{a:1}', "expected a property name or '}' at line 1, column 2"],
  ['["a\tb"]', 'expected the rest of a string at line 1, column 4'],
  ['["a\\x"]', 'expected the rest of a string at line 1, column 4'],
  ['["a', 'it ends where the rest of a string should come'],
  ['[01]', "expected ',' or the closing bracket at line 1, column 3"],
  ['[-]', "expected a value or ']' at line 1, column 2"],
  ['[1}', "expected ',' or the closing bracket at line 1, column 3"],
  ['nul', 'expected a value at line 1, column 1'],
])('T9: %j is refused, and the message says where it breaks', (text, message) => {
  expect(messageOf(() => parse(text))).toContain(message)
})

test('an error message quotes nothing of the text', () => {
  expect(messageOf(() => parse('{"secret": "word" secret}'))).not.toContain('secret')
})

test('whatever the parser refuses, a place is named; what it accepts is no error', () => {
  const piece = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"',
    '\\',
    '"a"',
    '1',
    '-',
    '.5',
    'e3',
    'true',
    'nul',
    ' ',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const text = pieces.join('')
      let valid = true
      try {
        JSON.parse(text)
      } catch {
        valid = false
      }
      const found = findJsonError(text)
      expect(found === 'it ends where the end should come').toBe(valid)
    }),
    { numRuns: 3_000 },
  )
})

test('T10: bytes that are not UTF-8 are refused, a byte order mark is skipped', () => {
  expect(messageOf(() => parseJson(Buffer.from([0x22, 0xff, 0x22]), defaultLimits))).toBe(
    'The request body is not valid UTF-8.',
  )
  expect(parse('\u{feff}{"a":1}')).toEqual({ a: 1 })
})

test('T12: nesting is limited, also in brackets that never close, and brackets inside strings do not count', () => {
  expect(parse('[[[]]]', 3)).toEqual([[[]]])
  expect(messageOf(() => parse('[[[[]]]]', 3))).toContain('nested deeper than 3')
  expect(messageOf(() => parse('['.repeat(100_000)))).toContain('nested deeper than 256')
  expect(parse('["[[[[\\"[[[[", "\\\\"]', 1)).toEqual(['[[[["[[[[', '\\'])
})

test('T12: a key such as __proto__ is plain data', () => {
  const value = parse('{"__proto__":{"stream":true},"a":"\\ud800"}') as { stream?: unknown }
  expect(value.stream).toBeUndefined()
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
  expect(Object.keys(value)).toEqual(['__proto__', 'a'])
})

test('T51: a lone surrogate becomes U+FFFD, a pair stays, the last of two equal keys wins', () => {
  expect(parse('{"a":1,"\\ud800":["\\uDC00x","\\ud83d\\ude00"],"a":2}')).toEqual({
    a: 2,
    '\u{fffd}': ['\u{fffd}x', '😀'],
  })
})

test('a body of many megabytes is read, and refused, without delay', () => {
  const long = 'x\\"'.repeat(1_000_000)
  expect(parse(`["${long}"]`)).toHaveLength(1)
  expect(messageOf(() => parse(`["${long}`))).toContain('it breaks somewhere after its first 1000000 characters')
  expect(messageOf(() => parse(`[${'[],'.repeat(400_000)}`))).toContain('it breaks somewhere')
})

test('a body of more values than anybody means is refused before it is parsed; commas inside strings are no values', () => {
  expect(messageOf(() => parse(`[${'{},'.repeat(500_000)}{}]`))).toBe('The request body has more than 1000000 values.')
  expect(messageOf(() => parse(`[${'1,'.repeat(1_000_000)}1]`))).toContain('more than 1000000 values')
  expect(parse(`["${','.repeat(2_000_000)}"]`)).toHaveLength(1)
})
