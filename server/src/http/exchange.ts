import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Key } from '../tenancy/key.ts'

/** One request and its answer, on Node's own objects: an answer is written to the socket without another layer's buffers. */
export interface Exchange {
  /** `x-request-id`. */
  readonly id: string
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** Aborted when nobody waits for the answer any more: the client has left, or the server stops. */
  readonly gone: AbortSignal
  /** What the `*` of the route stands for, decoded; '' without one. */
  readonly rest: string
  /** What the braces of the route stand for, decoded. */
  readonly params: Readonly<Record<string, string>>
  /** What the access line says beside status and duration, `failure` by its code. Never anything that a client wrote. */
  readonly notes: { key?: string; model?: string; failure?: string }
  /** A completion ran for it, whose own line tells more than the access line. */
  completed?: boolean
  /** Gives back what is held for it; called when the answer is over. */
  release?: () => void
}

export type OpenHandler = (exchange: Exchange) => Promise<void> | void
/** A handler behind a key: it runs after the key was found good. */
export type KeyedHandler = (exchange: Exchange, key: Key) => Promise<void> | void
