/** Two months of requests, made up: who asked what, how busy each hour is, and what goes wrong now and then. */
import type { Attempt } from '../../../server/src/completion/trace.ts'
import type { Usage } from '../../../server/src/completion/usage.ts'
import type { LogEntry } from '../../../server/src/request-log/entry.ts'
import { type Chance, chanceOf } from './random.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs

/** A key, and how its program asks. */
export interface Asker {
  readonly key: string
  readonly tenant: string
  readonly project: string | null
  readonly model: string
  /** Requests on an ordinary working day. */
  readonly perDay: number
  readonly promptTokens: number
  readonly completionTokens: number
  /** Of the prompt. */
  readonly cachedShare: number
  readonly thinking: boolean
  readonly streamed: boolean
  /** Calls tools so often. */
  readonly toolShare: number
  /** End users; 0: it names none. */
  readonly users: number
  /** At night, as jobs do. */
  readonly nightly?: true
}

/** How fast engines are: milliseconds to the first token, and tokens a second. */
const engines: Readonly<Record<string, readonly [firstMs: number, speed: number]>> = {
  'gpu-1': [310, 96],
  'gpu-2': [340, 92],
  'qwen-1': [190, 128],
  'qwen-2': [240, 118],
  demo: [45, 610],
}
const enginesOf: Readonly<Record<string, readonly string[]>> = {
  'deepseek-v4-flash': ['gpu-1', 'gpu-2'],
  'qwen3-8b': ['qwen-1', 'qwen-2'],
  'tidegate-demo': ['demo'],
}

/** What is refused before any engine is asked. */
const refusals = {
  rate_limit_exceeded: [429, 'The limit of 60 requests a minute of this key is reached. Try again in 21 seconds.'],
  invalid_request_error: [400, '`temperature` must be at least 0 and at most 2, but is 9.'],
  context_length_exceeded: [
    400,
    'The prompt has 34,118 tokens, and the context of this model is 32,768 tokens. Shorten the messages.',
  ],
} as const

/** @param until the last moment, milliseconds since 1970  @returns oldest first, by when they ended */
export function requestsUntil(until: number, askers: readonly Asker[]): LogEntry[] {
  const chance = chanceOf(20_261_127)
  const entries: LogEntry[] = []
  const today = Math.floor(until / dayMs) * dayMs
  for (let back = 62; back >= 0; back--) {
    const day = today - back * dayMs
    const isWeekend = [0, 6].includes(new Date(day).getUTCDay())
    // Use grows from week to week.
    const growth = 1 - back / 110
    for (const asker of askers) {
      const count = chance.around(asker.perDay * growth * (isWeekend && !asker.nightly ? 0.22 : 1))
      for (let i = 0; i < count; i++) {
        const at = day + timeOfDay(chance, asker)
        if (at < until - 2 * minuteMs) entries.push(entryAt(at, asker, chance))
      }
    }
  }
  // The page opens on a service that is at work.
  for (let i = 0; i < 46; i++) {
    const [asker] = [chance.of(...askers.filter(({ nightly }) => !nightly).map((one) => [one, one.perDay] as const))]
    entries.push(entryAt(until - chance.whole(25_000, 5 * minuteMs), asker, chance))
  }
  return entries.filter((one) => one.at + one.durationMs < until).toSorted((a, b) => endOf(a) - endOf(b))
}

const endOf = ({ at, durationMs }: LogEntry) => at + durationMs

function timeOfDay(chance: Chance, { nightly }: Asker): number {
  if (nightly) return 2 * hourMs + chance.whole(0, 80) * minuteMs
  const hour = chance.of(
    [7, 2],
    [8, 6],
    [9, 9],
    [10, 10],
    [11, 9],
    [12, 6],
    [13, 8],
    [14, 10],
    [15, 10],
    [16, 8],
    [17, 5],
    [20, 2],
  )
  return hour * hourMs + chance.whole(0, hourMs - 1)
}

function entryAt(at: number, asker: Asker, chance: Chance): LogEntry {
  const { key, tenant, project, model, thinking, streamed } = asker
  const userId = asker.users === 0 ? null : `u-${1_000 + Math.floor(asker.users * chance.next() ** 2)}`
  const asked = {
    id: idOf(chance),
    at,
    tenant,
    project,
    key,
    userId,
    model,
    asked: model,
    streamed,
    thinking,
    cost: 0n,
  }
  const fate = chance.of(['served', 965], ['refused', 14], ['left', 9], ['retried', 8], ['broken', 4])
  if (fate === 'refused') {
    const code = chance.of(['rate_limit_exceeded', 6], ['invalid_request_error', 3], ['context_length_exceeded', 2])
    const [status, message] = refusals[code]
    return { ...asked, ...refused(code, status, message), durationMs: chance.whole(1, 6) }
  }
  const [engine = '', other = ''] =
    chance.next() < 0.56 ? (enginesOf[model] ?? []) : (enginesOf[model] ?? []).toReversed()
  const [firstMs, speed] = engines[engine] ?? [300, 90]
  const usage = usageOf(asker, chance, fate === 'left' ? 0.3 : 1)
  const queuedMs = chance.of([chance.whole(0, 3), 90], [chance.around(180), 10])
  const beganMs = fate === 'retried' && other !== '' ? queuedMs + chance.around(420) : queuedMs
  const firstTokenMs = beganMs + chance.around(firstMs)
  const durationMs =
    firstTokenMs + Math.round((1_000 * usage.completionTokens) / (speed * (0.85 + 0.3 * chance.next())))
  const tries: Attempt[] = [
    ...(beganMs > queuedMs
      ? [{ engine: other, why: 'load', beganMs: queuedMs, endedMs: beganMs, outcome: 'engine-unavailable' } as const]
      : []),
    {
      engine,
      why: beganMs > queuedMs ? 'retry' : other === '' ? 'only' : chance.of(['prefix', 3], ['load', 2]),
      beganMs,
      firstTokenMs,
      endedMs: durationMs,
      outcome: fate === 'left' ? 'cancelled' : fate === 'broken' ? 'engine-lost' : 'ok',
    },
  ]
  const common = { ...asked, engine, usage, queuedMs, firstTokenMs, durationMs }
  const detail = { admittedMs: chance.whole(0, 2), tries, matchedStop: null, price: null, error: null }
  if (fate === 'left') return { ...common, status: 499, outcome: 'cancelled', failed: true, detail }
  if (fate === 'broken') {
    const message = 'Generation failed on every replica. The answer above is incomplete.'
    const code = 'service_unavailable'
    return {
      ...common,
      status: streamed ? 200 : 503,
      outcome: code,
      failed: true,
      detail: { ...detail, error: { code, message } },
    }
  }
  const outcome = chance.next() < asker.toolShare ? 'tool_calls' : chance.of(['stop', 40], ['length', 1])
  return { ...common, status: 200, outcome, failed: false, detail }
}

function refused(code: string, status: number, message: string) {
  return {
    status,
    outcome: code,
    failed: true,
    engine: null,
    usage: { promptTokens: 0, cachedTokens: 0, completionTokens: 0, reasoningTokens: 0 },
    queuedMs: null,
    firstTokenMs: null,
    detail: { admittedMs: null, tries: [], matchedStop: null, price: null, error: { code, message } },
  }
}

function usageOf(
  { promptTokens, completionTokens, cachedShare, thinking }: Asker,
  chance: Chance,
  part: number,
): Usage {
  const prompt = chance.around(promptTokens)
  const completion = Math.max(2, Math.round(chance.around(completionTokens) * part))
  return {
    promptTokens: prompt,
    cachedTokens: Math.round((prompt * Math.min(0.95, cachedShare * (0.6 + 0.8 * chance.next()))) / 16) * 16,
    completionTokens: completion,
    reasoningTokens: thinking ? Math.round(completion * (0.3 + 0.3 * chance.next())) : 0,
  }
}

export const idOf = (chance: Chance): string =>
  `req_${Array.from({ length: 24 }, () => chance.whole(0, 15).toString(16)).join('')}`

/** One that began on an engine that was taken away, and was finished by another: the reader of its stream saw no seam. */
export function resumedRequest(at: number, { key, tenant, project, model }: Asker, id: string): LogEntry {
  return {
    id,
    at,
    tenant,
    project,
    key,
    userId: 'u-1004',
    model,
    asked: 'deepseek-reasoner',
    engine: 'gpu-2',
    status: 200,
    outcome: 'stop',
    failed: false,
    streamed: true,
    thinking: true,
    usage: { promptTokens: 2_846, cachedTokens: 2_304, completionTokens: 1_187, reasoningTokens: 402 },
    cost: 0n,
    queuedMs: 2,
    firstTokenMs: 356,
    durationMs: 13_904,
    detail: {
      admittedMs: 1,
      tries: [
        { engine: 'gpu-1', why: 'prefix', beganMs: 2, firstTokenMs: 356, endedMs: 6_120, outcome: 'engine-lost' },
        {
          engine: 'gpu-2',
          why: 'retry',
          beganMs: 6_121,
          firstTokenMs: 6_744,
          endedMs: 13_904,
          outcome: 'ok',
          resumed: { phase: 'answer', tokens: 544 },
        },
      ],
      matchedStop: null,
      price: null,
      error: null,
    },
  }
}
