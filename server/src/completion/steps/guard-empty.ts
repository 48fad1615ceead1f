import { type PartStep, untilEnding } from './part.ts'

/** An answer without reasoning, text or call, which neither a stop nor the limit explains, is generated again (contract C36). */
export function guardEmpty({ last }: { readonly last: boolean }): PartStep {
  let empty = true
  return untilEnding((part) => {
    if (part.type === 'reasoning' || part.type === 'text' || part.type === 'call') empty = false
    const silent = empty && part.type === 'ended' && part.reason === 'stop' && part.matchedStop === null
    return silent && !last ? [{ type: 'again', keep: 0 }] : [part]
  })
}
