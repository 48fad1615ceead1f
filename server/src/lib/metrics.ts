import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

/** What `GET /metrics` shows. Labels never carry a key, a user or anything else without bounds. */
export function createMetrics() {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry, prefix: 'tidegate_' })
  const registers = [registry]
  return {
    registry,
    requests: new Counter({
      name: 'tidegate_requests_total',
      help: 'Completions by model and outcome: a finish reason, or the code of a failure.',
      labelNames: ['model', 'outcome'],
      registers,
    }),
    tokens: new Counter({
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
    running: new Gauge({
      name: 'tidegate_completions_running',
      help: 'Completions being served now.',
      labelNames: ['model'],
      registers,
    }),
  }
}

export type Metrics = ReturnType<typeof createMetrics>
