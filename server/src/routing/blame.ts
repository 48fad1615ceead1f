import type { FailureCode } from '../completion/failure.ts'
import type { Blame } from '../lib/circuit-breaker.ts'

/** Whose fault a failed attempt is, as far as the engine's breaker is concerned (contract C123). The one place that decides it. */
export const blame: Readonly<Record<FailureCode, Blame>> = {
  'engine-unavailable': 'away',
  'engine-lost': 'sick',
  'engine-failed': 'sick',
  'engine-protocol': 'sick',
  'engine-timeout': 'slow',
  'engine-busy': 'busy',
  'engine-denied': 'denied',
  // What we asked of it was wrong, or what the client asked of us; and models sometimes fail at a format.
  'engine-refused': 'nobody',
  'invalid-request': 'nobody',
  'unsupported-parameter': 'nobody',
  'context-too-long': 'nobody',
  'invalid-output': 'nobody',
  cancelled: 'nobody',
  // Never said by an engine about itself.
  internal: 'nobody',
  unauthenticated: 'nobody',
  'insufficient-balance': 'nobody',
  'permission-denied': 'nobody',
  'model-not-found': 'nobody',
  'unknown-url': 'nobody',
  'method-not-allowed': 'nobody',
  'body-timeout': 'nobody',
  'body-too-large': 'nobody',
  'unsupported-media-type': 'nobody',
  conflict: 'nobody',
  'rate-limited': 'nobody',
}
