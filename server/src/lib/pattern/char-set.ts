/** Sets of Unicode code points as sorted, disjoint, inclusive ranges. Surrogates are no characters and belong to none. */
export type CharSet = readonly (readonly [from: number, to: number])[]

export const anyChar: CharSet = [
  [0, 0xd7ff],
  [0xe000, 0x10ffff],
]

export const chars = (text: string): CharSet =>
  union(...[...text].map((char): CharSet => [[char.codePointAt(0) ?? 0, char.codePointAt(0) ?? 0]]))

export function union(...sets: readonly CharSet[]): CharSet {
  const ranges = sets.flat().toSorted((a, b) => a[0] - b[0])
  const out: [number, number][] = []
  for (const [from, to] of ranges) {
    const last = out.at(-1)
    if (last && from <= last[1] + 1) last[1] = Math.max(last[1], to)
    else out.push([from, to])
  }
  return out
}

export function intersection(a: CharSet, b: CharSet): CharSet {
  const out: [number, number][] = []
  for (let i = 0, j = 0; ; ) {
    const left = a[i]
    const right = b[j]
    if (!left || !right) return out
    const from = Math.max(left[0], right[0])
    const to = Math.min(left[1], right[1])
    if (from <= to) out.push([from, to])
    if (left[1] < right[1]) i++
    else j++
  }
}

export function difference(a: CharSet, b: CharSet): CharSet {
  const gaps: [number, number][] = []
  let from = 0
  for (const range of b) {
    if (range[0] > from) gaps.push([from, range[0] - 1])
    from = range[1] + 1
  }
  gaps.push([from, 0x10ffff])
  return intersection(a, gaps)
}

export const contains = (set: CharSet, char: number): boolean => set.some(([from, to]) => from <= char && char <= to)
