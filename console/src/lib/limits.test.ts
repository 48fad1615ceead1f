import { expect, test } from 'vitest'
import { fieldOf, formOf, limitsOf } from './limits.ts'

test('limits become a form, and the form the same limits', () => {
  const limits = { concurrency: 2, tokensPerMinute: 9_000, budget: { day: '0.5', total: '25' } }
  expect(limitsOf(formOf(limits))).toEqual(limits)
  expect(limitsOf(formOf({}))).toEqual({})
})

test('what is no number is left for the API to refuse; a comma of money is understood', () => {
  expect(limitsOf({ ...formOf({}), concurrency: 'two', budgetDay: '0,5' })).toEqual({
    concurrency: 'two',
    budget: { day: '0.5' },
  })
})

test('the API names the field that is wrong', () => {
  expect(fieldOf('limits.budget.day')).toBe('budgetDay')
  expect(fieldOf('limits.concurrency')).toBe('concurrency')
  expect(fieldOf('name')).toBeUndefined()
  expect(fieldOf(null)).toBeUndefined()
})
