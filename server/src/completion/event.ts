import type { Failure } from './failure.ts'
import type { Usage } from './usage.ts'

export type FinishReason = 'stop' | 'length' | 'tool-calls' | 'content-filter'

/** One generated token's log probability (natural logarithm, before sampling), with the best alternatives. */
export interface TokenLogprob {
  readonly token: string
  /** The token's own bytes; a token may hold part of a character. */
  readonly bytes: readonly number[]
  readonly logprob: number
  readonly top: readonly Omit<TokenLogprob, 'top'>[]
}

/**
 * Grammar: `started (reasoning | text | tool-call)* (finished | failed)`, or `failed` alone. Nothing follows the terminal event.
 * Order inside an answer: reasoning, then text, then calls. Text is never cut inside a code point.
 */
export type CompletionEvent =
  /** The engine has begun: the prompt was read. Carries what is known of it, so that an answer cut short still has a count. */
  | {
      readonly type: 'started'
      readonly promptTokens: number
      readonly cachedTokens: number
      /** Whether this answer has reasoning; less than was asked for where an engine cannot force a call behind it (contract C46). */
      readonly thinking?: boolean
    }
  | Delta
  /** A call is given whole (contract C49): the arguments are one JSON object as text. `id` is ours; `tokens` counts its markup too. */
  | { readonly type: 'tool-call'; readonly index: number; readonly call: CompletedCall; readonly tokens: number }
  | Ending

export type Ending = Finished | Failed

/** All of an answer but its end. */
export type Piece = Exclude<CompletionEvent, Ending>

export const isEnding = (event: CompletionEvent): event is Ending =>
  event.type === 'finished' || event.type === 'failed'

export interface Delta {
  readonly type: 'reasoning' | 'text'
  readonly text: string
  /** How many tokens end in `text`: 0 where a token is cut in two, an estimate where an engine does not tell. Markup is in none. */
  readonly tokens: number
  readonly logprobs?: readonly TokenLogprob[]
}

export interface CompletedCall {
  /** `call_` and 24 hex digits, made by us (contract C47). */
  readonly id: string
  readonly name: string
  readonly arguments: string
}

export interface Finished {
  readonly type: 'finished'
  readonly reason: FinishReason
  /** The client's stop string that ended the answer, else null (contract C65). */
  readonly matchedStop: string | null
  readonly usage: Usage
}

export interface Failed {
  readonly type: 'failed'
  readonly failure: Failure
  readonly usage?: Usage
}
