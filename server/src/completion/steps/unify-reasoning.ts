import { type Prepared, prepare } from '../../lib/needles.ts'
import { isEnding, type Part, type PartStep } from './part.ts'
import { join, nothing, type Passage, slice } from './passage.ts'
import { seeker } from './seek.ts'
import type { ThinkTags } from './split-reasoning.ts'

/** How other families mark their reasoning. An opening mark counts before the first word of the answer alone: people may write it, too. */
const families: readonly (ThinkTags & {
  /** Only such a model says it: it ends reasoning that nothing opened. */ readonly own?: true
})[] = [
  { open: '[THINK]', close: '[/THINK]' },
  { open: '◁think▷', close: '◁/think▷', own: true },
  { open: '<seed:think>', close: '</seed:think>', own: true },
  { open: '<|START_THINKING|>', close: '<|END_THINKING|>', own: true },
  { open: '<|channel>thought', close: '<channel|>', own: true },
]

/** gpt-oss: messages in channels. */
const channel = '<|channel|>'
const begin = '<|start|>'
const message = '<|message|>'
const ends = prepare(['<|end|>', '<|return|>', '<|call|>', begin, channel])
const ownCloses = families.flatMap((family) => (family.own ? [family.close] : []))
const inText = prepare([channel, begin, ...ownCloses])
const inTextOfChannels = prepare([channel, begin])
/** A header that is longer is none. */
const longestHeader = 200

type State =
  /** Before the first word. */
  | { readonly at: 'head' }
  | { readonly at: 'text' }
  /** Up to the mark that closes it. */
  | { readonly at: 'reasoning'; readonly close: string }
  /** Of a message; `header` so far. */
  | { readonly at: 'header'; header: Passage }
  | { readonly at: 'body'; readonly of: 'reasoning' | 'text' | 'nobody' }
  /** Whoever reads calls goes on from here. */
  | { readonly at: 'rest' }

/**
 * Writes the reasoning of other families between one pair of tags, for the steps that know only these (contract C35): Mistral, Kimi, Seed,
 * Command, Gemma, and the channels of gpt-oss. Markers of theirs that say nothing to a client go. Behind the first word of an answer no
 * reasoning begins: what a channel says of it there is left out.
 * @param calls whether somebody reads calls behind this step; else messages to functions are left out
 */
export function unifyReasoning(tags: ThinkTags, { calls }: { readonly calls: boolean }): PartStep {
  let state: State = { at: 'head' }
  let head = nothing
  let spoken = false
  let search = seeker(inText)

  const text = (passage: Passage): Part[] => (passage.text ? [{ type: 'text', passage }] : [])
  /** A mark of ours in the place of one of theirs. */
  const tag = (written: string, theirs: Passage): Part[] => [
    {
      type: 'text',
      passage: { ...theirs, text: written, marks: theirs.marks.map((mark) => ({ ...mark, at: written.length })) },
    },
  ]
  const said = (passage: Passage): Part[] => {
    spoken ||= passage.text.trim() !== ''
    return text(passage)
  }

  const enter = (next: State, needles: Prepared | readonly string[]): void => {
    state = next
    search = seeker(needles)
  }

  const readHead = (passage: Passage): Part[] => {
    head = join(head, passage)
    const start = head.text.search(/\S/)
    if (start < 0) return []
    const word = head.text.slice(start)
    const family = families.find(({ open }) => word.startsWith(open))
    if (!family && families.some(({ open }) => open.startsWith(word))) return []
    const all = head
    head = nothing
    if (!family) {
      state = { at: 'text' }
      return read(all)
    }
    const end = start + family.open.length
    enter({ at: 'reasoning', close: family.close }, [family.close])
    return [...tag(tags.open, slice(all, start, end)), ...read(slice(all, end))]
  }

  const readText = (passage: Passage): Part[] => {
    const { before, found } = search.read(passage)
    const words = said(before)
    if (!found) return words
    if (found.needle !== channel && found.needle !== begin) {
      state = { at: 'text' }
      search = seeker(inText)
      return [...words, ...tag(tags.close, found.itself), ...read(found.rest)]
    }
    state = { at: 'header', header: found.itself }
    return [...words, ...read(found.rest)]
  }

  const readHeader = (passage: Passage, before: Passage): Part[] => {
    const all = join(before, passage)
    const end = all.text.indexOf(message)
    if (end < 0) {
      state = { at: 'header', header: all }
      // Nobody's header: a text that talks of them.
      return all.text.length > longestHeader ? giveUp(all) : []
    }
    const header = all.text.slice(0, end)
    const rest = slice(all, end + message.length)
    const isCall = /\bto=/.test(header)
    if (isCall && calls) return giveUp(all)
    const of = isCall ? 'nobody' : /\banalysis\b/.test(header) ? (spoken ? 'nobody' : 'reasoning') : 'text'
    enter({ at: 'body', of }, ends)
    return [...(of === 'reasoning' ? tag(tags.open, slice(all, 0, end + message.length)) : []), ...read(rest)]
  }

  const giveUp = (all: Passage): Part[] => {
    state = { at: 'rest' }
    return text(all)
  }

  const readBody = (passage: Passage, of: 'reasoning' | 'text' | 'nobody'): Part[] => {
    const { before, found } = search.read(passage)
    const words = of === 'nobody' ? [] : of === 'text' ? said(before) : text(before)
    if (!found) return words
    const opens = found.needle === begin || found.needle === channel
    if (opens) state = { at: 'header', header: found.itself }
    else enter({ at: 'text' }, inTextOfChannels)
    return [...words, ...(of === 'reasoning' ? tag(tags.close, found.itself) : []), ...read(found.rest)]
  }

  const read = (passage: Passage): Part[] => {
    if (passage.text === '') return []
    switch (state.at) {
      case 'head':
        return readHead(passage)
      case 'text':
        return readText(passage)
      case 'header':
        return readHeader(passage, state.header)
      case 'body':
        return readBody(passage, state.of)
      case 'reasoning': {
        const { before, found } = search.read(passage)
        if (!found) return text(before)
        state = { at: 'text' }
        search = seeker(inText)
        return [...text(before), ...tag(tags.close, found.itself), ...read(found.rest)]
      }
      case 'rest':
        return text(passage)
    }
  }

  /** What was held back; a header that the limit cut says nothing. */
  const release = (cut: boolean): Part[] => {
    const held = state.at === 'header' ? state.header : join(head, search.release())
    head = nothing
    const isNothing = state.at === 'header' ? cut : state.at === 'body' && state.of === 'nobody'
    return isNothing ? [] : text(held)
  }

  return (part) => {
    if (part.type === 'text') return read(part.passage)
    return part.type === 'call' || isEnding(part)
      ? [...release(part.type === 'ended' && part.reason === 'length'), part]
      : [part]
  }
}
