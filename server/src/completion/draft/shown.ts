import type { Part, PartStep } from '../steps/part.ts'
import { joinAll, type Passage, slice, tokensOf } from '../steps/passage.ts'
import type { Draft, Heard } from './draft.ts'
import type { Speaker } from './speaker.ts'

/** Words of an answer: what engines of both families understand of it. */
export interface Words {
  readonly reasoning: Passage
  readonly text: Passage
  /** The reasoning is over, or there was none. */
  readonly answers: boolean
}

/** What comes of parts behind fresh steps. */
export function wordsIn(parts: readonly Part[], step: PartStep): Words {
  const out = parts.flatMap(step)
  const all = (type: 'reasoning' | 'text') => joinAll(out.flatMap((part) => (part.type === type ? part.passage : [])))
  const [reasoning, text] = [all('reasoning'), all('text')]
  const crossed = out.findLast((part) => part.type === 'border')
  return { reasoning, text, answers: crossed?.into === 'answer' || text.text !== '' }
}

/**
 * The words of an answer that were said, and no others: what is held back may become anything, and is written anew by whoever goes on.
 * @param stands what its engine gave of it  @returns undefined when a call was said: no words lead on from there
 */
export function shownOf(stands: readonly Part[], step: PartStep, speaker: Speaker): Words | undefined {
  if (speaker.calls() > 0) return undefined
  const { reasoning, text, answers } = wordsIn(stands, step)
  const said = speaker.said()
  return { reasoning: slice(reasoning, 0, said.reasoning), text: slice(text, 0, said.text), answers }
}

const isBlank = ({ reasoning, text }: Words): boolean => text.text.trim() === '' && reasoning.text.trim() === ''

/** Whether somebody could go on from the words alone. */
export function hasWords({ shown }: Pick<Draft, 'shown'>): boolean {
  const words = shown()
  return words !== undefined && !isBlank(words)
}

/** What stands of an answer as a chat API gives it, also where a token engine wrote it. */
export function heardIn({ heard, shown }: Pick<Draft, 'heard' | 'shown'>): readonly Heard[] {
  const words = heard.length > 0 ? undefined : shown()
  if (!words || isBlank(words)) return heard
  const { reasoning, text, answers } = words
  return [
    ...(reasoning.text === ''
      ? []
      : ([
          { type: 'border', into: 'reasoning' },
          { type: 'reasoning', passage: reasoning },
        ] as const)),
    ...(answers ? [{ type: 'border', into: 'answer', tokens: tokensOf(reasoning), at: 0 } as const] : []),
    ...(text.text === '' ? [] : [{ type: 'text', passage: text } as const]),
  ]
}
