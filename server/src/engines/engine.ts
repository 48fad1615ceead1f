import type { Serve } from '../completion/serve.ts'

/** An engine of any kind, as the service puts it behind models: `raw/` makes one of a token engine, `openai-wire/` of a chat API. */
export interface Engine {
  readonly id: string
  readonly facts: EngineFacts
  /** How many requests run side by side; more than that wait in the gateway's fair queue. */
  readonly slots: number
  /** Whether a request can start now. */
  ready(): boolean
  /** One attempt, within the deadlines. It may throw, and is sealed by whoever puts it behind a model. */
  readonly serve: Serve
  close(): Promise<void>
}

/** What a model may promise when this engine answers for it. */
export interface EngineFacts {
  /** Prompt plus output, in tokens. */
  readonly contextWindow: number
  /** Most output tokens of one answer. */
  readonly maxOutput: number
  readonly canThink: boolean
  readonly logprobs: boolean
  /** The same for the same weights and the same way to speak with them; part of `system_fingerprint`. */
  readonly identity: string
}
