import type { Room } from '../../completion/serve.ts'
import type { Pace, Watch } from '../deadlines.ts'
import type { EventEar } from './connection.ts'

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
 * @param ask begins the work, tells what comes, and returns at its end or when the ear has heard enough
 * @returns what it came to; undefined when the upstream ended before that
 */
export async function listen<E extends { readonly type: string }, R>(
  ask: (signal: AbortSignal, ear: EventEar<E>) => Promise<void>,
  { watch, paceOf, hear, silence, mayBreakOff, room }: Listening<E, R>,
): Promise<R | undefined> {
  let found: R | undefined
  let silent: NodeJS.Timeout | undefined
  /** Settles when silence brought what nothing more needs to be heard behind. */
  const enough = Promise.withResolvers<void>()
  const onSilence = () => {
    try {
      found = silence.heard()
      if (found !== undefined) enough.resolve()
    } catch (error) {
      enough.reject(error)
    }
  }
  const listenOn = () => {
    if (silence.matters()) silent = setTimeout(onSilence, silence.ms)
  }
  const take: EventEar<E> = (events) => {
    clearTimeout(silent)
    for (const event of events) {
      watch.heard(paceOf(event))
      found = hear(event)
      if (found !== undefined) return 'enough'
    }
    const caughtUp = room?.()
    if (caughtUp) return watch.aside(caughtUp).then(listenOn)
    listenOn()
    return undefined
  }
  try {
    await watch.over(Promise.race([ask(watch.signal, take), enough.promise]))
    return found
  } catch (error) {
    if (!mayBreakOff()) throw error
    return undefined
  } finally {
    clearTimeout(silent)
    watch.end()
  }
}
