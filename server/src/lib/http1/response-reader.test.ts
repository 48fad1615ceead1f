import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Headers, ProtocolError, ResponseReader } from './response-reader.ts'

/** What was read of one response, a character for each byte. */
interface Heard {
  readonly head: readonly [status: number, headers: Headers] | undefined
  readonly body: string
  /** What each read said of whether it is over. */
  readonly over: readonly boolean[]
}

/** As with sockets, all is read out of one buffer, and behind what came stands something else. */
const shared = Buffer.alloc(128 * 1024)

function readOn(reader: ResponseReader, pieces: readonly string[]): Heard {
  let head: Heard['head']
  let body = ''
  const over = pieces.map((piece) => {
    const length = shared.write(piece, 'latin1')
    shared.fill('!', length, length + 100)
    return reader.read(shared, length, {
      head(status, headers) {
        expect([head, body]).toEqual([undefined, ''])
        head = [status, { ...headers }]
      },
      data(bytes) {
        expect([head !== undefined, bytes.length > 0]).toEqual([true, true])
        body += bytes.toString('latin1')
      },
    })
  })
  return { head, body, over }
}

function read(...pieces: readonly string[]) {
  const reader = new ResponseReader()
  reader.start()
  return { ...readOn(reader, pieces), ended: reader.end(), keepsAlive: reader.keepsAlive }
}

function cut(wire: string, cuts: readonly number[]): string[] {
  const places = [...new Set(cuts.map((at) => at % wire.length))].filter(Boolean).sort((a, b) => a - b)
  return [0, ...places].map((from, i) => wire.slice(from, places[i] ?? wire.length))
}

const inPieces = (wire: string, size: number): string[] => wire.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? []

/** A response on the wire, and what is to be heard of it. */
interface Spoken {
  readonly wire: string
  readonly status: number
  readonly headers: Headers
  readonly body: string
}

const contents = fc
  .array(fc.constantFrom('a', '\0', '\xff', '\r', '\n', '\r\n\r\n', '0\r\n\r\n', 'HTTP/1.1 200 OK\r\n', 'x'.repeat(99)))
  .map((pieces) => pieces.join(''))
const hints = 'HTTP/1.1 103 Early Hints\r\nlink: a\r\n\r\n'
const early = fc.constantFrom('', 'HTTP/1.1 100 Continue\r\n\r\n', hints + hints)
const fields = fc.constantFrom<readonly [wire: string, headers: Headers]>(
  ['', {}],
  ['Server: x\r\n', { server: 'x' }],
  ['X-A: 1\r\nx-b:\t 2 \r\nX-a:3:4\r\n', { 'x-a': '1, 3:4', 'x-b': '2' }],
  // The bytes of 'à' are C3 and A0, the second of which is a blank by itself.
  ['x-name: \xc3\xa0\t\r\nx-none: \t \r\n', { 'x-name': '\xc3\xa0', 'x-none': '' }],
)
const extension = fc.constantFrom('', ';a=b', ' ; a="b\tc"', ' ')
const lineEnd = fc.constantFrom('\r\n', '\n')
const trailers = fc.constantFrom('', 'x-sum: 1\r\n', 'x-sum: 1\r\nx-b: \r\n', 'a\n')

const sized: fc.Arbitrary<Spoken> = fc.tuple(early, fields, contents).map(([before, [some, headers], body]) => ({
  wire: `${before}HTTP/1.1 200 OK\r\n${some}Content-Length: ${body.length}\r\n\r\n${body}`,
  status: 200,
  headers: { ...headers, 'content-length': `${body.length}` },
  body,
}))
const chunk = fc
  .tuple(contents, fc.constantFrom('', '00'), extension, lineEnd, lineEnd)
  .filter(([text]) => text !== '')
  .map(([text, zeros, more, first, last]) => ({
    text,
    wire: `${zeros}${text.length.toString(16)}${more}${first}${text}${last}`,
  }))
const chunked: fc.Arbitrary<Spoken> = fc
  .tuple(early, fields, fc.array(chunk, { maxLength: 4 }), extension, trailers, lineEnd)
  .map(([before, [some, headers], chunks, more, behind, end]) => ({
    wire: [
      `${before}HTTP/1.1 201 Created\r\nTransfer-Encoding: Chunked\r\n${some}\r\n`,
      ...chunks.map(({ wire }) => wire),
      `0${more}\r\n${behind}${end}`,
    ].join(''),
    status: 201,
    headers: { ...headers, 'transfer-encoding': 'Chunked' },
    body: chunks.map(({ text }) => text).join(''),
  }))
const bodiless: fc.Arbitrary<Spoken> = fc.tuple(early, fields).map(([before, [some, headers]]) => ({
  wire: `${before}HTTP/1.1 204 No Content\r\n${some}\r\n`,
  status: 204,
  headers,
  body: '',
}))
const untilClose: fc.Arbitrary<Spoken> = fc.tuple(early, fields, contents).map(([before, [some, headers], body]) => ({
  wire: `${before}HTTP/1.1 500 Oh no\r\n${some}\r\n${body}`,
  status: 500,
  headers,
  body,
}))

test('one response after the other is heard as it was said, wherever the bytes were cut', () => {
  const inRow = fc.array(fc.oneof(sized, chunked, bodiless), { maxLength: 3 })
  fc.assert(
    fc.property(inRow, fc.option(untilClose), fc.array(fc.nat(), { maxLength: 8 }), (row, last, cuts) => {
      for (const cutUp of [(wire: string) => cut(wire, cuts), (wire: string) => inPieces(wire, 1)]) {
        const reader = new ResponseReader()
        for (const said of last ? [...row, last] : row) {
          const pieces = cutUp(said.wire)
          reader.start()
          const { head, body, over } = readOn(reader, pieces)
          expect({ head, body }).toEqual({ head: [said.status, said.headers], body: said.body })
          expect(over).toEqual(pieces.map((_, i) => said !== last && i === pieces.length - 1))
          expect([reader.keepsAlive, reader.end()]).toEqual([said !== last, true])
        }
      }
    }),
  )
})

test('a response is not over before its end', () => {
  fc.assert(
    fc.property(fc.oneof(sized, chunked, bodiless), fc.nat(), ({ wire }, at) => {
      expect(read(wire.slice(0, at % wire.length))).toMatchObject({ ended: false })
    }),
  )
})

const ok = 'HTTP/1.1 200 OK\r\n'
const inChunks = `${ok}transfer-encoding: chunked\r\n\r\n`
const lines = (bytes: number) => 'x-a: 12345678\r\n'.repeat(Math.ceil(bytes / 15))

test.each([
  ['another protocol', 'SSH-2.0-OpenSSH\r\n\r\n', /begin/],
  ['HTTP/2', 'HTTP/2 200 OK\r\n\r\n', /begin/],
  ['HTTP/1.2', 'HTTP/1.2 200 OK\r\n\r\n', /begin/],
  ['a status of two digits', 'HTTP/1.1 20 OK\r\n\r\n', /begin/],
  ['a status of four digits', 'HTTP/1.1 2000 OK\r\n\r\n', /begin/],
  ['a status that begins with zero', 'HTTP/1.1 099 OK\r\n\r\n', /begin/],
  ['an empty line before the status', `\r\n${ok}content-length: 0\r\n\r\n`, /begin/],
  ['a header behind a LF', 'HTTP/1.1 200 OK\nx-a: b\r\n\r\n', /begin/],
  ['101', 'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n', /protocol/],
  ['a header without colon', `${ok}x-a\r\n\r\n`, /header/],
  ['a header without name', `${ok}: a\r\n\r\n`, /header/],
  ['a space behind a name', `${ok}x-a : b\r\n\r\n`, /header/],
  ['a name that is none', `${ok}x\xe9: b\r\n\r\n`, /header/],
  ['a folded header', `${ok}x-a: b\r\n c: d\r\n\r\n`, /header/],
  ['a NUL in a value', `${ok}x-a: b\0c\r\n\r\n`, /header/],
  ['a CR in a value', `${ok}x-a: b\rc\r\n\r\n`, /header/],
  ['a LF in a value', `${ok}x-a: b\nc: d\r\n\r\n`, /header/],
  ['a CR behind a value', `${ok}x-a: b\r\r\nx-c: d\r\n\r\n`, /header/],
  ['a LF before a value', `${ok}x-a:\nb\r\n\r\n`, /header/],
  ['two lengths', `${ok}content-length: 1\r\ncontent-length: 2\r\n\r\nab`, /length/],
  ['two lengths in one', `${ok}content-length: 1, 2\r\n\r\nab`, /length/],
  ['a negative length', `${ok}content-length: -1\r\n\r\n`, /length/],
  ['a length that is none', `${ok}content-length: 0x1\r\n\r\na`, /length/],
  ['an empty length', `${ok}content-length:\r\n\r\n`, /length/],
  ['a length of 16 digits', `${ok}content-length: 1000000000000000\r\n\r\n`, /length/],
  ['gzip as transfer coding', `${ok}transfer-encoding: gzip\r\n\r\n`, /coding/],
  ['gzip, then chunked', `${ok}transfer-encoding: gzip, chunked\r\n\r\n`, /coding/],
  ['chunked twice', `${ok}transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n`, /coding/],
  ['a chunk without size', `${inChunks}\r\n`, /size/],
  ['a chunk without size, and LF', `${inChunks}\n`, /size/],
  ['an extension without size', `${inChunks};a=b\r\n`, /size/],
  ['a size that is none', `${inChunks}5g\r\n`, /size/],
  ['a size with a sign', `${inChunks}-5\r\n`, /size/],
  ['a size with 0x', `${inChunks}0x5\r\n`, /size/],
  ['a size of 12 digits', `${inChunks}100000000000`, /size/],
  ['a chunk that is longer than its size', `${inChunks}2\r\nabc\r\n`, /chunk/],
  ['a chunk that ends with two CR', `${inChunks}2\r\nab\r\r\n`, /chunk/],
  ['a head without end', `${ok}${lines(65 * 1024)}`, /head/],
  ['a head of more than 64 kB', `${ok}${lines(65 * 1024)}content-length: 0\r\n\r\n`, /head/],
  ['an extension without end', `${inChunks}1;${'a'.repeat(17 * 1024)}`, /extension/],
  ['trailers without end', `${inChunks}0\r\n${lines(65 * 1024)}`, /trailers/],
  ['bytes behind a length', `${ok}content-length: 2\r\n\r\nabc`, /behind/],
  ['bytes behind nothing', `${ok}content-length: 0\r\n\r\n\n`, /behind/],
  ['bytes behind the last chunk', `${inChunks}0\r\n\r\n\r\n`, /behind/],
  ['a body behind 204', 'HTTP/1.1 204 No Content\r\ncontent-length: 1\r\n\r\na', /behind/],
])('%s is refused, in whatever pieces it comes', (_what, wire, message) => {
  for (const size of [wire.length > 10_000 ? 1_000 : 1, 7, wire.length]) {
    const reading = () => read(...inPieces(wire, size))
    expect(reading).toThrow(ProtocolError)
    expect(reading).toThrow(message)
  }
})

test.each([
  ['a length twice', `${ok}content-length: 2\r\nContent-Length: 2\r\n\r\nab`, 200, 'ab'],
  ['a length twice in one', `${ok}content-length: 2, 2\r\n\r\nab`, 200, 'ab'],
  ['identity', `${ok}transfer-encoding: identity\r\ncontent-length: 2\r\n\r\nab`, 200, 'ab'],
  ['204', 'HTTP/1.1 204 No Content\r\n\r\n', 204, ''],
  ['304 with the length of what is not sent', 'HTTP/1.1 304 Not Modified\r\ncontent-length: 5\r\n\r\n', 304, ''],
  ['HTTP/1.0', 'HTTP/1.0 200 OK\r\nconnection: Keep-Alive\r\ncontent-length: 2\r\n\r\nab', 200, 'ab'],
  ['no reason phrase', 'HTTP/1.1 200 \r\ncontent-length: 0\r\n\r\n', 200, ''],
  ['no space behind the status', 'HTTP/1.1 200\r\ncontent-length: 0\r\n\r\n', 200, ''],
  ['a size in upper case', `${inChunks}A\r\n0123456789\r\n0\r\n\r\n`, 200, '0123456789'],
  ['a size of 11 digits', `${inChunks}00000000002\r\nab\r\n0\r\n\r\n`, 200, 'ab'],
  ['an empty value', `${ok}x-a:\r\ncontent-length: 0\r\n\r\n`, 200, ''],
  ['a long head', `${ok}${lines(64_000)}content-length: 0\r\n\r\n`, 200, ''],
])('%s is accepted', (_what, wire, status, body) => {
  for (const size of [wire.length > 10_000 ? 1_000 : 1, wire.length])
    expect(read(...inPieces(wire, size))).toMatchObject({ head: [status, {}], body, ended: true, keepsAlive: true })
})

test.each([0, 1])('whether a head is too long does not depend on its cuts: %i more than 64 kB', (more) => {
  const wire = `${ok}x-a: `.padEnd(64 * 1024 + more, 'x')
  for (let at = 0; at < 4; at++) {
    const reading = () => read(`${wire}\r\n\r\n`.slice(0, wire.length + at), `${wire}\r\n\r\n`.slice(wire.length + at))
    if (more) expect(reading).toThrow(/head/)
    else expect(reading().head?.[0]).toBe(200)
  }
})

test.each([
  ['1.1', 'content-length: 0', true],
  ['1.1', 'connection: keep-alive\r\ncontent-length: 0', true],
  ['1.1', 'connection: close\r\ncontent-length: 0', false],
  ['1.1', 'Connection: x, Close\r\ncontent-length: 0', false],
  ['1.1', 'transfer-encoding: chunked\r\ncontent-length: 3', false],
  ['1.1', 'transfer-encoding: chunked', true],
  ['1.1', 'x-a: until close', false],
  ['1.0', 'content-length: 0', false],
  ['1.0', 'connection: keep-alive\r\ncontent-length: 0', true],
  ['1.0', 'connection: keep-alive, close\r\ncontent-length: 0', false],
  ['1.0', 'connection: keep-alive', false],
  // There are no chunks in HTTP/1.0 (RFC 9112, section 6.1).
  ['1.0', 'connection: keep-alive\r\ntransfer-encoding: chunked', false],
])('whether HTTP/%s with %j keeps its connection: %s', (version, some, keepsAlive) => {
  const end = some.includes('chunked') ? '0\r\n\r\n' : ''
  expect(read(`HTTP/${version} 200 OK\r\n${some}\r\n\r\n${end}`)).toMatchObject({ ended: true, keepsAlive })
})

test.each([['H'], ['HTTP/1.1 100 Continue\r\n\r\n'], [`${ok}content-length: 0\r\n\r\n`], ['no HTTP\r\n\r\n']])(
  'it has begun with %j, and the next one has not',
  (wire) => {
    const reader = new ResponseReader()
    reader.start()
    expect(reader.begun).toBe(false)
    try {
      readOn(reader, [wire])
    } catch (error) {
      expect(error).toBeInstanceOf(ProtocolError)
    }
    expect(reader.begun).toBe(true)
    reader.start()
    expect(reader.begun).toBe(false)
  },
)
