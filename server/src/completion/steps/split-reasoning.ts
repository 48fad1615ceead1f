import { isEnding, type Part, type PartStep, untilEnding } from './part.ts'
import { join, nothing, type Passage, slice, tokensOf } from './passage.ts'
import { type Seeker, seeker } from './seek.ts'

export interface ThinkTags {
  readonly open: string
  readonly close: string
}

export interface ReasoningSplit {
  readonly tags: ThinkTags
  /** Off: no reasoning ever comes out; what the model reasons all the same, at the start and between tags, is dropped. */
  readonly thinking: boolean
  /** `reasoning`: the prompt ends inside the reasoning. `answer`: reasoning may come, but only behind an opening tag. */
  readonly starts: 'reasoning' | 'answer'
  /** What ends the reasoning although no closing tag came: the markers that open a call (contract C127). */
  readonly callOpeners: readonly string[]
}

/**
 * Takes the raw text apart into reasoning and text (contract C34, C35). The closing tag belongs to neither, and its tokens to the
 * reasoning. An opening tag before the first word of the answer begins reasoning, once more if there was some. Tags at other
 * places are left to `removeMarkup`.
 */
export function splitReasoning({ tags, thinking, starts, callOpeners }: ReasoningSplit): PartStep {
  const seekEnd = () => seeker([tags.close, ...callOpeners])
  /** Of reasoning. */
  let search: Seeker | undefined
  let state: 'reasoning' | 'head' | 'answer' = starts === 'reasoning' ? 'reasoning' : 'head'
  /** Blanks, and what may be an opening tag, before the answer's first word. */
  let head = nothing
  let tokens = 0
  let answering = false

  const reasoning = (passage: Passage): Part[] => {
    tokens += tokensOf(passage)
    return thinking && passage.text ? [{ type: 'reasoning', passage }] : []
  }
  const text = (passage: Passage): Part[] => (passage.text ? [{ type: 'text', passage }] : [])
  const answerFrom = (at: number): Part => {
    answering = true
    return { type: 'border', into: 'answer', tokens: thinking ? tokens : 0, at }
  }

  const readReasoning = (passage: Passage): Part[] => {
    search ??= seekEnd()
    const { before, found } = search.read(passage)
    if (!found) return reasoning(before)
    search = undefined
    const said = reasoning(before)
    if (found.needle !== tags.close) {
      state = 'answer'
      return [...said, answerFrom(found.itself.from), ...text(join(found.itself, found.rest))]
    }
    tokens += tokensOf(found.itself)
    state = 'head'
    return [...said, answerFrom(found.itself.from + found.itself.text.length), ...read(found.rest)]
  }

  const readHead = (passage: Passage): Part[] => {
    head = join(head, passage)
    const begins = head.text.search(/\S/)
    const word = begins < 0 ? '' : head.text.slice(begins)
    if (word.startsWith(tags.open)) {
      const end = begins + tags.open.length
      const rest = slice(head, end)
      tokens += tokensOf(slice(head, 0, end))
      head = nothing
      state = 'reasoning'
      answering = false
      return [{ type: 'border', into: 'reasoning' }, ...read(rest)]
    }
    if (tags.open.startsWith(word)) return []
    state = 'answer'
    return releaseHead()
  }

  const releaseHead = (): Part[] => {
    const released = head
    head = nothing
    return released.text ? [...(answering ? [] : [answerFrom(released.from)]), ...text(released)] : []
  }

  const read = (passage: Passage): Part[] => {
    if (passage.text === '') return []
    if (state === 'reasoning') return readReasoning(passage)
    return state === 'head' ? readHead(passage) : text(passage)
  }

  return untilEnding((part) => {
    if (part.type === 'text') return read(part.passage)
    return isEnding(part) ? [...reasoning(search?.release() ?? nothing), ...releaseHead(), part] : [part]
  })
}
