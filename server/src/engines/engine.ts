import type { Draft } from '../completion/draft/draft.ts'
import type { Failure } from '../completion/failure.ts'
import type { CompletionRequest } from '../completion/request.ts'
import type { Call, Serve } from '../completion/serve.ts'

/** An engine of any kind, as the service puts it behind models: `raw/` makes one of a token engine, `openai-wire/` of a chat API. */
export interface Engine {
  readonly id: string
  readonly facts: EngineFacts
  /** Which one of its two it is used by now: its chat API, or its raw endpoints. Absent where it has only one. */
  readonly face?: 'chat' | 'raw'
  /** How many requests run side by side; more than that wait in the gateway's fair queue. */
  readonly slots: number
  /** Whether a request can start now. */
  ready(): boolean
  /** Whether it ends soon: what it works on had better go on elsewhere. Absent: it never says so. */
  readonly leaving?: () => boolean
  /** The service itself is about to stop: it works on until `close`, whatever else it is told. Absent: it would anyway. */
  readonly stay?: () => void
  /** One attempt, within the deadlines. It may throw, and is sealed by whoever puts it behind a model. */
  readonly serve: Serve
  /** Whether it can go on with an answer that another engine began, given as `call.draft`. Absent: never. */
  readonly continues?: (draft: Draft) => boolean
  /**
   * Whether the prompt leaves room for an answer, asked before the request waits for a slot and needing none. Absent where nobody but
   * the engine can tell, which then does so when it has the request.
   * @returns `context-too-long` if it does not fit
   * @throws ServeError `invalid-request` when no prompt can be made of the request; otherwise as `serve` fails
   */
  readonly fits?: (request: CompletionRequest, call: Call) => Promise<Failure | undefined>
  /** Engines of the same one write the same prompt of a request. Absent where nobody knows. */
  readonly promptWriter?: string | undefined
  /**
   * No prompt of this request has more tokens; known without asking the engine.
   * @throws ServeError as `fits`
   */
  readonly promptTokensMax?: (request: CompletionRequest) => number
  /**
   * How many tokens the prompt has, by the engine's own tokenizer; undefined where it cannot be told now. Absent: it never can.
   * @throws ServeError as `fits`
   */
  readonly countPrompt?: (request: CompletionRequest, signal: AbortSignal) => Promise<number | undefined>
  /** Asks it how it is, apart from any request. Absent where its own `ready` is enough, and where only answers can tell. */
  readonly probe?: Probe
  close(): Promise<void>
}

export interface Probe {
  /** `away`: it cannot be reached, or says that it is not ready. `silent`: it says nothing in time. */
  health(signal: AbortSignal): Promise<'alive' | 'away' | 'silent'>
  /** @returns all requests there, running and waiting, whoever sent them; undefined when it does not tell  @throws Error when it did not answer */
  readonly load?: (signal: AbortSignal) => Promise<number | undefined>
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
