/**
 * An HTTP/1.1 client for one request at a time on each connection, without a stream object between the socket and who hears.
 * Why it is ours: decision 0052.
 */
import { connect as connectPlain, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { Roster } from '../roster.ts'
import { type ClientEar, Connection } from './connection.ts'

export interface Request {
  /** `http:` or `https:`. Redirects are not followed. */
  readonly url: URL
  /** `host`, `connection` and the length come by themselves. */
  readonly headers: Readonly<Record<string, string>>
  /** With one it is a POST, else a GET. */
  readonly body?: Uint8Array | undefined
  /** Not on a connection that has carried a request before. */
  readonly afresh?: boolean
}

/** A request on its way. Means nothing any more behind `end` and `broken`. */
export type Asking = Pick<Connection, 'pause' | 'resume' | 'abort'>

interface ClientOptions {
  readonly connectMs: number
  /** How long a connection without a request is kept where the server does not say how long it does; in milliseconds. */
  readonly keepMs?: number
}

/** Many servers close after five seconds. */
const keepMsDefault = 4_000
/** The system asks so often whether the other side is still there. */
const tcpKeepAliveMs = 60_000

/** All of one process is read into it: what was read is heard before anything else is read. */
const shared = Buffer.allocUnsafeSlow(64 * 1024)

/** As many connections to each origin as there are requests at the same time, each kept for the next one. */
export class Client {
  readonly #connectMs: number
  readonly #keepMs: number
  readonly #open = new Roster<Connection>()
  /** By origin, the latest last. */
  readonly #idle: { [origin: string]: Connection[] } = Object.create(null)
  /** By origin: with it the next TLS connection needs no whole handshake. */
  readonly #sessions: { [origin: string]: Buffer } = Object.create(null)
  #sweep: NodeJS.Timeout | undefined

  constructor({ connectMs, keepMs = keepMsDefault }: ClientOptions) {
    this.#connectMs = connectMs
    this.#keepMs = keepMs
  }

  /** @throws TypeError for headers that cannot be sent */
  ask(request: Request, ear: ClientEar): Asking {
    const head = headOf(request)
    const connection = (!request.afresh && this.#kept(request.url.origin)) || this.#connect(request.url)
    connection.ask(head, request.body, ear)
    return connection
  }

  close(): void {
    clearTimeout(this.#sweep)
    this.#sweep = undefined
    for (const connection of [...this.#open]) connection.abort(new Error('The client was closed.'))
  }

  #kept(origin: string): Connection | undefined {
    const now = performance.now()
    for (let one = this.#idle[origin]?.pop(); one; one = this.#idle[origin]?.pop()) {
      if (one.keptUntil > now) return one
      one.drop()
    }
    return undefined
  }

  #connect(url: URL): Connection {
    const { origin } = url
    let place: number | undefined
    const connection = new Connection({
      keepMs: this.#keepMs,
      onIdle: (one) => {
        this.#idle[origin] ??= []
        this.#idle[origin].push(one)
        this.#sweepLater()
      },
      onClosed: (one) => {
        if (place === undefined) return
        this.#open.leave(place)
        place = undefined
        const idle = this.#idle[origin]
        const at = idle?.indexOf(one) ?? -1
        if (at >= 0) idle?.splice(at, 1)
      },
    })
    place = this.#open.enter(connection)
    const isTls = url.protocol === 'https:'
    const socket = isTls ? this.#tlsSocket(url, connection) : this.#plainSocket(url, connection)
    connection.carry(socket, isTls ? 'secureConnect' : 'connect', this.#connectMs)
    return connection
  }

  #plainSocket(url: URL, connection: Connection): Socket {
    const callback = (length: number, bytes: Uint8Array) => {
      connection.read(length, bytes)
      return true
    }
    return connectPlain({ ...placeOf(url, 80), onread: { buffer: shared, callback } })
  }

  #tlsSocket(url: URL, connection: Connection): Socket {
    const place = placeOf(url, 443)
    const session = this.#sessions[url.origin]
    const name = isIP(place.host) === 0 && { servername: place.host }
    const socket = connectTls({ ...place, ...name, ...(session && { session }), ALPNProtocols: ['http/1.1'] })
    socket.on('session', (latest) => {
      this.#sessions[url.origin] = latest
    })
    // Decrypted, bytes come in buffers of their own.
    return socket.on('data', (bytes: Buffer) => connection.read(bytes.length, bytes))
  }

  #sweepLater(): void {
    this.#sweep ??= setTimeout(() => {
      this.#sweep = undefined
      const now = performance.now()
      const all = Object.values(this.#idle).flat()
      for (const one of all) if (one.keptUntil <= now) one.drop()
      if (all.some(({ keptUntil }) => keptUntil > now)) this.#sweepLater()
    }, this.#keepMs).unref()
  }
}

const placeOf = ({ hostname, port }: URL, otherwise: number) => ({
  host: hostname.startsWith('[') ? hostname.slice(1, -1) : hostname,
  port: port === '' ? otherwise : Number(port),
  noDelay: true,
  keepAlive: true,
  keepAliveInitialDelay: tcpKeepAliveMs,
})

const sendable = /^[\t\x20-\x7e]*$/

function headOf({ url, headers, body }: Request): string {
  let head = `${body ? 'POST' : 'GET'} ${url.pathname}${url.search} HTTP/1.1\r\nhost: ${url.host}\r\nconnection: keep-alive\r\n`
  for (const name in headers) {
    const value = headers[name] ?? ''
    if (!sendable.test(value)) throw new TypeError(`The header '${name}' has characters that cannot be sent.`)
    head += `${name}: ${value}\r\n`
  }
  return body ? `${head}content-length: ${body.length}\r\n\r\n` : `${head}\r\n`
}
