import { describe, expect, test } from 'vitest'
import { microOf, money, rate, roughMoney } from './money.ts'

describe('money', () => {
  test.each([
    ['0.000000', '$0.00'],
    ['1234.500000', '$1,234.50'],
    ['0.001234', '$0.001234'],
    ['-0.001200', '−$0.001200'],
    ['-25.000000', '−$25.00'],
    // No double can hold this one.
    ['90071992547409.930001', '$90,071,992,547,409.930001'],
  ])('%s is shown as %s', (amount, shown) => {
    expect(money(amount, 'USD', 'en')).toBe(shown)
  })

  test('what is no amount is shown as it stands', () => {
    expect(money('?', 'USD', 'en')).toBe('?')
  })

  test('a currency is written as its readers write it', () => {
    expect(money('12.300000', 'CNY', 'zh')).toBe('¥12.30')
  })
})

test.each([
  ['0.140000', '$0.14'],
  ['0.028500', '$0.0285'],
])('a rate of %s is %s', (amount, shown) => {
  expect(rate(amount, 'USD', 'en')).toBe(shown)
})

test.each([
  ['0', '$0.00'],
  ['0.05', '$0.05'],
  ['0.000004', '$0.000004'],
  ['0.00123456', '$0.0012'],
  ['0.0003', '$0.00030'],
  ['12.3456', '$12.35'],
  ['123456', '$123.46K'],
])('%s is roughly %s', (amount, shown) => {
  expect(roughMoney(amount, 'USD', 'en')).toBe(shown)
})

test('millionths are exact', () => {
  expect(microOf('-0.000001')).toBe(-1n)
  expect(microOf('25')).toBe(25_000_000n)
  expect(microOf('1e3')).toBeUndefined()
})
