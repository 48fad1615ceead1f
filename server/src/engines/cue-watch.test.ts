import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CueWatch } from './cue-watch.ts'

const cues = ['</think>', '<call>', 'k>']

function firstHeard(parts: readonly string[]): { cue: number; end: number } | undefined {
  const watch = new CueWatch(cues)
  let length = 0
  for (const part of parts) {
    length += part.length
    const heard = watch.push(part)
    if (heard) return { cue: heard.cue, end: length - heard.rest }
  }
  return undefined
}

test('where a cue is heard does not depend on where the text was cut', () => {
  const piece = fc.constantFrom('</think>', '</', 'thin', 'k>', '<call', '>', 'a', '<', '😀')
  fc.assert(
    fc.property(fc.array(piece), fc.array(fc.nat()), (pieces, cuts) => {
      const text = pieces.join('')
      const ends = [...cuts.map((at) => at % (text.length + 1)), text.length].sort((a, b) => a - b)
      const parts = ends.map((end, index) => text.slice(ends[index - 1] ?? 0, end))
      expect(firstHeard(parts)).toEqual(firstHeard([...text]))
    }),
  )
})

test('of two cues that end together the first of the list counts', () => {
  expect(new CueWatch(cues).push('x</think>yz')).toEqual({ cue: 0, rest: 2 })
  expect(new CueWatch(cues).push('ok>')).toEqual({ cue: 2, rest: 0 })
  expect(new CueWatch(cues).push('nothing')).toBeUndefined()
})
