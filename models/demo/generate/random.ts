/** Which half of the material a conversation is made from. What is held out, the model never saw. */
export type Split = 'train' | 'held-out'

/** Every sixth entry of a pool is held out. */
const isHeldOut = (index: number): boolean => index % 6 === 5

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
