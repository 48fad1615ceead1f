import { expect, test } from 'vitest'
import { choose, type Remembered } from './sequences.ts'

const slot = (
  namespace: string | undefined,
  length: number,
  common: number,
  lastUsed: number,
  neighbours = 0,
): Remembered => ({ namespace, length, common, lastUsed, neighbours })

/** @returns the index of the chosen one, -1 for none */
const chosen = (free: readonly Remembered[], namespace: string, promptLength: number): number => {
  const one = choose(free, namespace, promptLength)
  return one ? free.indexOf(one) : -1
}

test('the longest common prefix of the own namespace wins, never that of another', () => {
  const free = [slot('a', 50, 20, 1), slot('a', 50, 40, 2), slot('b', 50, 0, 3), slot(undefined, 0, 0, 0)]
  expect(chosen(free, 'a', 60)).toBe(1)
  expect(chosen(free, 'c', 60)).toBe(3)
})

test('two conversations of one user do not push each other out while a sequence is empty', () => {
  expect(chosen([slot('a', 100, 10, 1), slot(undefined, 0, 0, 0)], 'a', 100)).toBe(1)
  expect(chosen([slot('a', 100, 10, 1), slot('b', 9, 0, 0)], 'a', 100)).toBe(0)
})

test('without a match or an empty one the least recently used goes', () => {
  expect(chosen([slot('b', 9, 0, 7), slot('c', 9, 0, 3), slot('d', 9, 0, 5)], 'a', 5)).toBe(1)
  expect(chosen([], 'a', 5)).toBe(-1)
})

test('of equals the one beside those that are busy, so that they share a batch', () => {
  expect(chosen([slot('b', 9, 0, 1), slot('c', 9, 0, 2, 1), slot('d', 9, 0, 3, 2)], 'a', 5)).toBe(2)
  expect(chosen([slot(undefined, 0, 0, 0), slot(undefined, 0, 0, 0, 1)], 'a', 5)).toBe(1)
  expect(chosen([slot('a', 50, 4, 2), slot('a', 50, 4, 1), slot('a', 50, 4, 3, 1)], 'a', 60)).toBe(2)
  // What is cached is worth more.
  expect(chosen([slot('a', 50, 40, 1), slot('a', 50, 30, 2, 2)], 'a', 60)).toBe(0)
  expect(chosen([slot('a', 50, 40, 1), slot(undefined, 0, 0, 0, 2)], 'a', 60)).toBe(0)
})
