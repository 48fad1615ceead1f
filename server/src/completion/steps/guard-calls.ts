import type { Failure } from '../failure.ts'
import { type Part, type PartStep, untilEnding } from './part.ts'
import type { Passage } from './passage.ts'

const missing: Failure = {
  code: 'invalid-output',
  message: "The model did not make the call that 'tool_choice' asks for.",
  param: 'tool_choice',
}

/**
 * For `required` and named choices: holds the text until a call follows it, so that an answer without one can be generated again
 * (contract C46). A client that asked for a call is never given words in its place.
 */
export function guardCalls({ last }: { readonly last: boolean }): PartStep {
  let called = false
  let answerAt = 0
  let held: Passage[] = []
  const release = (): Part[] => {
    const texts = held.map((passage) => ({ type: 'text', passage }) as const)
    held = []
    return texts
  }
  return untilEnding((part) => {
    switch (part.type) {
      case 'text':
        if (called) return [part]
        held.push(part.passage)
        return []
      case 'call':
        called = true
        return [...release(), part]
      case 'border':
        if (part.into === 'answer') answerAt = part.at
        return [part]
      case 'ended': {
        if (called || part.reason !== 'stop' || part.matchedStop !== null) return [...release(), part]
        return last ? [{ type: 'failed', failure: missing }] : [{ type: 'again', keep: answerAt }]
      }
      default:
        return [part]
    }
  })
}
