/** What was measured, in rows: the table, the JSON and the chart show the same ones. */
import { memoryLimitMb, type Scenario, scenarios } from './scenarios.ts'

/** One load on one gateway; times are microseconds. */
export interface Measured {
  /** Why it is no measurement; the figures are worth nothing then. */
  readonly trouble?: string
  /** CPU time for a request or a chunk. */
  readonly cpu: number
  readonly perSecond: number
  readonly failures: number
  /** Of a chunk from the engine to the client, or of a whole request. */
  readonly p50: number
  readonly p99: number
  readonly max: number
  /** From the request to the first byte, of streams to the first chunk. */
  readonly first: number
  readonly first99: number
}

export const gateways = ['nginx', 'plain', 'tidegate', 'portkey'] as const
export type Gateway = (typeof gateways)[number]
export const nameOf: Readonly<Record<Gateway, string>> = {
  nginx: 'nginx',
  plain: 'plain Node proxy',
  tidegate: 'Tidegate',
  portkey: 'Portkey',
}

export interface Conditions {
  /** Runnable processes before the run and at the end of each subject's part of it. Its own are at most three. */
  readonly loadBefore: number
  readonly loadWithin: number
  readonly [other: string]: unknown
}

/** Whether others worked on the machine: times say little then. By itself a run makes a load of one; what ended before it began still stands in `loadBefore`. */
export const isBusy = ({ loadWithin }: Conditions): boolean => loadWithin > 2

export interface Results {
  readonly at: string
  readonly conditions: Conditions
  /** By gateway and scenario, one for each round. `direct` is the engine alone. */
  readonly measured: Readonly<Record<string, Readonly<Record<string, readonly Measured[]>>>>
  /** Megabytes, or why there are none, by gateway and number of open streams, one for each round. */
  readonly memory: Readonly<Record<string, Readonly<Record<string, readonly (number | string)[]>>>>
}

/** The median over the rounds that were measurements, and how far they lie apart. */
export interface Figure {
  readonly median: number
  readonly low: number
  readonly high: number
  /** Of the first round that was none. */
  readonly trouble?: string
}

export interface Row {
  readonly section: 'CPU time' | 'Throughput of one core' | 'Added time' | 'Longest a chunk was late' | 'Memory'
  readonly title: string
  readonly share?: 'p50' | 'p99'
  readonly unit: 'µs' | '/s' | 'MB'
  /** `direct`: of the engine alone, where it is a time. */
  readonly figures: Readonly<Partial<Record<Gateway | 'direct', Figure>>>
  /** What is bearable: times nginx, or in the row's unit. */
  readonly limit?: { readonly times: number } | { readonly value: number }
}

/** @param sorted the smallest first  @returns a percentile, 0.99 for the 99th; NaN of none */
export const at = (sorted: readonly number[], share: number): number =>
  sorted[Math.floor((sorted.length - 1) * share)] ?? NaN

export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b)
  const half = sorted.length / 2
  return sorted.length % 2 ? (sorted[Math.floor(half)] ?? NaN) : ((sorted[half - 1] ?? NaN) + (sorted[half] ?? NaN)) / 2
}

function figureOf(values: readonly (number | string)[]): Figure {
  const numbers = values.filter((value) => typeof value === 'number')
  const trouble = values.find((value) => typeof value === 'string')
  const [low, high] = numbers.length > 0 ? [Math.min(...numbers), Math.max(...numbers)] : [NaN, NaN]
  return { median: median(numbers), low, high, ...(trouble !== undefined && { trouble }) }
}

type Of = Exclude<keyof Measured, 'trouble'>

/** @param base taken from each */
const figure = (rounds: readonly Measured[], of: Of, base = 0): Figure =>
  figureOf(rounds.map((one) => one.trouble ?? Math.max(0, one[of] - base)))

export function rowsOf(results: Results): readonly Row[] {
  const row = (scenario: Scenario, of: Of, base: boolean, rest: Omit<Row, 'figures'>): Row => {
    const direct = figure(results.measured.direct?.[scenario.name] ?? [], of)
    const alone = base ? direct.median : 0
    const figures = gateways.flatMap((gateway) => {
      const rounds = results.measured[gateway]?.[scenario.name]
      return rounds ? [[gateway, figure(rounds, of, alone)] as const] : []
    })
    const isTime = rest.section !== 'CPU time' && rest.unit === 'µs'
    return { ...rest, figures: { ...(isTime && { direct }), ...Object.fromEntries(figures) } }
  }
  const shown = scenarios.filter(({ name }) => gateways.some((gateway) => results.measured[gateway]?.[name]))
  const telling = (what: Scenario['tells'][number]) => shown.filter(({ tells }) => tells.includes(what))
  const timesLimit = ({ limit }: Scenario) => limit?.times !== undefined && { limit: { times: limit.times } }
  const shares = (scenario: Scenario, title: string, p50: Of, p99: Of) =>
    Object.entries({ p50, p99 } as const).map(([share, of]) =>
      row(scenario, of, true, {
        section: 'Added time',
        title,
        share: share as 'p50' | 'p99',
        unit: 'µs',
        ...timesLimit(scenario),
      }),
    )
  const streams = [...new Set(gateways.flatMap((gateway) => Object.keys(results.memory[gateway] ?? {})))]
  return [
    ...telling('cpu').map((scenario) => {
      const limit = scenario.limit?.cpu
      const title = `per ${scenario.per}, ${scenario.title}`
      return row(scenario, 'cpu', false, {
        section: 'CPU time',
        title,
        unit: 'µs',
        ...(limit !== undefined && { limit: { times: limit } }),
      })
    }),
    ...telling('rate').map((scenario) =>
      row(scenario, 'perSecond', false, {
        section: 'Throughput of one core',
        title: `requests, ${scenario.title}`,
        unit: '/s',
      }),
    ),
    ...telling('first').flatMap((scenario) => shares(scenario, `first token, ${scenario.title}`, 'first', 'first99')),
    ...telling('delay').flatMap((scenario) => shares(scenario, `${scenario.per}, ${scenario.title}`, 'p50', 'p99')),
    ...telling('stall').map((scenario) => {
      const limit = scenario.limit?.stallMs
      return row(scenario, 'max', false, {
        section: 'Longest a chunk was late',
        title: scenario.title,
        unit: 'µs',
        ...(limit !== undefined && { limit: { value: limit * 1_000 } }),
      })
    }),
    ...streams.map((count): Row => {
      const figures = gateways.flatMap((gateway) => {
        const values = results.memory[gateway]?.[count]
        return values ? [[gateway, figureOf(values)] as const] : []
      })
      return {
        section: 'Memory',
        title: `${Number(count).toLocaleString('en')} open streams`,
        unit: 'MB',
        figures: Object.fromEntries(figures),
        ...(count === '5000' && { limit: { value: memoryLimitMb } }),
      }
    }),
  ]
}

const digits = (value: number): string => (value < 10 ? value.toFixed(1) : Math.round(value).toLocaleString('en'))
export const times = (value: number): string => `${digits(value)}×`
export function amount(value: number, unit: Row['unit']): string {
  if (unit === 'µs' && value >= 2_000) return `${digits(value / 1_000)} ms`
  return unit === '/s' ? `${digits(value)}/s` : `${digits(value)} ${unit}`
}

/** How many times the other one; absent when one of them is not there, or nearly nothing. */
export function ratio(row: Row, of: Gateway, to: Gateway): number | undefined {
  const value = (row.figures[of]?.median ?? NaN) / (row.figures[to]?.median ?? NaN)
  return Number.isFinite(value) ? value : undefined
}

function cell(found: Figure | undefined, unit: Row['unit']): string {
  if (!found) return ''
  if (!Number.isFinite(found.median)) return found.trouble ?? ''
  const spread = found.low === found.high ? '' : ` (${amount(found.low, unit)} – ${amount(found.high, unit)})`
  return `${amount(found.median, unit)}${spread}${found.trouble === undefined ? '' : `; once: ${found.trouble}`}`
}

const maybe = (value: number | undefined): string => (value === undefined ? '' : times(value))

export function tableOf(results: Results): string {
  const lines = [
    `| | engine alone | ${gateways.map((gateway) => nameOf[gateway]).join(' | ')} | plain Node proxy / nginx | Tidegate / nginx | at most | Portkey / Tidegate |`,
    '| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |',
  ]
  for (const row of rowsOf(results)) {
    const { section, title, share, unit, figures, limit } = row
    const most = limit && ('times' in limit ? times(limit.times) : amount(limit.value, unit))
    const cells = (['direct', ...gateways] as const).map((one) => cell(figures[one], unit))
    const told = (of: Gateway, to: Gateway): string => (unit === '/s' ? '' : maybe(ratio(row, of, to)))
    const ratios = [told('plain', 'nginx'), told('tidegate', 'nginx'), most ?? '', told('portkey', 'tidegate')]
    lines.push(`| ${[`${section}: ${title}${share ? `, ${share}` : ''}`, ...cells, ...ratios].join(' | ')} |`)
  }
  return lines.join('\n')
}

/** What the figures say, good or bad. */
export function sentenceOf(results: Results): string {
  const rows = rowsOf(results)
  const found = (section: Row['section'], title: string) =>
    rows.find((row) => row.section === section && row.title.startsWith(title))
  const parts: string[] = []
  for (const [what, title] of [
    ['A small request', 'per request, 300 B, as'],
    ['a chunk of a stream', 'per chunk, 50'],
    ['a request of 1 MB', 'per request, 1 MB'],
  ] as const) {
    const row = found('CPU time', title)
    const floor = row && ratio(row, 'tidegate', 'nginx')
    const theirs = row && ratio(row, 'tidegate', 'portkey')
    if (!row || floor === undefined) continue
    const beside = theirs === undefined ? '' : ` and ${times(theirs)} Portkey’s`
    parts.push(
      `${what} takes ${amount(row.figures.tidegate?.median ?? NaN, row.unit)} of CPU, ${times(floor)} nginx’s${beside}`,
    )
  }
  const misses = rows.filter(isMissed)
  const limited = rows.filter((row) => row.limit && row.figures.tidegate)
  const judged = `${limited.length - misses.length} of its ${limited.length} limits hold`
  const busy = isBusy(results.conditions)
    ? ' Others worked on the machine meanwhile: CPU time and memory count, times say little.'
    : ''
  return `${[...parts, judged].join('; ')}.${busy}`
}

/** Whether Tidegate is beyond its limit. */
export function isMissed(row: Row): boolean {
  const own = row.figures.tidegate
  if (!row.limit || !own) return false
  if (!Number.isFinite(own.median)) return true
  if ('value' in row.limit) return own.median > row.limit.value
  const floor = row.figures.nginx?.median
  // A floor of nothing is exceeded by anything.
  return floor !== undefined && own.median > row.limit.times * floor
}
