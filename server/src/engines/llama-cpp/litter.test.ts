import { expect, test } from 'vitest'
import { createCollector } from './litter.ts'

const MiB = 1024 * 1024

/** Feeds sizes of the process, in MiB, and tells after which of them a collection ran. */
function collections(sizes: readonly number[], afterwards: number): number[] {
  let rss = 0
  const ran: number[] = []
  let size = 0
  const check = createCollector(
    () => rss,
    () => {
      ran.push(size)
      rss = afterwards * MiB
    },
  )
  for (size of sizes) {
    rss = size * MiB
    check()
  }
  return ran
}

test('a process that does not grow is left alone, one that does is collected', () => {
  expect(collections([200, 210, 230, 240], 200)).toEqual([])
  expect(collections([200, 230, 249, 220, 247, 260], 205)).toEqual([249, 260])
})

test('what a collection cannot give back is no reason for another', () => {
  expect(collections([200, 250, 260, 270, 290, 299], 250)).toEqual([250, 299])
})

test('growth counts from the least that was seen', () => {
  expect(collections([300, 200, 240, 250], 200)).toEqual([250])
})
