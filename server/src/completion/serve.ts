import type { CompletionEvent } from './event.ts'
import type { CompletionRequest } from './request.ts'

/** Who asks, and how to stop: what travels beside the request through every layer. */
export interface Call {
  /** `x-request-id`: the name of this request in logs and answers. */
  readonly id: string
  readonly tenant: string
  readonly keyId: string
  /** Requests of this key that may run at once; absent: as many as come. */
  readonly concurrency?: number
  /** The same for this end user of the key. */
  readonly userConcurrency?: number
  /** The client gets the answer in one piece: until its end an attempt can be made again, however much it said (contract C94). */
  readonly whole?: boolean
  /** The end user of the key owner, as sent; recorded, and never given to an engine (contract C99). */
  readonly userId?: string
  /** HMAC of tenant and user: KV salt, prefix-cache key, place in the fair queue (contract C98). 43 characters. */
  readonly namespace: string
  /**
   * Aborted when nobody needs the answer any more. Whoever consumes the events aborts and then reads on to the terminal
   * event, which carries the usage so far; it does not `return()` the iterator, which would wait behind a stalled engine.
   */
  readonly signal: AbortSignal
}

/** The one shape of engine, router and gateway. */
export type Serve = (request: CompletionRequest, call: Call) => AsyncIterable<CompletionEvent>
export type Layer = (next: Serve) => Serve

/** @returns `innermost` wrapped by the layers, the first of them outermost. */
export const compose = (layers: readonly Layer[], innermost: Serve): Serve =>
  layers.reduceRight((next, layer) => layer(next), innermost)
