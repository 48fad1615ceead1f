import { expect, test } from 'vitest'
import { wireErrors } from '../../../server/src/http/openai/errors.ts'
import { failureCodes, outcomeFilterOf, outcomeFilters, outcomeQuery } from './outcomes.ts'

test('each failure that the log may hold can be chosen', () => {
  // These are met before there is a key, so that the log has no line of them.
  const { unauthenticated, 'unknown-url': url, 'method-not-allowed': method, ...logged } = wireErrors
  expect([unauthenticated, url, method]).not.toContain(undefined)
  expect([...failureCodes].toSorted()).toEqual([...new Set(Object.values(logged).map(({ code }) => code))].toSorted())
})

test('what stands in the address is a filter, or none', () => {
  expect(outcomeFilters.map((one) => outcomeFilterOf(one))).toEqual(outcomeFilters)
  expect(outcomeFilterOf('nonsense')).toBe('all')
})

test('who hung up is not among those that failed', () => {
  expect(outcomeQuery('failed')).toEqual({ failed: true, hungUp: false })
  expect(outcomeQuery('left')).toEqual({ hungUp: true })
  expect(outcomeQuery('rate_limit_exceeded')).toEqual({ outcome: 'rate_limit_exceeded' })
  expect(outcomeQuery('ok')).toEqual({ failed: false })
})
