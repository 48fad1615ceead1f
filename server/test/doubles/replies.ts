import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A fake upstream on a real socket. What it says, and how it misbehaves, is decided reply by reply. */

export interface Reply {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** Written one by one, each in a packet of its own; a number is a pause in milliseconds, a promise is waited for. */
  readonly pieces: readonly (string | Uint8Array | number | Promise<void>)[]
  /** After the pieces: the proper end (default), silence on an open connection, or a broken connection. */
  readonly ends?: 'properly' | 'silent' | 'reset'
  /** The request is accepted, and nothing is ever said: no status either. */
  readonly mute?: true
}

export interface Received {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  /** Undefined where the request had none. */
  // biome-ignore lint/suspicious/noExplicitAny: a test looks at what it expects
  readonly body: any
  /** The client's port: the same one is the same connection. */
  readonly port: number | undefined
  /** The client closed the connection before the reply was at its end. `performance.now()` of it. */
  cancelledAt?: number
}

export type Replies = Reply | readonly Reply[] | ((received: Received, index: number) => Reply)

/** Anybody may send anything to one that is there for people to look at: what it was not made for, it refuses. */
export const patient = (replies: Replies): Replies =>
  typeof replies !== 'function'
    ? replies
    : (received, index) => {
        try {
          return replies(received, index)
        } catch {
          return { status: 400, headers: { 'content-type': 'application/json' }, pieces: ['{"error":{}}'] }
        }
      }

export interface Listening {
  readonly url: string
  readonly received: readonly Received[]
  close(): void
}

export interface ListenOptions {
  /** A free one unless it is named. */
  readonly port?: number
  /** Hears of each request when its answer begins. */
  readonly onReply?: (received: Received, reply: Reply) => void
}

/** @param replies one for each request, the last of them repeated */
export async function listen(replies: Replies, { port = 0, onReply }: ListenOptions = {}): Promise<Listening> {
  const received: Received[] = []
  const replyTo = (request: Received, index: number): Reply => {
    if (typeof replies === 'function') return replies(request, index)
    const list = 'pieces' in replies ? [replies] : replies
    return list[Math.min(index, list.length - 1)] ?? { status: 500, pieces: [] }
  }
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8')
      const one: Received = {
        method: request.method ?? '',
        path: request.url ?? '',
        headers: request.headers,
        body: jsonIn(text),
        port: request.socket.remotePort,
      }
      received.push(one)
      response.on('close', () => {
        if (!response.writableFinished) one.cancelledAt = performance.now()
      })
      const reply = replyTo(one, received.length - 1)
      onReply?.(one, reply)
      void play(reply, response)
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}

/** What is no JSON is no body: a fake server does not fall over what a client sends. */
function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

async function play({ status = 200, headers, pieces, ends = 'properly', mute }: Reply, response: ServerResponse) {
  if (mute) return
  response.socket?.setNoDelay(true)
  response.writeHead(status, { 'content-type': 'text/event-stream; charset=utf-8', ...headers })
  response.flushHeaders()
  for (const piece of pieces) {
    if (response.destroyed) return
    if (typeof piece === 'number') await new Promise((resolve) => setTimeout(resolve, piece))
    else if (piece instanceof Promise) await piece
    else await new Promise((resolve) => response.write(piece, resolve))
  }
  if (ends === 'properly') response.end()
  if (ends === 'reset') response.destroy()
}
