import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BATCH_TOKENS, PrefillBudget, shares } from './prefill-budget.ts'

test('a fast machine reads much at once when alone, and little beside running answers', () => {
  const budget = new PrefillBudget(64, false)
  budget.learn(64, 1)
  expect(budget.tokens(0)).toBe(BATCH_TOKENS)
  expect(budget.tokens(3)).toBe(64)
})

test('a slow machine takes small steps, so that a cancellation takes effect in time', () => {
  const budget = new PrefillBudget(64, false)
  expect(budget.tokens(0)).toBe(64)
  budget.learn(64, 64 * 20)
  expect(budget.tokens(0)).toBe(16)
  expect(budget.tokens(1)).toBe(16)
})

test('shares give everything there is to give, fairly, and nobody too much', () => {
  fc.assert(
    fc.property(
      fc.nat(600),
      fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 1, maxLength: 8 }),
      (budget, wanted) => {
        const given = shares(budget, wanted)
        const sum = (list: number[]) => list.reduce((a, b) => a + b, 0)
        expect(sum(given)).toBe(Math.min(budget, sum(wanted)))
        const least = Math.min(...given.filter((share, i) => share < (wanted[i] ?? 0)), Number.POSITIVE_INFINITY)
        for (const share of given) expect(share).toBeLessThanOrEqual(least + wanted.length)
      },
    ),
  )
})
