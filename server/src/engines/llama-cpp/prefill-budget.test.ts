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

test('what may be read beside answers is never more than was asked for', () => {
  const least = new PrefillBudget(10, true)
  expect(shares(least.tokens(1), [100, 100], least.least)).toEqual([10, 0])
  const between = new PrefillBudget(100, true)
  expect(shares(between.tokens(1), [300, 300], between.least)).toEqual([64, 0])
})

test('a budget is dealt out in whole pieces, to one after the other, and nobody gets more than asked for', () => {
  fc.assert(
    fc.property(
      fc.nat(600),
      fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 1, maxLength: 8 }),
      fc.constantFrom(16, 64),
      (budget, wanted, least) => {
        const given = shares(budget, wanted, least)
        const sum = (list: number[]) => list.reduce((a, b) => a + b, 0)
        expect(sum(given)).toBeGreaterThanOrEqual(Math.min(budget, sum(wanted)))
        expect(sum(given)).toBeLessThan(budget + least)
        for (const [i, share] of given.entries()) {
          expect(share).toBeLessThanOrEqual(wanted[i] ?? 0)
          if (share < (wanted[i] ?? 0)) expect(share % least).toBe(0)
          // Whoever comes later gets what is left.
          if (share < (wanted[i] ?? 0)) expect(sum(given.slice(i + 1))).toBe(0)
        }
      },
    ),
  )
})

test('what is not worth a step goes along, but never beyond the budget', () => {
  expect(shares(512, [100, 300], 64)).toEqual([100, 300])
  expect(shares(64, [100], 64)).toEqual([64])
  expect(shares(64, [36], 64)).toEqual([36])
})

test('who comes first has the piece where there is only one', () => {
  expect(shares(64, [200, 10, 70], 64)).toEqual([64, 0, 0])
})
