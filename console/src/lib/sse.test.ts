import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sseReader } from './sse.ts'

const read = (pieces: readonly string[]) => {
  const next = sseReader()
  return pieces.flatMap((piece) => next(piece))
}

test('events, comments and other fields', () => {
  expect(read([': keep-alive\n\ndata: {"a":1}\n\nevent: x\ndata:b\ndata: c\n\ndata: [DONE]\n\n'])).toEqual([
    '{"a":1}',
    'b\nc',
    '[DONE]',
  ])
})

test('an event that is not complete is not told', () => {
  expect(read(['data: a\n'])).toEqual([])
})

test('where the text is cut changes nothing', () => {
  const line = fc.constantFrom('data: {"x":"é 你"}', 'data:', ': comment', 'id: 7', 'data: y')
  const text = fc.array(fc.tuple(line, fc.constantFrom('\n', '\r\n', '\r'), fc.constantFrom('', '\n', '\r\n', '\r')))
  fc.assert(
    fc.property(text, fc.array(fc.nat()), (lines, cuts) => {
      const whole = `${lines.flat().join('')}\n\n`
      const places = [0, ...cuts.map((cut) => cut % (whole.length + 1)).sort((a, b) => a - b), whole.length]
      const pieces = places.slice(1).map((end, at) => whole.slice(places[at], end))
      expect(read(pieces)).toEqual(read([whole]))
    }),
  )
})
