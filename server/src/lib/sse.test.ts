import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createSseReader, type SseEvent } from './sse.ts'

const bytesOf = (text: string) => new Uint8Array(Buffer.from(text))

function read(...pieces: readonly Uint8Array[]): SseEvent[] {
  const reader = createSseReader(10_000)
  return [...pieces.flatMap((piece) => reader.read(piece)), ...reader.end()]
}
const dataOf = (text: string) => read(bytesOf(text)).map(({ data }) => data)

test.each([
  ['data: a\n\ndata: b\n\n', ['a', 'b']],
  ['data: a\r\n\r\ndata: b\r\n\r\n', ['a', 'b']],
  ['data: a\r\rdata: b\r\r', ['a', 'b']],
  ['data:a\n\n', ['a']],
  ['data:  a\n\n', [' a']],
  ['data: a\ndata: b\ndata\n\n', ['a\nb\n']],
  ['\uFEFFdata: a\n\n', ['a']],
  [': comment\n\n:\ndata: a\n: b\n\n', ['a']],
  ['data: \n\ndata:\n\ndata: a\n\n', ['a']],
  ['id: 7\nretry: 5\nnonsense\ndata: a\n\n', ['a']],
  ['data: : keep-alive\n\n', [': keep-alive']],
  ['data: a', ['a']],
  ['data: a\n', ['a']],
  ['', []],
  ['\n\n\n', []],
])('%j has the data %j', (text, data) => {
  expect(dataOf(text)).toEqual(data)
})

test('an event has a name if it says so, and the error line of old servers is told', () => {
  expect(read(bytesOf('event: ping\ndata: {}\n\ndata: a\n\nerror: {"code":500}\n\n'))).toEqual([
    { event: 'ping', data: '{}' },
    { data: 'a' },
    { data: '', error: '{"code":500}' },
  ])
})

test('an event that never ends is not kept for ever', () => {
  const reader = createSseReader(100)
  expect(() => {
    for (let i = 0; i < 20; i++) reader.read(bytesOf('data: 12345678'))
  }).toThrow(RangeError)
  const other = createSseReader(100)
  expect(() => {
    for (let i = 0; i < 20; i++) other.read(bytesOf('data: 12345678\n'))
  }).toThrow(RangeError)
  const many = createSseReader(100)
  for (let i = 0; i < 100; i++) expect(many.read(bytesOf('data: 12345678\n\n'))).toHaveLength(1)
})

const piece = fc.constantFrom(
  'data: ',
  'data',
  ':',
  ' ',
  'é😀',
  '{"a":1}',
  '\n',
  '\r',
  '\r\n',
  '\uFEFF',
  'event: x',
  'error: y',
)

test('what is read does not depend on where the bytes were cut', () => {
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), fc.array(fc.nat(), { maxLength: 8 }), (pieces, cuts) => {
      const bytes = bytesOf(pieces.join(''))
      const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b)
      const cut = [0, ...places].map((from, i) => bytes.slice(from, places[i] ?? bytes.length))
      expect(read(...cut)).toEqual(read(bytes))
      expect(read(...Array.from(bytes, (byte) => new Uint8Array([byte])))).toEqual(read(bytes))
    }),
  )
})

test.each([
  ['data: a\n\n', true],
  [': beat\n\n', true],
  [': beat\n', false],
  ['\n\n', true],
  ['data: a\r\n\r\n', true],
  // An LF may belong to the CR.
  ['data: a\r\r', false],
  ['data: a\n', false],
  ['event: x\n', false],
  ['d', false],
  ['data: a\n\ndata', false],
])('whether %j ends between two events: %s', (text, between) => {
  const reader = createSseReader(1_000)
  reader.read(Buffer.from(text))
  expect(reader.between()).toBe(between)
})
