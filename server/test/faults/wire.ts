import { connect, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { bodyB } from '../client.ts'

/** HTTP by hand, for requests that no client library would send. */

interface Line {
  readonly socket: Socket
  /** All that came back so far. */
  heard(): string
  /** Settles when the connection is over, however that came about. */
  readonly over: Promise<void>
}

export function dial(origin: string): Line {
  const { hostname, port } = new URL(origin)
  const socket = connect(Number(port), hostname)
  let text = ''
  socket.setEncoding('utf8')
  socket.on('data', (piece: string) => {
    text += piece
  })
  socket.on('error', () => undefined)
  return { socket, heard: () => text, over: new Promise((resolve) => void socket.on('close', () => resolve())) }
}

/** Says it and listens until the server hangs up, at most so long. @returns what came back, and whether the server hung up */
export async function speak(
  origin: string,
  words: string | Buffer,
  ms = 10_000,
): Promise<{ heard: string; closed: boolean }> {
  const { socket, heard, over } = dial(origin)
  socket.write(words)
  const closed = await Promise.race([over.then(() => true), pause(ms, false, { ref: false })])
  socket.destroy()
  return { heard: heard(), closed }
}

export const statusesOf = (heard: string): number[] =>
  [...heard.matchAll(/HTTP\/1\.1 (\d{3}) [A-Z]/g)].map(([, status]) => Number(status))

interface Head {
  readonly line?: string
  readonly headers?: readonly string[]
  readonly key?: string
  /** Absent: no body at all. */
  readonly body?: string
  /** Keeps the connection for another request. */
  readonly keep?: boolean
}

/** One request as it stands on the wire. */
export function written({ line = 'POST /v1/chat/completions HTTP/1.1', headers = [], key, body, keep }: Head): string {
  const lines = [
    line,
    'host: tidegate.test',
    ...(key === undefined ? [] : [`authorization: Bearer ${key}`]),
    ...(body === undefined ? [] : [`content-length: ${Buffer.byteLength(body)}`]),
    ...(keep ? [] : ['connection: close']),
    ...headers,
  ]
  return `${lines.join('\r\n')}\r\n\r\n${body ?? ''}`
}

export const chunked = (...pieces: readonly string[]): string =>
  `${pieces.map((piece) => `${Buffer.byteLength(piece).toString(16)}\r\n${piece}\r\n`).join('')}0\r\n\r\n`

export const asked = (fields: Readonly<Record<string, unknown>> = {}): string =>
  JSON.stringify(bodyB({ thinking: { type: 'disabled' }, ...fields }))
