import { isEnding, naturalEnd, type PartStep, untilEnding } from '../../completion/steps/part.ts'

/**
 * For steps over the text of an answer whose calls come beside it: with the first call the text is over, and what the steps still
 * hold of it comes out before that call.
 */
export function beforeCalls(step: PartStep): PartStep {
  let over = false
  return untilEnding((part) => {
    if (over) return part.type === 'call' || isEnding(part) ? [part] : []
    if (part.type !== 'call') return step(part)
    over = true
    const held = step(naturalEnd)
    return held.at(-1)?.type === 'ended' ? [...held.slice(0, -1), part] : held
  })
}
