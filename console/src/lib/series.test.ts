import { expect, test } from 'vitest'
import { bucketed, stacked, sum, worst } from './series.ts'

test('lines stand on one another', () => {
  expect(
    stacked([
      [1, 2, null],
      [10, null, 30],
    ]),
  ).toEqual([
    [1, 2, 0],
    [11, 2, 30],
  ])
})

test('few points stay as they are, many are put together', () => {
  expect(bucketed([1, 2, 3], [[4, 5, 6]], 3, sum)).toEqual({ times: [1, 2, 3], lines: [[4, 5, 6]] })
  expect(bucketed([1, 2, 3, 4, 5], [[1, 2, 3, null, 5]], 3, sum)).toEqual({ times: [1, 3, 5], lines: [[3, 3, 5]] })
  expect(bucketed([1, 2, 3, 4], [[7, 9, null, null]], 2, worst).lines).toEqual([[9, null]])
})

test('nothing is lost of 100,000 points', () => {
  const times = Array.from({ length: 100_000 }, (_, at) => at)
  const { lines } = bucketed(times, [times.map(() => 1)], 500, sum)
  expect(lines[0]?.length).toBe(500)
  expect(sum(lines[0] ?? [])).toBe(100_000)
})
