import { expect, test } from 'vitest'
import { parseExpiry } from './expiry.ts'

const now = new Date('2026-11-23T12:00:00Z')

test.each([
  ['30d', '2026-12-23T12:00:00.000Z'],
  ['12h', '2026-11-24T00:00:00.000Z'],
  ['90m', '2026-11-23T13:30:00.000Z'],
  ['2w', '2026-12-07T12:00:00.000Z'],
  ['2027-01-31', '2027-01-31T00:00:00.000Z'],
  ['2027-01-31T10:00+01:00', '2027-01-31T09:00:00.000Z'],
])('%s is %s', (text, expected) => {
  expect(parseExpiry(text, now).toISOString()).toBe(expected)
})

test.each(['', '30', 'd', '-1d', '1y', 'tomorrow', '2027-02-30', '2027-13-01', '31.1.2027', '0d', '2026-11-23'])(
  '%j is refused',
  (text) => {
    expect(() => parseExpiry(text, now)).toThrow(/--expires/)
  },
)
