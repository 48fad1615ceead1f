import { expect, test } from 'vitest'
import { type Asking, Refused } from './asking.ts'
import { tokenizerOf } from './tokenizer.ts'
import { vllm } from './vllm.ts'

const { signal } = new AbortController()

/** A tokenizer whose tokens are code points; `spaced` puts a space before each text, as SentencePiece does. */
function asked(spaced: boolean) {
  const texts: string[] = []
  const asking: Asking = async (_, body) => {
    const text = String(Object(body).prompt)
    texts.push(text)
    return { tokens: Array.from(spaced ? ` ${text}` : text, (char) => char.codePointAt(0)) }
  }
  return { texts, tokenizer: tokenizerOf(vllm, asking, 'm') }
}
const textOf = (tokens: readonly number[]) => String.fromCodePoint(...tokens)

test('a piece behind another one gets no space that nobody wrote', async () => {
  for (const spaced of [false, true]) {
    const { tokenizer } = asked(spaced)
    const tokens = await tokenizer.tokens(['Hel', 'lo', '\n!'], signal)
    expect(textOf(tokens)).toBe(`${spaced ? ' ' : ''}Hello\n!`)
  }
})

test('a prompt that was counted is not asked for again', async () => {
  const { tokenizer, texts } = asked(false)
  const prompt = ['Hello']
  await tokenizer.tokens(prompt, signal)
  await tokenizer.tokens(prompt, signal)
  expect(texts).toEqual(['Hello'])
  await tokenizer.tokens(['Hello'], signal)
  expect(texts).toHaveLength(2)
})

test('pieces keep their order, however many there are', async () => {
  const pieces = Array.from({ length: 100 }, (_, i) => `${i},`)
  expect(textOf(await asked(false).tokenizer.tokens(pieces, signal))).toBe(pieces.join(''))
})

test('a text is a single token, or none', async () => {
  const { tokenizer, texts } = asked(false)
  expect(await tokenizer.single('a', signal)).toBe(97)
  expect(await tokenizer.single('ab', signal)).toBeUndefined()
  await tokenizer.single('ab', signal)
  expect(texts).toEqual(['a', 'ab'])
})

test.each([{}, { tokens: 'abc' }, { tokens: [1, 'a'] }, { tokens: [1.5] }])(
  '%j is no list of tokens',
  async (answer) => {
    const tokenizer = tokenizerOf(vllm, async () => answer, 'm')
    await expect(tokenizer.tokens(['a'], signal)).rejects.toBeInstanceOf(Refused)
  },
)
