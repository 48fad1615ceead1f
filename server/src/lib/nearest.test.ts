import { expect, test } from 'vitest'
import { nearest } from './nearest.ts'

test.each([
  ['prot', 'port'],
  ['hosts', 'host'],
  ['KEEPALIVEMS', 'keepaliveMs'],
  ['zzz', undefined],
  ['x', undefined],
])('%s is taken for %s', (word, meant) => {
  expect(nearest(word, ['host', 'port', 'keepaliveMs'])).toBe(meant)
})
