/** What the server and the engine's child process say to one another. Everything is plain data. */
import type { Failure } from '../../completion/failure.ts'
import type { Generation, GenerationEvent, ModelFacts } from '../token-engine.ts'

/** What decides how a model is opened. */
export interface ModelOptions {
  readonly path: string
  /** Prompt plus output in tokens, for each slot; absent: the training context, at most 8,192. */
  readonly contextSize?: number
  /** Sequences that decode side by side; absent: 8, or as many as memory allows. */
  readonly slots?: number
  /** CPU threads that compute; absent: see `defaultThreads`. */
  readonly threads?: number
  /** `auto` uses a GPU whose binaries are installed; false never looks for one. */
  readonly gpu: 'auto' | 'cuda' | 'vulkan' | 'metal' | false
  /** Most prompt tokens in one step while other answers are being written. */
  readonly prefillTokens: number
}

export type ToChild =
  /** Answered with `alive` as soon as the child's event loop comes round. */
  | { readonly type: 'ping' }
  | { readonly type: 'load'; readonly options: ModelOptions }
  | { readonly type: 'generate'; readonly id: number; readonly namespace: string; readonly generation: Generation }
  /** Needs no slot. */
  | { readonly type: 'count'; readonly id: number; readonly prompt: readonly string[] }
  | { readonly type: 'cancel'; readonly id: number }
  /** The reader took so many text events more; what is not taken is what the child may be ahead. */
  | { readonly type: 'consumed'; readonly id: number; readonly events: number }

/** How a generation can end beside its own `ended`; nothing follows it. */
export type Ending = { readonly type: 'failed'; readonly failure: Failure } | { readonly type: 'cancelled' }
/** All that is ever said to `count`. */
type Counted = { readonly type: 'counted'; readonly tokens: number }
export type StepEvent = GenerationEvent | Counted | Ending

export type FromChild =
  | { readonly type: 'alive' }
  /** It was told to end (SIGTERM), and works on until somebody ends it. */
  | { readonly type: 'leaving' }
  | { readonly type: 'loaded'; readonly facts: ModelFacts; readonly slots: number }
  /** The file cannot be served; trying again would not help. */
  | { readonly type: 'refused'; readonly message: string }
  /** Everything that one step of all generations brought: what arrives together is sent together. */
  | { readonly type: 'step'; readonly events: readonly (readonly [id: number, event: StepEvent])[] }
  | { readonly type: 'log'; readonly level: 'warn' | 'error'; readonly text: string }

/** Text events that the child may be ahead of the reader; then that generation rests (contract C9). */
export const AHEAD_MAX = 256

/** Whether nothing follows this event. */
export const isLast = (event: StepEvent): boolean =>
  event.type === 'ended' || event.type === 'counted' || event.type === 'failed' || event.type === 'cancelled'
