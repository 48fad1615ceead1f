import { naturalEnd, type PartStep, untilEnding } from './part.ts'
import type { Passage } from './passage.ts'
import { seeker } from './seek.ts'

/** A control token has no place inside an answer: where one comes out as text, the turn is over before it (contract EM2). */
export function stripControl(controlTokens: readonly string[]): PartStep {
  const search = seeker(controlTokens)
  const text = (passage: Passage) => (passage.text ? [{ type: 'text', passage } as const] : [])
  return untilEnding((part) => {
    if (part.type === 'text') {
      const { before, found } = search.read(part.passage)
      return found ? [...text(before), naturalEnd] : text(before)
    }
    return [...text(search.release()), part]
  })
}
