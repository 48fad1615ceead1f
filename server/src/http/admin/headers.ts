import type { ServerResponse } from 'node:http'
import type { Client } from './client.ts'

/** For every answer of the console and the admin API. */
function saySafe(response: ServerResponse, { https }: Client): void {
  response.setHeader('x-content-type-options', 'nosniff')
  response.setHeader('referrer-policy', 'no-referrer')
  response.setHeader('cross-origin-resource-policy', 'same-origin')
  // A promise that only a connection with TLS may make; without one browsers ignore it.
  if (https) response.setHeader('strict-transport-security', 'max-age=31536000')
}

/** Nothing from elsewhere, nothing inline, in no frame; forms are sent by the script alone. */
const pagePolicy = Object.entries({
  'default-src': "'none'",
  'script-src': "'self'",
  'style-src': "'self'",
  'img-src': "'self'",
  'font-src': "'self'",
  'connect-src': "'self'",
  'manifest-src': "'self'",
  'base-uri': "'none'",
  'form-action': "'none'",
  'frame-ancestors': "'none'",
})
  .map(([name, value]) => `${name} ${value}`)
  .join('; ')

/** For the pages of the console and their files. */
export function sayPage(response: ServerResponse, client: Client): void {
  saySafe(response, client)
  response.setHeader('content-security-policy', pagePolicy)
  response.setHeader('cross-origin-opener-policy', 'same-origin')
  response.setHeader('permissions-policy', 'camera=(), geolocation=(), microphone=()')
}

/** For answers of the admin API: read by scripts, never shown as a page, never kept. */
export function sayPrivate(response: ServerResponse, client: Client): void {
  saySafe(response, client)
  response.setHeader('content-security-policy', "default-src 'none'; frame-ancestors 'none'")
  response.setHeader('cache-control', 'no-store')
}
