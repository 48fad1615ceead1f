/** Limits of one key, or of all keys of a project or a tenant together. What is absent is not limited. */
export interface UseLimits {
  /** Answers at once; one more is refused (429), not queued. */
  readonly concurrency?: number
  /** The same for each end user, told apart by `user_id`; no `user_id` counts as one more (contract C100). */
  readonly userConcurrency?: number
  /** Answers begun in a minute of the clock. */
  readonly requestsPerMinute?: number
  /**
   * Tokens of the answers begun in a minute of the clock, with their prompts. What an answer can come to is reserved when it begins,
   * and what it did not use given back when it ends.
   */
  readonly tokensPerMinute?: number
  /** Most that may be spent in a day, in a month (both UTC), and at all: decimals such as `2.50`, in the currency of the prices. */
  readonly budget?: { readonly day?: string; readonly month?: string; readonly total?: string }
}

/** The project that a request is counted for, beside its key and its tenant. */
export interface ProjectUse {
  readonly id: string
  readonly limits: UseLimits
}

/** How near a limit is, for the headers that clients look at. */
export interface Remaining {
  readonly limit: number
  readonly remaining: number
  /** Until the whole limit is there again. */
  readonly resetMs: number
}

export interface LimitsLeft {
  readonly requests?: Remaining
  readonly tokens?: Remaining
}
