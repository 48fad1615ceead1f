import type { TokenLogprob } from '../event.ts'

/** Where tokens end in a passage: `at` is the offset behind their last character. */
export interface Mark {
  readonly at: number
  readonly tokens: number
  readonly logprob?: TokenLogprob
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

export const tokensOf = (passage: Passage): number => passage.marks.reduce((sum, mark) => sum + mark.tokens, 0)

/** What an engine says at once; `tokens` may be 0, and `text` empty while a character is incomplete. */
export interface Said {
  readonly text: string
  readonly tokens: number
  readonly logprobs?: readonly TokenLogprob[]
}

/** Makes one stream's passages, the first of them at `start`. A token that ends inside a character is given to that character. */
export function passages(start = 0): (said: Said) => Passage {
  let from = start
  let carried: Mark[] = []
  return ({ text, tokens, logprobs }) => {
    const marks = logprobs?.length ? marksByBytes(text, logprobs) : marksByShare(text, tokens)
    if (text === '') {
      carried.push(...marks)
      return { text, marks: [], from }
    }
    const first = text.codePointAt(0) === text.charCodeAt(0) ? 1 : 2
    const passage = { text, marks: [...carried.map((mark) => ({ ...mark, at: first })), ...marks], from }
    carried = []
    from += text.length
    return passage
  }
}

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
