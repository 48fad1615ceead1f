import { expect, test } from 'vitest'
import { createLru } from './lru.ts'

test('the latest are there, and what was unused for twice as many is forgotten', () => {
  const lru = createLru<number>(2)
  lru.set('a', 1)
  lru.set('b', 2)
  lru.set('c', 3)
  expect([lru.get('b'), lru.get('c')]).toEqual([2, 3])
  lru.set('d', 4)
  lru.set('e', 5)
  expect([lru.get('a'), lru.get('d'), lru.get('e')]).toEqual([undefined, 4, 5])
})

test('what is used stays, however much comes beside it', () => {
  const lru = createLru<number>(3)
  lru.set('used', 0)
  for (let i = 0; i < 100; i++) {
    lru.set(`other ${i}`, i)
    expect(lru.get('used')).toBe(0)
  }
  lru.set('used', 1)
  expect(lru.get('used')).toBe(1)
})
