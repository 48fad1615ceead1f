import { expect, test } from 'vitest'
import { fuzzy } from './fuzzy.ts'

test('letters in order are found, others are not', () => {
  expect(fuzzy('Create an API key', 'cak')).toBeGreaterThan(0)
  expect(fuzzy('Usage', 'eu')).toBe(0)
  expect(fuzzy('Usage', '')).toBeGreaterThan(0)
})

test('beginnings of words come first', () => {
  expect(fuzzy('Open keys', 'k')).toBeGreaterThan(fuzzy('Unblock', 'k'))
})
