import type { PartStep } from '../../completion/steps/part.ts'
import type { Passage } from '../../completion/steps/passage.ts'
import { seeker } from '../../completion/steps/seek.ts'

/**
 * A marker that opens a call ends the reasoning it stands in (contract C127): an upstream whose parser waits for a closing tag
 * takes the whole call for reasoning. What follows is text, for whoever reads calls out of it.
 */
export function callsEndReasoning(openers: readonly string[]): PartStep {
  const search = seeker(openers)
  let over = false
  const reasoning = (passage: Passage) => (passage.text ? [{ type: 'reasoning', passage } as const] : [])
  const text = (passage: Passage) => (passage.text ? [{ type: 'text', passage } as const] : [])
  return (part) => {
    if (part.type === 'reasoning') {
      if (over) return text(part.passage)
      const { before, found } = search.read(part.passage)
      if (!found) return reasoning(before)
      over = true
      return [...reasoning(before), ...text(found.itself), ...text(found.rest)]
    }
    return [...reasoning(search.release()), part]
  }
}
