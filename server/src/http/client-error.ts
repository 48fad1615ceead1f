import { type ServerResponse, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { Failure } from '../completion/failure.ts'
import { timedId } from '../lib/ids.ts'
import { errorBody, errorStatus } from './openai/errors.ts'

/**
 * Answers what Node could not read as HTTP at all. There is no request then, so the answer is written by hand.
 * @param latest the answer on this connection that may still be written, or came before all of its request was there
 */
export function answerClientError(
  error: Error & { code?: string },
  socket: Socket,
  latest: ServerResponse | undefined,
): void {
  // In the middle of an answer, or behind an early one, another answer would only confuse.
  const answering = latest?.headersSent && !(latest.writableFinished && latest.req.complete)
  if (answering || !socket.writable || error.code === 'ECONNRESET') {
    socket.destroy()
    return
  }
  const failure = failureOf(error.code)
  const body = JSON.stringify(errorBody(failure))
  const status = errorStatus(failure)
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    `x-request-id: ${timedId('req_')}`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy())
}

function failureOf(code: string | undefined): Failure {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return { code: 'body-timeout', message: 'The request did not arrive in time.' }
  if (code === 'HPE_HEADER_OVERFLOW') return { code: 'invalid-request', message: 'The request headers are too large.' }
  return { code: 'invalid-request', message: 'The request is not valid HTTP.' }
}
