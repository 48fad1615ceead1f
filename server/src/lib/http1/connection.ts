/** One connection of a client, and the one request that is on it. */
import type { Socket } from 'node:net'
import { type Headers, type ResponseEar, ResponseReader } from './response-reader.ts'

/** Hears a response from where its bytes are read. Nothing that it does may throw. */
export interface ClientEar extends ResponseEar {
  /** All is there. Nothing more comes. */
  end(): void
  /** Nothing more comes. */
  broken(error: Error): void
}

/** A connection that was lost with a request on it. `code` is the system's where it has one. */
export class LostError extends Error {
  readonly code: string
  /** It had carried an answer before, and nothing of this one came: it may have been closed over there before the request was sent. */
  readonly wasKept: boolean

  constructor(cause: Error | undefined, wasKept: boolean) {
    super(cause?.message || 'The connection was closed.', { cause })
    this.code = cause && 'code' in cause ? String(cause.code) : 'ECONNRESET'
    this.wasKept = wasKept
  }
}

interface Owner {
  /** For how long it is kept where the server says nothing, in milliseconds. */
  readonly keepMs: number
  /** It can carry the next request. */
  onIdle(connection: Connection): void
  onClosed(connection: Connection): void
}

/** However long a server says it keeps a connection. */
const keepMsMax = 600_000
/** What a server's own clock may be ahead, and a request takes to get there. */
const keepMarginMs = 1_000
/** Up to here head and body are copied into one piece: one write of one buffer costs less than one of two. */
const onePieceBytesMax = 32 * 1024

export class Connection implements ResponseEar {
  /** By the clock of `performance`. */
  keptUntil = 0
  readonly #owner: Owner
  readonly #reader = new ResponseReader()
  #socket: Socket | undefined
  #connecting: NodeJS.Timeout | undefined
  #ear: ClientEar | undefined
  #keepMs: number
  #served = 0
  #paused = false

  constructor(owner: Owner) {
    this.#owner = owner
    this.#keepMs = owner.keepMs
  }

  /** @param connectMs how long the socket may take to be connected */
  carry(socket: Socket, readyEvent: 'connect' | 'secureConnect', connectMs: number): void {
    this.#socket = socket
    this.#connecting = setTimeout(() => {
      const late = new Error('The connection took too long.')
      this.#lose(Object.assign(late, { code: 'ETIMEDOUT' }))
    }, connectMs)
    socket
      .once(readyEvent, () => clearTimeout(this.#connecting))
      .on('error', (error) => this.#lose(error))
      .on('end', () => this.#ended())
      .on('close', () => this.#lose())
  }

  /** @param head all of it, in ASCII */
  ask(head: string, body: Uint8Array | undefined, ear: ClientEar): void {
    this.#ear = ear
    this.#reader.start()
    const socket = this.#socket as Socket
    if (body === undefined) socket.write(head, 'latin1')
    else if (body.length <= onePieceBytesMax) {
      const bytes = Buffer.allocUnsafe(head.length + body.length)
      bytes.write(head, 'latin1')
      bytes.set(body, head.length)
      socket.write(bytes)
    } else {
      socket.cork()
      socket.write(head, 'latin1')
      socket.write(body)
      socket.uncork()
    }
  }

  pause(): void {
    this.#paused = true
    this.#socket?.pause()
  }

  resume(): void {
    if (!this.#paused) return
    this.#paused = false
    this.#socket?.resume()
  }

  /** Closes it; `broken` hears why, at once. */
  abort(why: Error): void {
    const ear = this.#ear
    this.drop()
    ear?.broken(why)
  }

  /** Closes it, and nobody hears of it. */
  drop(): void {
    this.#ear = undefined
    clearTimeout(this.#connecting)
    this.#socket?.destroy()
    this.#owner.onClosed(this)
  }

  head(status: number, headers: Headers): void {
    const seconds = /timeout=(\d+)/.exec(headers['keep-alive'] ?? '')?.[1]
    if (seconds !== undefined) this.#keepMs = Math.min(keepMsMax, Number(seconds) * 1_000 - keepMarginMs)
    this.#ear?.head(status, headers)
  }

  data(bytes: Buffer): void {
    this.#ear?.data(bytes)
  }

  /** @param length how many of the bytes came */
  read(length: number, bytes: Uint8Array): void {
    // What is said without a question, and what comes behind the end, is no answer to anything.
    if (!this.#ear) return void this.drop()
    try {
      if (this.#reader.read(bytes as Buffer, length, this)) this.#over()
    } catch (error) {
      this.#lose(error as Error)
    }
  }

  #over(): void {
    const ear = this.#ear
    if (!ear) return
    this.#ear = undefined
    this.#served++
    // An answer may come before all of the question has gone.
    const isUsable = this.#reader.keepsAlive && this.#keepMs > 0 && this.#socket?.writableLength === 0
    if (isUsable) {
      this.resume()
      this.keptUntil = performance.now() + this.#keepMs
      this.#owner.onIdle(this)
    } else this.drop()
    ear.end()
  }

  #ended(): void {
    if (this.#ear && this.#reader.end()) this.#over()
    else this.#lose()
  }

  #lose(error?: Error): void {
    const ear = this.#ear
    const wasKept = this.#served > 0 && !this.#reader.begun
    this.drop()
    ear?.broken(new LostError(error, wasKept))
  }
}
