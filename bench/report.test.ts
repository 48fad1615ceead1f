import { expect, test } from 'vitest'
import { chartOf } from './chart.ts'
import { between } from './publish.ts'
import { isMissed, type Measured, type Results, rowsOf, sentenceOf, tableOf } from './report.ts'

const good = (cpu: number, times = 100): Measured => ({
  cpu,
  perSecond: 1_000,
  failures: 0,
  p50: times,
  p99: 2 * times,
  max: 300 * times,
  first: times,
  first99: 2 * times,
})
const stood: Measured = { ...good(Number.NaN), trouble: 'stood still (50 of 50)' }
const all = (one: Measured) =>
  Object.fromEntries(
    ['saturation', 'paced', 'first-token', 'stream-50', 'body-1m', 'stall-text'].map((name) => [name, [one, one]]),
  )
const results: Results = {
  at: '2026-11-29T12:00:00.000Z',
  conditions: { processor: 'A & B', cores: 2, node: 'v26', rounds: 2, loadBefore: 0.1, loadWithin: 1.9 },
  measured: {
    direct: all(good(0, 60)),
    nginx: all(good(20)),
    plain: { saturation: [good(30), good(30)] },
    tidegate: { ...all(good(50, 80)), saturation: [good(70), good(90)], paced: [good(30), stood] },
    portkey: { ...all(good(100)), 'stream-50': [stood, stood] },
  },
  memory: {
    nginx: { 5000: [80, 82] },
    tidegate: { 5000: [260, 250] },
    portkey: { 5000: ['stood still', 'stood still'] },
  },
}
const line = (title: string) =>
  tableOf(results)
    .split('\n')
    .find((one) => one.includes(title))

test('a row has the medians, how far they lie apart, and what is bearable', () => {
  expect(line('300 B, as fast')).toBe(
    '| CPU time: per request, 300 B, as fast as it goes |  | 20 µs | 30 µs | 80 µs (70 µs – 90 µs) | 100 µs | 1.5× | 4.0× | 4.0× | 1.3× |',
  )
})

test('times are those above the engine alone', () => {
  expect(line('first token, 100 streams/s of 20 chunks, p99')).toContain(
    '| 120 µs | 80 µs |  | 40 µs | 80 µs |  | 0.5× | 3.0× |',
  )
})

test('who stood still has no figure, in the table, the rows and the chart', () => {
  expect(line('CPU time: per chunk, 50 streams')).toContain('| stood still (50 of 50) |')
  expect(line('5,000 open streams')).toContain('| stood still |')
  expect(chartOf(results)).toMatch(/>stood still \(50 of 50\)</)
  expect(rowsOf(results).find(({ title }) => title.startsWith('per chunk, 50'))?.figures.portkey?.median).toBeNaN()
})

test('who stood still in one round of several has the median of the others, and it is said', () => {
  expect(line('CPU time: per request, 300 B, 500')).toContain('| 30 µs; once: stood still (50 of 50) |')
})

test('the sentence counts the limits that do not hold', () => {
  // Of the memory, and of the 30 ms that a chunk was late.
  expect(sentenceOf(results)).toMatch(
    /^A small request takes 80 µs of CPU, 4.0× nginx’s and 0.8× Portkey’s; .* 10 of its 12 limits hold\.$/,
  )
})

test('a limit of times a floor that was nothing does not hold', () => {
  const figure = (median: number) => ({ median, low: median, high: median })
  const row = rowsOf(results).find(({ limit }) => limit && 'times' in limit)
  const missed = (nginx: number, own: number) =>
    row && isMissed({ ...row, figures: { nginx: figure(nginx), tidegate: figure(own) } })
  expect([missed(0, 1), missed(0, 0), missed(1, 1), missed(1, 100)]).toEqual([true, false, false, true])
})

test('it says so where others worked on the machine, and the chart, too', () => {
  const busy = { ...results, conditions: { ...results.conditions, loadWithin: 6.2 } }
  expect(sentenceOf(busy)).toMatch(
    /Others worked on the machine meanwhile: CPU time and memory count, times say little\.$/,
  )
  expect(chartOf(busy)).toContain('A busy machine: times say little.')
  expect(chartOf(results)).not.toContain('busy')
})

test('the chart is well formed, and has its conditions', () => {
  const chart = chartOf(results)
  expect(chart).toContain('2 cores of A &amp; B, Node v26, medians of 2 rounds')
  expect(chart.match(/<(rect|line|text|tspan|style|title|svg)\b/g)?.length).toBe(
    chart.match(/\/>|<\/(text|tspan|style|title|svg)>/g)?.length,
  )
  expect(chart).not.toContain('NaN')
})

test('the README keeps what stands around the sentence', () => {
  expect(between('a\n<!-- bench -->\nold\n<!-- /bench -->\nz', 'new')).toBe(
    'a\n<!-- bench -->\nnew\n<!-- /bench -->\nz',
  )
  expect(() => between('a', 'new')).toThrow('no <!-- bench -->')
})
