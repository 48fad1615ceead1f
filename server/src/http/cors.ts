import type { IncomingMessage, ServerResponse } from 'node:http'

/**
 * Lets pages of the operator's listed origins call the service from a browser (contract C111). Without a list no header is sent
 * and browsers keep pages of other origins out.
 */
export function sayCors(origins: readonly string[], request: IncomingMessage, response: ServerResponse): void {
  if (origins.length === 0) return
  // Also on answers to others: a cache must not give one origin's answer to another.
  response.setHeader('vary', 'Origin')
  const { origin } = request.headers
  if (origin === undefined || !origins.includes(origin)) return
  response.setHeader('access-control-allow-origin', origin)
  response.setHeader('access-control-expose-headers', 'x-request-id, retry-after, x-tidegate-stand-in')
  const method = request.headers['access-control-request-method']
  if (request.method !== 'OPTIONS' || method === undefined) return
  response.setHeader('access-control-allow-methods', method)
  response.setHeader(
    'access-control-allow-headers',
    request.headers['access-control-request-headers'] ?? 'authorization, content-type',
  )
  response.setHeader('access-control-max-age', '600')
}
