/** HTTP/1.1 responses out of bytes that arrive in any cuts (RFC 9112). Knows nothing of connections. */

/** Lower-case names; a field that came several times is joined by commas. */
export type Headers = Readonly<Record<string, string>>

export interface ResponseEar {
  /** The final status; 1xx are passed over. */
  head(status: number, headers: Headers): void
  /** @param bytes good until this returns: what is kept of them must be copied */
  data(bytes: Buffer): void
}

/** What cannot be a response. Its message has none of the bytes. */
export class ProtocolError extends Error {
  readonly code = 'EPROTO'
}

/** Of one head, or of all trailers of one response. */
const headBytesMax = 64 * 1024
const extensionBytesMax = 16 * 1024
/** 2^44: more is no size that anybody sends. */
const sizeDigitsMax = 11

const LF = 10
const CR = 13
const SEMICOLON = 59

type State =
  | 'head'
  | 'sized'
  /** The digits before a chunk, what stands behind them, the chunk, and the line end behind it. */
  | 'chunk-size'
  | 'chunk-extension'
  | 'chunk'
  | 'chunk-end'
  | 'trailers'
  /** Nobody said how long it is: it ends with the connection. */
  | 'endless'
  | 'over'

/** Reads one response after the other, each begun by `start`. */
export class ResponseReader {
  #state: State = 'over'
  /** The head, or a trailer, whose end did not arrive yet. */
  #text = ''
  /** Bytes left of the body or chunk; before them, the size so far. */
  #left = 0
  /** Digits, or bytes of what is passed over. */
  #count = 0
  #keepsAlive = false
  #begun = false

  start(): void {
    this.#state = 'head'
    this.#text = ''
    this.#keepsAlive = false
    this.#begun = false
  }

  /** Whether a byte of the response has come, if only of a 1xx, or of what is none. */
  get begun(): boolean {
    return this.#begun
  }

  /** Whether its connection may carry another one, once it is over. */
  get keepsAlive(): boolean {
    return this.#keepsAlive
  }

  /**
   * @param length how many of the bytes count
   * @returns whether the response is over
   * @throws ProtocolError
   */
  read(bytes: Buffer, length: number, ear: ResponseEar): boolean {
    let at = 0
    this.#begun = true
    while (at < length)
      switch (this.#state) {
        case 'head':
          at = this.#readHead(bytes, at, length, ear)
          break
        case 'sized':
          at = this.#pass(bytes, at, length, ear)
          if (this.#left === 0) this.#state = 'over'
          break
        case 'chunk':
          at = this.#pass(bytes, at, length, ear)
          if (this.#left === 0) this.#state = 'chunk-end'
          break
        case 'endless':
          ear.data(bytes.subarray(at, length))
          return false
        case 'chunk-size':
        case 'chunk-extension':
          at = this.#readSize(bytes, at, length)
          break
        case 'chunk-end':
          at = this.#readChunkEnd(bytes, at, length)
          break
        case 'trailers':
          at = this.#readTrailers(bytes, at, length)
          break
        case 'over':
          throw new ProtocolError('There are bytes behind the end of the response.')
      }
    return this.#state === 'over'
  }

  /** The connection has ended. @returns whether that is the end of the response, and not the middle of one */
  end(): boolean {
    if (this.#state === 'endless') this.#state = 'over'
    return this.#state === 'over'
  }

  #pass(bytes: Buffer, at: number, length: number, ear: ResponseEar): number {
    const end = Math.min(length, at + this.#left)
    this.#left -= end - at
    ear.data(bytes.subarray(at, end))
    return end
  }

  #readHead(bytes: Buffer, at: number, length: number, ear: ResponseEar): number {
    const before = this.#text.length
    const text = this.#text + bytes.toString('latin1', at, length)
    const end = text.indexOf('\r\n\r\n', Math.max(0, before - 3))
    // Three bytes of its end may be there.
    if ((end < 0 ? text.length - 3 : end) > headBytesMax) throw new ProtocolError('The head has no end.')
    if (end < 0) {
      this.#text = text
      return length
    }
    this.#text = ''
    this.#begin(text.slice(0, end), ear)
    return at + end + 4 - before
  }

  #begin(head: string, ear: ResponseEar): void {
    const [first = '', ...lines] = head.split('\r\n')
    const status = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: [^\0\r\n]*)?$/.exec(first)
    if (!status) throw new ProtocolError('It does not begin as HTTP/1.1.')
    const code = Number(status[2])
    if (code === 101) throw new ProtocolError('It changes to a protocol that nobody asked for.')
    // The final one is still to come.
    if (code < 200) return
    const headers = headersOf(lines)
    const connection = headers.connection?.toLowerCase() ?? ''
    const isOld = status[1] === '0'
    this.#keepsAlive = !connection.includes('close') && (!isOld || connection.includes('keep-alive'))
    this.#frame(code, headers, isOld)
    ear.head(code, headers)
  }

  /** How the end of the body is found (RFC 9112, sections 6.1 and 6.3). @param isOld of HTTP/1.0, which has no chunks */
  #frame(status: number, headers: Headers, isOld: boolean): void {
    const coding = headers['transfer-encoding']?.toLowerCase()
    const size = headers['content-length']
    if (status === 204 || status === 304) this.#state = 'over'
    else if (coding !== undefined && coding !== 'identity') {
      if (coding !== 'chunked') throw new ProtocolError('It has a transfer coding that nobody asked for.')
      // Whoever says both, or what the version does not have, may be two who do not agree.
      if (size !== undefined || isOld) this.#keepsAlive = false
      this.#expectChunk()
    } else if (size !== undefined) {
      this.#left = sizeOf(size)
      this.#state = this.#left === 0 ? 'over' : 'sized'
    } else {
      this.#keepsAlive = false
      this.#state = 'endless'
    }
  }

  #expectChunk(): void {
    this.#state = 'chunk-size'
    this.#left = 0
    this.#count = 0
  }

  /** The line before a chunk: its size in hex, and what nobody needs to know. */
  #readSize(bytes: Buffer, from: number, length: number): number {
    for (let at = from; at < length; at++) {
      const byte = bytes[at] as number
      if (byte === LF) {
        if (this.#state === 'chunk-size' && this.#count === 0) throw new ProtocolError('A chunk has no size.')
        this.#state = this.#left === 0 ? 'trailers' : 'chunk'
        this.#count = 0
        return at + 1
      }
      if (this.#state === 'chunk-extension') {
        if (++this.#count > extensionBytesMax) throw new ProtocolError('A chunk has an extension without end.')
      } else if (byte === CR || byte === SEMICOLON || byte === 32 || byte === 9) {
        if (this.#count === 0) throw new ProtocolError('A chunk has no size.')
        this.#state = 'chunk-extension'
        this.#count = 0
      } else {
        const digit = hexDigit(byte)
        if (digit < 0 || ++this.#count > sizeDigitsMax) throw new ProtocolError('A chunk has no size.')
        this.#left = this.#left * 16 + digit
      }
    }
    return length
  }

  #readChunkEnd(bytes: Buffer, from: number, length: number): number {
    for (let at = from; at < length; at++) {
      const byte = bytes[at]
      if (byte === LF) {
        this.#expectChunk()
        return at + 1
      }
      if (byte !== CR || this.#count++ > 0) throw new ProtocolError('A chunk does not end where it should.')
    }
    return length
  }

  /** What stands behind the last chunk is passed over, up to the empty line. */
  #readTrailers(bytes: Buffer, from: number, length: number): number {
    for (let at = from; at < length; at++) {
      const byte = bytes[at] as number
      if (++this.#count > headBytesMax) throw new ProtocolError('The trailers have no end.')
      if (byte !== LF) {
        if (byte !== CR) this.#text = 'trailer'
      } else if (this.#text === '') {
        this.#state = 'over'
        return at + 1
      } else this.#text = ''
    }
    return length
  }
}

const nameForm = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
const notInLine = /[\0\r\n]/

function headersOf(lines: readonly string[]): Headers {
  const headers: Record<string, string> = Object.create(null)
  for (const line of lines) {
    const colon = line.indexOf(':')
    const name = line.slice(0, colon).toLowerCase()
    const value = unpadded(line, colon + 1)
    if (colon < 1 || !nameForm.test(name) || notInLine.test(line)) throw new ProtocolError('A header is none.')
    headers[name] = headers[name] === undefined ? value : `${headers[name]}, ${value}`
  }
  return headers
}

/** Without spaces and tabs around it, and no others: what looks like another blank may be a byte of a longer character. */
function unpadded(line: string, from: number): string {
  const isBlank = (at: number) => line[at] === ' ' || line[at] === '\t'
  let start = from
  let end = line.length
  while (start < end && isBlank(start)) start++
  while (end > start && isBlank(end - 1)) end--
  return line.slice(start, end)
}

function sizeOf(text: string): number {
  // Some proxies say it twice.
  const [size = '', ...others] = text.split(', ')
  if (!/^\d{1,15}$/.test(size) || others.some((other) => other !== size))
    throw new ProtocolError('Its length is no number.')
  return Number(size)
}

function hexDigit(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48
  const lower = byte | 32
  return lower >= 97 && lower <= 102 ? lower - 87 : -1
}
