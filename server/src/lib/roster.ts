/**
 * Who is there at the moment, in no order: for what comes and goes with every request.
 *
 * Not a `Set` or `Map`: one whose entries come and go makes itself a new table every few of them, and V8 lets the old table point to the
 * next. Once a table has become old, all that stood in those behind it when they were given up lives until the next full collection
 * (decision 0050).
 */
export class Roster<T extends object> implements Iterable<T> {
  /** By place; what has left is undefined. As long as there were ever members together. */
  readonly #members: (T | undefined)[] = []
  readonly #free: number[] = []

  get size(): number {
    return this.#members.length - this.#free.length
  }

  /** @returns its place, a small number that nobody else has meanwhile */
  enter(one: T): number {
    const place = this.#free.pop() ?? this.#members.length
    this.#members[place] = one
    return place
  }

  /** @returns who was there; undefined where nobody is */
  leave(place: number): T | undefined {
    const one = this.#members[place]
    if (one === undefined) return undefined
    this.#members[place] = undefined
    this.#free.push(place)
    return one
  }

  *[Symbol.iterator](): Iterator<T> {
    for (const one of this.#members) if (one !== undefined) yield one
  }
}
