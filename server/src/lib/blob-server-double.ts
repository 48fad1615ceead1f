/** A file server for tests, which misbehaves as it is told. */
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

/** @returns the address, without a trailing slash */
export async function listen(answer: RequestListener): Promise<string> {
  const server = createServer(answer)
  await new Promise<void>((ready) => {
    server.listen(0, '127.0.0.1', () => ready())
  })
  onTestFinished(() => {
    server.closeAllConnections()
    return new Promise<void>((closed) => {
      server.close(() => closed())
    })
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

export interface BlobBehaviour {
  /** So many requests stall after so many bytes of each, until `cut` is called. */
  stalls?: number[]
  ignoresRanges?: boolean
  /** Answers each range from this byte on, whatever was asked. */
  rangeStart?: number
  /** Answered before anything else, one for each request. */
  statuses?: number[]
}

/** @returns the address of `blob`, what was asked of it, and how to cut the connections that stall */
export async function serveBlob(blob: Buffer, behaviour: BlobBehaviour = {}) {
  const requests: IncomingMessage[] = []
  const responses: ServerResponse[] = []
  const url = await listen((request, response) => {
    requests.push(request)
    responses.push(response)
    answerBlob(request, response, blob, behaviour)
  })
  const cut = () => {
    for (const response of responses) if (!response.writableEnded) response.destroy()
  }
  return { url, requests, cut, ranges: () => requests.map((request) => request.headers.range ?? 'all') }
}

function answerBlob(request: IncomingMessage, response: ServerResponse, blob: Buffer, behaviour: BlobBehaviour) {
  const status = behaviour.statuses?.shift()
  if (status !== undefined) return response.writeHead(status).end('no')
  const asked = /^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1]
  const start = asked === undefined || behaviour.ignoresRanges ? 0 : (behaviour.rangeStart ?? Number(asked))
  if (start >= blob.length) return response.writeHead(416, { 'content-range': `bytes */${blob.length}` }).end()
  const part = blob.subarray(start)
  const range = { 'content-range': `bytes ${start}-${blob.length - 1}/${blob.length}` }
  const ranged = asked !== undefined && !behaviour.ignoresRanges
  response.writeHead(ranged ? 206 : 200, {
    'content-length': part.length,
    'accept-ranges': 'bytes',
    ...(ranged && range),
  })
  const stall = behaviour.stalls?.shift()
  if (stall === undefined) response.end(part)
  else response.write(part.subarray(0, stall))
}
