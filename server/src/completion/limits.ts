/** The constants of the contract, their defaults, and their one home. Each can be set under `limits` in the configuration. */
export const defaultLimits = {
  /** Largest request body. */
  maxBodyBytes: 48 * 1024 * 1024,
  /** Deepest JSON nesting in a request. */
  maxJsonDepth: 256,
  /**
   * Members and items in one request. Many small values cost a multiple of their text in memory and keep the event loop, and with
   * it every stream, waiting while they are parsed.
   */
  maxJsonValues: 1_000_000,
  /** A request body that has not arrived by then is given up (408). */
  bodyMs: 60_000,
  /** Longest silence towards a client before a heartbeat. */
  keepaliveMs: 5_000,
  /** A client that takes nothing of its answer for so long is gone, whatever its connection says. */
  readerStallMs: 300_000,
  /** An attempt with no token by then has failed; prefill progress starts the clock anew. */
  firstTokenMs: 120_000,
  /** An attempt silent for so long after a token has failed. */
  interTokenMs: 30_000,
  /** An engine call that is no longer needed is cancelled within this time. */
  abortMs: 1_000,
  /** Longest wait from accept to the first token, all attempts together. */
  queueMs: 600_000,
  /** Longest wait for an engine that is starting again before the answer is 503. */
  restartMs: 10_000,
  /** How often an engine behind HTTP that is idle or in doubt is asked how it is; 0: never. */
  healthMs: 5_000,
  /** Requests waiting for one engine, beyond which the answer is 503. */
  queueLength: 1_024,
  /** Engine attempts for one request, quality retries not counted; what is added to an answer that was shown begins the count anew (contract C123). */
  maxAttempts: 3,
  /** Regenerations for malformed output, per request. */
  qualityRetries: 1,
  /** `max_tokens` when the client sends no limit. */
  defaultMaxTokens: { thinkingOff: 8_192, thinkingOn: 65_536, effortMax: 131_072 },
  /** How long the answer to a request with an Idempotency-Key can be had again. */
  idempotencyTtlMs: 24 * 60 * 60 * 1000,
  /** Such an answer goes on for so long without anybody who hears it: its caller may be about to ask again. */
  idempotencyGraceMs: 10_000,
  /** How long reasoning is kept for clients that drop it (contract C38). */
  reasoningTtlMs: 24 * 60 * 60 * 1000,
} as const

type Widened<T> = { readonly [K in keyof T]: T[K] extends number ? number : Widened<T[K]> }
export type Limits = Widened<typeof defaultLimits>
