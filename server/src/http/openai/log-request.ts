import { type Failure, ServeError } from '../../completion/failure.ts'
import { decisive, startTrace, type Trace } from '../../completion/trace.ts'
import { noUsage } from '../../completion/usage.ts'
import type { LogEntry } from '../../request-log/entry.ts'
import type { Key } from '../../tenancy/key.ts'
import type { Exchange, KeyedHandler } from '../exchange.ts'
import { errorStatus, wireErrors } from './errors.ts'

/** What a handler finds out about a request on its way. */
export interface Seen {
  readonly trace: Trace
  body?: { readonly model: string; readonly stream: boolean; readonly userId?: string | undefined }
  /** The body as it came. */
  json?: unknown
  model?: string
  thinking?: boolean
  /** Resolved when the answer has ended, which may be after its client left. */
  ended?: Promise<void>
  replayed?: boolean
  failure?: Failure
}

/** Takes what is to be written down. */
export type RequestLog = (entry: LogEntry) => void

/** Writes every request of a key down when it is over, whatever came of it: also one that never got as far as an engine. */
export const logged =
  (log: RequestLog, handle: (exchange: Exchange, key: Key, seen: Seen) => Promise<void>): KeyedHandler =>
  async (exchange, key) => {
    const seen: Seen = { trace: startTrace() }
    try {
      await handle(exchange, key, seen)
    } catch (error) {
      seen.failure = error instanceof ServeError ? error.failure : { code: 'internal', message: '' }
      throw error
    } finally {
      const status = statusOf(exchange, seen)
      void (seen.ended ?? Promise.resolve()).then(() => log(entryOf(exchange, key, seen, status)))
    }
  }

/** As it stands on the wire, except for clients that left: they heard nothing. */
function outcomeOf(failure: Failure | undefined, { outcome = 'internal' }: Trace): string {
  if (failure) return failure.code === 'cancelled' ? 'cancelled' : wireErrors[failure.code].code
  return outcome.replace('-', '_')
}

function statusOf({ gone, response }: Exchange, { failure }: Seen): number {
  if (gone.aborted && !response.writableFinished) return 499
  return failure && !response.headersSent ? errorStatus(failure) : response.statusCode
}

/** In characters of JSON; a larger body is not kept. */
const promptMax = 1_000_000

const bounded = (json: unknown): unknown => (JSON.stringify(json ?? null).length > promptMax ? null : json)

function entryOf(exchange: Exchange, key: Key, seen: Seen, status: number): LogEntry {
  const { trace, body, failure } = seen
  const { tries, usage = noUsage } = trace
  const outcome = seen.replayed ? 'replayed' : outcomeOf(failure, trace)
  const said = trace.said && { prompt: bounded(seen.json), answer: trace.said }
  return {
    id: exchange.id,
    at: trace.at,
    tenant: key.tenant,
    project: key.project?.id ?? null,
    key: key.id,
    userId: body?.userId ?? null,
    model: seen.model ?? body?.model.slice(0, 128) ?? '',
    asked: body?.model.slice(0, 128) ?? '',
    engine: decisive(trace)?.engine ?? null,
    status,
    outcome,
    failed: status >= 400 || failure !== undefined,
    streamed: body?.stream ?? false,
    thinking: seen.thinking ?? false,
    usage,
    cost: trace.charge ?? 0n,
    queuedMs: trace.placedMs ?? null,
    firstTokenMs: trace.firstTokenMs ?? null,
    durationMs: trace.endedMs ?? Math.round(performance.now() - trace.began),
    detail: {
      admittedMs: trace.admittedMs ?? null,
      tries,
      matchedStop: trace.matchedStop ?? null,
      price: trace.price ?? null,
      error: failure ? { code: outcome, message: failure.message } : null,
      ...(seen.replayed && { replayed: true }),
    },
    ...(said && { said }),
  }
}
