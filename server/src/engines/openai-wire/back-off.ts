import type { Failure } from '../../completion/failure.ts'

/** Keeps an upstream out of the choice for a while after it failed (contract C123). */
export interface BackOff {
  ready(): boolean
  /** What is the client's doing, or passes by itself, keeps nobody away. */
  heard(failure: Failure): void
}

/** After trouble that may pass at any moment: a restart, a silence. */
const shortMs = 1_000

export function createBackOff(now: () => number = Date.now): BackOff {
  let until = 0
  return {
    ready: () => now() >= until,
    heard({ code, elsewhere, retryAfterSeconds }) {
      if (code !== 'engine-unavailable' && code !== 'engine-timeout') return
      const ms = elsewhere && retryAfterSeconds !== undefined ? retryAfterSeconds * 1_000 : shortMs
      until = Math.max(until, now() + ms)
    },
  }
}
