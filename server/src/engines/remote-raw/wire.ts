import type { TokenLogprob } from '../../completion/event.ts'
import type { Sampling } from '../../completion/request.ts'
import type { Json, Reported, Signal } from '../openai-wire/chunk.ts'
import type { Asking } from './asking.ts'
import type { TokenizerConfig } from './tokenizer-config.ts'

/** What is different from one server's raw endpoints to the next. Behaviour is shared. */
export interface RawWire {
  /** Paths start at the root of the server, without `/v1`. */
  readonly tokenizePath: string
  /** Control tokens in the text become such. The answer has their ids in `tokens`. */
  readonly tokenize: (text: string, model: string) => object
  /** Control tokens in the text stay text; absent where nothing can say so. */
  readonly tokenizePlain?: (text: string) => object
  readonly generatePath: string
  readonly generate: (ask: RawAsk) => object
  /** What one event of the stream says, without errors and `[DONE]`. */
  readonly read: (body: Json) => readonly RawEvent[]
  /** What the server tells of itself; nothing, where it has no words for it. @throws as `Asking` */
  readonly describe: (asking: Asking, signal: AbortSignal) => Promise<Described>
  /** Prompt plus output in tokens, where `describe` does not have it. @throws as `Asking` */
  readonly contextWindow?: (asking: Asking, model: string, signal: AbortSignal) => Promise<number | undefined>
  /** Our grammars are accepted and enforced as they are meant; can be overruled by the operator. */
  readonly constrains: boolean
}

/** A generation, with everything that is text made tokens. */
export interface RawAsk {
  readonly model: string
  readonly prompt: readonly number[]
  /** Always sent: without one these servers stop after 16 or 128 tokens (contract SG16). */
  readonly maxTokens: number
  readonly sampling: Sampling
  readonly gbnf: string | undefined
  readonly banned: readonly number[]
  readonly logprobs: { readonly top: number } | undefined
  readonly namespace: string
}

/** What a server said, in one vocabulary for all of them. */
export type RawEvent =
  | {
      readonly type: 'text'
      readonly text: string
      /** The token, where there is one and it is told. */
      readonly token?: number
      readonly logprobs?: readonly TokenLogprob[]
    }
  | { readonly type: 'progress'; readonly promptTokensRead: number }
  /** So many tokens were written until now, and what else is known. */
  | { readonly type: 'counts'; readonly counts: Reported }
  | { readonly type: 'end'; readonly reason: string }

export type RawSignal = RawEvent | Signal

/** What a server can tell of itself. */
export interface Described extends TokenizerConfig {
  readonly contextWindow?: number
  /** Requests that it works on side by side. */
  readonly slots?: number
  /** Of the weights, as far as it names them. */
  readonly weights?: string
}
