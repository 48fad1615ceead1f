import { ServeError } from '../../completion/failure.ts'
import type { Credential } from '../credential.ts'
import { decodeBody, decodeEvent, errorIn, type WireEvent } from './chunk.ts'
import { type Concession, concessionTo, missedField } from './concessions.ts'
import { createConnection, type EventReader, type Reading, readerOf, readRefusal } from './connection.ts'
import type { ChatBody } from './encode.ts'
import { readAlike } from './read-alike.ts'
import { failureOfRefusal, type Refusal, refusalOf, roomIn } from './refusal.ts'
import { endpointOf, type Upstream, type Wire } from './wire.ts'
import { written } from './written.ts'

/** The chat API of one upstream. */
export interface Transport {
  /**
   * Asks, and waits for the first word of the answer.
   * @param signal aborted: the connection is closed at once
   * @throws ServeError with none of the upstream's words; the reader, too
   */
  open(body: ChatBody, face: 'chat' | 'prefix', signal: AbortSignal): Promise<EventReader<WireEvent>>
  close(): Promise<void>
}

/** The upstream said an error where its answer should begin. */
class Refused extends Error {
  readonly refusal: Refusal

  constructor(refusal: Refusal) {
    super('refused')
    this.refusal = refusal
  }
}

/** Of one stream. @param failureIn what is thrown for an error behind the first word; before it that is `Refused` */
function startReading(failureIn: (refusal: Refusal) => Error): Reading<WireEvent> {
  const alike = readAlike(decodeEvent)
  let begun = false
  const checked = (events: readonly WireEvent[]): readonly WireEvent[] => {
    for (const event of events)
      if (event.type === 'error') {
        const refusal = refusalOf(200, event.error)
        throw begun ? failureIn(refusal) : new Refused(refusal)
      }
    begun ||= events.length > 0
    return events
  }
  return {
    event: (event) => checked(alike(event)),
    body: (body) => {
      const events = checked(errorIn(body) ?? decodeBody(body))
      return events.length > 0 ? [...events, { type: 'done' }] : []
    },
  }
}

/** @param onRefusal hears each status that is no answer; for the operator */
export function createTransport(
  wire: Wire,
  upstream: Upstream,
  credential: Credential,
  onRefusal: (status: number) => void,
): Transport {
  const connection = createConnection(credential)
  const urls = { chat: endpointOf(wire, upstream.url, 'chat'), prefix: endpointOf(wire, upstream.url, 'prefix') }
  /** The largest limit that this upstream takes, once it said so. */
  let limitMax = upstream.maxOutput
  /** What this upstream was found not to know. */
  const conceded = new Set<Concession>()

  const send = (body: ChatBody, face: 'chat' | 'prefix', signal: AbortSignal) => {
    return connection.send(urls[face], written({ ...body, max_tokens: Math.min(body.max_tokens, limitMax) }), signal)
  }

  const failureIn = (refusal: Refusal): ServeError => {
    onRefusal(refusal.status)
    return new ServeError(failureOfRefusal(refusal, upstream.contextWindow))
  }

  /** @returns why it was refused, where that came before it said anything */
  const tryOnce = async (
    asked: ChatBody,
    face: 'chat' | 'prefix',
    signal: AbortSignal,
  ): Promise<EventReader<WireEvent> | Refusal> => {
    const response = await send(asked, face, signal)
    if (response.statusCode !== 200) return readRefusal(response)
    const reader = readerOf(response, startReading(failureIn))
    try {
      return beginningWith(await reader.next(), reader)
    } catch (error) {
      reader.close()
      if (error instanceof Refused) return error.refusal
      throw error
    }
  }

  /** @returns the request as this upstream may take it after all; undefined where there is no such way */
  const otherwise = (asked: ChatBody, refusal: Refusal): ChatBody | undefined => {
    const room = roomIn(refusal, asked.max_tokens)
    if (room) {
      if (room.lasting) limitMax = Math.min(limitMax, room.tokens)
      return room.tokens >= 1 && room.tokens < asked.max_tokens ? { ...asked, max_tokens: room.tokens } : undefined
    }
    const found = concessionTo(refusal, asked)
    if (found?.concession.lasting) conceded.add(found.concession)
    return found?.body
  }

  return {
    async open(body, face, signal) {
      let asked = body
      for (const { make } of conceded) asked = make(asked) ?? asked
      for (;;) {
        const answer = await tryOnce(asked, face, signal)
        if ('next' in answer) return answer
        const other = otherwise(asked, answer)
        if (!other) {
          // Without this face it serves all other requests: what one client asks for must not keep everybody from it.
          const isFaceMissing = face === 'prefix' && (answer.status === 404 || answer.status === 405)
          const param = missedField(answer, asked)
          if (param !== undefined) throw unsupported(param)
          throw failureIn(isFaceMissing ? { ...answer, status: 400 } : answer)
        }
        asked = other
      }
    },
    close: connection.close,
  }
}

/** @param first what the reader has given already */
function beginningWith(first: readonly WireEvent[] | undefined, { next, close }: EventReader<WireEvent>) {
  let waiting = first
  return {
    next() {
      const events = waiting
      waiting = undefined
      return events ? Promise.resolve(events) : next()
    },
    close,
  }
}

const unsupported = (param: string): ServeError =>
  new ServeError({
    code: 'unsupported-parameter',
    message: `'${param}' is not supported by this model, or only its default. Leave it out.`,
    param,
  })
