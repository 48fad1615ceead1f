import type { Failure } from '../failure.ts'
import { checkJson } from '../json/check.ts'
import type { JsonSchema } from '../request.ts'
import { openingFence, withoutFence } from './json-fence.ts'
import { isEnding, naturalEnd, type Part, type PartStep, untilEnding } from './part.ts'
import { divide, join, joinAll, nothing, type Passage, slice } from './passage.ts'

export interface JsonGuard {
  /** What the text must fit. It is held to this as it comes; where calls may still come instead of JSON, it is judged at its end. */
  readonly schema: JsonSchema
  /** Why the whole value is not what was asked for; undefined if it is. It has the last word. */
  readonly problemOf: (value: unknown) => string | undefined
  /**
   * `settled`: text is shown as soon as it is certain to begin an answer that fits. `whole`: nothing is shown before all of it was
   * checked, so that another run can replace it.
   */
  readonly shows: 'settled' | 'whole'
  /** Whether another run can go on from the middle of the text, so that what was shown stays good. */
  readonly resumes: boolean
  /** Whether the model may call instead of answering. */
  readonly calls: boolean
  /** The beginning of the text, when it stands in the prompt (contract C29). */
  readonly prefix: string
  readonly last: boolean
}

/** A longer run of whitespace is a model that lost its way (contract C59). */
const longestBlank = 1_000
/** Reasoning that is longer is not looked at for JSON. */
const longestReasoning = 1_000_000

const unmet: Failure = {
  code: 'invalid-output',
  message: 'The model did not produce output that matches the requested format.',
  param: 'response_format',
}

/**
 * Sees to it that the text is JSON as asked for (contract C54–C59), and that nothing is ever shown which cannot be. The limit, a client's
 * stop and calls excuse it. Blanks and one code fence around the JSON are taken off, and what follows it; text beside calls is dropped
 * as far as it was not shown: an answer is calls or JSON. JSON that the model wrote as its reasoning, with nothing behind it, is the
 * answer (contract VL12).
 */
export function guardJson({ schema, problemOf, shows, resumes, calls, prefix, last }: JsonGuard): PartStep {
  const check = checkJson(schema)
  check.read(prefix)
  /** `head`: nothing but blanks, or what may be a fence. `json`: within it. `behind`: it is whole. `wrong`: it will never be. */
  let state: 'head' | 'json' | 'behind' | 'wrong' = 'head'
  let head = nothing
  let fenced = false
  /** What was read behind the JSON. */
  let tail = ''
  /** The JSON so far, and what of it is not shown yet. */
  let json = ''
  let pending: Passage[] = []
  let shown = 0
  /** The last unit makes the whole value one that was not asked for. */
  let spoilt = false
  let blanks = 0
  let answerAt = 0
  let reached = 0
  let called = false
  let reasoning = ''

  /** Shows the JSON up to its unit number `end`. */
  const show = (end: number): Part[] => {
    if (end <= shown) return []
    const [ready, rest] = divide(pending, end - shown)
    pending = rest
    shown = end
    return [{ type: 'text', passage: joinAll(ready) }]
  }

  const refuse = (): Part[] => {
    const settled = check.settled() - prefix.length - (spoilt ? 1 : 0)
    const good = shows === 'settled' ? Math.max(0, settled) : 0
    const said = show(good)
    if (last || (good > 0 && !resumes)) return [...said, { type: 'failed', failure: unmet }]
    return [...said, { type: 'again', keep: good > 0 ? (pending[0]?.from ?? reached) : answerAt }]
  }

  /** The text can no longer be what was asked for; calls may still excuse it. */
  const spoil = (): Part[] => {
    state = 'wrong'
    return calls ? [] : refuse()
  }

  const isAsked = (written: string): boolean => {
    try {
      return problemOf(JSON.parse(written)) === undefined
    } catch {
      return false
    }
  }

  const readJson = (passage: Passage): Part[] => {
    pending.push(passage)
    json += passage.text
    const good = check.read(passage.text)
    if (check.closed()) return close(check.settled() - prefix.length)
    if (!good) return spoil()
    return shows === 'settled' ? show(check.settled() - prefix.length) : []
  }

  /** The JSON is whole with its unit number `end`. */
  const close = (end: number): Part[] => {
    tail = json.slice(end)
    json = json.slice(0, end)
    if (!isAsked(prefix + json)) {
      spoilt = true
      return spoil()
    }
    state = 'behind'
    return [...(shows === 'settled' ? show(end) : []), ...readTail('')]
  }

  const readTail = (more: string): Part[] => {
    tail += more
    if (fenced ? '```'.startsWith(tail.trim()) : tail.trim() === '') return []
    // The first run is not trusted to have meant the first value; what is shown already stands.
    if (!last && shown === 0) return spoil()
    return calls ? [] : [...show(json.length), naturalEnd]
  }

  const read = (passage: Passage): Part[] => {
    switch (state) {
      case 'head': {
        head = join(head, passage)
        const opening = prefix === '' ? openingFence(head.text) : 0
        if (opening === undefined) return []
        fenced = head.text.slice(0, opening).trim() !== ''
        state = 'json'
        return readJson(slice(head, opening))
      }
      case 'json':
        return readJson(passage)
      case 'behind':
        return readTail(passage.text)
      case 'wrong':
        return []
    }
  }

  /** @returns the place in `text` where blanks have gone on for too long, or -1 */
  const lostAt = (text: string): number => {
    for (let at = 0; at < text.length; at++) {
      blanks = text.charCodeAt(at) <= 0x20 || text.charAt(at).trim() === '' ? blanks + 1 : 0
      if (blanks > longestBlank) return at
    }
    return -1
  }

  const readText = (passage: Passage): Part[] => {
    reached = passage.from + passage.text.length
    const lost = lostAt(passage.text)
    if (lost < 0) return read(passage)
    const before = read(slice(passage, 0, lost))
    if (before.some(isEnding) || state === 'wrong') return before
    return state === 'behind' ? [...before, ...show(json.length), naturalEnd] : [...before, ...spoil()]
  }

  const judge = (ending: Part & { type: 'ended' }): Part[] => {
    if (called) return [ending]
    if (state === 'wrong') return refuse()
    const isBlank = state === 'head' && head.text.trim() === ''
    if (ending.reason === 'length' || ending.matchedStop !== null) {
      const begun = state === 'head' && !isBlank ? [{ type: 'text', passage: head } as const] : []
      return [...begun, ...show(json.length), ending]
    }
    if (isBlank) {
      const thought = withoutFence(reasoning)
      if (!isAsked(prefix + thought)) return refuse()
      return [...(thought ? [{ type: 'text', passage: { ...nothing, text: thought } } as const] : []), ending]
    }
    if (state === 'json' && check.whole() && isAsked(prefix + json)) state = 'behind'
    const isOpen = fenced && tail.trim() !== '```'
    return state === 'behind' && !isOpen ? [...show(json.length), ending] : refuse()
  }

  return untilEnding((part) => {
    switch (part.type) {
      case 'reasoning':
        if (reasoning.length < longestReasoning) reasoning += part.passage.text
        return [part]
      case 'text':
        return called ? [] : readText(part.passage)
      case 'call':
        called = true
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
