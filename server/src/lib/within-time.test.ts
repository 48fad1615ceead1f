import { expect, test } from 'vitest'
import { withinTime } from './within-time.ts'

test('what ends in time gives its result, and its errors', () => {
  expect(withinTime(10_000, () => [1])).toEqual({ result: [1] })
  expect(withinTime(10_000, () => undefined)).toEqual({ result: undefined })
  expect(() =>
    withinTime(10_000, () => {
      throw new RangeError('too deep')
    }),
  ).toThrow(RangeError)
})

test('what does not end is ended', () => {
  expect(
    withinTime(20, () => {
      for (;;);
    }),
  ).toBeUndefined()
  expect(withinTime(10_000, () => 1)).toEqual({ result: 1 })
})
