import { isEnding, type PartStep } from './part.ts'
import { join, nothing, type Passage, slice } from './passage.ts'

/**
 * For models that write newlines around their reasoning and before their answer as layout: those around the reasoning and before
 * the text are dropped, those behind the text stay. A side that the prompt began already (contract C29) is not at its start.
 */
export function trimNewlines(prompted: { readonly reasoning: boolean; readonly text: boolean }): PartStep {
  const begun = { ...prompted }
  /** Newlines at the end of the reasoning so far. */
  let held = nothing
  const trimmed = (type: 'reasoning' | 'text', passage: Passage): Passage => {
    if (begun[type]) return passage
    const start = passage.text.search(/[^\n]/)
    if (start < 0) return nothing
    begun[type] = true
    return slice(passage, start)
  }
  return (part) => {
    if (part.type === 'text') {
      const passage = trimmed('text', part.passage)
      return passage.text ? [{ type: 'text', passage }] : []
    }
    if (part.type === 'reasoning') {
      const all = join(held, trimmed('reasoning', part.passage))
      const end = all.text.length - (/\n*$/.exec(all.text)?.[0].length ?? 0)
      held = end === all.text.length ? nothing : slice(all, end)
      return end > 0 ? [{ type: 'reasoning', passage: slice(all, 0, end) }] : []
    }
    if (part.type === 'border' || isEnding(part)) held = nothing
    return [part]
  }
}
