import type { Attempt, Said } from '../completion/trace.ts'
import type { Usage } from '../completion/usage.ts'

/** One request as the log keeps it: who asked whom, what came of it and what it cost. Never a word of what was said. */
export interface LogEntry {
  /** `x-request-id`. */
  readonly id: string
  /** When it came, in milliseconds since 1970. */
  readonly at: number
  readonly tenant: string
  readonly project: string | null
  readonly key: string
  readonly userId: string | null
  readonly model: string
  /** The model as the request named it. */
  readonly asked: string
  /** Who gave the answer, or was tried last. */
  readonly engine: string | null
  /** Of HTTP; 499: the client left. */
  readonly status: number
  /** A finish reason, or the code of a failure. */
  readonly outcome: string
  readonly failed: boolean
  readonly streamed: boolean
  readonly thinking: boolean
  readonly usage: Usage
  /** What was charged, in micro-units of the currency. */
  readonly cost: bigint
  readonly queuedMs: number | null
  readonly firstTokenMs: number | null
  /** Until the last word was there; the client may have taken longer to read it. */
  readonly durationMs: number
  readonly detail: Detail
  /** What was said, if that is to be kept. */
  readonly said?: Recording
}

/** The numbers that requests are written down with grow by so many in a millisecond. */
export const seqPerMs = 1_000

/** What only the page of one request shows. */
export interface Detail {
  readonly admittedMs: number | null
  readonly tries: readonly Attempt[]
  readonly matchedStop: string | null
  readonly price: string | null
  readonly error: { readonly code: string; readonly message: string } | null
  /** The answer to an Idempotency-Key that was made before. */
  readonly replayed?: true
}

/** What was said. */
export interface Recording {
  /** The body of the request; null where it was too large to be kept. */
  readonly prompt: unknown
  readonly answer: Said
}
