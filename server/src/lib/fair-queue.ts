/** Gives a place back; calling it again does nothing. */
export type Release = () => void

interface Waiter {
  readonly admit: () => void
}

/**
 * A fixed number of places, and a line of those who wait for one. The line is fair on two levels: the groups (API keys) take
 * turns, and inside a group its members (end users) take turns, so that neither a busy key nor a busy user holds up the others.
 */
export class FairQueue {
  readonly places: number
  readonly #waitingMax: number
  /** Insertion order is the order of turns: whoever was served goes to the end. */
  readonly #groups = new Map<string, Map<string, Waiter[]>>()
  #taken = 0
  #waiting = 0

  constructor(places: number, waitingMax: number) {
    this.places = places
    this.#waitingMax = waitingMax
  }

  get taken(): number {
    return this.#taken
  }

  get waiting(): number {
    return this.#waiting
  }

  /** Whoever comes now has a place at once. */
  get free(): boolean {
    return this.#taken < this.places
  }

  /** Whoever comes now is refused. */
  get full(): boolean {
    return this.#taken >= this.places && this.#waiting >= this.#waitingMax
  }

  /**
   * Waits for a place.
   * @returns undefined when the line is full.
   * @throws the signal's reason when it is aborted while waiting.
   */
  async enter(group: string, member: string, signal: AbortSignal): Promise<Release | undefined> {
    signal.throwIfAborted()
    if (this.#taken < this.places) return this.#take()
    if (this.full) return undefined
    await new Promise<void>((resolve, reject) => {
      const onAbort = () => {
        this.#remove(group, member, waiter)
        reject(signal.reason)
      }
      const waiter: Waiter = {
        admit: () => {
          signal.removeEventListener('abort', onAbort)
          resolve()
        },
      }
      signal.addEventListener('abort', onAbort, { once: true })
      this.#add(group, member, waiter)
    })
    return this.#releaseOnce()
  }

  #take(): Release {
    this.#taken++
    return this.#releaseOnce()
  }

  #releaseOnce(): Release {
    let held = true
    return () => {
      if (!held) return
      held = false
      // The place goes straight to the next in line, so that nobody who comes later can slip in between.
      const next = this.#next()
      if (next) next.admit()
      else this.#taken--
    }
  }

  #add(group: string, member: string, waiter: Waiter): void {
    const members = this.#groups.get(group) ?? new Map<string, Waiter[]>()
    this.#groups.set(group, members)
    const line = members.get(member) ?? []
    members.set(member, line)
    line.push(waiter)
    this.#waiting++
  }

  #next(): Waiter | undefined {
    for (const [group, members] of this.#groups)
      for (const [member, line] of members) {
        const waiter = line.shift()
        if (!waiter) continue
        this.#waiting--
        members.delete(member)
        if (line.length > 0) members.set(member, line)
        this.#groups.delete(group)
        if (members.size > 0) this.#groups.set(group, members)
        return waiter
      }
    return undefined
  }

  #remove(group: string, member: string, waiter: Waiter): void {
    const members = this.#groups.get(group)
    const line = members?.get(member)
    const place = line?.indexOf(waiter) ?? -1
    if (!members || !line || place < 0) return
    line.splice(place, 1)
    this.#waiting--
    if (line.length === 0) members.delete(member)
    if (members.size === 0) this.#groups.delete(group)
  }
}
