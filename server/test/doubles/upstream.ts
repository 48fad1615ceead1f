import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

/** A fake upstream on a real socket. What it says, and how it misbehaves, is decided reply by reply. */

export interface Reply {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** Written one by one, each in a packet of its own; a number is a pause in milliseconds, a promise is waited for. */
  readonly pieces: readonly (string | Uint8Array | number | Promise<void>)[]
  /** After the pieces: the proper end (default), silence on an open connection, or a broken connection. */
  readonly ends?: 'properly' | 'silent' | 'reset'
}

export interface Received {
  readonly path: string
  readonly headers: IncomingMessage['headers']
  // biome-ignore lint/suspicious/noExplicitAny: a test looks at what it expects
  readonly body: any
  /** The client's port: the same one is the same connection. */
  readonly port: number | undefined
  /** The client closed the connection before the reply was at its end. `performance.now()` of it. */
  cancelledAt?: number
}

export type Replies = Reply | readonly Reply[] | ((received: Received, index: number) => Reply)

export interface Upstream {
  readonly url: string
  readonly received: readonly Received[]
}

/** @param replies one for each request, the last of them repeated. The server ends with the test. */
export async function startUpstream(replies: Replies): Promise<Upstream> {
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
      const body = JSON.parse(Buffer.concat(chunks).toString('utf8'))
      const one: Received = {
        path: request.url ?? '',
        headers: request.headers,
        body,
        port: request.socket.remotePort,
      }
      received.push(one)
      response.on('close', () => {
        if (!response.writableFinished) one.cancelledAt = performance.now()
      })
      void play(replyTo(one, received.length - 1), response)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received }
}

async function play({ status = 200, headers, pieces, ends = 'properly' }: Reply, response: ServerResponse) {
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
