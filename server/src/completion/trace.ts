import type { CompletedCall } from './event.ts'
import type { Usage } from './usage.ts'

/**
 * What happened to one call, written down by whoever knows, for the request log. Moments are milliseconds since `began`, so that a
 * clock that is set meanwhile moves none of them.
 */
export interface Trace {
  /** Milliseconds since 1970 when it came. */
  readonly at: number
  /** The same moment on the clock of `performance.now()`. */
  readonly began: number
  /** When its limits and its balance let it in. */
  admittedMs?: number
  /** When a replica first had a place for it. */
  placedMs?: number
  /** When the first word of the answer was there, whoever waits for all of it. */
  firstTokenMs?: number
  readonly tries: Attempt[]
  /** When the last word of it was there, and what it came to. */
  endedMs?: number
  usage?: Usage
  /** A finish reason, or the code of a failure. */
  outcome?: string
  matchedStop?: string | null
  /** The price that it was charged at, and the charge in micro-units. */
  price?: string
  charge?: bigint
  /** What was said, if that is to be kept. */
  said?: Said
  /** Told when all of this is known. */
  onEnded?: () => void
}

/** An answer, whole. */
export interface Said {
  reasoning: string
  text: string
  readonly toolCalls: CompletedCall[]
}

/** One engine's try at the answer. */
export interface Attempt {
  readonly engine: string
  /** Why this one. */
  readonly why: Why
  readonly beganMs: number
  firstTokenMs?: number
  endedMs?: number
  /** `ok`, the code of the failure, or `outraced` by another one; absent while it runs. */
  outcome?: string
  /** It went on with what another engine had written: where that broke off, and how many tokens stood then. */
  readonly resumed?: { readonly phase: string; readonly tokens: number }
}

/**
 * `only`: there is no other. `prefix`: as free as the others, and the place where this user's prompts are likely still cached. `load`: the
 * least loaded for its weight. `retry`: the others failed at this request. `last-resort`: all are in trouble, and this one less.
 * `hedge`: another one had no first word yet.
 */
export type Why = 'only' | 'prefix' | 'load' | 'retry' | 'last-resort' | 'hedge'

export const startTrace = (): Trace => ({ at: Date.now(), began: performance.now(), tries: [] })

/** @returns the attempt that the answer came from, or the last one */
export const decisive = ({ tries }: Pick<Trace, 'tries'>): Attempt | undefined =>
  tries.findLast(({ outcome }) => outcome !== outraced) ?? tries.at(-1)

export const outraced = 'outraced'

/** Whole milliseconds since the call came. */
export const sinceBegan = ({ began }: Trace): number => Math.round(performance.now() - began)

/** @returns the attempt that begins now, which is in the trace from here on */
export function beginAttempt(trace: Trace, engine: string, why: Why, resumed: Attempt['resumed']): Attempt {
  const beganMs = sinceBegan(trace)
  const attempt: Attempt = { engine, why, beganMs, ...(resumed && { resumed }) }
  trace.placedMs ??= beganMs
  trace.tries.push(attempt)
  return attempt
}
