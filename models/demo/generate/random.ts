/** Which half of the material a conversation is made from. What is held out, the model never saw. */
export type Split = 'train' | 'held-out'

/** Every sixth entry of a pool is held out. */
const isHeldOut = (index: number): boolean => index % 6 === 5

/** Chosen so that every fact and every story has three held-out ways of asking or more. */
const WAYS_SALT = 56_675

/**
 * A fifth of all ways of asking is held out, by a hash of the words (FNV-1a), so that a new way moves no other to the other side.
 */
export function isHeldOutWay(shape: string): boolean {
  let hash = WAYS_SALT
  for (const character of shape) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0
  return (hash ^ (hash >>> 15)) % 5 === 0
}

/** A seeded source of choices: the same seed gives the same conversations on every machine. */
export class Draw {
  private state: number
  readonly split: Split

  constructor(seed: number, split: Split) {
    this.state = Math.imul(seed, 2654435761) >>> 0
    this.split = split
    for (let i = 0; i < 8; i++) this.next()
  }

  /** mulberry32: a number in [0, 1). */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0
    let t = this.state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }

  /** A whole number from `low` to `high`, both included. */
  int(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1))
  }

  chance(probability: number): boolean {
    return this.next() < probability
  }

  /** Any entry, whatever the split. */
  pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.next() * list.length)] as T
  }

  /** An entry of the part of `list` that this split may see. Lists of less than six entries have no held-out part. */
  from<T>(list: readonly T[]): T {
    if (list.length < 6) return this.pick(list)
    for (;;) {
      const index = Math.floor(this.next() * list.length)
      if (isHeldOut(index) === (this.split === 'held-out')) return list[index] as T
    }
  }

  /**
   * A way of asking that this split may see, with its values in it. Which ways are held out does not depend on the values.
   * A list that lies wholly on one side has no held-out part.
   */
  way<V extends readonly (string | number)[]>(ways: (...values: V) => readonly string[], ...values: V): string {
    const shapes = ways(...(values.map((_, index) => `{${index}}`) as unknown as V))
    const here = [...shapes.keys()].filter((i) => isHeldOutWay(shapes[i] as string) === (this.split === 'held-out'))
    const index = this.pick(here.length > 0 ? here : [...shapes.keys()])
    return ways(...values)[index] as string
  }

  weighted<T>(entries: readonly (readonly [number, T])[]): T {
    let rest = this.next() * entries.reduce((sum, [weight]) => sum + weight, 0)
    for (const [weight, value] of entries) {
      rest -= weight
      if (rest < 0) return value
    }
    return (entries[0] as readonly [number, T])[1]
  }

  shuffled<T>(list: readonly T[]): T[] {
    const out = [...list]
    for (let i = out.length - 1; i > 0; i--) {
      const j = this.int(0, i)
      ;[out[i], out[j]] = [out[j] as T, out[i] as T]
    }
    return out
  }

  times<T>(count: number, make: () => T): T[] {
    return Array.from({ length: count }, make)
  }
}
