import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { TokenLogprob } from '../../completion/event.ts'
import { HeldText, incompleteTail } from './held-text.ts'

const logprobOf = (bytes: Uint8Array): TokenLogprob => ({ token: '', bytes: [...bytes], logprob: -1, top: [] })

const chars = fc.constantFrom('a', 'é', '€', '😀', '\ufeff', '｜', '\0', '\ufffd')

function cut(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const ends = [...new Set(cuts.map((at) => at % (bytes.length + 1))), bytes.length].sort((a, b) => a - b)
  return ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end))
}

test('whole characters come out, whatever the borders of the tokens', () => {
  fc.assert(
    fc.property(fc.string({ unit: chars }), fc.array(fc.nat()), (said, cuts) => {
      const held = new HeldText()
      const out = cut(Buffer.from(said), cuts).map((bytes) => held.push(bytes).text)
      expect([...out, held.end().text].join('')).toBe(said)
      for (const part of out) expect(part.isWellFormed()).toBe(true)
      if (!said.includes('\ufffd')) expect(out.join('')).not.toContain('\ufffd')
    }),
  )
})

test('any bytes at all come out as the same text as in one piece', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 30 }), fc.array(fc.nat()), (bytes, cuts) => {
      const held = new HeldText()
      const out = cut(bytes, cuts).map((part) => held.push(part).text)
      expect([...out, held.end().text].join('')).toBe(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes))
    }),
  )
})

test('no log probability is lost, and each comes with text', () => {
  fc.assert(
    fc.property(fc.string({ unit: chars }), fc.array(fc.nat()), (said, cuts) => {
      const held = new HeldText()
      const parts = cut(Buffer.from(said), cuts).filter((bytes) => bytes.length > 0)
      const out = [...parts.map((bytes) => held.push(bytes, logprobOf(bytes))), held.end()]
      expect(out.flatMap((released) => released.logprobs.flatMap((l) => l.bytes))).toEqual([...Buffer.from(said)])
      for (const released of out) if (released.logprobs.length > 0) expect(released.text).not.toBe('')
    }),
  )
})

test('a character that never completes becomes U+FFFD at the end', () => {
  const held = new HeldText()
  expect(held.push(Buffer.from([0x61, 0xf0, 0x9f])).text).toBe('a')
  expect(held.end().text).toBe('\ufffd')
})

test('the incomplete end of some bytes is found, and a complete one is not', () => {
  fc.assert(
    fc.property(fc.string({ unit: chars, maxLength: 3 }), fc.constantFrom('a', 'é', '€', '😀'), (before, char) => {
      const bytes = Buffer.from(before + char)
      const last = Buffer.byteLength(char)
      for (let missing = 0; missing < last; missing++)
        expect(incompleteTail(bytes.subarray(0, bytes.length - missing))).toBe(missing === 0 ? 0 : last - missing)
    }),
  )
})
