/** How heartbeats are written on this key's streams (contract C103). */
export type HeartbeatForm = 'comment' | 'line' | 'chunk' | 'off'

/** What an operator may set for one key; everything is optional and widens nothing. */
export interface KeySettings {
  /** Canonical model ids that the key may use; absent: all. */
  readonly models?: readonly string[]
  /** Requests running at once, beyond which the answer is 429. */
  readonly concurrency?: number
  /** The same for each of its end users, told apart by `user_id`; no `user_id` counts as one more (contract C100). */
  readonly userConcurrency?: number
  readonly heartbeat?: HeartbeatForm
}

/** An API key as the service knows it: never the secret. */
export interface Key {
  readonly id: string
  readonly tenant: string
  readonly name: string
  readonly settings: KeySettings
}
