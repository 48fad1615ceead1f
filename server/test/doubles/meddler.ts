import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { request } from 'undici'
import { onTestFinished } from 'vitest'

/** What stands between a good server and its clients, and spoils one thing. */
export interface Meddling {
  /** The body of a chat request, before the server sees it. */
  // biome-ignore lint/suspicious/noExplicitAny: JSON of the contract's shape, changed at will
  readonly asks?: (body: any) => object
  /** A whole answer, a chunk or an error, before the client sees it; undefined leaves a chunk out. */
  // biome-ignore lint/suspicious/noExplicitAny: as above
  readonly answers?: (payload: any, body: any) => object | undefined
  /** What the status becomes. */
  readonly status?: (status: number) => number
}

/** A proxy on a real socket that meddles with JSON of any kind. It ends with the test. @returns its origin */
export async function startMeddler(origin: string, { asks, answers, status }: Meddling): Promise<string> {
  const server = createServer(async (incoming, outgoing) => {
    const pieces: Buffer[] = []
    for await (const piece of incoming) pieces.push(piece)
    const raw = Buffer.concat(pieces)
    const body = objectIn(raw.toString('utf8'))
    const asked = body && asks ? JSON.stringify(asks(body)) : undefined
    // What is not changed goes on byte by byte: also what is no UTF-8.
    const isChanged = asked !== undefined && asked !== JSON.stringify(body)
    const { host: _, connection: __, 'content-length': ___, 'transfer-encoding': ____, ...headers } = incoming.headers
    const response = await request(`${origin}${incoming.url}`, {
      method: incoming.method === 'GET' ? 'GET' : 'POST',
      headers,
      body: incoming.method === 'GET' ? null : isChanged ? asked : raw,
    })
    const text = await response.body.text()
    const {
      'content-length': _length,
      'transfer-encoding': _encoding,
      connection: _connection,
      ...kept
    } = response.headers
    outgoing.writeHead(status?.(response.statusCode) ?? response.statusCode, kept)
    outgoing.end(answers ? spoiled(text, (payload) => answers(payload, body ?? {})) : text)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

function objectIn(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined
  } catch {
    return undefined
  }
}

function spoiled(text: string, answers: (payload: object) => object | undefined): string {
  const whole = objectIn(text)
  if (whole) return JSON.stringify(answers(whole) ?? {})
  return text
    .split('\n\n')
    .flatMap((event) => {
      const payload = objectIn(event.replace(/^data: /, ''))
      if (!payload) return [event]
      const changed = answers(payload)
      return changed ? [`data: ${JSON.stringify(changed)}`] : []
    })
    .join('\n\n')
}
