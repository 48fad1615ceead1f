import { lookFor, mayBeginIn, type Prepared, prepare } from '../../lib/needles.ts'
import { joined } from '../step.ts'
import { isEnding, type Part, type PartStep } from './part.ts'
import { join, nothing, type Passage, slice } from './passage.ts'

/** What must not be seen in an answer. With `until` it reaches up to and including the first such text: a tag with attributes. */
export interface Markup {
  readonly text: string
  readonly until?: string
}

/** Markup that is looked for in many answers. */
export interface Markups {
  readonly all: readonly Markup[]
  readonly needles: Prepared
}

export const markupsOf = (all: readonly Markup[]): Markups => ({ all, needles: prepare(all.map(({ text }) => text)) })

/** A tag whose end is further away than this is not one; its beginning is removed all the same. */
const longestTag = 200

/**
 * Removes markup from reasoning and text, each by itself, and leaves what stands between two tags (contract C35, C45, C50). What
 * a removal brings together is looked at again, so that no markup is left at the end.
 */
export function removeMarkup(markups: Markups): PartStep {
  const removers = { reasoning: remover(markups), text: remover(markups) }
  const released = (type: 'reasoning' | 'text') => said(type, removers[type].release())
  return (part) => {
    if (part.type === 'reasoning' || part.type === 'text') {
      const passage = removers[part.type].read(part.passage)
      const out = passage === part.passage && passage.text ? [part] : said(part.type, passage)
      return part.type === 'text' ? joined(released('reasoning'), out) : out
    }
    if (part.type === 'call' || isEnding(part)) return [...released('reasoning'), ...released('text'), part]
    return part.into === 'answer' ? [...released('reasoning'), part] : [part]
  }
}

const said = (type: 'reasoning' | 'text', passage: Passage): readonly Part[] =>
  passage.text ? [{ type, passage }] : []

function remover({ all: markups, needles }: Markups) {
  /** The tail that may become markup. */
  let held = nothing
  let swallowed: { readonly until: string; readonly passage: Passage } | undefined

  /** What stands before held text counts too: once markup was removed from between, the two may be markup together. */
  const settle = (all: Passage): Passage => {
    let certain = all.text.length
    for (;;) {
      const automaton = lookFor(needles)
      automaton.read(all.text.slice(0, certain))
      if (automaton.pending() === 0) break
      certain -= automaton.pending()
    }
    held = certain === all.text.length ? nothing : slice(all, certain)
    return certain === all.text.length ? all : slice(all, 0, certain)
  }

  return {
    read(passage: Passage): Passage {
      if (!swallowed && held === nothing && !mayBeginIn(passage.text, needles)) return passage
      let clear = nothing
      let unread = passage
      for (;;) {
        if (swallowed) {
          const tag = join(swallowed.passage, unread)
          const end = tag.text.slice(0, longestTag).indexOf(swallowed.until)
          if (end < 0 && tag.text.length < longestTag) {
            swallowed = { ...swallowed, passage: tag }
            return clear
          }
          unread = end < 0 ? tag : slice(tag, end + swallowed.until.length)
          swallowed = undefined
        }
        const all = join(held, unread)
        const find = lookFor(needles).read(all.text)
        if (!find) return join(clear, settle(all))
        const before = slice(all, 0, find.end - find.needle.length)
        const until = markups.find((markup) => markup.text === find.needle)?.until
        unread = slice(all, find.end)
        if (until === undefined) held = before
        else {
          swallowed = { until, passage: nothing }
          clear = join(clear, settle(before))
        }
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
