/**
 * Times to the first token as a histogram that can be added up over hours, keys and machines: four buckets for each doubling, so that a
 * percentile is at most 10 % off.
 */

const perDoubling = 4

/** @param ms whole milliseconds, 0 or more */
export const bucketOf = (ms: number): number => Math.round(perDoubling * Math.log2(Math.max(1, ms)))

/** The milliseconds in the middle of a bucket. */
const middleOf = (bucket: number): number => Math.round(2 ** (bucket / perDoubling))

/** @param counts by bucket @param share such as 0.95 @returns null where nothing was counted */
export function percentileOf(counts: ReadonlyMap<number, number>, share: number): number | null {
  let left = Math.ceil(share * [...counts.values()].reduce((sum, count) => sum + count, 0))
  if (left === 0) return null
  for (const [bucket, count] of [...counts].toSorted(([a], [b]) => a - b)) {
    left -= count
    if (left <= 0) return middleOf(bucket)
  }
  return null
}
