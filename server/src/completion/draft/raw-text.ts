import { type Mark, nothing, type Passage } from '../steps/passage.ts'

/** All that a model has written for one answer, markers and all. */
export interface RawText {
  /** Another run goes on behind what is kept of it. */
  restart(kept: Passage): void
  add(passage: Passage): void
  passage(): Passage
}

export function createRawText(): RawText {
  let text = ''
  let marks: Mark[] = []
  return {
    restart(kept) {
      text = kept.text
      marks = [...kept.marks]
    },
    add(passage) {
      for (const mark of passage.marks) marks.push({ ...mark, at: mark.at + text.length })
      text += passage.text
    },
    passage: () => (text === '' ? nothing : { text, marks, from: 0 }),
  }
}
