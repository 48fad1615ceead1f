/** For tests: says sentences of a grammar, the way a model would that knows nothing else. */
import type { Expression } from './gbnf.ts'
import { readGbnf } from './read-gbnf.ts'

/** @param random the next whole number below its argument */
export function sampler(gbnf: string): (random: (below: number) => number) => string {
  const grammar = readGbnf(gbnf)
  /** Steps to the shortest sentence, to come to an end when it gets long. */
  const costs = new Map<string, number>()
  const cost = (part: Expression): number => {
    switch (part.kind) {
      case 'text':
        return part.text.length
      case 'chars':
        return 1
      case 'rule':
        return costs.get(part.name) ?? Number.POSITIVE_INFINITY
      case 'row':
        return part.items.reduce((sum, item) => sum + cost(item), 1)
      case 'choice':
        return Math.min(...part.items.map(cost))
      case 'repeat':
        return part.min === 0 ? 0 : part.min * cost(part.item)
    }
  }
  for (let changed = true; changed; ) {
    changed = false
    for (const name of grammar.names) {
      const now = cost(grammar.body(name))
      if (now < (costs.get(name) ?? Number.POSITIVE_INFINITY)) {
        costs.set(name, now)
        changed = true
      }
    }
  }
  return (random) => {
    let budget = 300
    const say = (part: Expression): string => {
      budget--
      switch (part.kind) {
        case 'text':
          return part.text
        case 'chars': {
          const [from, to] = part.set[random(part.set.length)] ?? [0, 0]
          return String.fromCodePoint(from + random(to - from + 1))
        }
        case 'rule':
          return say(grammar.body(part.name))
        case 'row':
          return part.items.map(say).join('')
        case 'choice': {
          const { items } = part
          const item = budget > 0 ? items[random(items.length)] : items.toSorted((a, b) => cost(a) - cost(b))[0]
          return item ? say(item) : ''
        }
        case 'repeat': {
          const most = budget > 0 ? Math.min(part.max ?? part.min + 4, part.min + 4) : part.min
          return Array.from({ length: part.min + random(most - part.min + 1) }, () => say(part.item)).join('')
        }
      }
    }
    return say({ kind: 'rule', name: 'root' })
  }
}
