import { type Failure, ServeError } from '../../completion/failure.ts'
import { Client } from '../../lib/http1/client.ts'
import { LostError } from '../../lib/http1/connection.ts'
import { createSseReader, type SseEvent } from '../../lib/sse.ts'
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
  close(): void
}

const eventBytesMax = 16 * 1024 * 1024
const wholeBytesMax = 64 * 1024 * 1024
const refusalBytesMax = 64 * 1024
const connectMs = 10_000

const protocolBroken = (message: string): Failure => ({ code: 'engine-protocol', message })

/** @param credential its key is sent along with each request, and looked for once more when it is refused */
export function createConnection(credential: Credential): Connection {
  // How long an answer may be silent is decided by our own deadlines.
  const client = new Client({ connectMs })
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
      const body = ask === undefined || ask instanceof Uint8Array ? ask : Buffer.from(JSON.stringify(ask))
      const request = { url, headers, body }
      const sentAt = performance.now()
      return await exchange(client, request, signal).catch((error: unknown) => {
        const isStale = error instanceof LostError && error.wasKept && performance.now() - sentAt <= staleMs
        if (signal.aborted || !isStale) throw error
        return exchange(client, { ...request, afresh: true }, signal)
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
    close: () => client.close(),
  }
}

/** A connection that ends so soon was closed over there before our request came: nobody has read it. */
const staleMs = 500

/** How one wire is read. `done` ends the stream, whatever comes behind it. */
export interface Reading<E extends { readonly type: string }> {
  readonly event: (event: SseEvent) => readonly E[]
  /** Asked first, between two events: what these bytes say, where that is known without taking them apart. */
  readonly bytes?: (bytes: Buffer) => E | undefined
  /** The whole answer of a server that does not stream; or an error that came with a 200. */
  readonly body: (body: Json) => readonly E[]
}

/**
 * Hears what an upstream says, all that came together at once.
 * @returns `enough` when nothing more needs to be heard; a promise while the upstream is to wait
 */
export type EventEar<E> = (events: readonly E[]) => 'enough' | Promise<void> | undefined

/** An answer that is being heard. */
interface Hearing {
  /** Settles at its end, or when enough was heard. @throws ServeError for what broke it and for what nobody can read; what the ear threw */
  readonly over: Promise<void>
  /** Nobody hears on; to be called however it ended. */
  leave(): void
}

/** Tells what an upstream says from where its bytes are read, without a turn in between. */
export function hear<E extends { readonly type: string }>(
  { headers, body }: Response,
  reading: Reading<E>,
  ear: EventEar<E>,
): Hearing {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  /** Nothing that counts comes any more. */
  let complete = false
  let deaf = false
  const stop = (error?: unknown) => {
    deaf = true
    if (error === undefined) resolve()
    else reject(error)
  }
  /** @param broken what nobody can read, behind these */
  const tell = (events: readonly E[], broken?: unknown) => {
    try {
      const heard = events.length > 0 ? ear(events) : undefined
      if (heard === 'enough' || complete || broken !== undefined) return stop(heard === 'enough' ? undefined : broken)
      if (!heard) return
      body.pause()
      heard.then(body.resume, stop)
    } catch (error) {
      stop(error)
    }
  }
  const sse = createSseReader(eventBytesMax)
  const read = (ended: readonly SseEvent[], into: E[]) => {
    for (const one of ended)
      for (const event of reading.event(one)) {
        into.push(event)
        complete ||= event.type === 'done'
        if (complete) return
      }
  }
  const take = (bytes: Buffer | undefined) => {
    if (deaf) return
    const known = bytes && sse.between() ? reading.bytes?.(bytes) : undefined
    if (known) return tell([known])
    const events: E[] = []
    let broken: unknown
    try {
      read(bytes ? sse.read(bytes) : sse.end(), events)
    } catch (error) {
      const endless = error instanceof RangeError
      broken = endless ? new ServeError(protocolBroken('The engine sent an event without end.')) : error
    }
    complete ||= bytes === undefined
    tell(events, broken)
  }
  if (isJson(headers))
    textOf(body, wholeBytesMax)
      .then((text) => {
        complete = true
        tell(wholeAnswer(text, reading))
      })
      .catch(stop)
  else
    body.hear({
      data: take,
      end: () => take(undefined),
      broken: (error) => stop(failureOfConnection(error, true)),
    })
  return {
    over: promise,
    leave() {
      deaf = true
      // After `[DONE]` nothing more counts; taking the rest keeps the connection for the next request.
      if (complete) body.finish()
      else body.destroy()
    },
  }
}

const isJson = ({ 'content-type': type }: Response['headers']): boolean =>
  String(type ?? '')
    .toLowerCase()
    .includes('json')

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

function textOf(body: Body, bytesMax: number): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const all: Buffer[] = []
  let size = 0
  body.hear({
    data(bytes) {
      size += bytes.length
      if (size <= bytesMax) return void all.push(Buffer.from(bytes))
      reject(new ServeError(protocolBroken('The engine sent an answer without end.')))
      body.destroy()
    },
    end: () => resolve(Buffer.concat(all).toString('utf8')),
    broken: (error) => reject(failureOfConnection(error, true)),
  })
  return promise
}
