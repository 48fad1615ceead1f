import fc from 'fast-check'
import { expect, test } from 'vitest'
import { lookFor } from './needles.ts'

const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 4 })

/** The definition, without any cleverness. */
function first(text: string, needles: readonly string[]) {
  for (let end = 1; end <= text.length; end++) {
    const [needle] = needles.filter((n) => text.slice(0, end).endsWith(n)).sort((a, b) => b.length - a.length)
    if (needle) return { needle, end }
  }
  return undefined
}

test('finds what ends first, at the same end the longest, and knows what may still come', () => {
  fc.assert(
    fc.property(fc.array(letters, { minLength: 1, maxLength: 4 }), fc.array(letters), (needles, cuts) => {
      const automaton = lookFor(needles)
      const text = cuts.join('')
      const expected = first(text, needles)
      let read = 0
      for (const piece of cuts) {
        const found = automaton.read(piece)
        if (found) {
          expect({ ...found, end: found.end + read }).toEqual(expected)
          return
        }
        read += piece.length
        const tails = needles.flatMap((n) => Array.from(n, (_, i) => n.slice(0, i)))
        const longest = Math.max(...tails.filter((t) => text.slice(0, read).endsWith(t)).map((t) => t.length))
        expect(automaton.pending()).toBe(longest)
      }
      expect(expected).toBeUndefined()
    }),
  )
})

test('a long needle costs no more than a short one', () => {
  const needle = `${'a'.repeat(200_000)}b`
  const automaton = lookFor([needle])
  expect(automaton.read('a'.repeat(400_000))).toBeUndefined()
  expect(automaton.pending()).toBe(200_000)
  expect(automaton.read('b')).toEqual({ needle, end: 1 })
})

test('without needles nothing is ever found', () => {
  const automaton = lookFor([])
  expect(automaton.read('abc')).toBeUndefined()
  expect(automaton.pending()).toBe(0)
})

test('after a search was begun anew, what came before is part of nothing', () => {
  const needles = lookFor(['aab'])
  needles.read('aa')
  expect(needles.pending()).toBe(2)
  needles.forget()
  expect(needles.pending()).toBe(0)
  expect(needles.read('ab')).toBeUndefined()
  expect(needles.read('aaab')).toEqual({ needle: 'aab', end: 4 })
})
