import type { Failure } from '../failure.ts'
import { type Part, type PartStep, untilEnding } from './part.ts'
import { joinAll, type Passage, slice } from './passage.ts'

export interface JsonGuard {
  /**
   * Nothing is shown before all of it was checked: for engines that do not enforce the format. Else the text is passed on as it comes
   * and checked at its end.
   */
  readonly hold: boolean
  /** Why a parsed value is not what was asked for; undefined if it is. */
  readonly problemOf: (value: unknown) => string | undefined
  /** The beginning of the text, when it stands in the prompt (contract C29). */
  readonly prefix: string
  readonly last: boolean
}

/** A longer run of whitespace is a model that lost its way (contract C59). */
const longestBlank = 1_000
const fence = /^\s*```[a-z]*[ \t]*\n([\s\S]*?)\n?[ \t]*```\s*$/i

const unmet: Failure = {
  code: 'invalid-output',
  message: 'The model did not produce output that matches the requested format.',
  param: 'response_format',
}

/**
 * Sees to it that the text is JSON as asked for (contract C54–C59). The limit, a client's stop and calls excuse it. With `hold`, one
 * code fence around the JSON is taken off, and text beside calls is dropped: an answer is calls or JSON.
 */
export function guardJson({ hold, problemOf, prefix, last }: JsonGuard): PartStep {
  let passages: Passage[] = []
  let text = ''
  let blanks = 0
  let answerAt = 0
  let called = false
  let shown = false

  const refuse = (): Part[] =>
    last || shown ? [{ type: 'failed', failure: unmet }] : [{ type: 'again', keep: answerAt }]

  const release = (): Part[] => (hold && text ? [{ type: 'text', passage: joinAll(passages) }] : [])

  const lost = (more: string): boolean => {
    for (const unit of more) {
      blanks = unit.trim() === '' ? blanks + 1 : 0
      if (blanks > longestBlank) return true
    }
    return false
  }

  const isAsked = (json: string): boolean => {
    try {
      return problemOf(JSON.parse(json)) === undefined
    } catch {
      return false
    }
  }

  const judge = (ending: Part & { type: 'ended' }): Part[] => {
    if (called) return [ending]
    if (ending.reason === 'length' || ending.matchedStop !== null) return [...release(), ending]
    if (!hold) return isAsked(prefix + text) ? [ending] : refuse()
    const all = joinAll(passages)
    const inner = (prefix === '' && fence.exec(all.text)?.[1]) || all.text
    if (!isAsked(prefix + inner)) return refuse()
    const start = all.text.indexOf(inner)
    return [{ type: 'text', passage: slice(all, start, start + inner.length) }, ending]
  }

  return untilEnding((part) => {
    switch (part.type) {
      case 'text':
        text += part.passage.text
        if (lost(part.passage.text)) return refuse()
        if (hold) {
          passages.push(part.passage)
          return []
        }
        shown = true
        return [part]
      case 'call':
        called = true
        passages = []
        return [part]
      case 'border':
        if (part.into === 'answer') answerAt = part.at
        return [part]
      case 'ended':
        return judge(part)
      default:
        return [part]
    }
  })
}
