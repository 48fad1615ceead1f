import type { Failure } from '../completion/failure.ts'
import type { CompletionRequest } from '../completion/request.ts'
import type { Call, Serve } from '../completion/serve.ts'

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
  /**
   * Whether the prompt leaves room for an answer, asked before the request waits for a slot and needing none. Absent where nobody but
   * the engine can tell, which then does so when it has the request.
   * @returns `context-too-long` if it does not fit
   * @throws ServeError `invalid-request` when no prompt can be made of the request; otherwise as `serve` fails
   */
  readonly fits?: (request: CompletionRequest, call: Call) => Promise<Failure | undefined>
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
