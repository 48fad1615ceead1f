/**
 * Everything that can go wrong, as a closed set. What a code means to a client (status, type, code on the wire) stands in
 * `http/openai/errors.ts`; whether it is worth another replica stands in `gateway/dispatch.ts`, and whom it blames in
 * `routing/blame.ts`. Adding a code makes `tsc` name all three.
 */
export type FailureCode =
  | 'invalid-request'
  | 'unsupported-parameter'
  | 'context-too-long'
  | 'unauthenticated'
  | 'insufficient-balance'
  | 'permission-denied'
  | 'model-not-found'
  | 'unknown-url'
  | 'method-not-allowed'
  | 'body-timeout'
  | 'body-too-large'
  | 'unsupported-media-type'
  /** The Idempotency-Key was used for another request. */
  | 'conflict'
  | 'rate-limited'
  /** No engine can take the request now: none is ready, the queue is full, or the wait was too long. */
  | 'engine-unavailable'
  /** The engine is well, and asks to be left alone for a while. */
  | 'engine-busy'
  /** The engine does not serve us: our key, our balance, the name of its model. The operator's to mend (contract C92). */
  | 'engine-denied'
  /** The engine refuses what we made of the request (contract C93). */
  | 'engine-refused'
  /** The engine says that it failed at this request. */
  | 'engine-failed'
  /** The engine went away while it worked on this request. */
  | 'engine-lost'
  /** The engine stayed silent beyond a deadline. */
  | 'engine-timeout'
  /** The engine broke its own protocol: it ended without an end, or sent what nobody can read. */
  | 'engine-protocol'
  /** The model did not produce what the request's format promises, also after the retry (contract C52, C58). */
  | 'invalid-output'
  /** The caller went away. */
  | 'cancelled'
  | 'internal'

export interface Failure {
  readonly code: FailureCode
  /** For people: names the field, the value's problem and the way out. Never an engine's own words. */
  readonly message: string
  /** A path such as `messages[2].tool_calls[0].id`. */
  readonly param?: string
  readonly retryAfterSeconds?: number
  /** False: the same request will fail again, so clients are told not to repeat it on their own (contract C93). */
  readonly shouldRetry?: false
  /** This engine will not take this request, however long one waits: only another replica is worth a try (contract C92, C93). */
  readonly elsewhere?: true
}

/** A failure on its way up. Inner code throws it; `sealed` turns it into the terminal event. */
export class ServeError extends Error {
  override readonly name = 'ServeError'
  readonly failure: Failure
  constructor(failure: Failure, options?: ErrorOptions) {
    super(failure.message, options)
    this.failure = failure
  }
}
