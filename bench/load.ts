/** One load on one gateway, in a process of its own: `load.ts JSON` prints what it saw as JSON. */
import { connect, type Socket } from 'node:net'
import { bodyLength, headEnd, microseconds, requestBytes } from './wire.ts'

export interface Load {
  readonly port: number
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly connections: number
  readonly seconds: number
  /** Bytes of the body, about. */
  readonly size: number
  /** Requests a second over all connections; absent: each connection asks again as soon as it is answered. */
  readonly rate?: number
  /** Answers are streams of so many chunks, one every so many milliseconds; a connection asks again when its stream has ended. */
  readonly stream?: { readonly chunks: number; readonly everyMs: number }
}

export interface Seen {
  readonly requests: number
  readonly chunks: number
  readonly failures: number
  readonly seconds: number
  /** Microseconds from the request to the first byte of its answer, sorted, at most 2,000 of them. */
  readonly firstByte: readonly number[]
  /** Microseconds from the engine's chunk to ours, likewise. */
  readonly delay: readonly number[]
}

export function bodyOf({ size, stream }: Pick<Load, 'size' | 'stream'>): string {
  const how = stream ? { stream: true, max_tokens: stream.chunks, seed: stream.everyMs } : { max_tokens: 3 }
  const words = 'The quick brown fox jumps over the lazy dog. '
  const bare = { model: 'fake', ...how, messages: [{ role: 'user', content: '' }] }
  const content = words.repeat(Math.max(1, Math.ceil((size - JSON.stringify(bare).length) / words.length)))
  return JSON.stringify({ ...bare, messages: [{ role: 'user', content }] })
}

function sampled(values: number[]): readonly number[] {
  const sorted = values.toSorted((a, b) => a - b)
  const step = Math.max(1, sorted.length / 2_000)
  return Array.from({ length: Math.min(2_000, sorted.length) }, (_, i) => sorted[Math.floor(i * step)] ?? 0)
}

async function run(load: Load): Promise<Seen> {
  const request = requestBytes(load.path, load.headers, bodyOf(load))
  const firstByte: number[] = []
  const delay: number[] = []
  let requests = 0
  let chunks = 0
  let failures = 0
  const began = performance.now()
  const isOver = () => performance.now() - began > load.seconds * 1000

  const open = (): Promise<Socket> =>
    new Promise((resolve, reject) => {
      const socket = connect({ port: load.port, host: '127.0.0.1', noDelay: true }, () => resolve(socket))
      socket.once('error', reject)
    })

  /** One request at a time on one connection. */
  const ask = (socket: Socket): Promise<void> =>
    new Promise((resolve, reject) => {
      const sentAt = microseconds()
      let text = ''
      let first = true
      let wanted = -1
      const end = (error?: Error) => {
        socket.off('data', hear).off('close', lost)
        error ? reject(error) : resolve()
      }
      const lost = () => end(new Error('closed'))
      const hear = (part: Buffer) => {
        if (first) firstByte.push(microseconds() - sentAt)
        const heard = part.toString('latin1')
        if (load.stream) {
          const now = microseconds()
          for (const [, at] of heard.matchAll(/"t(\d+) "/g)) {
            chunks++
            delay.push(now - Number(at))
          }
          text = text.slice(-16) + heard
          first = false
          if (text.endsWith('0\r\n\r\n') || (load.seconds > 0 && isOver() && load.stream.chunks > 10_000)) end()
          return
        }
        first = false
        text += heard
        if (wanted < 0) {
          const at = headEnd(Buffer.from(text, 'latin1'))
          if (at < 0) return
          if (!text.startsWith('HTTP/1.1 200')) failures++
          wanted = /chunked/i.test(text.slice(0, at)) ? Infinity : at + bodyLength(text.slice(0, at))
        }
        if (wanted === Infinity ? text.endsWith('0\r\n\r\n') : text.length >= wanted) end()
      }
      socket.on('data', hear).on('close', lost)
      socket.write(request)
    })

  const sockets: Socket[] = []
  for (let i = 0; i < load.connections; i += 100)
    sockets.push(...(await Promise.all(Array.from({ length: Math.min(100, load.connections - i) }, open))))
  const perConnectionMs = load.rate === undefined ? 0 : (1000 * load.connections) / load.rate
  await Promise.all(
    sockets.map(async (first, i) => {
      let socket = first
      socket.on('error', () => undefined)
      if (perConnectionMs > 0) await pauseUntil(began + (i * perConnectionMs) / load.connections)
      for (let turn = 1; !isOver(); turn++) {
        try {
          await ask(socket)
          requests++
        } catch {
          failures++
          socket = await open()
          socket.on('error', () => undefined)
        }
        if (perConnectionMs > 0)
          await pauseUntil(began + turn * perConnectionMs + (i * perConnectionMs) / load.connections)
      }
    }),
  )
  const seconds = (performance.now() - began) / 1000
  for (const socket of sockets) socket.destroy()
  return { requests, chunks, failures, seconds, firstByte: sampled(firstByte), delay: sampled(delay) }
}

const pauseUntil = (at: number) => new Promise((resolve) => setTimeout(resolve, Math.max(0, at - performance.now())))

if (import.meta.main) console.log(JSON.stringify(await run(JSON.parse(process.argv[2] ?? ''))))
