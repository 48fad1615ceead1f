import type { GenerationText, TokenLogprob } from '../event.ts'

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
