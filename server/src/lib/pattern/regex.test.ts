import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { accepts, both, either, ofLength, ofTexts, TooManyStates, without } from './automaton.ts'
import { linearMatcher } from './matcher.ts'
import { automatonOf, UnsupportedPattern } from './regex.ts'

const patterns = [
  '^$',
  '',
  '^',
  '$',
  'a',
  '^a',
  'a$',
  '^a|b$',
  '^(a|b)*$',
  '^(?:ab)+c?$',
  'a{2}',
  '^a{2,}$',
  '^a{1,3}b{0}$',
  '^[a-c]+$',
  '^[^a-c]$',
  '^[\\w-]+$',
  '^\\d{2}-\\d{2}$',
  '^.$',
  '^\\s+$',
  '\\S',
  '^(a*)*$',
  '^(a|ab)(c|bcd)$',
  'a.c',
  '^a+?b*?$',
  '^\\u0061\\x62$',
  '^[\\u{1F600}-\\u{1F64F}]$',
  '^\\ud83d\\ude00$',
  '^(?<year>[0-9]{4})$',
  '(^a|b)c',
  'a(b$|c)',
  '^\\.\\/\\-$',
  '^[]$',
  '^[^]$',
  '^[a-]$',
  '^[-a]$',
  '^[\\]]$',
  '^\\t\\n\\0$',
  'x*$',
  '^^a$$',
  '(?:^|c)a',
  '^(?=.*a)(?=.*b).{2,4}$',
  '^(?!a|b$)[a-d)]+',
  '^(?!\\.)(?!.*\\.\\.)[a.]+$',
  '^(?=(a|b))(?![)]).',
  '^(?!a)',
]

const regexFor = (pattern: string): RegExp => {
  try {
    return new RegExp(pattern, 'u')
  } catch {
    return new RegExp(pattern)
  }
}

describe('a pattern becomes an automaton', () => {
  test.each(patterns)('%s matches what RegExp matches', (pattern) => {
    const automaton = automatonOf(pattern)
    const regex = regexFor(pattern)
    const pieces = [
      'a',
      'b',
      'c',
      'd',
      '0',
      '1',
      '2024',
      '-',
      '.',
      '/',
      ' ',
      '\n',
      '\t',
      '\0',
      '😀',
      'é',
      ']',
      'x',
      '_',
      '12-34',
    ]
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 6 }), (parts) => {
        const text = parts.join('')
        expect(accepts(automaton, text), JSON.stringify(text)).toBe(regex.test(text))
      }),
      { numRuns: 150 },
    )
  })

  test.each([
    '(?=a)b',
    '^(?=a)b|c',
    '^a(?=b)',
    '(?<!a)b',
    '\\bword',
    '(a)\\1',
    '\\p{L}+',
    '(?i:a)',
    '[',
    '(a',
    'a)',
    '*a',
    'a\\',
  ])('%s is not of this kind', (pattern) => expect(() => automatonOf(pattern)).toThrow(UnsupportedPattern))

  test('a repetition beyond all bounds is refused in time', () => {
    expect(() => automatonOf('^(?:(?:a{100}){100}){100}$')).toThrow(TooManyStates)
    expect(() => automatonOf('a.{60}b.{60}$')).toThrow(TooManyStates)
  })
})

test('languages can be combined', () => {
  const short = both(automatonOf('^[a-z]+$'), ofLength(2, 3))
  expect(['a', 'ab', 'abc', 'abcd', 'a1'].map((text) => accepts(short, text))).toEqual([
    false,
    true,
    true,
    false,
    false,
  ])
  const others = without(short, ofTexts(['ab', 'xyz']))
  expect(['ab', 'ac', 'xyz', 'xya'].map((text) => accepts(others, text))).toEqual([false, true, false, true])
  const any = either([ofTexts(['one', 'two']), automatonOf('^[0-9]$')])
  expect(['one', 'two', '7', 'three'].map((text) => accepts(any, text))).toEqual([true, true, true, false])
  expect(both(ofTexts(['a']), ofTexts(['b']))).toEqual([])
})

describe('matching somebody else’s pattern', () => {
  test('a nested repetition takes linear time', () => {
    expect(linearMatcher('^(a+)+$')(`${'a'.repeat(50_000)}b`)).toBe(false)
  })
  test('what only JavaScript can match, is matched on short texts', () => {
    const strong = linearMatcher('^.*(?<=[A-Z])(?=.*[0-9]).{8,}$')
    expect(strong('Passw0rdPassw0rd')).toBe(true)
    expect(strong('password')).toBe(false)
    expect(strong(`A0${'a'.repeat(2_000)}`)).toBe(false)
  })
  test.each(['(?=x)(a+)+$', '(a|a)*\\b', '(.)\\1+', '((a)*b)*\\b'])('%s could explode and is refused', (pattern) => {
    expect(() => linearMatcher(pattern)).toThrow('exponential time')
  })
  test('no pattern at all, and a far too long one, are refused in words', () => {
    expect(() => linearMatcher('(')).toThrow('not a valid regular expression')
    expect(() => linearMatcher('a'.repeat(1_001))).toThrow('longer than 1000 characters')
  })
})
