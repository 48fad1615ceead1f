import type { Token } from 'node-llama-cpp'
import { expect, test } from 'vitest'
import { draw, samplerOptions, seedOf, uniform } from './sampling.ts'

test('every seed is in range of the engine, equal seeds stay equal, and none is random by accident', () => {
  for (const seed of [0, -1, 7, 2 ** 32 - 1, 2 ** 53 - 1, -(2 ** 53 - 1)]) {
    expect(seedOf(seed)).toBe(seedOf(seed))
    expect(seedOf(seed)).toBeGreaterThanOrEqual(0)
    expect(seedOf(seed)).toBeLessThan(2 ** 32 - 1)
  }
  expect(new Set(Array.from({ length: 20 }, () => seedOf(undefined))).size).toBeGreaterThan(15)
})

test('drawn tokens follow the distribution, narrowed by top-p and sharpened by the temperature', () => {
  const logits = new Map([
    [0, Math.log(0.5)],
    [1, Math.log(0.3)],
    [2, Math.log(0.2)],
  ] as [Token, number][])
  const shareOf = (token: number, temperature: number, topP: number) => {
    const random = uniform(42)
    const options = samplerOptions({ temperature, topP, seed: 1 })
    const drawn = Array.from({ length: 20_000 }, () => draw(logits, options, random()))
    return drawn.filter((other) => other === token).length / drawn.length
  }
  expect(shareOf(1, 1, 1)).toBeCloseTo(0.3, 1)
  expect(shareOf(2, 1, 0.79)).toBe(0)
  expect(shareOf(0, 1, 0.79)).toBeCloseTo(0.625, 1)
  expect(shareOf(0, 0.5, 1)).toBeCloseTo(0.25 / 0.38, 1)
})
