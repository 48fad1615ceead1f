import { expect, test } from 'vitest'
import { choose, type Remembered } from './sequences.ts'

const slot = (namespace: string | undefined, length: number, common: number, lastUsed: number): Remembered => ({
  namespace,
  length,
  common,
  lastUsed,
})

test('the longest common prefix of the own namespace wins, never that of another', () => {
  const free = [slot('a', 50, 20, 1), slot('a', 50, 40, 2), slot('b', 50, 0, 3), slot(undefined, 0, 0, 0)]
  expect(choose(free, 'a', 60)).toBe(1)
  expect(choose(free, 'c', 60)).toBe(3)
})

test('two conversations of one user do not push each other out while a sequence is empty', () => {
  expect(choose([slot('a', 100, 10, 1), slot(undefined, 0, 0, 0)], 'a', 100)).toBe(1)
  expect(choose([slot('a', 100, 10, 1), slot('b', 9, 0, 0)], 'a', 100)).toBe(0)
})

test('without a match or an empty one the least recently used goes', () => {
  expect(choose([slot('b', 9, 0, 7), slot('c', 9, 0, 3), slot('d', 9, 0, 5)], 'a', 5)).toBe(1)
  expect(choose([], 'a', 5)).toBe(-1)
})
