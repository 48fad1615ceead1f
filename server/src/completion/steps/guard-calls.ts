import { type Part, type PartStep, untilEnding } from './part.ts'
import type { Passage } from './passage.ts'

/**
 * For `required` and named choices: holds the text until a call follows it, so that an answer without one can be generated again
 * (contract C46). Without another run it is what it is: text, and no call.
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
        const missing = !called && part.reason === 'stop' && part.matchedStop === null
        return missing && !last ? [{ type: 'again', keep: answerAt }] : [...release(), part]
      }
      default:
        return [part]
    }
  })
}
