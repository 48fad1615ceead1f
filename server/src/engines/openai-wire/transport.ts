import { Agent, type Dispatcher, request } from 'undici'
import { type Failure, ServeError } from '../../completion/failure.ts'
import { createSseReader, type SseEvent } from '../../lib/sse.ts'
import { decodeBody, decodeEvent, isObject, parsed, type WireEvent } from './chunk.ts'
import type { ChatBody } from './encode.ts'
import { failureOfConnection, failureOfRefusal, type Refusal, refusalOf, retryAfterOf, roomIn } from './refusal.ts'
import { endpointOf, type Upstream, type Wire } from './wire.ts'

/** One connection pool to one upstream. */
export interface Transport {
  /**
   * Asks, and gives what comes as it comes. Ends behind `done`, or where the upstream ends.
   * @param signal aborted: the connection is closed at once
   * @throws ServeError with none of the upstream's words
   */
  open(body: ChatBody, face: 'chat' | 'prefix', signal: AbortSignal): AsyncIterable<WireEvent>
  close(): Promise<void>
}

const eventBytesMax = 16 * 1024 * 1024
const wholeBytesMax = 64 * 1024 * 1024
const refusalBytesMax = 64 * 1024
const connectMs = 10_000

const broken = (message: string): Failure => ({ code: 'engine-protocol', message })

/** @param onRefusal hears each status that is no answer; for the operator */
export function createTransport(wire: Wire, upstream: Upstream, onRefusal: (status: number) => void): Transport {
  // As many connections as there are requests; how long they may be silent is decided by our own deadlines.
  const agent = new Agent({
    connections: null,
    pipelining: 1,
    allowH2: false,
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: { timeout: connectMs },
  })
  /** The largest limit that this upstream takes, once it said so. */
  let limitMax = upstream.maxOutput

  const send = async (body: ChatBody, face: 'chat' | 'prefix', signal: AbortSignal) => {
    const url = endpointOf(wire, upstream.url, face)
    if (!url) throw new Error(`An engine of kind '${wire.kind}' has no way to continue a message.`)
    try {
      // Redirects are not followed: the credential and the messages are for this address alone.
      return await request(url, {
        dispatcher: agent,
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          accept: 'text/event-stream',
          'user-agent': 'tidegate',
          ...(upstream.apiKey !== undefined && { authorization: `Bearer ${upstream.apiKey}` }),
        },
        body: JSON.stringify({ ...body, max_tokens: Math.min(body.max_tokens, limitMax) }),
        signal,
      })
    } catch (error) {
      throw failureOfConnection(error, false)
    }
  }

  const failureIn = (refusal: Refusal): ServeError => {
    onRefusal(refusal.status)
    return new ServeError(failureOfRefusal(refusal, upstream.contextWindow))
  }

  return {
    async *open(body, face, signal) {
      let asked = body
      for (let again = true; ; again = false) {
        const response = await send(asked, face, signal)
        if (response.statusCode === 200) {
          for await (const event of eventsOf(response)) {
            if (event.type === 'error') throw failureIn(refusalOf(200, event.error))
            yield event
          }
          return
        }
        const refusal = await readRefusal(response)
        const room = roomIn(refusal)
        if (!again || !room || room.tokens < 1 || room.tokens >= asked.max_tokens) throw failureIn(refusal)
        if (room.lasting) limitMax = Math.min(limitMax, room.tokens)
        asked = { ...asked, max_tokens: room.tokens }
      }
    },
    close: () => agent.destroy(),
  }
}

async function* eventsOf({ headers, body }: Dispatcher.ResponseData): AsyncIterable<WireEvent> {
  const type = String(headers['content-type'] ?? '').toLowerCase()
  // Who reads hears of errors; a body that is left alone may break.
  body.on('error', () => undefined)
  if (type.includes('json')) return yield* wholeAnswer(await textOf(body, wholeBytesMax))
  const reader = createSseReader(eventBytesMax)
  let done = false
  try {
    for await (const events of pieces(body, reader.read))
      for (const event of events.flatMap(decodeEvent)) {
        done = event.type === 'done'
        yield event
        if (done) return
      }
    yield* reader.end().flatMap(decodeEvent)
  } finally {
    // After `[DONE]` nothing more counts; reading the rest keeps the connection for the next request.
    if (done) body.dump({ limit: 4_096, signal: AbortSignal.timeout(1_000) }).catch(() => undefined)
    else body.destroy()
  }
}

async function* pieces(
  body: Dispatcher.ResponseData['body'],
  read: (bytes: Uint8Array) => readonly SseEvent[],
): AsyncIterable<readonly SseEvent[]> {
  const chunks = body.iterator({ destroyOnReturn: false })
  for (;;) {
    const chunk = await chunks.next().catch((error: unknown) => {
      throw failureOfConnection(error, true)
    })
    if (chunk.done) return
    try {
      yield read(chunk.value)
    } catch (error) {
      if (error instanceof RangeError) throw new ServeError(broken('The engine sent an event without end.'))
      throw error
    }
  }
}

/** A server that does not stream; or an error that came with a 200. Blank lines before the JSON are its heartbeats. */
function wholeAnswer(text: string): readonly WireEvent[] {
  const body = parsed(text)
  const events = isObject(body) ? decodeBody(body) : []
  if (events.length === 0) throw new ServeError(broken('The engine sent an answer that nobody can read.'))
  return [...events, { type: 'done' }]
}

async function readRefusal({ statusCode, headers, body }: Dispatcher.ResponseData): Promise<Refusal> {
  body.on('error', () => undefined)
  const text = await textOf(body, refusalBytesMax).catch(() => '')
  return refusalOf(statusCode, parsed(text) ?? text, retryAfterOf(headers['retry-after']))
}

async function textOf(body: Dispatcher.ResponseData['body'], bytesMax: number): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    for await (const chunk of body) {
      size += chunk.length
      if (size > bytesMax) throw new ServeError(broken('The engine sent an answer without end.'))
      chunks.push(chunk)
    }
  } catch (error) {
    throw error instanceof ServeError ? error : failureOfConnection(error, true)
  }
  return Buffer.concat(chunks).toString('utf8')
}
