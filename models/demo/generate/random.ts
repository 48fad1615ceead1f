/** Which half of the material a conversation is made from. What is held out, the model never saw. */
export type Split = 'train' | 'held-out'

/** Every sixth entry of a pool is held out. */
const isHeldOut = (index: number): boolean => index % 6 === 5

/** So often `said` looks for a combination of its side: a fifth of them is missed once in a million times. */
const TRIES = 64

/** Chosen so that every story has three held-out ways of asking or more. */
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

  /**
   * A wording put together from one of the patterns, with its values in it. Alternatives stand in brackets: `[Show|Tell] me {0}[|, please].`
   * What is held out are whole combinations, so that each word of a held-out one may be known, but not the way they go together.
   * Patterns that lie wholly on one side have no held-out part.
   */
  said(patterns: readonly string[], ...values: readonly (string | number)[]): string {
    for (let tries = 1; ; tries++) {
      const shape = this.combined(this.pick(patterns))
      if (tries < TRIES && isHeldOutWay(shape) !== (this.split === 'held-out')) continue
      return shape.replace(/\{(\d)\}/g, (_, index) => String(values[Number(index)]))
    }
  }

  /** One of the texts that a pattern stands for, whatever the split. Brackets may stand in brackets. */
  private combined(pattern: string): string {
    const INNERMOST = /\[([^[\]]*)\]/
    let text = pattern
    while (INNERMOST.test(text)) text = text.replace(INNERMOST, (_, options: string) => this.pick(options.split('|')))
    return text
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
