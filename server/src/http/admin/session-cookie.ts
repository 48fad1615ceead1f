/** How the session of a browser is carried (decision 0028). */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { isLoopback } from './client.ts'

/** The prefix makes browsers refuse it from anything but this very host over a safe connection. */
const safeName = '__Host-tidegate'
/** For browsers that do not hold `http://localhost` to be safe, Safari among them. Never set, and never read, elsewhere. */
const localName = 'tidegate-local'

const attributes = 'Path=/; HttpOnly; SameSite=Strict'

/** @param local the page came from this machine over plain http */
export function setCookie(response: ServerResponse, token: string, maxAgeSeconds: number, local: boolean): void {
  response.setHeader('set-cookie', [
    `${safeName}=${token}; ${attributes}; Secure; Max-Age=${maxAgeSeconds}`,
    ...(local ? [`${localName}=${token}; ${attributes}; Max-Age=${maxAgeSeconds}`] : []),
  ])
}

export const clearCookie = (response: ServerResponse, local: boolean): void => setCookie(response, '', 0, local)

export function cookieIn({ headers }: IncomingMessage): string | undefined {
  const cookies = new Map(
    (headers.cookie ?? '').split(';').map((pair) => {
      const [name = '', value = ''] = pair.split('=', 2)
      return [name.trim(), value.trim()]
    }),
  )
  return cookies.get(safeName) || (isLoopback(headers.host ?? '') && cookies.get(localName)) || undefined
}
