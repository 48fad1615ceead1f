import type { TokenLogprob } from '../event.ts'

/** Where tokens end in a passage: `at` is the offset behind their last character. */
export interface Mark {
  readonly at: number
  readonly tokens: number
  readonly logprob?: TokenLogprob
  /** Which token it is, where it is one and known. `open`: it has a part of the next character. */
  readonly id?: number
  readonly open?: true
}

/** A stretch of generated text which remembers where it came from, so that whoever drops or holds a part of it still counts right. */
export interface Passage {
  readonly text: string
  readonly marks: readonly Mark[]
  /** Offset of its first unit in the raw text of the answer. */
  readonly from: number
}

export const nothing: Passage = { text: '', marks: [], from: 0 }

/** @returns the units `start` to `end`; a token belongs to the part that has its last character. */
export function slice(passage: Passage, start: number, end = passage.text.length): Passage {
  if (start <= 0 && end >= passage.text.length) return passage
  return {
    text: passage.text.slice(start, end),
    marks: passage.marks
      .filter((mark) => (mark.at > start || (start === 0 && mark.at === 0)) && mark.at <= end)
      .map((mark) => ({ ...mark, at: mark.at - start })),
    from: passage.from + start,
  }
}

export function join(first: Passage, second: Passage): Passage {
  if (first.text === '' && first.marks.length === 0) return second
  if (second.text === '' && second.marks.length === 0) return first
  const offset = first.text.length
  return {
    text: first.text + second.text,
    marks: [...first.marks, ...second.marks.map((mark) => ({ ...mark, at: mark.at + offset }))],
    from: first.from,
  }
}

export const joinAll = (passages: readonly Passage[]): Passage => {
  const [first = nothing] = passages
  const marks: Mark[] = []
  let text = ''
  for (const passage of passages) {
    for (const mark of passage.marks) marks.push({ ...mark, at: mark.at + text.length })
    text += passage.text
  }
  return { text, marks, from: first.from }
}

/** @returns the first `units` of the passages, and the rest of them */
export function divide(
  passages: readonly Passage[],
  units: number,
): readonly [first: readonly Passage[], rest: Passage[]] {
  let left = units
  let at = 0
  for (; at < passages.length; at++) {
    const length = passages[at]?.text.length ?? 0
    if (length > left) break
    left -= length
  }
  const middle = passages[at]
  const first = passages.slice(0, at)
  if (!middle || left <= 0) return [first, passages.slice(at)]
  return [
    [...first, slice(middle, 0, left)],
    [slice(middle, left), ...passages.slice(at + 1)],
  ]
}

export const tokensOf = (passage: Passage): number => passage.marks.reduce((sum, mark) => sum + mark.tokens, 0)

/** What an engine says at once; `tokens` may be 0, and `text` empty while a character is incomplete. */
export interface Said {
  readonly text: string
  readonly tokens: number
  readonly logprobs?: readonly TokenLogprob[]
  readonly token?: number
  readonly open?: true
}

/**
 * @returns the tokens that the text begins with, as far as they are known, and the length of what they are: they end where a character
 * does
 */
export function knownTokens({ marks }: Passage): { readonly tokens: readonly number[]; readonly units: number } {
  const ids: number[] = []
  let whole = 0
  let units = 0
  for (const { id, tokens, at, open } of marks) {
    if (id === undefined || tokens !== 1) break
    ids.push(id)
    if (open) continue
    whole = ids.length
    units = at
  }
  return { tokens: ids.slice(0, whole), units }
}

/** @returns the same without which tokens they are */
export const unnamed = (passage: Passage): Passage => ({
  ...passage,
  marks: passage.marks.map(({ id: _, open: __, ...mark }) => mark),
})

/** Makes one stream's passages, the first of them at `start`. A token that ends inside a character is given to that character. */
export function passages(start = 0): (said: Said) => Passage {
  let from = start
  let carried: Mark[] = []
  /** Those that ended inside the first character belong to it. */
  const withCarried = (text: string, marks: readonly Mark[], logprobs: Said['logprobs']): Mark[] => {
    const first = text.codePointAt(0) === text.charCodeAt(0) ? 1 : 2
    const before = carried.map((mark) => ({ ...mark, at: first }))
    // Log probabilities come with the whole character, also those of the tokens that were told before.
    const told = logprobs?.length === carried.length + 1
    carried = []
    return told ? marks.map((mark, index) => ({ ...before[index], ...mark })) : [...before, ...marks]
  }
  return ({ text, tokens, logprobs, token, open }) => {
    const plain = logprobs?.length ? marksByBytes(text, logprobs) : marksByShare(text, tokens)
    const marks = token === undefined ? plain : named(plain, token, open)
    if (text === '') {
      carried.push(...marks)
      return { text, marks: [], from }
    }
    const passage = { text, marks: carried.length > 0 ? withCarried(text, marks, logprobs) : marks, from }
    from += text.length
    return passage
  }
}

/** Of several marks the last one is meant: log probabilities may be those of earlier tokens, too. */
const named = (marks: readonly Mark[], id: number, open: true | undefined): Mark[] =>
  marks.map((mark, index) => (index === marks.length - 1 ? { ...mark, id, ...(open && { open }) } : mark))

/** Without more knowledge, tokens are taken to be of one length. */
function marksByShare(text: string, tokens: number): Mark[] {
  if (tokens <= 1) return tokens === 1 ? [{ at: text.length, tokens: 1 }] : []
  return Array.from({ length: tokens }, (_, i) => ({ at: Math.ceil((text.length * (i + 1)) / tokens), tokens: 1 }))
}

function marksByBytes(text: string, logprobs: readonly TokenLogprob[]): Mark[] {
  let end = 0
  let at = 0
  let bytes = 0
  return logprobs.map((logprob, i) => {
    end += logprob.bytes.length
    while (bytes < end && at < text.length) {
      const point = text.codePointAt(at) ?? 0
      bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4
      at += point < 0x10000 ? 1 : 2
    }
    return { at: i === logprobs.length - 1 ? text.length : at, tokens: 1, logprob }
  })
}
