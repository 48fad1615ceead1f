import type { CompletionEvent, Ending } from './event.ts'
import type { CompletionRequest } from './request.ts'
import type { Call, Serve } from './serve.ts'

/** What a layer does to one call, on its way in and on the answer's way out. All of it may be left out. */
export interface Handling {
  /** Go further in in the place of what came. */
  readonly request?: CompletionRequest
  readonly call?: Call
  /** Sees each event but the last one. It costs each word of every answer, so that it waits for nothing. */
  readonly see?: (event: CompletionEvent) => void
  /** Sees the last event, and says what goes out in its place. It may take its time. */
  readonly end?: (ending: Ending) => Ending | Promise<Ending>
  /** Makes a last event of what was thrown further in; of undefined, where an answer just stopped. */
  readonly seal?: (error: unknown) => Ending
  /** Called once nobody reads on, whatever ended it; further in first. */
  readonly over?: () => void | Promise<void>
}

/** @returns the layer's part in this call; or the last event, when the call goes no further */
export type Enter = (request: CompletionRequest, call: Call) => Handling | Ending | Promise<Handling | Ending>

/** Stands around a `Serve`. */
export interface Layer {
  (next: Serve): Serve
  readonly enter: Enter
}

export const layer = (enter: Enter): Layer => Object.assign((next: Serve) => run([enter], next), { enter })

/**
 * @returns `innermost` wrapped by the layers, the first of them outermost. All of them are run by one loop: however many there are, an
 * event is handed on once.
 */
export const compose = (layers: readonly Layer[], innermost: Serve): Serve =>
  run(
    layers.map(({ enter }) => enter),
    innermost,
  )

export const isEnding = (event: CompletionEvent): event is Ending =>
  event.type === 'finished' || event.type === 'failed'

const run = (layers: readonly Enter[], innermost: Serve): Serve =>
  async function* (request, call) {
    /** The outermost first. */
    const entered: Handling[] = []
    /** Lets go of all that stand further in than the first `count`. */
    const leave = async (count: number) => {
      while (entered.length > count) await entered.pop()?.over?.()
    }
    /** Gives an error to the innermost one that makes an end of it; those further in are done. @throws the error, if there is none */
    const sealed = async (error: unknown): Promise<Ending | undefined> => {
      const at = entered.findLastIndex(({ seal }) => seal)
      await leave(at + 1)
      const by = entered.at(-1)
      if (by?.seal) return by.seal(error)
      if (error !== undefined) throw error
      return undefined
    }
    /** The way out of a last event. */
    const outwards = async (last: Ending): Promise<Ending> => {
      let ending = last
      for (let at = entered.length - 1; at >= 0; at--)
        try {
          const said: Ending | Promise<Ending> = entered[at]?.end?.(ending) ?? ending
          ending = said instanceof Promise ? await said : said
        } catch (error) {
          await leave(at)
          ending = (await sealed(error)) ?? ending
          at = entered.length - 1
        }
      return ending
    }
    try {
      let ending: Ending | undefined
      try {
        for (const enter of layers) {
          const came = enter(request, call)
          const found = came instanceof Promise ? await came : came
          if ('type' in found) {
            ending = found
            break
          }
          entered.push(found)
          request = found.request ?? request
          call = found.call ?? call
        }
        if (!ending) {
          const seeing = entered.flatMap(({ see }) => see ?? []).reverse()
          for await (const event of innermost(request, call)) {
            if (isEnding(event)) {
              ending = event
              break
            }
            for (const see of seeing) see(event)
            yield event
          }
        }
        ending ??= await sealed(undefined)
      } catch (error) {
        ending = await sealed(error)
      }
      if (ending) yield await outwards(ending)
    } finally {
      await leave(0)
    }
  }
