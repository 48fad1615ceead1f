import type { WireEvent } from './chunk.ts'
import { decodeEvent } from './chunk.ts'
import { type EventReader, readerOf } from './connection.ts'

/** For tests: what is read of a stream that comes in these pieces. */
export function readerOfPieces(pieces: readonly Uint8Array[]): EventReader<WireEvent> {
  const waiting = [...pieces]
  const body = {
    async next() {
      const piece = waiting.shift()
      return piece && [Buffer.from(piece)]
    },
    destroy: () => undefined,
    finish: () => undefined,
  }
  const headers = { 'content-type': 'text/event-stream' }
  return readerOf({ statusCode: 200, headers, body }, { event: decodeEvent, body: () => [] })
}
