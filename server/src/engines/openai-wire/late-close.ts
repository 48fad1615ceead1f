import { isEnding, type Part, type PartStep } from '../../completion/steps/part.ts'
import { join, nothing, type Passage, slice, tokensOf } from '../../completion/steps/passage.ts'

/**
 * What is known of how an upstream gives its reasoning. `inline`: inside the text, as its parser is off; `apart`: in a field of its
 * own, or none.
 */
export interface Manners {
  current(): 'unknown' | 'inline' | 'apart'
  learn(how: 'inline' | 'apart'): void
}

/** @param onInline hears when it turns out that the parser is off; for the operator */
export function createManners(onInline: () => void): Manners {
  let known: ReturnType<Manners['current']> = 'unknown'
  return {
    current: () => known,
    learn(how) {
      if (how === 'inline' && known !== how) onInline()
      known = how
    },
  }
}

export interface LateCloseOptions {
  readonly tags: { readonly open: string; readonly close: string }
  /** Off: what turns out to be reasoning is dropped. */
  readonly thinking: boolean
  readonly manners: Manners
  /** The model is known to think: text without reasoning before it is then doubted from the first answer on. */
  readonly thinks: boolean
  /** It does not think when it is told not to. */
  readonly obeys: boolean
}

export interface LateClose {
  readonly step: PartStep
  /** Text is kept back that may turn out to be reasoning. */
  holds(): boolean
  /** Keeps it back no longer. */
  release(): readonly Part[]
}

/** So much text behind reasoning is kept back: more of a reasoning's tail no parser is known to lose. */
const longestTail = 128

/**
 * Finds the closing tag that the upstream's own parser missed: what stands before it in the text is the rest of the reasoning, or all
 * of it where no parser was on (contract C35, SG2, VL4). Only the beginning of the text is looked at; where no reasoning came, all of
 * it is, until it is known that this upstream gives its reasoning apart. Of a model that may think or not, nothing is kept back
 * before it was seen to think.
 */
export function lateClose({ tags: { open, close }, thinking, manners, thinks, obeys }: LateCloseOptions): LateClose {
  /** What is left when a parser took the first character of the tag for reasoning. */
  const residue = close.slice(1)
  let decided = false
  let reasoned = false
  let tokens = 0
  /** The end of the reasoning, when it may be the beginning of a closing tag. */
  let edge = nothing
  let border: (Part & { type: 'border' }) | undefined
  let held = nothing
  const doubtful = thinking || !obeys

  const reasoning = (passage: Passage): Part[] => {
    tokens += tokensOf(passage)
    return thinking && passage.text ? [{ type: 'reasoning', passage }] : []
  }
  const text = (passage: Passage): Part[] => (passage.text ? [{ type: 'text', passage }] : [])

  const bound = (): number => {
    if (!doubtful) return 0
    if (reasoned) return longestTail
    const known = manners.current()
    if (known === 'inline') return Infinity
    if (!thinks || !thinking) return 0
    return known === 'apart' ? longestTail : Infinity
  }

  const settle = (...parts: readonly Part[]): Part[] => {
    decided = true
    edge = nothing
    border = undefined
    held = nothing
    return [...parts]
  }
  /** All was as it came. */
  const asText = (): Part[] => {
    const parts = [...reasoning(edge), ...(border ? [border] : []), ...text(held)]
    tooLate(held.text)
    return settle(...parts)
  }

  /** The end of the text that is said already. */
  let said = ''
  /** An opening tag came first: the closing one is no surprise. */
  let announced = false
  /** Such text stands, but the next answer is looked at as a whole. */
  const tooLate = (more: string) => {
    if (!doubtful || reasoned || announced) return
    const all = said + more
    if (all.includes(close)) manners.learn('inline')
    said = all.slice(1 - close.length)
  }

  const split = (all: Passage, at: number, length: number): Part[] => {
    const before = slice(all, 0, at)
    const inline = !reasoned && before.text.trim() !== ''
    if (inline) manners.learn('inline')
    const rest = slice(all, at + length)
    const entered: Part[] = inline && thinking ? [{ type: 'border', into: 'reasoning' }] : []
    const thought = reasoning(before)
    const left: Part[] = reasoned || inline ? [{ type: 'border', into: 'answer', tokens, at: rest.from }] : []
    return settle(...entered, ...thought, ...left, ...text(rest))
  }

  const decide = (): Part[] => {
    const start = held.text.search(/\S/)
    const word = start < 0 ? '' : held.text.slice(start)
    // Where an opening tag announces the reasoning, another step reads it.
    if (word.startsWith(open)) {
      announced = true
      return asText()
    }
    const all = join(edge, held)
    const at = all.text.indexOf(close)
    const most = edge.text.length + Math.max(start, 0) + bound()
    // What stands first counts, however much of the text is there already.
    const straddles = at >= 0 && at < edge.text.length
    if (!straddles && word.startsWith(residue)) return split(all, edge.text.length + start, residue.length)
    if (at >= 0 && at <= most) return split(all, at, close.length)
    if (open.startsWith(word) || residue.startsWith(word)) return []
    return all.text.length - beginningOf(close, all.text) > most ? asText() : []
  }

  const step: PartStep = (part) => {
    if (part.type === 'reasoning') {
      if (decided) return [part]
      reasoned = true
      manners.learn('apart')
      const all = join(edge, part.passage)
      const certain = all.text.length - beginningOf(close, all.text)
      edge = certain === all.text.length ? nothing : slice(all, certain)
      return reasoning(slice(all, 0, certain))
    }
    if (decided) {
      if (part.type === 'text') tooLate(part.passage.text)
      return [part]
    }
    if (part.type === 'border') {
      if (part.into === 'reasoning') return [part]
      border = part
      return []
    }
    if (part.type === 'text') {
      held = join(held, part.passage)
      return decide()
    }
    if (part.type === 'ended' && held.text !== '' && doubtful && !reasoned) {
      // The limit may have cut it inside its reasoning; an answer that is whole had none.
      if (part.reason === 'length' && manners.current() === 'inline')
        return settle(...(thinking ? [{ type: 'border', into: 'reasoning' } as const] : []), ...reasoning(held), part)
      if (part.reason === 'stop') manners.learn('apart')
    }
    return isEnding(part) || part.type === 'call' ? [...asText(), part] : [part]
  }

  return {
    step,
    holds: () => !decided && held.text !== '',
    release: () => (decided ? [] : asText()),
  }
}

/** @returns how many characters at the end of `text` may be the beginning of `tag` */
function beginningOf(tag: string, text: string): number {
  for (let length = Math.min(tag.length - 1, text.length); length > 0; length--)
    if (tag.startsWith(text.slice(-length))) return length
  return 0
}
