/** Chance that is the same each time: the xorshift generator of 32 bits. */
export interface Chance {
  /** 0 up to 1. */
  next(): number
  /** Whole, both ends included. */
  whole(from: number, to: number): number
  /** Around `middle`, seldom far below, sometimes far above: as durations and lengths are. */
  around(middle: number): number
  /** One of them, each as likely as its weight. */
  of<const T>(...weighted: readonly (readonly [T, number])[]): T
}

export function chanceOf(seed: number): Chance {
  let state = seed | 0 || 1
  const next = () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 0x1_0000_0000
  }
  return {
    next,
    whole: (from, to) => from + Math.floor(next() * (to - from + 1)),
    around: (middle) => Math.max(1, Math.round(middle * Math.exp((next() + next() + next() - 1.5) * 0.9))),
    of(...weighted) {
      let left = next() * weighted.reduce((all, [, weight]) => all + weight, 0)
      for (const [one, weight] of weighted) {
        left -= weight
        if (left < 0) return one
      }
      return weighted[0]?.[0] as never
    },
  }
}
