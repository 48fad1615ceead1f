import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { Server as TlsServer } from 'node:tls'
import { onTestFinished, vi } from 'vitest'
import { Client, type Request } from './client.ts'

/** A whole request that came, a character for each byte. */
export interface Got {
  readonly socket: Socket
  readonly head: string
  readonly body: string
}

export const withLength = (text: string) => `HTTP/1.1 200 OK\r\ncontent-length: ${text.length}\r\n\r\n${text}`
export const answerOk = ({ socket }: Got) => void socket.write(withLength('ok'))
export const connectMs = 20_000

interface Options {
  readonly server?: Server
  readonly host?: string
  readonly keepMs?: number | undefined
}

/**
 * A server of its own for one test, and a client that asks it.
 * @param answer hears each request, and writes what it likes, byte for byte
 */
export async function upstream(
  answer: (got: Got) => void,
  { server = createServer(), host = '127.0.0.1', keepMs }: Options = {},
) {
  const sockets: Socket[] = []
  const got: Got[] = []
  let closed = 0
  const isTls = server instanceof TlsServer
  server.on(isTls ? 'secureConnection' : 'connection', (socket: Socket) => {
    sockets.push(socket)
    let text = ''
    socket.on('error', () => undefined).on('close', () => closed++)
    socket.setEncoding('latin1').on('data', (piece) => {
      text += piece
      const end = text.indexOf('\r\n\r\n') + 4
      const one = { socket, head: text.slice(0, end), body: text.slice(end) }
      if (end < 4 || one.body.length < Number(/length: (\d+)/.exec(one.head)?.[1] ?? 0)) return
      text = ''
      got.push(one)
      answer(one)
    })
  })
  const client = new Client({ connectMs, ...(keepMs !== undefined && { keepMs }) })
  onTestFinished(async () => {
    client.close()
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  })
  await new Promise<void>((resolve) => server.listen(0, host, resolve))
  const { port } = server.address() as AddressInfo
  const url = new URL(`${isTls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}`)
  return { client, server, url, sockets, got, closed: () => closed, ask: asker(client, url) }
}

type Event = 'head' | 'data' | 'end' | 'broken'

/** Asks, and keeps what is heard. @param on what else to do when */
const asker =
  (client: Client, url: URL) =>
  (request: Partial<Request> = {}, on?: (event: Event) => void) => {
    const events: Event[] = []
    const hear = (event: Event) => {
      events.push(event)
      on?.(event)
    }
    let text = ''
    const { promise: answer, resolve, reject } = Promise.withResolvers<string>()
    answer.catch(() => undefined)
    const asking = client.ask(
      { url, headers: {}, ...request },
      {
        head: () => hear('head'),
        data(bytes) {
          text += bytes.toString('latin1')
          hear('data')
        },
        end() {
          resolve(text)
          hear('end')
        },
        broken(error) {
          reject(error)
          hear('broken')
        },
      },
    )
    return { asking, answer, events }
  }

/** Time stands still until the test moves it. Sockets know none. */
export function fakeClock(): void {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  onTestFinished(() => void vi.useRealTimers())
}
