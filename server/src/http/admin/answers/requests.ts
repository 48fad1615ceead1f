/** The log of requests as it goes out, written down where it is read. */
import type { Kysely } from 'kysely'
import { outraced } from '../../../completion/trace.ts'
import { decimalOf, type Price } from '../../../ledger/money.ts'
import { findPrice } from '../../../ledger/prices.ts'
import type { Recording } from '../../../request-log/entry.ts'
import { reachOf } from '../../../request-log/reach.ts'
import type { Recordings } from '../../../request-log/recording.ts'
import {
  type FoundRequest,
  findRequest,
  type LoggedRequest,
  listRequests,
  type Mark,
  newestOf,
  type RequestFilters,
  type RequestsQuestion,
} from '../../../request-log/requests.ts'
import type { Schema } from '../../../storage/schema.ts'
import { encoded } from '../../answer.ts'
import type { AnswerOf, RequestDetail, RequestLine } from '../contract.ts'
import { type FileFormat, tableText } from '../file.ts'
import { cursorOf, pageOf } from '../paging.ts'
import { timeOf, wirePrice } from '../wire.ts'

interface PageQuestion {
  readonly filters: RequestFilters
  readonly before: Mark | undefined
  readonly after: Mark | undefined
  readonly limit: number
  readonly currency: string
}

interface TableQuestion {
  readonly filters: RequestFilters
  readonly after: Mark | undefined
  readonly currency: string
  readonly format: FileFormat
}

interface OneQuestion {
  readonly id: string
  readonly tenant: string | undefined
  readonly currency: string
  readonly recordedMs: number | undefined
}

/** Rows that are read at once: a few milliseconds, in which nothing else is read here. */
const rowsAtOnce = 1_000

/** @param lookedAtMax at how many requests one question looks */
export const requestAnswers = (read: Kysely<Schema>, recordings: Recordings, lookedAtMax = 100_000) => {
  /** @returns with `reach`, where looking stopped before the log ended */
  async function look(
    question: Omit<RequestsQuestion, 'limit'>,
    limit: number,
  ): Promise<{ readonly lines: readonly LoggedRequest[]; readonly reach?: number | undefined }> {
    // Whoever searches for a whole id means this one, however old it is.
    const { search: id, ...others } = question
    const exact = id === undefined ? [] : await listRequests(read, { ...others, id, limit: 1 })
    if (exact.length > 0) return { lines: exact }
    const reach = await reachOf(read, question, lookedAtMax)
    return { lines: await listRequests(read, { ...question, reach, limit }), reach }
  }

  return {
    async requests({ filters, before, after, limit, currency }: PageQuestion) {
      // Read first: what is written down meanwhile came since.
      const newest = await newestOf(read, filters.tenant)
      const { lines, reach } = await look({ ...filters, before, after }, limit + 1)
      const page = pageOf(
        lines,
        limit,
        (line) => requestLineOf(line, currency),
        ({ seq, id }) => [seq, id],
      )
      // Where nothing matched, it is not looked at again.
      const mark = lines[0] ?? newest ?? after
      return encoded<AnswerOf<'GET /admin/requests'>>({
        items: page.items,
        next: page.next ?? (reach === undefined ? null : cursorOf([reach, ''])),
        newest: mark ? cursorOf([mark.seq, mark.id]) : null,
      })
    },

    /** `last` is absent behind the last row. */
    async requestTable({ filters, after, currency, format }: TableQuestion) {
      const lines = await listRequests(read, { ...filters, after, limit: rowsAtOnce, oldestFirst: true })
      const rows = lines.map((line) => rowOf(line, currency))
      const last = lines.at(-1)
      const text = new TextEncoder().encode(tableText(format, requestColumns, rows))
      return { text, last: last && { seq: last.seq, id: last.id } }
    },

    async request({ id, tenant, currency, recordedMs }: OneQuestion) {
      const found = await findRequest(read, id, tenant)
      if (!found) return undefined
      const { price } = found.detail
      const known = price === null ? undefined : await findPrice({ read }, price)
      const said = found.sealed ? recordings.unseal(id, found.sealed) : undefined
      return encoded(wireDetail({ ...found, said }, currency, known, recordedMs))
    },
  }
}

export const requestLineOf = (line: LoggedRequest, currency: string): RequestLine => ({
  id: line.id,
  at: timeOf(line.at),
  tenant: line.tenant,
  projectId: line.project,
  key: { id: line.key, name: line.keyName },
  userId: line.userId,
  model: line.model,
  engine: line.engine,
  status: line.status,
  outcome: line.outcome,
  failed: line.failed,
  streamed: line.streamed,
  thinking: line.thinking,
  tokens: {
    input: line.usage.promptTokens,
    cachedInput: line.usage.cachedTokens,
    output: line.usage.completionTokens,
    reasoning: line.usage.reasoningTokens,
  },
  cost: decimalOf(line.cost),
  currency,
  queuedMs: line.queuedMs,
  firstTokenMs: line.firstTokenMs,
  durationMs: line.durationMs,
  tokensPerSecond: speedOf(line),
  attempts: line.attempts,
  recorded: line.recorded,
})

/** From the first token on; of so short a time that it says nothing, nothing. */
function speedOf({ firstTokenMs, durationMs, usage }: LoggedRequest): number | null {
  if (firstTokenMs === null || durationMs - firstTokenMs < 10 || usage.completionTokens < 2) return null
  return Math.round((10_000 * usage.completionTokens) / (durationMs - firstTokenMs)) / 10
}

export const requestColumns = [
  'id',
  'at',
  'tenant',
  'key',
  'user',
  'model',
  'engine',
  'status',
  'outcome',
  'streamed',
  'thinking',
  'input',
  'cached_input',
  'output',
  'reasoning',
  'cost',
  'currency',
  'queued_ms',
  'first_token_ms',
  'duration_ms',
  'attempts',
  'project',
] as const

function rowOf(request: LoggedRequest, currency: string) {
  const line = requestLineOf(request, currency)
  return {
    ...line,
    key: line.key.id,
    project: line.projectId,
    user: line.userId,
    input: line.tokens.input,
    cached_input: line.tokens.cachedInput,
    output: line.tokens.output,
    reasoning: line.tokens.reasoning,
    queued_ms: line.queuedMs,
    first_token_ms: line.firstTokenMs,
    duration_ms: line.durationMs,
  }
}

type Found = FoundRequest & { readonly said: Recording | undefined }
type Step = RequestDetail['timeline'][number]

function wireDetail(
  found: Found,
  currency: string,
  price: Price | undefined,
  recordedMs: number | undefined,
): RequestDetail {
  const { detail, said } = found
  return {
    ...requestLineOf(found, currency),
    asked: found.asked,
    matchedStop: detail.matchedStop,
    error: detail.error,
    timeline: timelineOf(found),
    tries: detail.tries.map((attempt) => ({
      engine: attempt.engine,
      why: attempt.why,
      beganMs: attempt.beganMs,
      firstTokenMs: attempt.firstTokenMs ?? null,
      endedMs: attempt.endedMs ?? found.durationMs,
      outcome: attempt.outcome ?? 'cancelled',
      message: (attempt.outcome && troubles[attempt.outcome]) ?? null,
      resumed: attempt.resumed ?? null,
    })),
    price: price === undefined ? null : wirePrice(price),
    recording: said
      ? {
          prompt: said.prompt,
          answer: {
            reasoning: said.answer.reasoning,
            text: said.answer.text,
            toolCalls: said.answer.toolCalls.map(({ id, name, arguments: given }) => ({ id, name, arguments: given })),
          },
          keptUntil: timeOf(found.at + (recordedMs ?? 0)),
        }
      : null,
  }
}

/** What went wrong at an engine, for people. */
const troubles: Readonly<Record<string, string>> = {
  'engine-unavailable': 'The engine could not be reached, or took nothing.',
  'engine-busy': 'The engine had too much to do.',
  'engine-denied': 'The engine does not serve us: its key, its balance, or the name of its model.',
  'engine-refused': 'The engine refused the request.',
  'engine-failed': 'The engine failed at the request.',
  'engine-lost': 'The engine went away while it worked on the request.',
  'engine-timeout': 'The engine was silent for too long.',
  'engine-protocol': 'The engine sent what nobody can read, or ended without an end.',
  'invalid-output': 'The model did not produce what the format promises.',
  internal: 'A defect ended the attempt.',
}

function timelineOf({ detail, queuedMs, firstTokenMs, durationMs, outcome }: Found): Step[] {
  const steps: (Step | undefined)[] = [
    { atMs: 0, what: 'accepted', detail: detail.replayed ? 'an answer that was made before' : null },
    detail.admittedMs === null ? undefined : { atMs: detail.admittedMs, what: 'admitted', detail: null },
    queuedMs === null ? undefined : { atMs: queuedMs, what: 'placed', detail: null },
    ...detail.tries.flatMap(({ engine, beganMs, endedMs, outcome: end, why, resumed }, i) => [
      {
        atMs: beganMs,
        what: resumed ? 'resume' : why === 'hedge' ? 'hedge' : i === 0 ? 'attempt' : 'retry',
        detail: `${engine}, ${why}`,
      },
      ...(end === undefined || end === 'ok'
        ? []
        : [
            end === outraced
              ? { atMs: endedMs ?? durationMs, what: end, detail: engine }
              : { atMs: endedMs ?? durationMs, what: 'failed-attempt', detail: end },
          ]),
    ]),
    firstTokenMs === null ? undefined : { atMs: firstTokenMs, what: 'first-token', detail: null },
    { atMs: durationMs, what: detail.error ? 'failed' : 'finished', detail: outcome },
  ]
  return steps.filter((step) => step !== undefined).toSorted((a, b) => a.atMs - b.atMs)
}
