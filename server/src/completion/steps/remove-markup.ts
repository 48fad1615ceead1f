import { lookFor } from '../../lib/needles.ts'
import { join, nothing, type Passage, slice } from './passage.ts'
import { isEnding, type PartStep } from './part.ts'

/** What must not be seen in an answer. With `until` it reaches up to and including the first such text: a tag with attributes. */
export interface Markup {
  readonly text: string
  readonly until?: string
}

/** A tag whose end is further away than this is not one; its beginning is removed all the same. */
const longestTag = 200

/**
 * Removes markup from reasoning and text, each by itself, and leaves what stands between two tags (contract C35, C45, C50). What
 * a removal brings together is looked at again, so that no markup is left at the end.
 */
export function removeMarkup(markups: readonly Markup[]): PartStep {
  const removers = { reasoning: remover(markups), text: remover(markups) }
  const released = (type: 'reasoning' | 'text') => said(type, removers[type].release())
  return (part) => {
    if (part.type === 'reasoning' || part.type === 'text') {
      const out = said(part.type, removers[part.type].read(part.passage))
      return part.type === 'text' ? [...released('reasoning'), ...out] : out
    }
    if (part.type === 'call' || isEnding(part)) return [...released('reasoning'), ...released('text'), part]
    return part.into === 'answer' ? [...released('reasoning'), part] : [part]
  }
}

const said = (type: 'reasoning' | 'text', passage: Passage) => (passage.text ? [{ type, passage } as const] : [])

function remover(markups: readonly Markup[]) {
  const needles = markups.map((markup) => markup.text)
  /** The longest tail that may begin markup. */
  let held = nothing
  let swallowed: { readonly until: string; readonly passage: Passage } | undefined

  const settle = (all: Passage, pending: number) => {
    const certain = all.text.length - pending
    held = pending ? slice(all, certain) : nothing
    return pending ? slice(all, 0, certain) : all
  }

  return {
    read(passage: Passage): Passage {
      let unread = passage
      for (;;) {
        if (swallowed) {
          const tag = join(swallowed.passage, unread)
          const end = tag.text.indexOf(swallowed.until)
          if (end < 0 && tag.text.length <= longestTag) {
            swallowed = { ...swallowed, passage: tag }
            return nothing
          }
          unread = end < 0 ? tag : slice(tag, end + swallowed.until.length)
          swallowed = undefined
        }
        const all = join(held, unread)
        const automaton = lookFor(needles)
        const find = automaton.read(all.text)
        if (!find) return settle(all, automaton.pending())
        const before = slice(all, 0, find.end - find.needle.length)
        const until = markups.find((markup) => markup.text === find.needle)?.until
        unread = slice(all, find.end)
        if (until === undefined) {
          held = before
          continue
        }
        swallowed = { until, passage: nothing }
        const beginning = lookFor(needles)
        beginning.read(before.text)
        const clear = settle(before, beginning.pending())
        const rest = this.read(unread)
        return join(clear, rest)
      }
    },
    release(): Passage {
      const passage = held
      held = nothing
      swallowed = undefined
      return passage
    },
  }
}
