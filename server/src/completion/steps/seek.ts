import { lookFor, type Prepared } from '../../lib/needles.ts'
import { join, nothing, type Passage, slice } from './passage.ts'

/** What a seeker knows after a passage: `before` is certain not to begin a needle. */
interface Sight {
  readonly before: Passage
  readonly found?: { readonly needle: string; readonly itself: Passage; readonly rest: Passage }
}

/** Finds needles in passages whatever their cuts, and holds back only the longest tail that may still become one. */
export interface Seeker {
  /** Reads up to the first needle; `found.rest` was not read. */
  read(passage: Passage): Sight
  /** @returns what was held back; the seeker then begins anew. */
  release(): Passage
}

/** @param needles those that are looked for in every answer are prepared */
export function seeker(needles: Prepared | readonly string[]): Seeker {
  const automaton = lookFor(needles)
  let held = nothing
  return {
    read(passage) {
      const all = join(held, passage)
      const find = automaton.read(all.text, held.text.length)
      if (find) {
        held = nothing
        const start = find.end - find.needle.length
        const itself = slice(all, start, find.end)
        return { before: slice(all, 0, start), found: { needle: find.needle, itself, rest: slice(all, find.end) } }
      }
      const certain = all.text.length - automaton.pending()
      held = certain === all.text.length ? nothing : slice(all, certain)
      return { before: certain === all.text.length ? all : slice(all, 0, certain) }
    },
    release() {
      const released = held
      held = nothing
      automaton.forget()
      return released
    },
  }
}
