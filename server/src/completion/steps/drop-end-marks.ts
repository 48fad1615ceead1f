import { prepare } from '../../lib/needles.ts'
import { isEnding, type Part, type PartStep } from './part.ts'
import { join, nothing, type Passage } from './passage.ts'
import { seeker } from './seek.ts'

/** Tokens with which turns end, by family. In the middle of a text they are talk. */
const endMarks = prepare([
  '<|im_end|>',
  '<|endoftext|>',
  '<|end_of_text|>',
  '<|eot_id|>',
  '<|eom_id|>',
  '<|end|>',
  '<|return|>',
  '<end_of_turn>',
  '<turn|>',
  '<|END_OF_TURN_TOKEN|>',
  '<|END_RESPONSE|>',
  '<｜end▁of▁sentence｜>',
])

/** Takes the end-of-turn token off the end of a text: servers let it through when it is not the one that they wait for. */
export function dropEndMarks(): PartStep {
  const search = seeker(endMarks)
  /** Marks, and blanks between them. */
  let held = nothing
  const text = (passage: Passage): Part[] => (passage.text ? [{ type: 'text', passage }] : [])

  const read = (passage: Passage): Part[] => {
    const { before, found } = search.read(passage)
    const out: Part[] = []
    if (held.text !== '' && before.text.trim() === '') held = join(held, before)
    else {
      out.push(...text(join(held, before)))
      held = nothing
    }
    if (!found) return out
    held = join(held, found.itself)
    return found.rest.text === '' ? out : [...out, ...read(found.rest)]
  }

  return (part) => {
    if (part.type === 'text') return read(part.passage)
    if (part.type !== 'call' && !isEnding(part)) return [part]
    const rest = search.release()
    const isEnd = held.text !== '' && rest.text.trim() === ''
    const last = isEnd ? nothing : join(held, rest)
    held = nothing
    return [...text(last), part]
  }
}
