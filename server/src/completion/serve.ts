import type { Draft, Phase } from './draft/draft.ts'
import type { Ending, Finished, Piece } from './event.ts'
import type { CompletionRequest } from './request.ts'
import type { Trace } from './trace.ts'
import type { LimitsLeft, ProjectUse, UseLimits } from './use-limits.ts'

/** Who asks, and how to stop: what travels beside the request through every layer. */
export interface Call {
  /** `x-request-id`: the name of this request in logs and answers. */
  readonly id: string
  readonly tenant: string
  readonly keyId: string
  /** What the key may use; absent: as much as comes. */
  readonly limits?: UseLimits
  /** That the key belongs to. */
  readonly project?: ProjectUse
  /** Told once when the request is admitted or refused for its limits: how much of them is left. */
  readonly onLimits?: (left: LimitsLeft) => void
  /** Told each time when another engine goes on with the answer. */
  readonly onResumed?: (resume: Resume) => void
  /** Told once when a second engine was asked beside the first. */
  readonly onHedged?: (end: Hedge) => void
  /** Told of each draft that the answer is made in, the last one being the one that counts. */
  readonly onDraft?: (draft: Draft) => void
  /** Where is written down what happens to it; absent: nobody asks. */
  readonly trace?: Trace
  /** No prompt of this request has more tokens, whichever engine writes it; absent: nobody knows. */
  readonly promptTokensMax?: number
  /** Finds out better, and takes its time; undefined when nobody tells. Absent: nobody could. */
  readonly countPrompt?: () => Promise<number | undefined>
  /** What to keep of the answer when it ends, so that asking again replays it: written together with its charge. */
  readonly keep?: (end: Finished) => KeptAnswer
  /** The answer that this attempt begins, or goes on with; absent: it begins one of its own. */
  readonly draft?: Draft
  /** The client gets the answer in one piece: until its end an attempt can be made again, however much it said (contract C94). */
  readonly whole?: boolean
  /** The end user of the key owner, as sent; recorded, and never given to an engine (contract C99). */
  readonly userId?: string
  /** HMAC of tenant and user: KV salt, prefix-cache key, place in the fair queue (contract C98). 43 characters. */
  readonly namespace: string
  /** Aborted when nobody needs the answer any more: it then ends soon, with the usage so far. */
  readonly signal: AbortSignal
  /** Asked by whoever hears an engine, behind what came: it rests until that settles. Absent: there is always room. */
  readonly room?: Room
}

/** A whole answer, encrypted. */
export interface KeptAnswer {
  /** Where its place was claimed. */
  readonly lookup: Uint8Array
  readonly sealed: Uint8Array
}

/** One change of the engine in the middle of an answer. */
export interface Resume {
  readonly phase: Phase
  /** What became of the engine before: the code of its failure without `engine-`, or why it was left. */
  readonly reason: string
  /** Tokens that stood then. */
  readonly tokens: number
}

/** What became of a second attempt beside the first: its word was first, or the other's, or both failed. */
export type Hedge = 'won' | 'lost' | 'failed'

/** Where the client lags behind: settles once it has caught up. */
export type Room = () => Promise<void> | undefined

/** Hears an answer piece by piece. It is called from where the engine is read, and waits for nothing. */
export type Tell = (piece: Piece) => void

/**
 * The one shape of engine, router and gateway: tells the answer as it comes, and returns its end. A word goes from the engine's socket
 * to the client's through functions that call each other, however many layers there are.
 * @throws what `sealed` makes an end of
 */
export type Serve = (request: CompletionRequest, call: Call, tell: Tell) => Promise<Ending>
