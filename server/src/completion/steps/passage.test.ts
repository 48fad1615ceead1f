import { expect, test } from 'vitest'
import { join, knownTokens, passages, slice, tokensOf } from './passage.ts'

const logprobOf = (token: string, bytes: readonly number[]) => ({ token, bytes, logprob: -1, top: [] })

test('the tokens of a text are known as far as each was told, and to the end of a character', () => {
  const passageOf = passages()
  const said = [
    { text: 'a', tokens: 1, token: 7 },
    // Two tokens of one character, the first of which began in the one before.
    { text: 'b', tokens: 1, token: 8, open: true as const },
    { text: '', tokens: 1, token: 9, open: true as const },
    { text: '😀', tokens: 1, token: 10 },
    { text: 'c', tokens: 1, token: 11, open: true as const },
  ].map(passageOf)
  const whole = said.reduce(join)
  expect(knownTokens(whole)).toEqual({ tokens: [7, 8, 9, 10], units: 4 })
  expect(knownTokens(slice(whole, 0, 2))).toEqual({ tokens: [7], units: 1 })
  const more = join(whole, passageOf({ text: 'dd', tokens: 2 }))
  expect(knownTokens(join(more, passageOf({ text: 'e', tokens: 1, token: 12 }))).tokens).toEqual([7, 8, 9, 10])
})

test('log probabilities that come with the whole character are those of its tokens, which count once', () => {
  const passageOf = passages()
  const [one, two, three, four] = [...Buffer.from('😀')].map((byte) => logprobOf('', [byte]))
  if (!one || !two || !three || !four) throw new Error('It has four bytes.')
  for (const token of [1, 2, 3]) passageOf({ text: '', tokens: 1, token, open: true })
  const passage = passageOf({ text: '😀', tokens: 1, token: 4, logprobs: [one, two, three, four] })
  expect(tokensOf(passage)).toBe(4)
  expect(passage.marks.map(({ id, logprob }) => [id, logprob])).toEqual([
    [1, one],
    [2, two],
    [3, three],
    [4, four],
  ])
  expect(knownTokens(passage)).toEqual({ tokens: [1, 2, 3, 4], units: 2 })
})
