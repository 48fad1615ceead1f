/** Gateways over one PostgreSQL, and a wire between them that a test can cut, stop, or cut in the middle of a commit. */

import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer, connect as dial, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { Client } from 'pg'
import { onTestFinished } from 'vitest'
import { doubles } from '../doubles/catalog.ts'
import { startUpstream } from '../doubles/upstream.ts'
import { createDatabase, type PostgresServer, startPostgres } from '../postgres.ts'
import { type RunningService, startProcess } from '../process.ts'
import { writeConfig } from './one-engine.ts'

export interface Wire {
  readonly port: number
  /** Nothing goes through any more, and nobody is told. */
  stop(): void
  /** What waited goes through. */
  goOn(): void
  /** From now on all takes so many milliseconds longer, in each direction. */
  slow(ms: number): void
  /** All connections end. */
  cut(): void
  /** Ends the connection that next commits a hold or a charge, before or after the server hears of the commit. */
  cutAtCommit(when: 'before' | 'after', of: 'hold' | 'charge'): void
}

/** The names of the statements that write them. */
const writes = { hold: 'add holds', charge: 'add entries' }

export async function startWire(to: number): Promise<Wire> {
  const open = new Set<Socket>()
  let delayMs = 0
  /** What comes later leaves later, whatever the delay becomes meanwhile. */
  const later = (socket: Socket) => {
    let last: Promise<void> = Promise.resolve()
    return (bytes: Uint8Array) => {
      const due = delayMs === 0 ? last : Promise.all([last, pause(delayMs)]).then(() => undefined)
      last = due.then(() => void socket.write(bytes))
    }
  }
  let cutting: { readonly when: 'before' | 'after'; readonly of: 'hold' | 'charge' } | undefined
  const server = createServer((client) => {
    const upstream = dial(to, '127.0.0.1')
    const toServer = later(upstream)
    const toClient = later(client)
    /** What the client has sent since its transaction began. */
    let sent = ''
    for (const one of [client, upstream]) {
      open.add(one)
      one
        .on('error', () => undefined)
        .on('close', () => {
          open.delete(one)
          client.destroy()
          upstream.destroy()
        })
    }
    client.on('data', (bytes: Buffer) => {
      sent = (sent + bytes.toString('latin1')).split('begin\0').at(-1) ?? ''
      const commits = sent.includes('commit\0')
      const hit = cutting && commits && sent.includes(writes[cutting.of]) ? cutting.when : undefined
      if (commits) sent = ''
      if (hit) cutting = undefined
      if (hit !== 'before') toServer(bytes)
      if (hit === 'before') client.destroy()
      // The server has carried it out when it answers.
      if (hit === 'after') upstream.removeAllListeners('data').once('data', () => client.destroy())
    })
    upstream.on('data', toClient)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const one of open) one.destroy()
    server.close()
  })
  return {
    port: (server.address() as AddressInfo).port,
    stop() {
      for (const one of open) one.pause()
      server.on('connection', hold)
    },
    goOn() {
      server.off('connection', hold)
      for (const one of open) one.resume()
    },
    slow(ms) {
      delayMs = ms
    },
    cut() {
      for (const one of open) one.destroy()
    },
    cutAtCommit(when, of) {
      cutting = { when, of }
    },
  }
}

/** Taken, and never read. */
const hold = (socket: Socket) => void socket.pause()

export interface Cluster {
  readonly server: PostgresServer
  readonly url: string
  /** @param port another one than the server's, for who has a wire between */
  start(port?: number): Promise<RunningService>
  query(text: string): Promise<readonly Record<string, unknown>[]>
}

/** A server that waits for its disk, and gateways over it with one secret and one engine behind them. */
export async function startCluster(): Promise<Cluster> {
  const server = await startPostgres({ durable: true })
  onTestFinished(() => server.stop())
  const url = await createDatabase(server.port)
  const folder = mkdtempSync(join(tmpdir(), 'tidegate-cluster-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const double = doubles.find(({ name }) => name === 'openai')
  if (!double) throw new Error('There is no such double.')
  const engine = await startUpstream(double.replies())
  const config = writeConfig(folder, engine.url)
  return {
    server,
    url,
    async start(port = server.port) {
      const service = await startProcess([], {
        TIDEGATE_CONFIG: config,
        TIDEGATE_DATABASE_URL: url.replace(`:${server.port}/`, `:${port}/`),
        TIDEGATE_SECRET_FILE: join(folder, 'secret'),
      })
      onTestFinished(async () => void (await service.stop()))
      return service
    },
    async query(text) {
      const client = new Client({ connectionString: url })
      await client.connect()
      try {
        return (await client.query(text)).rows
      } finally {
        await client.end()
      }
    },
  }
}
