import type { OutgoingHttpHeaders } from 'node:http'
import type { Exchange } from './exchange.ts'

/** A request body of at most this size is read to its end and thrown away, so that the connection can be used again. */
const smallBodyBytes = 64 * 1024
/** How long the rest of a larger body is thrown away after an early answer. */
const lingerMs = 5_000

/** Writes a whole answer. */
export function send(
  exchange: Exchange,
  status: number,
  type: string,
  body: string | Uint8Array,
  headers?: OutgoingHttpHeaders,
): void {
  const { request, response } = exchange
  const length = Buffer.byteLength(body)
  const head = { 'content-type': type, 'content-length': length, ...headers }
  if (headers?.connection === 'close' || !expectsMore(exchange)) {
    response.writeHead(status, head)
    response.end(body)
    return
  }
  // The client may still be sending. Closing now would reset the connection, and the reset can overtake the answer; so the
  // answer goes out whole, the rest is thrown away for a while, and only then does the connection close.
  response.writeHead(status, { ...head, connection: 'close' })
  response.write(body)
  const close = () => response.end()
  const timer = setTimeout(close, lingerMs)
  response.once('close', () => clearTimeout(timer))
  request.once('end', close)
  request.on('error', close)
  request.resume()
}

export const sendJson = (exchange: Exchange, status: number, body: unknown, headers?: OutgoingHttpHeaders): void =>
  send(exchange, status, 'application/json', JSON.stringify(body), headers)

/** JSON of this shape, made elsewhere. */
export type Encoded<Shape> = Uint8Array & { readonly shape?: Shape }

/** In a buffer of its own, which a thread can hand over. */
export const encoded = <Shape>(value: Shape): Encoded<Shape> => new TextEncoder().encode(JSON.stringify(value))

export const sendEncoded = (exchange: Exchange, status: number, body: Encoded<unknown>): void =>
  send(exchange, status, 'application/json', body)

function expectsMore({ request }: Exchange): boolean {
  if (request.complete) return false
  if (request.headers.expect !== undefined) return true
  const declared = request.headers['content-length']
  return declared === undefined ? request.headers['transfer-encoding'] !== undefined : Number(declared) > smallBodyBytes
}
