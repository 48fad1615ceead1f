/**
 * The regular part of ECMAScript's regular expressions, compiled to automata: classes, groups, alternation, quantifiers and
 * anchors. Lookaround, back references, word boundaries and `\p{…}` are not part of it.
 */
import { createLru } from '../lru.ts'
import { type Automaton, both, explore, TooManyStates, without } from './automaton.ts'
import { anyChar, type CharSet, chars, difference, intersection, union } from './char-set.ts'

/** The pattern is no regular expression in our sense: it may still be one in ECMAScript's. */
export class UnsupportedPattern extends Error {}

type Node =
  | { readonly kind: 'set'; readonly set: CharSet }
  | { readonly kind: 'row'; readonly items: readonly Node[] }
  | { readonly kind: 'choice'; readonly items: readonly Node[] }
  | { readonly kind: 'repeat'; readonly item: Node; readonly min: number; readonly max: number | undefined }
  | { readonly kind: 'start' | 'end' }

const digits: CharSet = [[0x30, 0x39]]
const wordChars = union(digits, [[0x41, 0x5a]], [[0x61, 0x7a]], chars('_'))
const spaces = union(
  [[0x09, 0x0d]],
  [[0x2000, 0x200a]],
  chars('\u0020\u00a0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff'),
)
const lineEnds = chars('\n\r\u2028\u2029')
const shorthands: Readonly<Record<string, CharSet>> = {
  d: digits,
  D: difference(anyChar, digits),
  w: wordChars,
  W: difference(anyChar, wordChars),
  s: spaces,
  S: difference(anyChar, spaces),
}
const controls: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', f: '\f', v: '\v', '0': '\0' }

/** @throws UnsupportedPattern */
function parse(pattern: string): Node {
  const source = [...pattern]
  let at = 0
  const unsupported = (what: string) => new UnsupportedPattern(`${what} in the pattern is not supported.`)
  const take = (text: string): boolean => {
    if (source.slice(at, at + text.length).join('') !== text) return false
    at += text.length
    return true
  }
  const takeMatch = (regex: RegExp): RegExpExecArray | null => {
    const match = regex.exec(source.slice(at, at + 128).join(''))
    if (match) at += [...match[0]].length
    return match
  }

  function choice(): Node {
    const items = [row()]
    while (take('|')) items.push(row())
    return items.length === 1 && items[0] ? items[0] : { kind: 'choice', items }
  }

  function row(): Node {
    const items: Node[] = []
    while (at < source.length && source[at] !== '|' && source[at] !== ')') items.push(quantified())
    return { kind: 'row', items }
  }

  function quantified(): Node {
    const item = atom()
    const match = takeMatch(/^(?:([*+?])|\{(\d{1,6})(?:(,)(\d{1,6})?)?\})\??/)
    if (!match) return item
    const [, sign, from, comma, to] = match
    if (sign) return { kind: 'repeat', item, min: sign === '+' ? 1 : 0, max: sign === '?' ? 1 : undefined }
    return { kind: 'repeat', item, min: Number(from), max: to ? Number(to) : comma ? undefined : Number(from) }
  }

  function atom(): Node {
    if (take('^')) return { kind: 'start' }
    if (take('$')) return { kind: 'end' }
    if (take('.')) return { kind: 'set', set: difference(anyChar, lineEnds) }
    if (take('(')) {
      if (take('?') && !take(':') && !takeMatch(/^<[A-Za-z_$][\w$]*>/)) throw unsupported('A lookaround or modifier')
      const inner = choice()
      if (!take(')')) throw unsupported('An unclosed group')
      return inner
    }
    if (take('[')) return { kind: 'set', set: charClass() }
    if (take('\\')) return { kind: 'set', set: escaped(false) }
    const char = source[at++]
    if (char === undefined || '*+?'.includes(char)) throw unsupported('A quantifier without a subject')
    return { kind: 'set', set: chars(char) }
  }

  function escaped(inClass: boolean): CharSet {
    const hex = takeMatch(/^(?:x([0-9a-f]{2})|u([0-9a-f]{4})|u\{([0-9a-f]{1,6})\})/i)
    if (hex) {
      let code = Number.parseInt(hex[1] ?? hex[2] ?? hex[3] ?? '', 16)
      if (code >= 0xd800 && code <= 0xdbff) {
        const low = takeMatch(/^\\u(d[c-f][0-9a-f]{2})/i)
        if (low?.[1]) code = 0x10000 + (code - 0xd800) * 0x400 + Number.parseInt(low[1], 16) - 0xdc00
      }
      return intersection([[code, code]], anyChar)
    }
    const control = takeMatch(/^c([a-z])/i)
    if (control?.[1]) return [[control[1].charCodeAt(0) % 32, control[1].charCodeAt(0) % 32]]
    const char = source[at++]
    if (char === undefined) throw unsupported('A trailing backslash')
    if (inClass && char === 'b') return chars('\b')
    const known = shorthands[char]
    if (known) return known
    const plain = controls[char]
    if (plain !== undefined && !/\d/.test(source[at] ?? '')) return chars(plain)
    if (/[A-Za-z0-9]/.test(char)) throw unsupported(`'\\${char}'`)
    return chars(char)
  }

  function charClass(): CharSet {
    const negated = take('^')
    const parts: CharSet[] = []
    while (!take(']')) {
      if (at >= source.length) throw unsupported('An unclosed class')
      const from = classMember()
      if (source[at] === '-' && source[at + 1] !== ']' && at + 1 < source.length && isSingle(from)) {
        at++
        const to = classMember()
        if (!isSingle(to)) parts.push(from, chars('-'), to)
        else parts.push(intersection([[from[0]?.[0] ?? 0, to[0]?.[0] ?? 0]], anyChar))
      } else parts.push(from)
    }
    return negated ? difference(anyChar, union(...parts)) : union(...parts)
  }

  const isSingle = (set: CharSet): boolean => set.length === 1 && set[0]?.[0] === set[0]?.[1]
  const classMember = (): CharSet => (take('\\') ? escaped(true) : chars(source[at++] ?? ''))

  const whole = choice()
  if (at < source.length) throw unsupported('An unmatched parenthesis')
  return whole
}

interface Edges {
  readonly free: number[]
  /** Passable only before the first character, or only after the last one. */
  readonly atStart: number[]
  readonly atEnd: number[]
  readonly sets: { readonly set: CharSet; readonly to: number }[]
}

const maxNodes = 20_000

/** @returns edges by state; 0 is the start, 1 the end. @throws TooManyStates */
function network(node: Node): readonly Edges[] {
  const edges: Edges[] = []
  const add = (): number => {
    if (edges.length >= maxNodes) throw new TooManyStates('A pattern repeats too much.')
    return edges.push({ free: [], atStart: [], atEnd: [], sets: [] }) - 1
  }
  const free = (from: number, to: number) => edges[from]?.free.push(to)
  /** Connects `from` with a fresh state through `node`. */
  const through = (node: Node, from: number): number => {
    switch (node.kind) {
      case 'row':
        return node.items.reduce((place, item) => through(item, place), from)
      case 'choice': {
        const to = add()
        for (const item of node.items) free(through(item, from), to)
        return to
      }
      case 'repeat': {
        let place = from
        for (let i = 0; i < node.min; i++) place = through(node.item, place)
        if (node.max === undefined) {
          const loop = add()
          free(place, loop)
          free(through(node.item, loop), loop)
          return loop
        }
        const to = add()
        for (let i = node.min; i < node.max; i++) {
          free(place, to)
          place = through(node.item, place)
        }
        free(place, to)
        return to
      }
      default: {
        const to = add()
        if (node.kind === 'set') edges[from]?.sets.push({ set: node.set, to })
        else if (node.kind === 'start') edges[from]?.atStart.push(to)
        else edges[from]?.atEnd.push(to)
        return to
      }
    }
  }
  const start = add()
  const end = add()
  edges[start]?.sets.push({ set: anyChar, to: start })
  edges[end]?.sets.push({ set: anyChar, to: end })
  const entry = add()
  free(start, entry)
  free(through(node, entry), end)
  return edges
}

const known = createLru<Automaton>(256)

/**
 * The texts in which `pattern` is found, as `RegExp.test` would with the flag `u`: anchored only where it says so.
 * @throws UnsupportedPattern, TooManyStates
 */
export function automatonOf(pattern: string): Automaton {
  const before = known.get(pattern)
  if (before) return before
  const automaton = withLookaheads(pattern)
  known.set(pattern, automaton)
  return automaton
}

/** A lookahead right behind `^` speaks of the whole text: what it asks for is another language that the text must be in, or not. */
function withLookaheads(pattern: string): Automaton {
  const sign = /^\^\(\?([=!])/.exec(pattern)?.[1]
  const end = sign ? groupEnd(pattern, 1) : undefined
  if (!sign || end === undefined) return determinised(pattern)
  const ahead = automatonOf(`^(?:${pattern.slice(4, end)})`)
  const rest = automatonOf(`^${pattern.slice(end + 1)}`)
  return sign === '=' ? both(rest, ahead) : without(rest, ahead)
}

/** @returns where the group closes that opens at `start`, if what follows it is one row: `^(?=a)b|c` is two */
function groupEnd(pattern: string, start: number): number | undefined {
  let depth = 0
  let end: number | undefined
  for (const { 0: found, index } of pattern.matchAll(/\\.|\[(?:\\.|[^\]\\])*\]|[()|]/gs)) {
    if (index < start) continue
    if (found === '(') depth++
    else if (found === ')' && --depth === 0) end ??= index
    else if (found === '|' && depth === 0) return undefined
  }
  return end
}

/** Edges looked at while one pattern is made deterministic: some tens of milliseconds. */
const maxWork = 1_000_000

function determinised(pattern: string): Automaton {
  let work = 0
  const edges = network(parse(pattern))
  const closure = (from: readonly number[], where: 'start' | 'middle' | 'end' | 'empty'): number[] => {
    const seen = new Set<number>()
    const queue = [...from]
    for (let number = queue.pop(); number !== undefined; number = queue.pop()) {
      if (seen.has(number)) continue
      seen.add(number)
      const edge = edges[number]
      queue.push(...(edge?.free ?? []))
      if (where === 'start' || where === 'empty') queue.push(...(edge?.atStart ?? []))
      if (where === 'end' || where === 'empty') queue.push(...(edge?.atEnd ?? []))
    }
    return [...seen].toSorted((a, b) => a - b)
  }
  const emptyMatches = closure([0], 'empty').includes(1)
  return explore<{ set: readonly number[]; first: boolean }>(
    { set: closure([0], 'start'), first: true },
    ({ set, first }) => `${first}:${set.join()}`,
    ({ set, first }) => {
      const accepts = first ? emptyMatches : set.includes(1) || closure(set, 'end').includes(1)
      if (set.includes(1)) return { accepts, arcs: [{ chars: anyChar, to: { set: [1], first: false } }] }
      const moves = set.flatMap((number) => edges[number]?.sets ?? [])
      const cuts = [...new Set(moves.flatMap(({ set }) => set.flatMap(([from, to]) => [from, to + 1])))].toSorted(
        (a, b) => a - b,
      )
      work += moves.length * cuts.length
      if (work > maxWork) throw new TooManyStates('A pattern takes too long to compile.')
      const arcs = cuts.flatMap((from, index) => {
        const to = (cuts[index + 1] ?? 0x110000) - 1
        const targets = moves.filter(({ set }) => set.some((range) => range[0] <= from && to <= range[1]))
        if (targets.length === 0) return []
        const next = closure([...new Set(targets.map((target) => target.to))], 'middle')
        return [{ chars: intersection([[from, to]], anyChar), to: { set: next, first: false } }]
      })
      return { accepts, arcs }
    },
  )
}
