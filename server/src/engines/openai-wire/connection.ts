import { Agent, errors } from 'undici'
import { type Failure, ServeError } from '../../completion/failure.ts'
import { createSseReader, type SseEvent, type SseReader } from '../../lib/sse.ts'
import type { Credential } from '../credential.ts'
import { isObject, type Json, parsed } from './chunk.ts'
import { type Body, exchange, type Response } from './exchange.ts'
import { failureOfConnection, type Refusal, refusalOf, retryAfterOf } from './refusal.ts'

/** One connection pool to one upstream. It knows HTTP, and nothing of what is said. */
export interface Connection {
  /**
   * @param ask what to send, or the JSON of it; absent: a GET
   * @param signal aborted: the connection is closed at once
   * @throws ServeError with none of the upstream's words
   */
  send(url: URL, ask: object | Uint8Array | undefined, signal: AbortSignal): Promise<Response>
  close(): Promise<void>
}

const eventBytesMax = 16 * 1024 * 1024
const wholeBytesMax = 64 * 1024 * 1024
const refusalBytesMax = 64 * 1024
const connectMs = 10_000

const protocolBroken = (message: string): Failure => ({ code: 'engine-protocol', message })

/** @param credential its key is sent along with each request, and looked for once more when it is refused */
export function createConnection(credential: Credential): Connection {
  // As many connections as there are requests; how long they may be silent is decided by our own deadlines.
  const options = {
    connections: null,
    allowH2: false,
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: { timeout: connectMs },
  } as const
  const agent = new Agent({ ...options, pipelining: 1 })
  /** Keeps no connection open. */
  const afresh = new Agent({ ...options, pipelining: 0 })
  const send: Connection['send'] = async (url, ask, signal) => {
    const key = credential.current()
    try {
      // Redirects are not followed: the credential and the messages are for this address alone.
      const headers = {
        ...(ask !== undefined && { 'content-type': 'application/json' }),
        accept: ask === undefined ? 'application/json' : 'text/event-stream',
        // Without it a server may choose any.
        'accept-encoding': 'identity',
        'user-agent': 'tidegate',
        ...(key !== undefined && { authorization: `Bearer ${key}` }),
      }
      const body = ask === undefined ? null : ask instanceof Uint8Array ? ask : JSON.stringify(ask)
      const request = { method: body === null ? 'GET' : 'POST', headers, body } as const
      const sentAt = performance.now()
      return await exchange(agent, url, request, signal).catch((error: unknown) => {
        if (signal.aborted || performance.now() - sentAt > staleMs || !wasKept(error)) throw error
        return exchange(afresh, url, request, signal)
      })
    } catch (error) {
      throw failureOfConnection(error, false)
    }
  }
  return {
    async send(url, ask, signal) {
      const response = await send(url, ask, signal)
      if (response.statusCode !== 401 || !credential.renew()) return response
      response.body.destroy()
      return send(url, ask, signal)
    },
    close: async () => {
      await Promise.all([agent.destroy(), afresh.destroy()])
    },
  }
}

/** A connection that ends so soon was closed over there before our request came: nobody has read it. */
const staleMs = 500

/** Whether it had carried an answer before. */
const wasKept = (error: unknown): boolean => error instanceof errors.SocketError && (error.socket?.bytesRead ?? 0) > 0

/** How one wire is read. `done` ends the stream, whatever comes behind it. */
export interface Reading<E extends { readonly type: string }> {
  readonly event: (event: SseEvent) => readonly E[]
  /** The whole answer of a server that does not stream; or an error that came with a 200. */
  readonly body: (body: Json) => readonly E[]
}

/** What an upstream says, by one reader. */
export interface EventReader<E> {
  /** All that has come since the last time; undefined behind `done`, or where the upstream ends. @throws ServeError for what nobody can read */
  next(): Promise<readonly E[] | undefined>
  /** Nobody reads on. */
  close(): void
}

export function readerOf<E extends { readonly type: string }>(
  { headers, body }: Response,
  reading: Reading<E>,
): EventReader<E> {
  const type = String(headers['content-type'] ?? '').toLowerCase()
  const sse = type.includes('json') ? undefined : createSseReader(eventBytesMax)
  let over = false
  /** What nobody can read, behind what was said before it. */
  let broken: unknown
  const read = (chunks: readonly Buffer[], sse: SseReader): readonly E[] => {
    const events: E[] = []
    try {
      for (const chunk of chunks)
        for (const one of sse.read(chunk))
          for (const event of reading.event(one)) {
            events.push(event)
            over = event.type === 'done'
            if (over) return events
          }
    } catch (error) {
      broken =
        error instanceof RangeError ? new ServeError(protocolBroken('The engine sent an event without end.')) : error
      if (events.length === 0) throw broken
    }
    return events
  }
  return {
    async next() {
      if (broken) throw broken
      if (over) return undefined
      if (!sse) {
        over = true
        return wholeAnswer(await textOf(body, wholeBytesMax), reading)
      }
      for (;;) {
        let chunks: readonly Buffer[] | undefined
        try {
          chunks = await body.next()
        } catch (error) {
          throw failureOfConnection(error, true)
        }
        over = chunks === undefined
        const events = chunks ? read(chunks, sse) : sse.end().flatMap(reading.event)
        if (events.length > 0 || over) return events
      }
    },
    close() {
      // After `[DONE]` nothing more counts; reading the rest keeps the connection for the next request.
      if (over) body.finish()
      else body.destroy()
    },
  }
}

/** The same, one by one. */
export async function* eventsOf<E extends { readonly type: string }>(
  response: Response,
  reading: Reading<E>,
): AsyncIterable<E> {
  const reader = readerOf(response, reading)
  try {
    for (let events = await reader.next(); events; events = await reader.next()) yield* events
  } finally {
    reader.close()
  }
}

/** Blank lines before the JSON are heartbeats. Some servers call a stream JSON, since nobody told them otherwise. */
function wholeAnswer<E extends { readonly type: string }>(text: string, reading: Reading<E>): readonly E[] {
  const body = parsed(text)
  const events = isObject(body)
    ? reading.body(body)
    : /^\s*(?:data|event|):/.test(text)
      ? wholeStream(text, reading)
      : []
  if (events.length === 0) throw new ServeError(protocolBroken('The engine sent an answer that nobody can read.'))
  return events
}

function wholeStream<E extends { readonly type: string }>(text: string, reading: Reading<E>): readonly E[] {
  const sse = createSseReader(wholeBytesMax)
  const events = [...sse.read(Buffer.from(text)), ...sse.end()].flatMap(reading.event)
  const end = events.findIndex(({ type }) => type === 'done')
  return end < 0 ? events : events.slice(0, end + 1)
}

/** A whole answer that is no stream. @returns undefined for what is not JSON */
export const readWhole = async ({ body }: Response): Promise<unknown> => parsed(await textOf(body, wholeBytesMax))

/** What stands in a response other than 200. */
export async function readRefusal({ statusCode, headers, body }: Response): Promise<Refusal> {
  const text = await textOf(body, refusalBytesMax).catch(() => '')
  return refusalOf(statusCode, parsed(text) ?? text, retryAfterOf(headers['retry-after']))
}

async function textOf(body: Body, bytesMax: number): Promise<string> {
  const all: Uint8Array[] = []
  let size = 0
  try {
    for (let chunks = await body.next(); chunks; chunks = await body.next())
      for (const chunk of chunks) {
        size += chunk.length
        if (size > bytesMax) throw new ServeError(protocolBroken('The engine sent an answer without end.'))
        all.push(chunk)
      }
  } catch (error) {
    body.destroy()
    throw error instanceof ServeError ? error : failureOfConnection(error, true)
  }
  return Buffer.concat(all).toString('utf8')
}
