import type { Room } from '../../completion/serve.ts'
import type { Pace, Watch } from '../deadlines.ts'
import type { EventReader } from './connection.ts'

export interface Listening<E, R> {
  /** Ended by who listens. */
  readonly watch: Watch
  readonly paceOf: (event: E) => Pace
  /** @returns what it came to, when nothing more needs to be heard */
  readonly hear: (event: E) => R | undefined
  /** After so many milliseconds without an event `heard` is told, once before each event, and only while that matters. */
  readonly silence: {
    readonly ms: number
    readonly matters: () => boolean
    readonly heard: () => R | undefined
  }
  /** Whether it may end in any way by now: all that counts was said. */
  readonly mayBreakOff: () => boolean
  readonly room?: Room
}

/**
 * Hears what an upstream says within the deadlines of the watch. What came together is heard without waiting in between.
 * @param open begins the work
 * @returns what it came to; undefined when the upstream ended before that
 */
export async function listen<E extends { readonly type: string }, R>(
  open: (signal: AbortSignal) => Promise<EventReader<E>>,
  { watch, paceOf, hear, silence, mayBreakOff, room }: Listening<E, R>,
): Promise<R | undefined> {
  let reader: EventReader<E> | undefined
  try {
    reader = await watch.over(open(watch.signal))
    for (;;) {
      const next = watch.over(reader.next())
      if (silence.matters() && (await isSlow(next, silence.ms))) {
        const found = silence.heard()
        if (found !== undefined) return found
      }
      const events = await next
      if (!events) return undefined
      for (const event of events) {
        watch.heard(paceOf(event))
        const found = hear(event)
        if (found !== undefined) return found
      }
      const caughtUp = room?.()
      if (caughtUp) await caughtUp
    }
  } catch (error) {
    if (!mayBreakOff()) throw error
    return undefined
  } finally {
    watch.end()
    reader?.close()
  }
}

async function isSlow(next: Promise<unknown>, ms: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const timer = setTimeout(() => resolve(true), ms)
  const came = () => resolve(false)
  next.then(came, came)
  try {
    return await promise
  } finally {
    clearTimeout(timer)
  }
}
