import { expect, test } from 'vitest'
import { ago, daysBack } from './time.ts'

const now = Date.parse('2026-11-29T07:00:00.000Z')

test.each([
  ['2026-11-29T06:59:30.000Z', 'just now'],
  ['2026-11-29T06:57:00.000Z', '3 minutes ago'],
  ['2026-11-29T06:00:10.000Z', '59 minutes ago'],
  ['2026-11-29T05:00:00.000Z', '2 hours ago'],
  ['2026-11-28T07:10:00.000Z', '23 hours ago'],
  ['2026-11-28T07:00:00.000Z', 'yesterday'],
  ['2026-12-04T07:00:00.000Z', 'in 5 days'],
  ['2026-01-04T12:00:00.000Z', 'Jan 4, 2026'],
])('%s is %s', (at, shown) => {
  expect(ago(at, now, 'en', 'just now')).toBe(shown)
})

test('days go back from the beginning of a UTC day', () => {
  expect(daysBack(7, now)).toBe('2026-11-22T00:00:00.000Z')
})
