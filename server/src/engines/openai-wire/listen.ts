import type { Pace, Watch } from '../deadlines.ts'
import type { EventReader } from './connection.ts'

/** Nothing came for a while, but something may still. */
export interface Pause {
  readonly type: 'pause'
}

export interface Listening<E> {
  /** Ended by who listens. */
  readonly watch: Watch
  readonly paceOf: (event: E) => Pace
  /** After so many milliseconds of silence a pause is told: once before each event, and only to who waits for one. */
  readonly pauseMs: number
  /** Asked before each wait whether a pause is of interest. */
  readonly waits: () => boolean
  /** Whether it may end in any way by now: all that counts was said. */
  readonly mayBreakOff: () => boolean
}

/**
 * What an upstream says, one by one, within the deadlines of the watch. What came together is handed on without waiting in between.
 * @param open begins the work
 */
export async function* listen<E extends { readonly type: string }>(
  open: (signal: AbortSignal) => Promise<EventReader<E>>,
  { watch, paceOf, pauseMs, waits, mayBreakOff }: Listening<E>,
): AsyncIterable<E | Pause> {
  let reader: EventReader<E> | undefined
  try {
    reader = await watch.over(open(watch.signal))
    for (;;) {
      const next = watch.over(reader.next())
      if (waits() && (await isSlow(next, pauseMs))) yield { type: 'pause' }
      const events = await next
      if (!events) return
      for (const event of events) {
        watch.heard(paceOf(event))
        yield event
      }
    }
  } catch (error) {
    if (!mayBreakOff()) throw error
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
