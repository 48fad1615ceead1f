import fc from 'fast-check'
import { expect, test } from 'vitest'
import { slices, tokenizePrompt } from './prompt-slices.ts'

const special = ['<｜User｜>', '<a b>']
const piece = fc.constantFrom('word', ' ', '  ', '.', '好', '😀', '<｜User｜>', '<a b>', 'b>', '\n', '7')

test('slices join to the whole, and none cuts a special text or a character', () => {
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 80 }), fc.integer({ min: 12, max: 40 }), (pieces, size) => {
      const text = pieces.join('')
      const parts = [...slices(text, special, size)]
      expect(parts.join('')).toBe(text)
      const count = (t: string, words: string) => t.split(words).length - 1
      for (const words of special)
        expect(parts.reduce((sum, part) => sum + count(part, words), 0)).toBe(count(text, words))
      for (const part of parts) expect(part.isWellFormed()).toBe(true)
    }),
  )
})

test('a slice ends before a space that follows a letter, where there is one', () => {
  const parts = [...slices('some words and more words, then some', special, 16)]
  expect(parts.length).toBeGreaterThan(2)
  for (const part of parts.slice(1)) expect(part.startsWith(' ')).toBe(true)
})

test('a prompt far too long is counted with rests and its tokens are not kept', async () => {
  let rests = 0
  const perChar = (text: string) => [...text]
  const counted = await tokenizePrompt(['a b'.repeat(20_000), 'c'], 100, special, perChar, async () => {
    rests++
  })
  expect(counted.total).toBe(60_001)
  expect(counted.tokens.length).toBeLessThanOrEqual(100)
  expect(rests).toBeGreaterThanOrEqual(3)
})
