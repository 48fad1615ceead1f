import type { WireEvent } from './chunk.ts'
import { decodeEvent } from './chunk.ts'
import { type EventEar, hear } from './connection.ts'
import type { Body, Ear } from './exchange.ts'

/** For tests: hears a stream that comes in these pieces. */
export async function hearPieces(pieces: readonly Uint8Array[], ear: EventEar<WireEvent>): Promise<void> {
  const heard = Promise.withResolvers<Ear>()
  let paused: PromiseWithResolvers<void> | undefined
  let left = false
  const body: Body = {
    hear: heard.resolve,
    pause: () => {
      paused = Promise.withResolvers()
    },
    resume: () => paused?.resolve(),
    destroy: () => {
      left = true
    },
    finish: () => {
      left = true
    },
  }
  const headers = { 'content-type': 'text/event-stream' }
  const { over, leave } = hear({ statusCode: 200, headers, body }, { event: decodeEvent, body: () => [] }, ear)
  const { data, end } = await heard.promise
  const tell = async () => {
    for (const piece of pieces) {
      if (left) return
      data(Buffer.from(piece))
      await paused?.promise
    }
    end()
  }
  try {
    await Promise.all([over, tell()])
  } finally {
    leave()
  }
}
