import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createSseReader, type SseEvent } from '../../lib/sse.ts'
import { decodeEvent } from './chunk.ts'
import { readAlike } from './read-alike.ts'

const word = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 8 }),
  fc.constantFrom(
    '',
    ' ',
    'tidegate probe',
    '"',
    '\\',
    '\\u0041',
    '\n',
    '😀',
    '","role":"x',
    'content',
    '"content":"a"',
  ),
)
const written = (text: string) => JSON.stringify(text)
const frame = fc.constantFrom<(text: string) => string>(
  (text) => `{"id":"c","choices":[{"index":0,"delta":{"content":${written(text)}},"finish_reason":null}]}`,
  (text) => `{"id":"c","choices":[{"index":0,"delta":{"reasoning_content":${written(text)}}}]}`,
  (text) => `{"choices":[{"delta":{"reasoning":${written(text)}}}],"note":{"content":"a"}}`,
  (text) => `{"choices":[{"delta":{"content":"a","content":${written(text)}}}]}`,
  (text) => `{"note":{"content":${written(text)}},"choices":[{"delta":{"content":${written(text)}}}]}`,
  (text) => `{"note":{"content":"a"},"choices":[{"delta":{"content":${written(text)}}}]}`,
  (text) => `{"choices":[{"delta":{"content":${written(text)}},"finish_reason":"stop"}]}`,
  (text) => `{"choices":[{"delta":{"content":${written(text)}}}],"usage":{"prompt_tokens":1,"completion_tokens":2}}`,
  (text) => `{"choices":[{"index":1,"delta":{"content":${written(text)}}}]}`,
  (text) => `{"error":${written(text)}}`,
  // Not what JSON would have: it is refused in either way.
  (text) => `{"choices":[{"delta":{"content":"${text}"}}]}`,
)
const event: fc.Arbitrary<SseEvent> = fc.oneof(
  { weight: 9, arbitrary: fc.tuple(frame, word).map(([frame, text]) => ({ data: frame(text) })) },
  {
    weight: 1,
    arbitrary: fc.record({ data: fc.constantFrom('[DONE]', ': ping', '{}', 'x'), event: fc.constant('ping') }),
  },
)

function all(read: typeof decodeEvent, events: readonly SseEvent[]) {
  return events.map((event) => {
    try {
      return read(event)
    } catch (error) {
      return String(error)
    }
  })
}

test('what is read of a stream is what is read of each of its events', () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 12 }), frame, fc.array(word, { maxLength: 8 }), (events, frame, words) => {
      // Of one kind, as most streams are, and then of all.
      const stream = [...words.map((text) => ({ data: frame(text) })), ...events]
      expect(all(readAlike(decodeEvent).event, stream)).toEqual(all(decodeEvent, stream))
    }),
    { numRuns: 3_000 },
  )
})

test('words that differ in nothing else are not parsed one by one', () => {
  let parsed = 0
  const { event: read } = readAlike((event) => {
    parsed++
    return decodeEvent(event)
  })
  const data = (text: string) => ({ data: `{"choices":[{"delta":{"content":${written(text)}}}]}` })
  expect(['a', 'b', 'c', 'd', 'e'].flatMap((text) => read(data(text)))).toEqual(
    ['a', 'b', 'c', 'd', 'e'].map((text) => ({ type: 'text', text })),
  )
  // The first one, and once more to see that its frame is one.
  expect(parsed).toBe(2)
})

/** Around an event, as servers write it. */
const packing = fc.constantFrom<(data: string) => string>(
  (data) => `data: ${data}\n\n`,
  (data) => `data:${data}\n\n`,
  (data) => `data: ${data}\r\n\r\n`,
  (data) => `: beat\n\ndata: ${data}\n\n`,
  (data) => `data: ${data}\n\ndata: ${data}\n\n`,
  (data) => `data: ${data}\nevent: error\n\n`,
  (data) => `data: ${data}`,
)

test('what is known of the bytes of an event is what is read of them', () => {
  const known = fc.property(
    fc.tuple(frame, word),
    fc.array(word, { minLength: 1, maxLength: 8 }),
    packing,
    fc.nat(),
    ([frame, first], words, packed, cut) => {
      const { event, bytes } = readAlike(decodeEvent)
      all(event, [{ data: frame('a') }, { data: frame(first) }])
      for (const text of words) {
        const whole = Buffer.from(packed(frame(text)))
        // Also where a character is cut in two.
        for (const came of [whole, whole.subarray(0, cut % whole.length)]) {
          const found = bytes(came)
          if (found) expect([found]).toEqual(createSseReader(1_000_000).read(came).flatMap(decodeEvent))
        }
      }
    },
  )
  fc.assert(known, { numRuns: 2_000 })
})

test('a bare word is known of its bytes', () => {
  const { event, bytes } = readAlike(decodeEvent)
  const data = (text: string) => `{"choices":[{"delta":{"content":"${text}"}}]}`
  event({ data: data('a') })
  for (const text of ['b', 'é😀', ' '])
    expect(bytes(Buffer.from(`data: ${data(text)}\n\n`))).toEqual({ type: 'text', text })
})
