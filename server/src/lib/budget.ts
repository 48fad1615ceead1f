/** Part of a budget, held by one user of it. */
interface Share {
  /** @returns false when there is not so much left; what was taken is kept all the same until the release */
  take(amount: number): boolean
  /** Gives all of it back; nothing can be taken any more. */
  release(): void
}

/** An amount that many share. */
export class Budget {
  readonly total: number
  #taken = 0

  constructor(total: number) {
    this.total = total
  }

  get taken(): number {
    return this.#taken
  }

  share(): Share {
    let held = 0
    let released = false
    return {
      take: (amount) => {
        if (released) return false
        held += amount
        this.#taken += amount
        return this.#taken <= this.total
      },
      release: () => {
        this.#taken -= held
        held = 0
        released = true
      },
    }
  }
}
