import type { ProjectUse, UseLimits } from '../completion/use-limits.ts'

/** How heartbeats are written on this key's streams (contract C103). */
export type HeartbeatForm = 'comment' | 'line' | 'chunk' | 'off'

/** What an operator may set for one key; everything is optional and widens nothing. */
export interface KeySettings extends UseLimits {
  /** Canonical model ids that the key may use; absent: all. */
  readonly models?: readonly string[]
  readonly heartbeat?: HeartbeatForm
}

/** An API key as the service knows it: never the secret. */
export interface Key {
  readonly id: string
  readonly tenant: string
  /** Absent: it belongs to none. */
  readonly project?: ProjectUse
  readonly name: string
  readonly settings: KeySettings
}
