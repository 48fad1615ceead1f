import fc from 'fast-check'
import { expect, test } from 'vitest'
import { stopWithin } from './stop.ts'

test('a stop is a piece of the text that does not stand there before', () => {
  expect(stopWithin('one two three')).toBe('o t')
  expect(stopWithin('aaaaaa')).toBeUndefined()
  expect(stopWithin('ab')).toBeUndefined()
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      const stop = stopWithin(text)
      if (stop === undefined) return
      expect(stop.trim()).toBe(stop)
      expect(text.indexOf(stop)).toBeGreaterThanOrEqual(Math.floor(text.length / 2))
      expect(stop.isWellFormed()).toBe(true)
    }),
  )
})
