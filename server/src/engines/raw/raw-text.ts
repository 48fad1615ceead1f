import type { Mark, Passage } from '../../completion/steps/passage.ts'

/** All that a model has written for one answer, markers and all. */
export interface RawText {
  add(passage: Passage): void
  passage(): Passage
}

export function createRawText(kept: Passage): RawText {
  let text = kept.text
  const marks: Mark[] = [...kept.marks]
  return {
    add(passage) {
      for (const mark of passage.marks) marks.push({ ...mark, at: mark.at + text.length })
      text += passage.text
    },
    passage: () => ({ text, marks, from: 0 }),
  }
}
