import { scenarios } from './scenarios.ts'

/** One load on one gateway; times are microseconds. */
export interface Measured {
  /** CPU time for a request or a chunk. */
  readonly cpu: number
  readonly perSecond: number
  readonly failures: number
  /** Of a chunk from the engine to the client, or of a whole request. */
  readonly p50: number
  readonly p99: number
  readonly firstByte: number
}

export interface Results {
  readonly at: string
  readonly conditions: Readonly<Record<string, unknown>>
  readonly memoryLimitMb: number
  /** By gateway and scenario, one for each round. */
  readonly measured: Readonly<Record<string, Readonly<Record<string, readonly Measured[]>>>>
  /** Megabytes by gateway and number of open streams. */
  readonly memory: Readonly<Record<string, Readonly<Record<string, number>>>>
}

export const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN

/** The median over the rounds, and how far the rounds lie apart. */
export function figure(results: Results, subject: string, scenario: string, of: keyof Measured) {
  const values = (results.measured[subject]?.[scenario] ?? []).map((one) => one[of])
  return { median: median(values), low: Math.min(...values), high: Math.max(...values) }
}

const times = (value: number): string => (Number.isFinite(value) ? `${value.toFixed(value < 10 ? 1 : 0)}×` : '–')
const whole = (value: number): string => (Number.isFinite(value) ? value.toFixed(value < 10 ? 1 : 0) : '–')

export function tableOf(results: Results): string {
  const lines = [
    '| | nginx | plain Node proxy | tidegate | portkey | tidegate / nginx | at most | portkey / tidegate |',
    '| --- | --- | --- | --- | --- | --- | --- | --- |',
  ]
  for (const { name, title, per, limit } of scenarios) {
    if (!results.measured.tidegate?.[name]) continue
    const cpu = (subject: string) => figure(results, subject, name, 'cpu')
    const shown = (subject: string) => {
      const { median: middle, low, high } = cpu(subject)
      return Number.isFinite(middle) ? `${whole(middle)} µs (${whole(low)}–${whole(high)})` : '–'
    }
    const [ours, floor, theirs] = ['tidegate', 'nginx', 'portkey'].map((subject) => cpu(subject).median) as [
      number,
      number,
      number,
    ]
    lines.push(
      `| CPU per ${per}, ${title} | ${shown('nginx')} | ${shown('plain')} | ${shown('tidegate')} | ${shown('portkey')} | ${times(ours / floor)} | ${limit?.cpu ? times(limit.cpu) : ''} | ${times(theirs / ours)} |`,
    )
  }
  for (const { name, title, per, limit } of scenarios) {
    if (!limit?.times || !results.measured.tidegate?.[name]) continue
    for (const percentile of ['p50', 'p99', 'firstByte'] as const) {
      if (percentile === 'firstByte' && per === 'request') continue
      const base = figure(results, 'direct', name, percentile).median
      const added = (subject: string) => Math.max(0, figure(results, subject, name, percentile).median - base)
      const what = percentile === 'firstByte' ? 'added time to the first chunk' : `added time per ${per}, ${percentile}`
      lines.push(
        `| ${what}, ${title} | ${whole(added('nginx'))} µs | ${whole(added('plain'))} µs | ${whole(added('tidegate'))} µs | ${whole(added('portkey'))} µs | ${times(added('tidegate') / added('nginx'))} | ${times(limit.times)} | ${times(added('portkey') / added('tidegate'))} |`,
      )
    }
  }
  const { saturation } = results.measured.tidegate ?? {}
  if (saturation) {
    const rate = (subject: string) => whole(figure(results, subject, 'saturation', 'perSecond').median)
    lines.push(
      `| requests/s with one core | ${rate('nginx')} | ${rate('plain')} | ${rate('tidegate')} | ${rate('portkey')} | | | |`,
    )
  }
  for (const streams of Object.keys(results.memory.tidegate ?? {})) {
    const mb = (subject: string) =>
      results.memory[subject]?.[streams] === undefined ? '–' : `${results.memory[subject]?.[streams]} MB`
    const limit = streams === '5000' ? `${results.memoryLimitMb} MB` : ''
    lines.push(
      `| memory with ${Number(streams).toLocaleString('en')} open streams | ${mb('nginx')} | ${mb('plain')} | ${mb('tidegate')} | ${mb('portkey')} | | ${limit} | |`,
    )
  }
  return lines.join('\n')
}
