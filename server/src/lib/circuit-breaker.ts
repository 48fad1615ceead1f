/**
 * What a failure says about the place that failed.
 * - `away`: it cannot be reached, or says itself that it takes nothing now. Left alone at once.
 * - `sick`: it failed at its work. What breaks it may be one request, so it takes three in a row.
 * - `slow`: as `sick`, unless it served others until now: then it only has much to do.
 * - `busy`: it is well, and asks to be left alone for a time.
 * - `denied`: it does not serve us. Not its fault, and no use: asked again, ever more rarely.
 * - `nobody`: says nothing about it.
 */
export type Blame = 'away' | 'sick' | 'slow' | 'busy' | 'denied' | 'nobody'

/** Why a place is left alone. */
export type OpenCause = Exclude<Blame, 'nobody' | 'slow'>

export type BreakerState = 'closed' | 'half-open' | 'open'

/** One try at a place, from its first step to its end. */
export interface Try {
  /** It does what was asked for; what comes later may still fail. */
  worked(): void
  /** To be called once. @param blame absent: it went well  @param retryAfterMs what the place asked for */
  ended(blame?: Blame, retryAfterMs?: number): void
}

export interface BreakerOptions {
  readonly now?: () => number
  /** From 0 up to 1: spreads the tries of many that lost the same place at the same moment. */
  readonly random?: () => number
  /** Hears when the place is first left alone, also for another cause, and when it is taken back. */
  readonly onChange?: (cause: OpenCause | undefined) => void
}

/** How long a place is left alone: so long at first, twice as long each time, never longer than `maxMs`. */
const pauses: Record<OpenCause, { readonly firstMs: number; readonly maxMs: number }> = {
  away: { firstMs: 1_000, maxMs: 30_000 },
  sick: { firstMs: 1_000, maxMs: 30_000 },
  busy: { firstMs: 1_000, maxMs: 30_000 },
  denied: { firstMs: 5_000, maxMs: 60_000 },
}
const strikesMax = 3
/** One that has not worked for so long serves nobody now. */
const aliveMs = 1_000
/** A place in trouble that nobody else can stand in for is tried again so long after it failed. */
const lastResortMs = 1_000

/**
 * Leaves a place alone after it failed, then lets one try through at a time until one went well. One that was busy is not tested.
 * Closed: everybody may try. Open: nobody may, until the pause is over. Half-open: one may.
 */
export class CircuitBreaker {
  readonly #now: () => number
  readonly #random: () => number
  readonly #onChange: (cause: OpenCause | undefined) => void
  /** Undefined: closed. */
  #cause: OpenCause | undefined
  #openUntil = 0
  #failedAt = 0
  #workedAt = Number.NEGATIVE_INFINITY
  #seenAt = Number.NEGATIVE_INFINITY
  #strikes = 0
  #pauses = 0
  #probe: object | undefined

  constructor({ now = Date.now, random = Math.random, onChange = () => undefined }: BreakerOptions = {}) {
    this.#now = now
    this.#random = random
    this.#onChange = onChange
  }

  get state(): BreakerState {
    if (this.#cause === undefined) return 'closed'
    if (this.#now() < this.#openUntil) return 'open'
    // It never was unwell, and nobody has to find out.
    return this.#cause === 'busy' ? 'closed' : 'half-open'
  }

  get cause(): OpenCause | undefined {
    return this.#cause
  }

  /** A try is under way that will tell whether the place is well again; until then nobody else may. */
  get probing(): boolean {
    return this.#probe !== undefined
  }

  /** When a try last showed something, as `now` counts. */
  get seenAt(): number {
    return this.#seenAt
  }

  /** How long until somebody may try. @param lastResort nobody can stand in: a place in trouble is tried sooner */
  waitMs(lastResort = false): number {
    if (this.#cause === undefined) return 0
    const inTrouble = this.#cause === 'away' || this.#cause === 'sick'
    const until = lastResort && inTrouble ? Math.min(this.#openUntil, this.#failedAt + lastResortMs) : this.#openUntil
    return Math.max(0, until - this.#now())
  }

  /** @returns undefined when nobody may try now */
  enter(lastResort = false): Try | undefined {
    if (this.#probe || this.waitMs(lastResort) > 0) return undefined
    if (this.state === 'closed') this.#change(undefined)
    const self = {}
    const beganAt = this.#now()
    if (this.#cause !== undefined) this.#probe = self
    return {
      worked: () => {
        this.#seenAt = this.#workedAt = this.#now()
        if (this.#probe === self) this.#close()
      },
      ended: (blame, retryAfterMs) => {
        const isProbe = this.#probe === self
        if (isProbe) this.#probe = undefined
        if (blame === 'nobody') return
        this.#seenAt = this.#now()
        if (blame === undefined) this.#recovered(isProbe)
        else if (blame !== 'slow') this.#failed(blame, isProbe, retryAfterMs)
        else if (this.#workedAt < Math.max(beganAt, this.#now() - aliveMs)) this.#failed('sick', isProbe)
      },
    }
  }

  /** What was found by asking the place how it is, apart from any try. `silent`: no answer in time. */
  probed(found: 'alive' | 'away' | 'silent'): void {
    if (this.state === 'closed') this.#change(undefined)
    if (this.#cause === 'busy' || this.#cause === 'denied' || this.#probe) return
    if (found === 'alive') {
      // That it can be reached again says nothing about its work.
      if (this.#cause === 'away') this.#openUntil = Math.min(this.#openUntil, this.#now())
    } else if (found === 'away' || this.#cause !== undefined || ++this.#strikes >= strikesMax) {
      // Who waits for the last resort waits since the last try: questions come again and again.
      const since = this.#cause === undefined ? this.#now() : this.#failedAt
      this.#failed('away', this.#cause !== undefined)
      this.#failedAt = since
    }
  }

  #recovered(isProbe: boolean): void {
    this.#workedAt = this.#now()
    if (isProbe) this.#close()
    if (this.#cause !== undefined) return
    this.#strikes = 0
    this.#pauses = 0
  }

  /** On probation: until a try has gone well to its end, one strike is enough. */
  #close(): void {
    this.#probe = undefined
    this.#strikes = strikesMax - 1
    this.#change(undefined)
  }

  #failed(cause: OpenCause, isProbe: boolean, retryAfterMs?: number): void {
    if (this.#cause !== undefined && !isProbe) {
      // Others that were under way when it was opened say the same thing once more; only a longer time to wait is news.
      if (cause === 'busy') this.#openUntil = Math.max(this.#openUntil, this.#now() + (retryAfterMs ?? 0))
      return
    }
    if (cause === 'sick' && !isProbe && ++this.#strikes < strikesMax) return
    this.#failedAt = this.#now()
    this.#openUntil =
      this.#failedAt + (cause === 'busy' && retryAfterMs !== undefined ? retryAfterMs : this.#pause(cause))
    this.#change(cause)
  }

  #pause(cause: OpenCause): number {
    const { firstMs, maxMs } = pauses[cause]
    const ms = Math.min(maxMs, firstMs * 2 ** Math.min(this.#pauses++, 16))
    return ms * (0.5 + this.#random() / 2)
  }

  #change(cause: OpenCause | undefined): void {
    if (cause === this.#cause) return
    this.#cause = cause
    this.#onChange(cause)
  }
}
