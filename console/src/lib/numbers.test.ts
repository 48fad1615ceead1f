import { expect, test } from 'vitest'
import { duration, percent, roughCount, speed } from './numbers.ts'

test.each([
  [0, '0ms'],
  [840.4, '840ms'],
  [1_240, '1.24s'],
  [9_999, '10.0s'],
  [12_400, '12.4s'],
  [59_960, '1m'],
  [200_000, '3m 20s'],
])('%d ms is %s', (ms, shown) => {
  expect(duration(ms, 'en')).toBe(shown)
})

test('a duration in Chinese', () => {
  expect(duration(1_240, 'zh')).toBe('1.24秒')
})

test('counts get short, shares of nothing are nothing', () => {
  expect(roughCount(1_234_567, 'en')).toBe('1.2M')
  expect(percent(1, 3, 'en')).toBe('33.3%')
  expect(percent(0, 0, 'en')).toBe('0%')
  expect(speed(7.25, 'en')).toBe('7.3')
  expect(speed(123.4, 'en')).toBe('123')
})
