/**
 * The raw face of an engine: a prompt goes in, the model's own text comes out, markers and all. Everything that a client
 * sees is made of it by us (`engines/raw/`), which is why an engine with this face can be trusted with the whole contract.
 */
import type { TokenLogprob } from '../completion/event.ts'
import type { Sampling } from '../completion/request.ts'
import type { Room } from '../completion/serve.ts'

/** What is fixed for one set of weights. */
export interface ModelFacts {
  /** Prompt plus output, in tokens. */
  readonly contextWindow: number
  /** The model's own Jinja chat template. */
  readonly chatTemplate: string
  readonly bosToken: string
  readonly eosToken: string
  /**
   * The text of every control token and of every user-defined token that has a letter in it: what user text must never become,
   * and what must not come out as text by itself.
   */
  readonly specialTokens: readonly string[]
  /** Of these, the control tokens: they never belong into an answer. */
  readonly controlTokens: readonly string[]
  /** The engine enforces `Generation.constraint`. Where it does not, the answer is checked and held instead. */
  readonly constrains: boolean
  /** The engine can give log probabilities. */
  readonly logprobs: boolean
  /** Hex digest over the weights; part of `system_fingerprint`. */
  readonly digest: string
}

/** A grammar that rules the output, or waits for its cue. GBNF text; the start symbol is `root`. */
export interface Constraint {
  readonly gbnf: string
  /**
   * The text after which the grammar rules, e.g. `</think>` or the opening marker of a call block; the cue itself is not part
   * of what the grammar sees. Absent: it rules from the first token.
   */
  readonly after?: string
}

export interface Generation {
  /**
   * The prompt in pieces. Control tokens inside a piece are parsed as such; none is ever recognised across the border of two
   * pieces, so a border inside a control token's text keeps it plain text (contract C129).
   */
  readonly prompt: readonly string[]
  /** Of the pieces that the model itself wrote, the tokens; absent where nobody knows them. */
  readonly written?: readonly Written[]
  readonly sampling: Sampling
  /** At most so many tokens are generated; the room left in the context window counts too. */
  readonly maxTokens: number
  /** The first whose cue appears wins and rules to the end. */
  readonly constraints: readonly Constraint[]
  /** Token texts that must never be generated. Texts that are not one token in this vocabulary are ignored. */
  readonly banned: readonly string[]
  readonly logprobs?: { readonly top: number }
}

/**
 * A piece of the prompt that the model wrote: other tokens may give the same text, and the model would not go on from them as it would
 * have. The rest of the piece is text like any other.
 */
export interface Written {
  /** Which one, as an index into the prompt. */
  readonly piece: number
  readonly tokens: readonly number[]
  /** UTF-16 units at the beginning of the piece that these tokens are. */
  readonly units: number
}

export type Piece = string | readonly number[]

/** @returns the pieces of the prompt, as tokens where these are known */
export function piecesOf({ prompt, written }: Pick<Generation, 'prompt' | 'written'>): readonly Piece[] {
  if (!written) return prompt
  return prompt.flatMap((piece, index): readonly Piece[] => {
    const known = written.find((one) => one.piece === index)
    return known ? [known.tokens, piece.slice(known.units)].filter(({ length }) => length > 0) : [piece]
  })
}

export type GenerationEvent =
  /** The prompt was counted and fits; comes before the first token. */
  | { readonly type: 'started'; readonly promptTokens: number; readonly cachedTokens: number }
  /** A chunk of a long prompt was read. Shows that the engine works before its first token. */
  | { readonly type: 'progress'; readonly promptTokensRead: number }
  /** Whole characters only. `tokens` may be 0 (held-back bytes released) or more than 1; text may be '' while a character is incomplete. */
  | {
      readonly type: 'text'
      readonly text: string
      readonly tokens: number
      readonly logprobs?: readonly TokenLogprob[]
      /** The token, where it is one and known. `open`: it goes on into a character that is not whole yet. */
      readonly token?: number
      readonly open?: true
    }
  /**
   * `stop`: an end-of-generation token, which is counted in `tokens` only where the engine's own reports count it (contract C86);
   * `length`: the limit or the context window. `cachedTokens`: from an engine that could not tell before.
   */
  | { readonly type: 'ended'; readonly reason: 'stop' | 'length'; readonly cachedTokens?: number }

export interface GenerationCall {
  /** The request's id, for logs. */
  readonly id: string
  /** KV cache is reused only under the same namespace. */
  readonly namespace: string
  readonly signal: AbortSignal
  /** Where it settles, the reader lags: the engine rests until then. Absent: there is always room. */
  readonly room?: Room
}

/** Hears a generation from where the engine is read, and waits for nothing. */
export type Hear = (event: GenerationEvent) => void

export interface TokenEngine {
  readonly id: string
  /** Undefined until the model was loaded once. */
  readonly facts: ModelFacts | undefined
  /** How many generations run side by side; more than that should wait in the gateway's fair queue. */
  readonly slots: number
  /** Whether a generation can start now. */
  ready(): boolean
  /** As `Engine.leaving`, `Engine.stay`. */
  readonly leaving?: () => boolean
  readonly stay?: () => void
  /**
   * Tells what the model writes, and returns behind its `ended`.
   * @throws ServeError `context-too-long` (before `started`), `engine-lost`, `engine-unavailable`, `cancelled` when the signal
   * was aborted, and what `hear` throws; generation stops within one step of it.
   */
  generate(generation: Generation, call: GenerationCall, hear: Hear): Promise<void>
  /**
   * How many tokens a prompt has. Needs no slot, and goes on beside whatever is generated; of a prompt of many megabytes an estimate.
   * @throws ServeError `engine-lost`, `engine-unavailable`, `cancelled` when the signal was aborted, within half a second of it
   */
  count(prompt: readonly string[], signal: AbortSignal): Promise<number>
  close(): Promise<void>
}

/** The same engine, which generates in another way. */
export const generatingBy = (engine: TokenEngine, generate: TokenEngine['generate']): TokenEngine => ({
  id: engine.id,
  get slots() {
    return engine.slots
  },
  get facts() {
    return engine.facts
  },
  ready: () => engine.ready(),
  ...(engine.leaving && { leaving: engine.leaving }),
  ...(engine.stay && { stay: engine.stay }),
  count: (prompt, signal) => engine.count(prompt, signal),
  close: () => engine.close(),
  generate,
})
