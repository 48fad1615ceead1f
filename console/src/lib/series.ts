/** What the charts are drawn from. */

/** Lines that stand on one another: each is the sum of itself and all below it. Gaps count as nothing. */
export function stacked(lines: readonly (readonly (number | null)[])[]): number[][] {
  const below = new Float64Array(lines[0]?.length ?? 0)
  return lines.map((line) => {
    const sums = new Array<number>(line.length)
    for (let at = 0; at < line.length; at++) {
      const sum = (below[at] ?? 0) + (line[at] ?? 0)
      below[at] = sum
      sums[at] = sum
    }
    return sums
  })
}

/** Lines of many points as few: what lies together is added up, so that columns stay as wide as a finger. */
export function bucketed(
  times: readonly number[],
  lines: readonly (readonly (number | null)[])[],
  most: number,
  fold: (values: readonly (number | null)[]) => number | null,
): { readonly times: number[]; readonly lines: (number | null)[][] } {
  const size = Math.ceil(times.length / most)
  if (size <= 1) return { times: [...times], lines: lines.map((line) => [...line]) }
  const starts = Array.from({ length: Math.ceil(times.length / size) }, (_, bucket) => bucket * size)
  return {
    times: starts.map((start) => times[start] ?? 0),
    lines: lines.map((line) => starts.map((start) => fold(line.slice(start, start + size)))),
  }
}

export const sum = (values: readonly (number | null)[]): number =>
  values.reduce<number>((all, one) => all + (one ?? 0), 0)

/** Of percentiles that lie together the worst is told: an average of percentiles is none. */
export const worst = (values: readonly (number | null)[]): number | null =>
  values.reduce((most, one) => (one === null || (most !== null && most >= one) ? most : one), null)
