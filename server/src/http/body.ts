import type { IncomingMessage } from 'node:http'
import { ServeError } from '../completion/failure.ts'
import type { Limits } from '../completion/limits.ts'
import type { Exchange } from './exchange.ts'
import { parseJson } from './json.ts'

export type BodyLimits = Pick<Limits, 'maxBodyBytes' | 'maxJsonDepth' | 'bodyMs'>

/** Media type, size, text, JSON: the checks of contract C3 to C5, in that order. @throws ServeError */
export async function readJson({ request, response }: Exchange, limits: BodyLimits): Promise<unknown> {
  checkMediaType(request)
  if (Number(request.headers['content-length']) > limits.maxBodyBytes) throw tooLarge(limits)
  if (request.headers.expect?.toLowerCase() === '100-continue') response.writeContinue()
  return parseJson(await readBytes(request, limits), limits.maxJsonDepth)
}

const json = /^application\/json[ \t]*(?:;[ \t]*(?:charset="?utf-8"?[ \t]*)?)*$/i

function checkMediaType({ headers }: IncomingMessage): void {
  if (headers['content-type'] !== undefined && !json.test(headers['content-type']))
    throw new ServeError({ code: 'unsupported-media-type', message: 'Content-Type must be application/json.' })
  if (headers['content-encoding'] !== undefined && headers['content-encoding'].toLowerCase() !== 'identity')
    throw new ServeError({ code: 'unsupported-media-type', message: 'Content-Encoding must be identity.' })
}

/** @throws ServeError `body-too-large`, `body-timeout`, and `cancelled` when the client hangs up. */
function readBytes(request: IncomingMessage, limits: BodyLimits): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  const parts: Buffer[] = []
  let size = 0
  const timer = setTimeout(
    () => reject(new ServeError({ code: 'body-timeout', message: 'The request body did not arrive in time.' })),
    limits.bodyMs,
  )
  const take = (part: Buffer) => {
    size += part.length
    if (size > limits.maxBodyBytes) reject(tooLarge(limits))
    else parts.push(part)
  }
  const finish = () => resolve(Buffer.concat(parts, size))
  const hangUp = () => reject(new ServeError({ code: 'cancelled', message: 'The client closed the connection.' }))
  request.on('data', take).once('end', finish).once('error', hangUp).once('close', hangUp)
  return promise.finally(() => {
    clearTimeout(timer)
    request.off('data', take).off('end', finish).off('close', hangUp)
    parts.length = 0
  })
}

const tooLarge = ({ maxBodyBytes }: BodyLimits): ServeError =>
  new ServeError({ code: 'body-too-large', message: `The request body is larger than ${maxBodyBytes} bytes.` })
