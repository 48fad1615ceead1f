/** Texts inside an answer, as grammar: between the quotes of a JSON string, or raw between two markers. */

import { createLru } from '../../../lib/lru.ts'
import { type Automaton, anyText, both, ofLength, ofTexts, without } from '../../../lib/pattern/automaton.ts'
import { anyChar, type CharSet, chars, contains, difference, intersection } from '../../../lib/pattern/char-set.ts'
import { automatonOf } from '../../../lib/pattern/regex.ts'
import { charOf, choice, type Expression, type Grammar, maxRepetition, nothing, repeat, row, text } from './gbnf.ts'

/** How one character is written where it stands. */
export interface Notation {
  /** Any one character, every way of writing it included. */
  any(grammar: Grammar): Expression
  /** A character of `set`; a set without any is an empty language. */
  charOf(set: CharSet): Expression
}

const controls: CharSet = [[0, 0x1f]]
const plainInJson = difference(
  anyChar,
  [...controls, ...chars('"'), ...chars('\\')].toSorted((a, b) => a[0] - b[0]),
)
const hexDigit = charOf([
  [0x30, 0x39],
  [0x41, 0x46],
  [0x61, 0x66],
])
const hexFrom = (digits: string) => charOf(chars(digits))
/** `\uXXXX` for a character of its own, or two of them for a surrogate pair: never half a pair, which is no text. */
const unicodeEscape = choice(
  row(text('\\u'), hexFrom('0123456789abcefABCEF'), repeat(hexDigit, 3, 3)),
  row(text('\\u'), hexFrom('dD'), hexFrom('01234567'), repeat(hexDigit, 2, 2)),
  row(
    text('\\u'),
    hexFrom('dD'),
    hexFrom('89abAB'),
    repeat(hexDigit, 2, 2),
    text('\\u'),
    hexFrom('dD'),
    hexFrom('cdefCDEF'),
    repeat(hexDigit, 2, 2),
  ),
)
const shortEscapes: readonly (readonly [char: string, letter: string])[] = [
  ['"', '"'],
  ['\\', '\\'],
  ['\b', 'b'],
  ['\f', 'f'],
  ['\n', 'n'],
  ['\r', 'r'],
  ['\t', 't'],
]

const anyInJson = choice(charOf(plainInJson), row(text('\\'), charOf(chars('"\\/bfnrt'))), unicodeEscape)

export const jsonNotation: Notation = {
  any: (grammar) => grammar.once('char', () => grammar.define('char', anyInJson)),
  charOf(set) {
    const plain = intersection(set, plainInJson)
    const short = shortEscapes.filter(([char]) => contains(set, char.charCodeAt(0)))
    const long: string[] = []
    for (let code = 0; code < 0x20; code++)
      if (contains(set, code) && !short.some(([char]) => char.charCodeAt(0) === code))
        long.push(code.toString(16).padStart(4, '0'))
    return choice(
      ...(plain.length > 0 ? [charOf(plain)] : []),
      ...(short.length > 0 ? [row(text('\\'), charOf(chars(short.map(([, letter]) => letter).join(''))))] : []),
      ...long.map((hex) => text(`\\u${hex}`)),
    )
  },
}

const writable = difference(anyChar, [[0, 0]])

/** As it stands, without any escape. NUL cannot be generated. */
export const rawNotation: Notation = {
  any: () => charOf(writable),
  charOf: (set) => charOf(intersection(set, writable)),
}

/** What is asked of a text. */
export interface TextRules {
  /** Exactly one of these, which were tried against the other rules already. */
  readonly texts?: readonly string[]
  readonly patterns: readonly string[]
  readonly min: number
  readonly max: number | undefined
}

const known = createLru<Automaton>(256)

/** @throws UnsupportedPattern, TooManyStates */
export function automatonOfText(rules: TextRules): Automaton {
  const key = JSON.stringify(rules)
  const before = known.get(key)
  if (before) return before
  const { texts, patterns, min, max } = rules
  let automaton = texts ? ofTexts(texts) : anyText
  if (!texts) for (const pattern of patterns) automaton = both(automaton, automatonOf(pattern))
  if (!texts && (min > 0 || max !== undefined)) automaton = both(automaton, ofLength(min, max))
  known.set(key, automaton)
  return automaton
}

/** Texts that never contain `part`. */
export const textWithout = (part: string): Automaton =>
  without(anyText, automatonOf(part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')))

/** Any text of these lengths. */
export const textOfLength = (grammar: Grammar, notation: Notation, min: number, max: number | undefined): Expression =>
  repeat(
    notation.any(grammar),
    Math.min(min, maxRepetition),
    max !== undefined && max > maxRepetition ? undefined : max,
  )

/** The automaton as rules: one for each state that more than one way leads to. */
export function textOf(grammar: Grammar, notation: Notation, automaton: Automaton, hint: string): Expression {
  const ways = automaton.map(() => 0)
  ways[0] = 1
  for (const state of automaton) for (const { to } of state.arcs) ways[to] = (ways[to] ?? 0) + 1
  const rules = new Map<number, { rule: Expression; fill(body: Expression): void }>()
  const queue: number[] = []
  const ruleFor = (number: number): Expression => {
    const known = rules.get(number)
    if (known) return known.rule
    const fresh = grammar.reserve(hint)
    rules.set(number, fresh)
    queue.push(number)
    return fresh.rule
  }
  const step = (chars: CharSet): Expression =>
    difference(anyChar, chars).length === 0 ? notation.any(grammar) : notation.charOf(chars)
  /** What follows in a state: inline as long as it is a plain row of characters. */
  const after = (number: number): readonly Expression[] => {
    const items: Expression[] = []
    for (let at = number; ; ) {
      const state = automaton[at]
      const [arc, ...others] = state?.arcs ?? []
      if (!arc) return items
      if (ways[at] !== 1 || state?.accepts || others.length > 0) return [...items, ruleFor(at)]
      items.push(step(arc.chars))
      at = arc.to
    }
  }
  if (automaton.length === 0) return { kind: 'choice', items: [] }
  const start = row(...after(0))
  for (let number = queue.shift(); number !== undefined; number = queue.shift()) {
    const state = automaton[number]
    rules
      .get(number)
      ?.fill(
        choice(
          ...(state?.arcs ?? []).map((arc) => row(step(arc.chars), ...after(arc.to))),
          ...(state?.accepts ? [nothing] : []),
        ),
      )
  }
  return start
}
