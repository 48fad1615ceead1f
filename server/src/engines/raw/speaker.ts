import type { CompletionEvent } from '../../completion/event.ts'
import type { Part } from '../../completion/steps/part.ts'
import { type Passage, slice } from '../../completion/steps/passage.ts'
import { hexId } from '../../lib/ids.ts'

type Word = Extract<Part, { type: 'reasoning' | 'text' | 'call' }>

/** Says parts to the caller, each once: a run that goes on from kept text repeats the parts of that text. */
export interface Speaker {
  /** Another run begins; its first parts are those that were said. */
  restart(): void
  say(part: Word): readonly CompletionEvent[]
  /** How many calls were said. */
  calls(): number
  /** Whether text or calls were said: what comes after reasoning. */
  spoke(): boolean
}

export function createSpeaker(withLogprobs: boolean): Speaker {
  const none = { reasoning: 0, text: 0, calls: 0 }
  let seen = { ...none }
  const said = { ...none }

  const delta = (type: 'reasoning' | 'text', passage: Passage): CompletionEvent[] => {
    const repeated = Math.max(0, Math.min(said[type] - seen[type], passage.text.length))
    seen[type] += passage.text.length
    said[type] = Math.max(said[type], seen[type])
    const { text, marks } = slice(passage, repeated)
    if (text === '') return []
    return [withLogprobs ? { type, text, logprobs: marks.flatMap(({ logprob }) => logprob ?? []) } : { type, text }]
  }

  return {
    restart() {
      seen = { ...none }
    },
    say(part) {
      if (part.type !== 'call') return delta(part.type, part.passage)
      const index = seen.calls++
      if (index < said.calls) return []
      said.calls++
      const call = { id: hexId('call_', 24), name: part.name, arguments: part.arguments }
      return [{ type: 'tool-call', index, call }]
    },
    calls: () => said.calls,
    spoke: () => said.text > 0 || said.calls > 0,
  }
}
