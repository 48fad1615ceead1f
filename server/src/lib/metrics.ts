import {
  AggregatorRegistry,
  Counter,
  type CounterConfiguration,
  collectDefaultMetrics,
  Gauge,
  type GaugeConfiguration,
  Histogram,
  type MetricObjectWithValues,
  type MetricValue,
  Registry,
} from 'prom-client'
import type { Crew } from './crew.ts'

/** What `GET /metrics` shows. Labels never carry a key, a user or anything else without bounds. */
export function createMetrics() {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry, prefix: 'tidegate_' })
  const registers = [registry]
  return {
    registry,
    requests: counts({
      name: 'tidegate_requests_total',
      help: 'Completions by model and outcome: a finish reason, or the code of a failure.',
      labelNames: ['model', 'outcome'],
      registers,
    }),
    tokens: counts({
      name: 'tidegate_tokens_total',
      help: 'Tokens by model and kind: prompt, cached (part of prompt), completion, reasoning (part of completion).',
      labelNames: ['model', 'kind'],
      registers,
    }),
    firstWord: new Histogram({
      name: 'tidegate_time_to_first_token_seconds',
      help: 'From accept to the first delta.',
      labelNames: ['model'],
      buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120],
      registers,
    }),
    duration: new Histogram({
      name: 'tidegate_completion_seconds',
      help: 'From accept to the end of the answer.',
      labelNames: ['model'],
      buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600],
      registers,
    }),
    running: level({
      name: 'tidegate_completions_running',
      help: 'Completions being served now.',
      labelNames: ['model'],
      registers,
    }),
    attempts: counts({
      name: 'tidegate_engine_attempts_total',
      help: 'Attempts by engine and outcome: ok, or the code of a failure.',
      labelNames: ['engine', 'outcome'],
      registers,
    }),
    retries: new Counter({
      name: 'tidegate_retries_total',
      help: 'Attempts beyond the first one of their completion.',
      labelNames: ['model'],
      registers,
    }),
    resumes: new Counter({
      name: 'tidegate_stream_resumes_total',
      help: 'Answers that another engine went on with: in which part of them, and what became of the engine before.',
      labelNames: ['phase', 'reason'],
      registers,
    }),
    hedges: new Counter({
      name: 'tidegate_hedges_total',
      help: 'Second attempts beside one without a first word, by model and what became of them: won, lost, failed.',
      labelNames: ['model', 'outcome'],
      registers,
    }),
    /** Shows how many requests the log has lost. */
    showLost: (lost: () => number) =>
      new Counter({
        name: 'tidegate_request_log_lost_total',
        help: 'Requests that could not be written to the request log.',
        registers,
        collect() {
          this.reset()
          this.inc(lost())
        },
      }),
    /** Shows each engine as it is when somebody looks. */
    showEngines: (engines: () => readonly EngineLook[]) => {
      for (const [name, help, of, aggregator] of engineGauges)
        new Gauge({
          name: `tidegate_engine_${name}`,
          help,
          aggregator,
          labelNames: ['engine'],
          registers,
          collect() {
            for (const look of engines()) this.set({ engine: look.engine }, of(look))
          },
        })
    },
  }
}

/**
 * A counter by two labels, for what each request counts several times: it is kept in numbers until somebody looks. prom-client would put
 * the labels together anew for each, a kilobyte of garbage a time.
 */
function counts(options: CounterConfiguration<string> & { readonly labelNames: readonly [string, string] }) {
  const [first, second] = options.labelNames
  const all = new Map<string, Map<string, number>>()
  new Counter({
    ...options,
    collect() {
      this.reset()
      for (const [one, others] of all)
        for (const [other, count] of others) this.inc({ [first]: one, [second]: other }, count)
    },
  })
  return {
    add(one: string, other: string, count = 1) {
      const others = all.get(one) ?? new Map<string, number>()
      if (others.size === 0) all.set(one, others)
      others.set(other, (others.get(other) ?? 0) + count)
    },
  }
}

/** A gauge by one label that each request changes, kept as `counts` are. */
function level(options: GaugeConfiguration<string> & { readonly labelNames: readonly [string] }) {
  const all = new Map<string, number>()
  new Gauge({
    ...options,
    collect() {
      for (const [one, count] of all) this.set({ [options.labelNames[0]]: one }, count)
    },
  })
  return { add: (one: string, count: number) => void all.set(one, (all.get(one) ?? 0) + count) }
}

/** An engine as it is now. */
export interface EngineLook {
  readonly engine: string
  readonly well: boolean
  readonly breaker: keyof typeof breakerNumbers
  readonly running: number
  readonly waiting: number
  readonly others: number
}

const breakerNumbers = { closed: 0, 'half-open': 1, open: 2 } as const

/** What the gauges of several processes come to: where they differ, the worse counts. */
type Together = 'sum' | 'min' | 'max'

const engineGauges: readonly (readonly [name: string, help: string, of: (look: EngineLook) => number, Together])[] = [
  ['up', 'Whether requests may go there now.', ({ well }) => Number(well), 'min'],
  ['breaker', 'Its circuit breaker: 0 closed, 1 half-open, 2 open.', ({ breaker }) => breakerNumbers[breaker], 'max'],
  ['running', 'Requests of ours that it works on.', ({ running }) => running, 'sum'],
  ['waiting', 'Requests of ours in its line.', ({ waiting }) => waiting, 'sum'],
  ['others', 'Requests of others there, as far as it tells.', ({ others }) => others, 'max'],
]

export type Metrics = ReturnType<typeof createMetrics>

/** @returns what `GET /metrics` shows: of all processes of the crew together */
export function metricsOf({ registry }: Metrics, crew: Crew) {
  crew.answer('metrics', () => registry.getMetricsAsJSON())
  const { contentType } = registry
  return async () => {
    if (crew.size === 1) return { contentType, text: await registry.metrics() }
    const all = (await crew.ask('metrics')) as readonly MetricObjectWithValues<MetricValue<string>>[][]
    return { contentType, text: await AggregatorRegistry.aggregate([...all]).metrics() }
  }
}
