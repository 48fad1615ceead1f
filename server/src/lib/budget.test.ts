import { expect, test } from 'vitest'
import { Budget } from './budget.ts'

test('shares take until the budget is spent, and give back all they took, once', () => {
  const budget = new Budget(10)
  const [one, two] = [budget.share(), budget.share()]
  expect([one.take(6), two.take(4), two.take(1)]).toEqual([true, true, false])
  two.release()
  two.release()
  expect([budget.taken, two.take(1), one.take(4)]).toEqual([6, false, true])
  one.release()
  expect(budget.taken).toBe(0)
})
