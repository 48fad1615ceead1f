import type { IncomingMessage } from 'node:http'
import { type Failure, ServeError } from '../completion/failure.ts'
import type { Limits } from '../completion/limits.ts'
import type { Budget } from '../lib/budget.ts'
import { ownTurn } from '../lib/own-turn.ts'
import type { Exchange } from './exchange.ts'
import { parseJson } from './json.ts'

export type BodyLimits = Pick<Limits, 'maxBodyBytes' | 'maxJsonDepth' | 'maxJsonValues' | 'bodyMs'>

/**
 * Media type, size, text, JSON: the checks of contract C3 to C5, in that order.
 * @param bodies the bytes that all requests together may keep in memory; this one's are given back when it has been answered
 * @throws ServeError
 */
export async function readJson(exchange: Exchange, limits: BodyLimits, bodies: Budget): Promise<unknown> {
  const { request, response } = exchange
  checkMediaType(request)
  if (Number(request.headers['content-length']) > limits.maxBodyBytes) throw tooLarge(limits)
  if (request.headers.expect?.toLowerCase() === '100-continue') response.writeContinue()
  const share = bodies.share()
  exchange.release = share.release
  const take = (bytes: number, total: number): boolean => {
    if (share.take(bytes) || total <= limits.maxBodyBytes * smallShare) return true
    // At once, so that of many bodies that came together some get through.
    share.release()
    return false
  }
  const bytes = await readBytes(request, limits, take)
  if (bytes.length < largeBytes) return parseJson(bytes, limits)
  // What is done with it takes as long as a chunk of somebody's stream may wait: in pieces, then.
  await ownTurn()
  const json = parseJson(bytes, limits)
  await ownTurn()
  return json
}

/** From here on a body is parsed by itself. */
const largeBytes = 128 * 1024

/** Bodies up to this part of the largest (1 MiB of 48) are read however many large ones there are. */
const smallShare = 1 / 48

const json = /^application\/json[ \t]*(?:;[ \t]*(?:charset="?utf-8"?[ \t]*)?)*$/i

function checkMediaType({ headers }: IncomingMessage): void {
  if (headers['content-type'] !== undefined && !json.test(headers['content-type']))
    throw new ServeError({ code: 'unsupported-media-type', message: 'Content-Type must be application/json.' })
  if (headers['content-encoding'] !== undefined && headers['content-encoding'].toLowerCase() !== 'identity')
    throw new ServeError({ code: 'unsupported-media-type', message: 'Content-Encoding must be identity.' })
}

/**
 * @param mayTake asked for each piece: whether there is room for it
 * @throws ServeError `body-too-large`, `body-timeout`, `engine-unavailable`, and `cancelled` when the client hangs up.
 */
function readBytes(
  request: IncomingMessage,
  limits: BodyLimits,
  mayTake: (bytes: number, total: number) => boolean,
): Promise<Buffer> {
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
    else if (!mayTake(part.length, size)) reject(new ServeError(tooMany))
    else parts.push(part)
  }
  const finish = () => {
    request.off('close', hangUp)
    resolve(parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts, size))
  }
  const hangUp = () => reject(new ServeError({ code: 'cancelled', message: 'The client closed the connection.' }))
  request.on('data', take).once('end', finish).once('error', hangUp).once('close', hangUp)
  return promise.finally(() => {
    clearTimeout(timer)
    request.off('data', take).off('end', finish).off('close', hangUp)
    parts.length = 0
  })
}

const tooMany: Failure = {
  code: 'engine-unavailable',
  message: 'There are too many large requests at once. Retry after 5 seconds.',
  retryAfterSeconds: 5,
}

const tooLarge = ({ maxBodyBytes }: BodyLimits): ServeError =>
  new ServeError({ code: 'body-too-large', message: `The request body is larger than ${maxBodyBytes} bytes.` })
