/**
 * Grammars as values, and their text in llama.cpp's GBNF. Shared parts become one rule, choices that can never come to an end
 * are cut off, so that no model is led into them.
 */
import type { CharSet } from '../../../lib/pattern/char-set.ts'

export type Expression =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'chars'; readonly set: CharSet }
  | { readonly kind: 'row'; readonly items: readonly Expression[] }
  | { readonly kind: 'choice'; readonly items: readonly Expression[] }
  | { readonly kind: 'repeat'; readonly item: Expression; readonly min: number; readonly max: number | undefined }
  | { readonly kind: 'rule'; readonly name: string }

export const text = (text: string): Expression => ({ kind: 'text', text })
export const charOf = (set: CharSet): Expression => {
  const [[from, to] = [0, 1], ...others] = set
  return from === to && others.length === 0 ? text(String.fromCodePoint(from)) : { kind: 'chars', set }
}
export const row = (...items: readonly Expression[]): Expression => ({ kind: 'row', items })
export const choice = (...items: readonly Expression[]): Expression =>
  items.length === 1 && items[0] ? items[0] : { kind: 'choice', items }
export const repeat = (item: Expression, min: number, max?: number): Expression => ({ kind: 'repeat', item, min, max })
export const optional = (item: Expression): Expression => repeat(item, 0, 1)
export const nothing: Expression = row()

/** llama.cpp writes a repetition out, once per count, and refuses more than 2,000. */
export const maxRepetition = 1_000

export interface Grammar {
  /** A rule of this body; the same body twice is one rule. `hint` shows up in its name. */
  define(hint: string, body: Expression): Expression
  /** What `build` makes, kept under the key: for parts that are costly to make, or take many rules. */
  once(key: string, build: () => Expression): Expression
  /** A rule whose body comes later, so that it can refer to itself; it comes to nothing if `fill` is never called. */
  reserve(hint: string): { readonly rule: Expression; fill(body: Expression): void }
  /** @returns undefined when the language of `root` is empty: no finite text fits */
  print(root: Expression): string | undefined
}

export function createGrammar(): Grammar {
  const bodies = new Map<string, Expression>()
  const byBody = new Map<string, Expression>()
  const made = new Map<string, Expression>()
  const reserve = (hint: string) => {
    // XGrammar wants a letter first.
    const word = hint.replace(/[^a-zA-Z0-9]+/g, '-').replace(/^(?=[^a-zA-Z])/, 'r')
    const name = `${word.slice(0, 24) || 'rule'}-${bodies.size}`
    // Until it is filled: no choice at all, which is the empty language.
    bodies.set(name, { kind: 'choice', items: [] })
    return { rule: { kind: 'rule', name } as const, fill: (body: Expression) => void bodies.set(name, body) }
  }
  return {
    reserve,
    once(key, build) {
      const before = made.get(key)
      if (before) return before
      const fresh = build()
      made.set(key, fresh)
      return fresh
    },
    define(hint, body) {
      if (body.kind === 'rule') return body
      const key = JSON.stringify(body)
      const known = byBody.get(key)
      if (known) return known
      const { rule, fill } = reserve(hint)
      fill(body)
      byBody.set(key, rule)
      return rule
    },
    print(root) {
      const ends = rulesThatEnd(bodies)
      const start = pruned(root, ends)
      if (!start) return undefined
      const lines = [`root ::= ${printed(start)}`]
      const written = new Set<string>()
      const queue = [...namesIn(start)]
      for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
        if (written.has(name)) continue
        written.add(name)
        const body = pruned(bodies.get(name) ?? nothing, ends)
        if (!body) continue
        lines.push(`${name} ::= ${printed(body)}`)
        queue.push(...namesIn(body))
      }
      return `${lines.join('\n')}\n`
    },
  }
}

/** The rules from which some finite text can be made. Rules lean on later ones mostly, and on earlier ones: so both ways, in turn. */
function rulesThatEnd(bodies: ReadonlyMap<string, Expression>): ReadonlySet<string> {
  const ends = new Set<string>()
  let left = [...bodies]
  for (let before = -1; before !== left.length; ) {
    before = left.length
    left = left.toReversed().filter(([name, body]) => !(canEnd(body, ends) && ends.add(name)))
    left = left.toReversed().filter(([name, body]) => !(canEnd(body, ends) && ends.add(name)))
  }
  return ends
}

function canEnd(expression: Expression, ends: ReadonlySet<string>): boolean {
  switch (expression.kind) {
    case 'text':
      return true
    case 'chars':
      return expression.set.length > 0
    case 'rule':
      return ends.has(expression.name)
    case 'row':
      return expression.items.every((item) => canEnd(item, ends))
    case 'choice':
      return expression.items.some((item) => canEnd(item, ends))
    case 'repeat':
      return expression.min === 0 || canEnd(expression.item, ends)
  }
}

/** @returns the expression without the choices that cannot end; undefined when nothing is left */
function pruned(expression: Expression, ends: ReadonlySet<string>): Expression | undefined {
  switch (expression.kind) {
    case 'text':
    case 'chars':
    case 'rule':
      return canEnd(expression, ends) ? expression : undefined
    case 'row': {
      const items = kept(expression.items, ends)
      if (items.length < expression.items.length) return undefined
      return items === expression.items ? expression : { kind: 'row', items }
    }
    case 'choice': {
      const items = kept(expression.items, ends)
      if (items === expression.items) return items.length > 0 ? expression : undefined
      return items.length > 0 ? choice(...items) : undefined
    }
    case 'repeat': {
      const item = pruned(expression.item, ends)
      if (item) return item === expression.item ? expression : { ...expression, item }
      return expression.min === 0 ? nothing : undefined
    }
  }
}

/** @returns `items` itself when all of them stay as they are */
function kept(items: readonly Expression[], ends: ReadonlySet<string>): readonly Expression[] {
  const left = items.flatMap((item) => pruned(item, ends) ?? [])
  return left.length === items.length && left.every((item, index) => item === items[index]) ? items : left
}

function namesIn(expression: Expression): string[] {
  switch (expression.kind) {
    case 'rule':
      return [expression.name]
    case 'row':
    case 'choice':
      return expression.items.flatMap(namesIn)
    case 'repeat':
      return namesIn(expression.item)
    default:
      return []
  }
}

export function printed(expression: Expression, inside = false): string {
  switch (expression.kind) {
    case 'text':
      return quoted(expression.text)
    case 'chars':
      return printedSet(expression.set)
    case 'rule':
      return expression.name
    case 'row': {
      const items = flattened(expression.items)
      if (items.length === 0) return '""'
      return items.map((item) => printed(item, true)).join(' ')
    }
    case 'choice': {
      const body = expression.items.map((item) => printed(item)).join(' | ')
      return inside ? `(${body})` : body
    }
    case 'repeat': {
      const { item, min, max } = expression
      const single = item.kind === 'rule' || item.kind === 'chars' || (item.kind === 'text' && item.text.length === 1)
      const subject = single ? printed(item) : `(${printed(item)})`
      if (max === undefined && min < 2) return `${subject}${min === 0 ? '*' : '+'}`
      if (min === 0 && max === 1) return `${subject}?`
      if (max === 0) return '""'
      return `${subject}{${min}${max === min ? '' : `,${max ?? ''}`}}`
    }
  }
}

/** Rows inside rows are one row, and texts side by side one text. */
function flattened(items: readonly Expression[]): readonly Expression[] {
  const out: Expression[] = []
  for (const item of items.flatMap((item) => (item.kind === 'row' ? flattened(item.items) : [item]))) {
    const last = out.at(-1)
    if (item.kind === 'text' && last?.kind === 'text') out[out.length - 1] = text(last.text + item.text)
    else if (item.kind !== 'text' || item.text !== '') out.push(item)
  }
  return out
}

/** Never as `\xHH`: XGrammar reads every hex digit that follows, so that a tab before an `a` would become U+009A. */
const escaped = (char: string): string => {
  const code = char.codePointAt(0) ?? 0
  if (code < 0x10000) return `\\u${code.toString(16).padStart(4, '0')}`
  return `\\U${code.toString(16).padStart(8, '0')}`
}

const quoted = (text: string): string =>
  `"${text.replace(/["\\]/g, '\\$&').replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (char) => (char === '\n' ? '\\n' : escaped(char)))}"`

/**
 * Always as the characters that fit, never as `[^…]`: llama.cpp refuses a token that ends in the middle of a character when any
 * completion of it is among the excluded ones, so that `[^｜]` would forbid the first byte of every full-width comma.
 */
function printedSet(set: CharSet): string {
  const one = (code: number) => {
    const char = String.fromCodePoint(code)
    return /[a-zA-Z0-9_ ]/.test(char) ? char : escaped(char)
  }
  return `[${set.map(([from, to]) => (from === to ? one(from) : `${one(from)}-${one(to)}`)).join('')}]`
}
