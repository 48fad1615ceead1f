import { type Expression, printed, repeat, text } from './gbnf.ts'
import { type ReadGrammar, readGbnf } from './read-gbnf.ts'

/** What may still follow in one reading of the text so far: `item` and then `rest`; undefined: the end. */
interface Ahead {
  readonly item: Expression
  readonly rest: Ahead | undefined
}
type Reading = Ahead | undefined

/** More readings of one text than any grammar of ours has. */
const readingsMax = 1_000
/** A longer text takes more than a moment, and nobody else has a turn meanwhile. */
const charsMax = 256 * 1024

/**
 * A grammar that no engine can enter in the middle, made a grammar of what is left of it (contract C119).
 * @param gbnf as `gbnf.ts` prints it
 * @returns the grammar of all texts that can follow `said`; undefined when none can, or it is too much work
 */
export function restOfGrammar(gbnf: string, said: string): string | undefined {
  if (said === '') return gbnf
  if (said.length > charsMax) return undefined
  const grammar = readGbnf(gbnf)
  const step = stepper(grammar)
  let readings: readonly Reading[] = [{ item: { kind: 'rule', name: 'root' }, rest: undefined }]
  for (const char of said) {
    readings = step(readings, char.codePointAt(0) ?? 0)
    if (readings.length === 0 || readings.length > readingsMax) return undefined
  }
  const rows = readings.map((reading): Expression => ({ kind: 'row', items: itemsOf(reading) }))
  const [, ...rules] = gbnf.split(/^(?=.)/m)
  return `root ::= ${printed({ kind: 'choice', items: rows })}\n${rules.join('')}`
}

function itemsOf(reading: Reading): Expression[] {
  const items: Expression[] = []
  for (let ahead = reading; ahead; ahead = ahead.rest) items.push(ahead.item)
  return items
}

/** Equal readings are one object, so that those that come together count once. */
function stepper(grammar: ReadGrammar) {
  const interned = new Map<Reading, Map<Expression, Ahead>>()
  const ahead = (item: Expression, rest: Reading): Ahead => {
    const byItem = interned.get(rest) ?? new Map<Expression, Ahead>()
    interned.set(rest, byItem)
    const one = byItem.get(item) ?? { item, rest }
    byItem.set(item, one)
    return one
  }
  /** What is left of a repetition, or of a text, behind its first part. */
  const lefts = new Map<Expression, Expression>()
  const leftOf = (expression: Expression, make: () => Expression): Expression => {
    const left = lefts.get(expression) ?? make()
    lefts.set(expression, left)
    return left
  }

  return (readings: readonly Reading[], code: number): readonly Reading[] => {
    const next = new Set<Reading>()
    const seen = new Set<Reading>()
    const read = (reading: Reading): void => {
      if (!reading || seen.has(reading)) return
      seen.add(reading)
      const { item, rest } = reading
      switch (item.kind) {
        case 'text': {
          if (item.text === '') {
            read(rest)
            return
          }
          const first = item.text.codePointAt(0) ?? 0
          if (first !== code) return
          const length = first > 0xffff ? 2 : 1
          next.add(
            length === item.text.length
              ? rest
              : ahead(
                  leftOf(item, () => text(item.text.slice(length))),
                  rest,
                ),
          )
          return
        }
        case 'chars':
          if (item.set.some(([from, to]) => from <= code && code <= to)) next.add(rest)
          return
        case 'rule':
          read(ahead(grammar.body(item.name), rest))
          return
        case 'row':
          read(item.items.reduceRight<Reading>((behind, one) => ahead(one, behind), rest))
          return
        case 'choice':
          for (const one of item.items) read(ahead(one, rest))
          return
        case 'repeat': {
          const { item: one, min, max } = item
          if (min === 0) read(rest)
          if (max === 0) return
          const left = leftOf(item, () =>
            min === 0 && max === undefined
              ? item
              : repeat(one, Math.max(0, min - 1), max === undefined ? undefined : max - 1),
          )
          read(ahead(one, ahead(left, rest)))
          return
        }
      }
    }
    for (const reading of readings) read(reading)
    return [...next]
  }
}
