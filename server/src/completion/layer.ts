import type { Ending, Piece } from './event.ts'
import type { CompletionRequest } from './request.ts'
import type { Call, Serve } from './serve.ts'

/** What a layer does to one call, on its way in and on the answer's way out. All of it may be left out. */
export interface Handling {
  /** Go further in in the place of what came. */
  readonly request?: CompletionRequest
  readonly call?: Call
  /** Sees each event but the last one. It costs each word of every answer, so that it waits for nothing. */
  readonly see?: (piece: Piece) => void
  /** Sees the last event, and says what goes out in its place. It may take its time. */
  readonly end?: (ending: Ending) => Ending | Promise<Ending>
  /** Makes a last event of what was thrown further in. */
  readonly seal?: (error: unknown) => Ending
  /** Called once when it is over, whatever ended it; further in first. */
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

/** @returns `innermost` wrapped by the layers, the first of them outermost. A piece is handed on once, however many there are. */
export const compose = (layers: readonly Layer[], innermost: Serve): Serve =>
  run(
    layers.map(({ enter }) => enter),
    innermost,
  )

const run =
  (layers: readonly Enter[], innermost: Serve): Serve =>
  async (request, call, tell) => {
    /** The outermost first. */
    const entered: Handling[] = []
    /** Lets go of all that stand further in than the first `count`. */
    const leave = async (count: number) => {
      while (entered.length > count) {
        const left = entered.pop()?.over?.()
        if (left) await left
      }
    }
    /** Gives an error to the innermost one that makes an end of it; those further in are done. @throws the error, if there is none */
    const sealed = async (error: unknown): Promise<Ending> => {
      const at = entered.findLastIndex(({ seal }) => seal)
      await leave(at + 1)
      const by = entered.at(-1)
      if (by?.seal) return by.seal(error)
      throw error
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
          ending = await sealed(error)
          at = entered.length - 1
        }
      return ending
    }
    /** As far in as they let it, and through `innermost`. */
    const inwards = async (): Promise<Ending> => {
      for (const enter of layers) {
        const came = enter(request, call)
        const found = came instanceof Promise ? await came : came
        if ('type' in found) return found
        entered.push(found)
        request = found.request ?? request
        call = found.call ?? call
      }
      const seeing = entered.flatMap(({ see }) => see ?? []).reverse()
      return innermost(request, call, (piece) => {
        for (const see of seeing) see(piece)
        tell(piece)
      })
    }
    try {
      return await outwards(await inwards().catch(sealed))
    } finally {
      await leave(0)
    }
  }
