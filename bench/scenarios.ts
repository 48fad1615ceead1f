import type { Shape } from './bodies.ts'
import type { Load } from './load.ts'

type Applied = Pick<Load, 'connections' | 'size' | 'shape' | 'rate' | 'stream'>

export interface Scenario {
  readonly name: string
  /** What a person calls it. */
  readonly title: string
  readonly load: Applied
  /** What others ask at the same time, which is not measured. */
  readonly beside?: Applied
  readonly seconds: number
  /** What CPU time is divided by. */
  readonly per: 'request' | 'chunk'
  /** What is told of it. */
  readonly tells: readonly ('cpu' | 'rate' | 'first' | 'delay' | 'stall')[]
  /** At most so many times nginx: CPU, and times; milliseconds that a chunk may be late. */
  readonly limit?: { readonly cpu?: number; readonly times?: number; readonly stallMs?: number }
}

/** Streams that outlast their load: connections are closed in the middle. */
const endless = 1_000_000

const stalls: readonly [name: string, title: string, shape?: Shape][] = [
  ['none', 'nothing beside them'],
  ['text', '1 MB in one message beside them', 'text'],
  ['messages', '1 MB in 4,700 messages beside them', 'messages'],
  ['calls', '1 MB with 2,900 tool calls beside them', 'calls'],
]

export const scenarios: readonly Scenario[] = [
  {
    name: 'saturation',
    title: '300 B, as fast as it goes',
    load: { connections: 64, size: 300 },
    seconds: 6,
    per: 'request',
    tells: ['cpu', 'rate'],
    limit: { cpu: 4 },
  },
  {
    name: 'paced',
    title: '300 B, 500 requests/s',
    load: { connections: 64, size: 300, rate: 500 },
    seconds: 6,
    per: 'request',
    tells: ['cpu', 'delay'],
    limit: { cpu: 3.5, times: 3 },
  },
  {
    name: 'first-token',
    title: '100 streams/s of 20 chunks',
    load: { connections: 50, size: 300, rate: 100, stream: { chunks: 20, everyMs: 10 } },
    seconds: 6,
    per: 'chunk',
    tells: ['first'],
    limit: { times: 3 },
  },
  {
    name: 'stream-50',
    title: '50 streams × 200 chunks/s',
    load: { connections: 50, size: 300, stream: { chunks: endless, everyMs: 5 } },
    seconds: 6,
    per: 'chunk',
    tells: ['cpu', 'delay'],
    limit: { cpu: 2.5, times: 3 },
  },
  {
    name: 'stream-200',
    title: '200 streams × 20 chunks/s',
    load: { connections: 200, size: 300, stream: { chunks: endless, everyMs: 50 } },
    seconds: 6,
    per: 'chunk',
    tells: ['cpu', 'delay'],
    limit: { cpu: 3, times: 3 },
  },
  {
    name: 'body-100k',
    title: '100 kB bodies',
    load: { connections: 4, size: 100_000 },
    seconds: 6,
    per: 'request',
    tells: ['cpu'],
    limit: { cpu: 8 },
  },
  {
    name: 'body-1m',
    title: '1 MB bodies',
    load: { connections: 2, size: 1_000_000 },
    seconds: 6,
    per: 'request',
    tells: ['cpu'],
    limit: { cpu: 6 },
  },
  ...stalls.map(
    ([name, title, shape]): Scenario => ({
      name: `stall-${name}`,
      title,
      load: { connections: 20, size: 300, stream: { chunks: endless, everyMs: 10 } },
      ...(shape && { beside: { connections: 4, size: 1_000_000, shape, rate: 12 } }),
      seconds: 6,
      per: 'chunk',
      tells: ['stall'],
      limit: { stallMs: 20 },
    }),
  ),
]

/** Open streams that hardly say anything, for their memory. */
export const openStreams = [1_000, 5_000] as const
export const memoryLimitMb = 250
