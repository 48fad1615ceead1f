import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isLoop } from './guard-loop.ts'

test('a text that repeats one piece to its end is a loop, wherever in the piece it stands', () => {
  fc.assert(
    fc.property(
      fc.string({ minLength: 0, maxLength: 50 }),
      fc.string({ minLength: 1, maxLength: 150 }),
      fc.nat(149),
      (before, piece, cut) => {
        const rounds = Math.ceil(400 / piece.length) + 9
        expect(isLoop(before + piece.repeat(rounds) + piece.slice(0, cut % piece.length))).toBe(true)
      },
    ),
  )
})

test('a few repetitions, a long list and a line of dashes are none', () => {
  expect(isLoop('city is Oslo, '.repeat(20))).toBe(false)
  expect(isLoop(Array.from({ length: 200 }, (_, index) => `${index}. item\n`).join(''))).toBe(false)
  expect(isLoop(`a heading\n${'-'.repeat(300)}`)).toBe(false)
})

test('one word that differs breaks the loop', () => {
  expect(isLoop(`${'city is Oslo, '.repeat(40)}`)).toBe(true)
  expect(isLoop(`${'city is Oslo, '.repeat(40)}but Rome is not. `)).toBe(false)
})
