import { hexId } from '../../lib/ids.ts'
import type { Piece } from '../event.ts'
import type { Part } from '../steps/part.ts'
import { type Passage, slice, tokensOf } from '../steps/passage.ts'

type Word = Extract<Part, { type: 'reasoning' | 'text' | 'call' }>

/** Says parts to the caller, each once: a run that goes on from kept text repeats the parts of that text. */
export interface Speaker {
  /** Another run begins; its first parts are those that were said. */
  restart(): void
  /** @param written tokens of all that the parts so far were made of: a call is what came since the last word */
  say(part: Word, written: number): readonly Piece[]
  /** How much of the words was said, in UTF-16 units. */
  said(): { readonly reasoning: number; readonly text: number }
  /** How many calls were said. */
  calls(): number
  reasoned(): boolean
  /** Whether text or calls were said: what comes after reasoning. */
  spoke(): boolean
}

export function createSpeaker(withLogprobs: boolean): Speaker {
  const none = { reasoning: 0, text: 0, calls: 0 }
  let seen = { ...none }
  const said = { ...none }
  let saidTokens = 0

  const delta = (type: 'reasoning' | 'text', passage: Passage): Piece[] => {
    const repeated = Math.max(0, Math.min(said[type] - seen[type], passage.text.length))
    seen[type] += passage.text.length
    said[type] = Math.max(said[type], seen[type])
    const fresh = slice(passage, repeated)
    const { text, marks } = fresh
    if (text === '') return []
    const tokens = tokensOf(fresh)
    saidTokens += tokens
    return [
      withLogprobs
        ? { type, text, tokens, logprobs: marks.flatMap(({ logprob }) => logprob ?? []) }
        : { type, text, tokens },
    ]
  }

  return {
    restart() {
      seen = { ...none }
    },
    say(part, written) {
      if (part.type !== 'call') return delta(part.type, part.passage)
      const index = seen.calls++
      if (index < said.calls) return []
      said.calls++
      const call = { id: hexId('call_', 24), name: part.name, arguments: part.arguments }
      const tokens = Math.max(0, written - saidTokens)
      saidTokens += tokens
      return [{ type: 'tool-call', index, call, tokens }]
    },
    said: () => said,
    calls: () => said.calls,
    reasoned: () => said.reasoning > 0,
    spoke: () => said.text > 0 || said.calls > 0,
  }
}
