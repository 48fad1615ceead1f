import type { ServerResponse } from 'node:http'
import type { Encoder } from './encode.ts'

/** Text waiting for the end of the turn beyond which it is written at once, in UTF-16 units. */
const batchMax = 64 * 1024

/**
 * The writing end of one answer. Headers go out with the first text; what arrives in one turn of the event loop is one write.
 * After the client is gone, writing is allowed and does nothing.
 */
export interface Outlet {
  write(text: string): void
  /** Writes at once; opens a stream even if there is no text. Left out while the client lags: it has enough to read. */
  beat(text: string): void
  /** Some of the answer is out, or about to be. */
  begun(): boolean
  /** Nothing more should be written before `drained`. */
  full(): boolean
  /** Settles when the client has caught up or is gone. Who has not caught up in `stallMs` is sent away: a connection can be open for ever. */
  drained(stallMs: number): Promise<void>
  /** @param last written before the proper end */
  end(last: string): void
  /** @param last sent before the connection is broken without a proper end */
  cut(last: string): void
}

/** @param onWrite runs after each write to the socket */
export function openOutlet(
  response: ServerResponse,
  { headers, whole }: Pick<Encoder, 'headers' | 'whole'>,
  onWrite: () => void,
): Outlet {
  let waiting = ''
  let scheduled: NodeJS.Immediate | undefined
  /** The length of the answer is not known before, and the chunks of its transfer are framed here. */
  let framed = false
  const gone = () => response.destroyed

  const take = (): string => {
    clearImmediate(scheduled)
    scheduled = undefined
    const text = waiting
    waiting = ''
    return text
  }
  const open = (length?: number) => {
    if (response.headersSent) return
    response.writeHead(200, length === undefined ? headers : { ...headers, 'content-length': length })
    framed = response.chunkedEncoding
    response.chunkedEncoding = false
  }
  /** Node would frame it in four pieces, which the socket joins again: a fifth of a chunk's time. */
  const frame = (text: string): string =>
    framed && text !== '' ? `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n` : text
  /**
   * Where the head is out, straight to the socket: a response would have it wait for the end of the turn once more, a tenth of a chunk's
   * time. A response without a socket waits for the one before it on its connection.
   */
  const send = (text: string, then?: () => void) => {
    const socket = response.headersSent ? response.socket : null
    open()
    const framedText = frame(text)
    if (socket) socket.write(framedText, then)
    else response.write(framedText, then)
  }
  const flush = (then?: () => void) => {
    const text = take()
    if (text === '' || gone()) return
    send(text, then)
    onWrite()
  }
  const flushWaiting = () => flush()
  const needsDrain = () => response.writableNeedDrain || (response.socket?.writableNeedDrain ?? false)

  return {
    write(text) {
      if (text === '' || gone()) return
      waiting += text
      if (waiting.length >= batchMax) flush()
      else scheduled ??= setImmediate(flushWaiting)
    },
    beat(text) {
      if (gone() || needsDrain()) return
      waiting += text
      if (waiting !== '') flush()
      else if (!whole && !response.headersSent) {
        open()
        response.flushHeaders()
      }
    },
    begun: () => response.headersSent || waiting !== '',
    full: () => needsDrain() && !gone(),
    async drained(stallMs) {
      const { promise, resolve } = Promise.withResolvers<void>()
      const stalled = setTimeout(() => response.destroy(), stallMs)
      // Its drain comes behind that of its socket, if it was the one to fill it.
      const { socket } = response
      socket?.once('drain', resolve)
      response.once('drain', resolve).once('close', resolve)
      await promise
      clearTimeout(stalled)
      socket?.off('drain', resolve)
      response.off('drain', resolve).off('close', resolve)
    },
    end(last) {
      const text = take() + last
      if (gone()) return
      open(whole ? Buffer.byteLength(text) : undefined)
      response.end(framed ? `${frame(text)}0\r\n\r\n` : text)
    },
    cut(last) {
      waiting += last
      // The callback runs once the text is with the kernel; destroying earlier would lose it.
      flush(() => response.destroy())
    },
  }
}
