import { isEnding, type PartStep, untilEnding } from './part.ts'
import type { Passage } from './passage.ts'
import { seeker } from './seek.ts'

/**
 * Ends the answer before the first of the client's stop strings in its text (contract C60–C66); reasoning and calls are not looked
 * at. Of several the one that ends first counts, at the same end the longest.
 */
export function cutAtStop(stops: readonly string[]): PartStep {
  if (stops.length === 0) return (part) => [part]
  const search = seeker(stops)
  const text = (passage: Passage) => (passage.text ? [{ type: 'text', passage } as const] : [])
  return untilEnding((part) => {
    if (part.type === 'text') {
      const { before, found } = search.read(part.passage)
      return found ? [...text(before), { type: 'ended', reason: 'stop', matchedStop: found.needle }] : text(before)
    }
    return part.type === 'call' || isEnding(part) ? [...text(search.release()), part] : [part]
  })
}
