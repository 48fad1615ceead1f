/**
 * One load on one gateway, in a process of its own: `load.ts JSON` prints what it saw as JSON. It ends, whatever the gateway does: a connection
 * that hears nothing for too long is given up, and when the time is over nobody is waited for longer than that.
 */
import { connect, type Socket } from 'node:net'
import { type Asked, bodyOf } from './bodies.ts'
import { bodyLength, headEnd, microseconds, requestBytes } from './wire.ts'

export interface Load extends Asked {
  readonly port: number
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly connections: number
  readonly seconds: number
  /** Requests a second over all connections; absent: each connection asks again as soon as it is answered. */
  readonly rate?: number
  /** A connection that waits and hears nothing for so long stands still; absent: four seconds. */
  readonly patienceMs?: number
  /** Prints a line as soon as every connection has had a chunk. */
  readonly announces?: boolean
}

export interface Seen {
  readonly requests: number
  readonly chunks: number
  readonly failures: number
  /** Connections that stood still. */
  readonly still: number
  readonly seconds: number
  /** Microseconds from the request to the first byte of its answer, of streams to the first chunk; sorted, at most 2,000 of them, the longest among them. */
  readonly first: readonly number[]
  /** Microseconds from the engine's chunk to ours, likewise. */
  readonly delay: readonly number[]
}

function sampled(values: number[]): readonly number[] {
  const sorted = values.toSorted((a, b) => a - b)
  const count = Math.min(2_000, sorted.length)
  return Array.from({ length: count }, (_, i) => {
    return sorted[Math.round((i * (sorted.length - 1)) / Math.max(1, count - 1))] ?? 0
  })
}

/** A connection that waits for something. */
interface Waiting {
  heardAt: number
  readonly giveUp: (why: 'over' | 'still') => void
}

const pauseUntil = (at: number) => new Promise((resolve) => setTimeout(resolve, Math.max(0, at - performance.now())))

async function run(load: Load): Promise<Seen> {
  const request = requestBytes(load.path, load.headers, bodyOf(load))
  const patienceMs = load.patienceMs ?? 4_000
  const isEndless = load.stream !== undefined && load.stream.chunks > 10_000
  const first: number[] = []
  const delay: number[] = []
  const seen = { requests: 0, chunks: 0, failures: 0, still: 0 }
  const sockets = new Set<Socket>()
  const waiting = new Set<Waiting>()
  const began = performance.now()
  const endsAt = began + load.seconds * 1000
  const isOver = () => performance.now() >= endsAt

  /** @returns absent when it cannot be had */
  const open = (): Promise<Socket | undefined> =>
    new Promise((resolve) => {
      const socket = connect({ port: load.port, host: '127.0.0.1', noDelay: true })
      sockets.add(socket)
      const one: Waiting = { heardAt: performance.now(), giveUp: () => socket.destroy() }
      waiting.add(one)
      socket.on('error', () => undefined)
      socket.once('connect', () => resolve(socket))
      socket.once('close', () => {
        sockets.delete(socket)
        resolve(undefined)
      })
      socket.once('connect', () => waiting.delete(one)).once('close', () => waiting.delete(one))
    })

  /** One request at a time on one connection. */
  const ask = (socket: Socket): Promise<'answered' | 'refused' | 'lost' | 'over' | 'still'> =>
    new Promise((resolve) => {
      if (socket.destroyed) return resolve('lost')
      const sentAt = microseconds()
      let text = ''
      let isFirst = true
      /** Where the answer ends; -1 while its head is not whole, and Infinity if it says so itself. */
      let wanted = -1
      let end: 'answered' | 'refused' = 'answered'
      const one: Waiting = { heardAt: performance.now(), giveUp: (why) => finish(why) }
      const finish = (how: 'answered' | 'refused' | 'lost' | 'over' | 'still') => {
        waiting.delete(one)
        socket.off('data', hear).off('close', lost)
        resolve(how)
      }
      const lost = () => finish('lost')
      const hear = (part: Buffer) => {
        one.heardAt = performance.now()
        const heard = part.toString('latin1')
        text += heard
        if (wanted < 0) {
          const at = headEnd(Buffer.from(text, 'latin1'))
          if (at < 0) return
          const head = text.slice(0, at)
          if (!head.startsWith('HTTP/1.1 200')) end = 'refused'
          wanted = /chunked/i.test(head) ? Infinity : at + bodyLength(head)
        }
        if (load.stream) {
          const now = microseconds()
          for (const [, at] of heard.matchAll(/"t(\d+) "/g)) {
            if (isFirst) first.push(now - sentAt)
            isFirst = false
            seen.chunks++
            delay.push(now - Number(at))
          }
          if (load.announces && first.length === load.connections) announce()
        } else if (isFirst) {
          first.push(microseconds() - sentAt)
          isFirst = false
        }
        if (wanted === Infinity) text = text.slice(-16)
        if (wanted === Infinity ? text.endsWith('0\r\n\r\n') : text.length >= wanted) finish(end)
      }
      waiting.add(one)
      socket.on('data', hear).on('close', lost)
      socket.write(request)
    })

  let isAnnounced = false
  const announce = () => {
    if (!isAnnounced) console.log(`open ${load.connections}`)
    isAnnounced = true
  }

  const watch = setInterval(
    () => {
      const now = performance.now()
      // Whoever is late has as much time as whoever is silent.
      for (const one of waiting)
        if (now > Math.min(one.heardAt, endsAt) + patienceMs) one.giveUp('still')
        // Streams without an end are left in the middle.
        else if (isEndless && now >= endsAt) one.giveUp('over')
    },
    Math.min(100, patienceMs / 4),
  )
  const perConnectionMs = load.rate === undefined ? 0 : (1000 * load.connections) / load.rate
  const offset = (i: number) => (i * perConnectionMs) / load.connections
  const live = async (opened: Socket | undefined, i: number) => {
    let socket = opened
    if (perConnectionMs > 0) await pauseUntil(began + offset(i))
    for (let turn = 1; !isOver(); turn++) {
      socket ??= await open()
      const how = socket ? await ask(socket) : 'lost'
      if (how === 'still') {
        seen.still++
        break
      }
      if (how === 'lost') {
        socket = undefined
        seen.failures++
        // A gateway that is not there is not asked without a pause.
        await pauseUntil(performance.now() + 20)
      } else seen.requests++
      if (how === 'refused') seen.failures++
      if (perConnectionMs > 0) await pauseUntil(began + turn * perConnectionMs + offset(i))
    }
  }
  const all: (Socket | undefined)[] = []
  for (let i = 0; i < load.connections && !isOver(); i += 100)
    all.push(...(await Promise.all(Array.from({ length: Math.min(100, load.connections - i) }, open))))
  await Promise.all(all.map(live))
  clearInterval(watch)
  const seconds = (performance.now() - began) / 1000
  for (const socket of sockets) socket.destroy()
  return { ...seen, seconds, first: sampled(first), delay: sampled(delay) }
}

if (import.meta.main) console.log(JSON.stringify(await run(JSON.parse(process.argv[2] ?? ''))))
