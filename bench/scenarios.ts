import type { Load } from './load.ts'

export interface Scenario {
  readonly name: string
  /** What a person calls it. */
  readonly title: string
  readonly load: Pick<Load, 'connections' | 'size' | 'rate' | 'stream'>
  readonly seconds: number
  /** What CPU time is divided by. */
  readonly per: 'request' | 'chunk'
  /** At most so many times nginx: CPU, and times. */
  readonly limit?: { readonly cpu?: number; readonly times?: number }
  /** Portkey must take at least so many times our CPU. */
  readonly portkey?: number
}

/** Streams that outlast their load: connections are closed in the middle. */
const endless = 1_000_000

export const scenarios: readonly Scenario[] = [
  {
    name: 'saturation',
    title: '300 B, as fast as it goes',
    load: { connections: 64, size: 300 },
    seconds: 6,
    per: 'request',
    limit: { cpu: 4 },
    portkey: 15,
  },
  {
    name: 'paced',
    title: '300 B, 500 requests/s',
    load: { connections: 64, size: 300, rate: 500 },
    seconds: 6,
    per: 'request',
    limit: { cpu: 3.5, times: 3 },
    portkey: 4,
  },
  {
    name: 'stream-50',
    title: '50 streams × 200 chunks/s',
    load: { connections: 50, size: 300, stream: { chunks: endless, everyMs: 5 } },
    seconds: 6,
    per: 'chunk',
    limit: { cpu: 2.5, times: 3 },
    portkey: 2.5,
  },
  {
    name: 'stream-200',
    title: '200 streams × 20 chunks/s',
    load: { connections: 200, size: 300, stream: { chunks: endless, everyMs: 50 } },
    seconds: 6,
    per: 'chunk',
    limit: { cpu: 3, times: 3 },
    portkey: 2.5,
  },
  {
    name: 'body-100k',
    title: '100 kB bodies',
    load: { connections: 4, size: 100_000 },
    seconds: 5,
    per: 'request',
    limit: { cpu: 8 },
  },
  {
    name: 'body-1m',
    title: '1 MB bodies',
    load: { connections: 2, size: 1_000_000 },
    seconds: 5,
    per: 'request',
    limit: { cpu: 6 },
  },
]

/** Open streams that hardly say anything, for their memory. */
export const openStreams = [1_000, 5_000] as const
export const memoryLimitMb = 250
