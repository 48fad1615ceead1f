/**
 * Deterministic automata over code points: what a regular language of texts looks like when it is to be intersected,
 * tested in linear time, or written out as a grammar.
 */
import { anyChar, type CharSet, contains, difference, intersection, union } from './char-set.ts'

interface Arc {
  readonly chars: CharSet
  readonly to: number
}

interface State {
  readonly accepts: boolean
  /** Disjoint. What no arc takes, ends the text outside of the language. */
  readonly arcs: readonly Arc[]
}

/** State 0 is the start; from every state some accepting one can be reached. No states: the empty language. */
export type Automaton = readonly State[]

/** A language needs more states than we care to hold; whoever asked must do without. */
export class TooManyStates extends Error {}

const maxStates = 2_000
/** Merging equal states is quadratic for long chains, which have none to merge. */
const maxStatesToMerge = 300

interface Step<K> {
  readonly accepts: boolean
  readonly arcs: readonly { readonly chars: CharSet; readonly to: K }[]
}

/**
 * Builds what can be reached from `start`, given how a state steps on.
 * @param options.merge false where no two states can be equal, or where it is not worth the time
 * @throws TooManyStates
 */
export function explore<K>(
  start: K,
  keyOf: (state: K) => string,
  step: (state: K) => Step<K>,
  { merge = true, limit = maxStates } = {},
): Automaton {
  const numbers = new Map<string, number>([[keyOf(start), 0]])
  const queue = [start]
  const states: State[] = []
  for (let next = queue[0]; next !== undefined; next = queue[states.length]) {
    const { accepts, arcs } = step(next)
    const byTarget = new Map<number, CharSet>()
    for (const { chars, to } of arcs) {
      if (chars.length === 0) continue
      const key = keyOf(to)
      let number = numbers.get(key)
      if (number === undefined) {
        number = queue.length
        if (number >= limit) throw new TooManyStates(`A pattern needs more than ${limit} states.`)
        numbers.set(key, number)
        queue.push(to)
      }
      const before = byTarget.get(number)
      byTarget.set(number, before ? union(before, chars) : chars)
    }
    states.push({ accepts, arcs: [...byTarget].map(([to, chars]) => ({ chars, to })) })
  }
  return merge ? merged(trimmed(states)) : trimmed(states)
}

/** Drops the states from which nothing can be accepted any more. */
function trimmed(states: Automaton): Automaton {
  const sources = states.map((): number[] => [])
  for (const [from, state] of states.entries()) for (const { to } of state.arcs) sources[to]?.push(from)
  const alive = new Set<number>()
  const queue = [...states.keys()].filter((number) => states[number]?.accepts)
  for (let number = queue.pop(); number !== undefined; number = queue.pop()) {
    if (alive.has(number)) continue
    alive.add(number)
    queue.push(...(sources[number] ?? []))
  }
  if (!alive.has(0)) return []
  const renumbered = new Map([...states.keys()].filter((n) => alive.has(n)).map((old, fresh) => [old, fresh]))
  return [...renumbered.keys()].map((old) => ({
    accepts: states[old]?.accepts ?? false,
    arcs: (states[old]?.arcs ?? []).flatMap(({ chars, to }) => {
      const target = renumbered.get(to)
      return target === undefined ? [] : [{ chars, to: target }]
    }),
  }))
}

/** Merges states that cannot be told apart (Moore). */
function merged(states: Automaton): Automaton {
  if (states.length > maxStatesToMerge) return states
  const written = states.map(({ arcs }) => arcs.map(({ chars }) => chars.join()))
  let classes = states.map((state) => Number(state.accepts))
  for (let count = new Set(classes).size; ; ) {
    const names = new Map<string, number>()
    classes = states.map((state, number) => {
      const byClass = new Map<number, readonly number[]>()
      for (const [index, { to }] of state.arcs.entries())
        byClass.set(classes[to] ?? 0, [...(byClass.get(classes[to] ?? 0) ?? []), index])
      const arcs = [...byClass].map(([target, [index = 0, ...others]]) =>
        others.length === 0
          ? `${target}:${written[number]?.[index]}`
          : `${target}:${union(...[index, ...others].map((at) => state.arcs[at]?.chars ?? [])).join()}`,
      )
      const signature = `${classes[number]};${arcs.toSorted().join(';')}`
      const name = names.get(signature) ?? names.size
      names.set(signature, name)
      return name
    })
    if (names.size === count) break
    count = names.size
  }
  const first = new Map<number, State>()
  for (const [number, state] of states.entries()) {
    const name = classes[number] ?? 0
    if (!first.has(name)) first.set(name, state)
  }
  return [...first.values()].map(({ accepts, arcs }) => {
    const byClass = new Map<number, CharSet>()
    for (const { chars, to } of arcs) byClass.set(classes[to] ?? 0, union(byClass.get(classes[to] ?? 0) ?? [], chars))
    return { accepts, arcs: [...byClass].map(([to, chars]) => ({ chars, to })) }
  })
}

/** Whether `text` belongs to the language; one step per character. */
export function accepts(automaton: Automaton, text: string): boolean {
  let state = automaton[0]
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0
    const arc = state?.arcs.find(({ chars }) => contains(chars, code))
    if (!arc) return false
    state = automaton[arc.to]
  }
  return state?.accepts ?? false
}

/** What both accept. @throws TooManyStates */
export function both(a: Automaton, b: Automaton): Automaton {
  if (a.length === 0 || b.length === 0) return []
  return explore<readonly [number, number]>(
    [0, 0],
    ([i, j]) => `${i},${j}`,
    ([i, j]) => ({
      accepts: Boolean(a[i]?.accepts && b[j]?.accepts),
      arcs: (a[i]?.arcs ?? []).flatMap((left) =>
        (b[j]?.arcs ?? []).map((right) => ({
          chars: intersection(left.chars, right.chars),
          to: [left.to, right.to] as const,
        })),
      ),
    }),
  )
}

/** What `a` accepts and `b` does not. @throws TooManyStates */
export function without(a: Automaton, b: Automaton): Automaton {
  if (a.length === 0 || b.length === 0) return a
  const lost = -1
  return explore<readonly [number, number]>(
    [0, 0],
    ([i, j]) => `${i},${j}`,
    ([i, j]) => {
      const right = b[j]?.arcs ?? []
      return {
        accepts: Boolean(a[i]?.accepts && !b[j]?.accepts),
        arcs: (a[i]?.arcs ?? []).flatMap(({ chars, to }) => [
          ...right.map((arc) => ({ chars: intersection(chars, arc.chars), to: [to, arc.to] as const })),
          { chars: difference(chars, union(...right.map((arc) => arc.chars))), to: [to, lost] as const },
        ]),
      }
    },
  )
}

/** What one of them accepts, with the states of all. @throws TooManyStates */
export function either(automata: readonly Automaton[]): Automaton {
  const start = automata.map((automaton) => (automaton.length > 0 ? 0 : -1))
  return explore<readonly number[]>(start, String, (numbers) => {
    const states = numbers.map((number, index) => automata[index]?.[number])
    let pieces: { chars: CharSet; to: number[] }[] = [{ chars: anyChar, to: [] }]
    for (const state of states) {
      const arcs = state?.arcs ?? []
      const rest = difference(anyChar, union(...arcs.map((arc) => arc.chars)))
      pieces = pieces.flatMap((piece) =>
        [...arcs, { chars: rest, to: -1 }]
          .map(({ chars, to }) => ({ chars: intersection(piece.chars, chars), to: [...piece.to, to] }))
          .filter(({ chars }) => chars.length > 0),
      )
    }
    return {
      accepts: states.some((state) => state?.accepts),
      arcs: pieces.filter(({ to }) => to.some((number) => number >= 0)),
    }
  })
}

/** Every text. */
export const anyText: Automaton = [{ accepts: true, arcs: [{ chars: anyChar, to: 0 }] }]

/** Exactly these texts, however many. */
export function ofTexts(texts: readonly string[]): Automaton {
  const byChar = (rests: readonly (readonly number[])[]) => {
    const groups = new Map<number, number[][]>()
    for (const [char, ...rest] of rests) {
      if (char === undefined) continue
      const group = groups.get(char)
      if (group) group.push(rest)
      else groups.set(char, [rest])
    }
    return groups
  }
  const codes = [...new Set(texts)].map((text) => [...text].map((char) => char.codePointAt(0) ?? 0))
  return explore<{ id: string; rests: readonly (readonly number[])[] }>(
    { id: '', rests: codes },
    ({ id }) => id,
    ({ id, rests }) => ({
      accepts: rests.some((rest) => rest.length === 0),
      arcs: [...byChar(rests)].map(([char, group]) => ({
        chars: [[char, char]],
        to: { id: `${id},${char}`, rests: group },
      })),
    }),
    { merge: false, limit: Number.POSITIVE_INFINITY },
  )
}

/** Texts of `min` to `max` code points. @throws TooManyStates */
export const ofLength = (min: number, max: number | undefined): Automaton =>
  explore<number>(
    0,
    String,
    (length) => ({
      accepts: length >= min,
      arcs:
        max !== undefined && length >= max
          ? []
          : [{ chars: anyChar, to: max === undefined ? Math.min(length + 1, min) : length + 1 }],
    }),
    { merge: false },
  )
