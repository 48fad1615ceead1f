import type { Failure } from '../failure.ts'
import type { Step } from '../step.ts'
import type { Passage } from './passage.ts'

/** What flows between the steps. Grammar: `(reasoning | border | text | call)* ending`. */
export type Part =
  | { readonly type: 'reasoning'; readonly passage: Passage }
  | Border
  | { readonly type: 'text'; readonly passage: Passage }
  | { readonly type: 'call'; readonly name: string; readonly arguments: string }
  | Ending

/**
 * The text goes over from one side to the other; it may come again, the last one counts. `tokens` is the reasoning so far with its
 * closing tag, `at` where the answer begins in the raw text.
 */
export type Border =
  | { readonly type: 'border'; readonly into: 'reasoning' }
  | { readonly type: 'border'; readonly into: 'answer'; readonly tokens: number; readonly at: number }

export type Ending =
  /** `matchedStop`: the client's stop that ended the answer, else null. */
  | { readonly type: 'ended'; readonly reason: 'stop' | 'length'; readonly matchedStop: string | null }
  /** What came is not what was asked for: generate again from the first `keep` units of the raw text. */
  | { readonly type: 'again'; readonly keep: number }
  | { readonly type: 'failed'; readonly failure: Failure }

export type PartStep = Step<Part, Part>

export const isEnding = (part: Part): part is Ending =>
  part.type === 'ended' || part.type === 'again' || part.type === 'failed'

export const naturalEnd: Ending = { type: 'ended', reason: 'stop', matchedStop: null }

/** @returns `step`, deaf after the first ending that it lets out: a step may end an answer before its engine does. */
export function untilEnding(step: PartStep): PartStep {
  let over = false
  return (part) => {
    if (over) return []
    const out = step(part)
    const last = out.at(-1)
    over = last !== undefined && isEnding(last)
    return out
  }
}
