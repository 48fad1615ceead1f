import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { Bpe, learnVocabulary, SPECIAL_TOKENS, type Vocabulary } from './bpe.ts'

const shipped = new Bpe(JSON.parse(readFileSync(new URL('vocabulary.json', import.meta.url), 'utf8')) as Vocabulary)

test.each([
  'What is the weather in Oslo?',
  ' leading, trailing ',
  'tabs\tand\n\nnewlines\r\n  ',
  '{"name": "get_weather", "n": 1024.5}',
  'naïve café, 東京, Łódź, 👋🏽',
  '<think>a</think><｜DSML｜tool_calls><｜end▁of▁sentence｜>',
  "it's we'll I'M",
  '',
])('%j survives encoding and decoding', (text) => {
  expect(shipped.decode(shipped.encode(text))).toBe(text)
})

test('every special token is one id', () => {
  for (const token of SPECIAL_TOKENS) expect(shipped.encode(token)).toEqual([shipped.id(token)])
})

test('one digit is one token', () => {
  expect(shipped.encode('2026')).toHaveLength(4)
})

test.each(['Oslo', 'Ljubljana', 'bananafish', 'qxz'])(
  '%s is cut in the same places after a space and after a bracket',
  (word) => {
    const bare = shipped.encode(word).map((id) => shipped.decode([id]))
    const spaced = shipped.encode(` ${word}`).map((id) => shipped.decode([id]))
    expect(spaced.join('').trimStart()).toBe(bare.join(''))
    expect(spaced.map((piece) => piece.trimStart()).filter((piece) => piece !== '')).toEqual(bare)
  },
)

test('learning merges the most frequent pair first and keeps the special tokens last', () => {
  const { tokens, merges } = learnVocabulary(['abab abab abab'], 256 + SPECIAL_TOKENS.length + 3, 1)
  expect(merges).toEqual([
    ['a', 'b'],
    ['ab', 'ab'],
    ['Ġ', 'abab'],
  ])
  expect(tokens.slice(-SPECIAL_TOKENS.length)).toEqual(SPECIAL_TOKENS)
})

test('the vocabulary has no piece twice', () => {
  expect(new Set(shipped.vocabulary.tokens).size).toBe(shipped.vocabulary.tokens.length)
})
