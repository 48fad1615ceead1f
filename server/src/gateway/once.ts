import { setTimeout as pause } from 'node:timers/promises'
import type { CompletionEvent, Ending, Finished } from '../completion/event.ts'
import { type Failure, ServeError } from '../completion/failure.ts'
import type { Limits } from '../completion/limits.ts'
import type { KeptAnswer, Room, Tell } from '../completion/serve.ts'
import type { KeptAnswers } from '../tenancy/kept-answers.ts'
import { type Broadcast, createBroadcast } from './broadcast.ts'

/** What makes two answers the same answer, beside their events; its shape is the HTTP side's business. */
type Head = object

export interface Told<H extends Head> {
  readonly head: H
  /** Tells the answer from its beginning. */
  readonly answer: (tell: Tell, room: Room) => Promise<Ending>
  /** It was made, or is being made, for an earlier request. */
  readonly replayed: boolean
}

/**
 * Makes the answer to one Idempotency-Key once, for however many requests carry it.
 * `body` is what tells one request body from another. `run` makes the answer; its signal is aborted when nobody has heard it for `idempotencyGraceMs`.
 * What `keep` gives is to be written down together with the charge, before the answer's last event is told.
 * @throws ServeError `conflict` when the key was used with another body, `engine-unavailable` when it cannot be looked up, `cancelled` when the caller leaves while it waits
 */
export type Once = <H extends Head>(
  request: { readonly tenant: string; readonly key: string; readonly body: string; readonly signal: AbortSignal },
  head: H,
  run: (signal: AbortSignal, tell: Tell, keep: (end: Finished) => KeptAnswer) => Promise<Ending>,
) => Promise<Told<H>>

interface Running {
  readonly body: string
  readonly head: Head
  readonly broadcast: Broadcast
  /** Aborted: nobody heard it any more, and it is being given up. */
  readonly stopped: AbortSignal
  /** It was told to its end, and its key is free or its answer kept. */
  readonly over: Promise<void>
}

/** How often another process is looked after that makes the answer. */
const lookMs = 200

/** A claim that could not be given back is tried again so often. */
const forgetAgainMs = 1_000

/** An answer that failed is not kept: asking again makes it anew. `onDefect` hears of a storage that fails. */
export function createOnce(
  kept: KeptAnswers,
  { idempotencyGraceMs }: Pick<Limits, 'idempotencyGraceMs'>,
  onDefect: (error: unknown) => void,
): Once {
  const running = new Map<string, Running>()
  return async (request, head, run) => {
    const { tenant, key, body, signal } = request
    const heardFrom =
      ({ hear }: Broadcast): Told<Head>['answer'] =>
      (tell, room) =>
        hear(signal, tell, room)
    const name = JSON.stringify([tenant, key])
    for (;;) {
      const here = running.get(name)
      if (here) {
        if (here.body !== body) throw conflict()
        if (!here.stopped.aborted)
          return { head: here.head as typeof head, answer: heardFrom(here.broadcast), replayed: true }
        // It will not be whole: another one is made when this one is charged.
        await here.over
        if (signal.aborted) throw cancelled()
        continue
      }
      const found = await kept.begin(tenant, key, body).catch((error: unknown) => {
        onDefect(error)
        throw new ServeError(unavailable)
      })
      // Meanwhile it may have begun in this process.
      if (running.has(name)) continue
      if (found === 'conflict') throw conflict()
      if (found === 'mine') break
      if (found !== 'elsewhere') {
        const { head: first, events } = found as { head: typeof head; events: readonly CompletionEvent[] }
        return { head: first, answer: replayed(events), replayed: true }
      }
      await pause(lookMs, undefined, { signal }).catch(() => {
        throw cancelled()
      })
    }

    const stop = new AbortController()
    let alone: NodeJS.Timeout | undefined
    const broadcast = createBroadcast((readers) => {
      clearTimeout(alone)
      if (readers === 0) alone = setTimeout(() => stop.abort(), idempotencyGraceMs)
    })
    const over = Promise.withResolvers<void>()
    running.set(name, { body, head, broadcast, stopped: stop.signal, over: over.promise })
    void tell()
    return { head, answer: heardFrom(broadcast), replayed: false }

    async function tell() {
      let charged = false
      const keep = (end: Finished) => {
        charged = true
        return kept.sealed(tenant, key, { head, events: [...broadcast.said, end] })
      }
      const ending = await run(stop.signal, broadcast.say, keep)
      // An answer that could not be charged yet will be, and is kept with that: whoever asks again waits for it.
      if (ending.type === 'failed' && !charged) await forget()
      running.delete(name)
      over.resolve()
      broadcast.say(ending)
      clearTimeout(alone)
    }
    async function forget() {
      await kept.forget(tenant, key).catch((error: unknown) => {
        onDefect(error)
        // Who asks again waits for that.
        setTimeout(forget, forgetAgainMs).unref()
      })
    }
  }
}

/** An answer that has ended. */
function replayed(events: readonly CompletionEvent[]): Told<Head>['answer'] {
  const broadcast = createBroadcast(() => undefined)
  for (const event of events) broadcast.say(event)
  return (tell, room) => broadcast.hear(new AbortController().signal, tell, room)
}

const unavailable: Failure = {
  code: 'engine-unavailable',
  message: 'Answers with an Idempotency-Key cannot be kept at the moment. Retry after 5 seconds.',
  retryAfterSeconds: 5,
}

const cancelled = () => new ServeError({ code: 'cancelled', message: 'The caller went away.' })

const conflict = () =>
  new ServeError({
    code: 'conflict',
    message: 'This Idempotency-Key was used with another request body. Use a new key for a new request.',
  })
