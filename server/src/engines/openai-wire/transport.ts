import { ServeError } from '../../completion/failure.ts'
import type { Credential } from '../credential.ts'
import { decodeBody, decodeEvent, errorIn, type WireEvent } from './chunk.ts'
import { type Concession, concessionTo, missedField } from './concessions.ts'
import { createConnection, type EventEar, hear, type Reading, readRefusal } from './connection.ts'
import type { ChatBody } from './encode.ts'
import { readAlike } from './read-alike.ts'
import { failureOfRefusal, type Refusal, refusalOf, roomIn } from './refusal.ts'
import { endpointOf, type Upstream, type Wire } from './wire.ts'
import { written } from './written.ts'

/** The chat API of one upstream. */
export interface Transport {
  /**
   * Asks, and tells the answer to `ear`.
   * @param signal aborted: the connection is closed at once
   * @returns at its end, or when the ear has heard enough
   * @throws ServeError with none of the upstream's words; what the ear throws
   */
  ask(body: ChatBody, face: 'chat' | 'prefix', signal: AbortSignal, ear: EventEar<WireEvent>): Promise<void>
  close(): void
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
    event: (event) => checked(alike.event(event)),
    bytes: alike.bytes,
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
    ear: EventEar<WireEvent>,
  ): Promise<Refusal | undefined> => {
    const response = await send(asked, face, signal)
    if (response.statusCode !== 200) return readRefusal(response)
    const { over, leave } = hear(response, startReading(failureIn), ear)
    try {
      await over
      return undefined
    } catch (error) {
      if (error instanceof Refused) return error.refusal
      throw error
    } finally {
      leave()
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
    async ask(body, face, signal, ear) {
      let asked = body
      for (const { make } of conceded) asked = make(asked) ?? asked
      for (;;) {
        const refusal = await tryOnce(asked, face, signal, ear)
        if (!refusal) return
        const other = otherwise(asked, refusal)
        if (!other) {
          // Without this face it serves all other requests: what one client asks for must not keep everybody from it.
          const isFaceMissing = face === 'prefix' && (refusal.status === 404 || refusal.status === 405)
          const param = missedField(refusal, asked)
          if (param !== undefined) throw unsupported(param)
          throw failureIn(isFaceMissing ? { ...refusal, status: 400 } : refusal)
        }
        asked = other
      }
    },
    close: connection.close,
  }
}

const unsupported = (param: string): ServeError =>
  new ServeError({
    code: 'unsupported-parameter',
    message: `'${param}' is not supported by this model, or not with this value. Leave it out.`,
    param,
  })
