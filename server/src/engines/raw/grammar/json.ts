/** JSON texts that fit a schema, as grammar rules. */
import type { JsonSchema } from '../../../completion/request.ts'
import {
  type Automaton,
  accepts,
  anyText,
  both,
  either,
  ofTexts,
  TooManyStates,
  without,
} from '../../../lib/pattern/automaton.ts'
import { chars } from '../../../lib/pattern/char-set.ts'
import { automatonOf, UnsupportedPattern } from '../../../lib/pattern/regex.ts'
import {
  charOf,
  choice,
  type Expression,
  type Grammar,
  maxRepetition,
  nothing,
  optional,
  repeat,
  row,
  text,
} from './gbnf.ts'
import { automatonOfNumber, numberKeywordsLeft } from './numbers.ts'
import { refused } from './references.ts'
import {
  type ArrayShape,
  type Conjunction,
  type ObjectShape,
  readSchemas,
  type SchemaReader,
  type Shape,
} from './shapes.ts'
import { automatonOfText, jsonNotation, rawNotation, type TextRules, textOf, textOfLength } from './texts.ts'
import type { Json } from './values.ts'

export interface JsonWriter {
  readonly reader: SchemaReader
  /** Any value that all of these allow. */
  value(conjunction: Conjunction): Expression
  object(shape: ObjectShape, options?: { readonly closed: boolean }): Expression
  /** Names for properties beyond the declared ones, by what may stand under them. */
  extraNames(shape: ObjectShape): readonly { readonly names: Automaton; readonly value: Conjunction }[]
  /** The properties of the shape whose names its `propertyNames` allow; undefined when a required one is not allowed. */
  entries(
    shape: ObjectShape,
  ): readonly (readonly [string, { readonly value: Conjunction; readonly required: boolean }])[] | undefined
}

/** Optional whitespace inside of JSON, as models write it; bounded, so that no model gets lost in it. */
const space = choice(nothing, text(' '), row(text('\n'), repeat(charOf(chars(' \t')), 0, 20)))
const never: Expression = { kind: 'choice', items: [] }
const maxValues = 10_000

/** Whether it is only a limit of ours that keeps a text's rules out of the grammar. */
export const isInexpressible = (error: unknown): boolean =>
  error instanceof UnsupportedPattern || error instanceof TooManyStates

/** Rules that are easier to express, and the keyword that goes: of a pattern and lengths first the lengths. */
export const weakened = (rules: TextRules): { readonly rules: TextRules; readonly left: string } =>
  rules.min > 0 || rules.max !== undefined
    ? { rules: { ...rules, min: 0, max: undefined }, left: rules.max === undefined ? 'minLength' : 'maxLength' }
    : { rules: { ...rules, patterns: [] }, left: 'pattern' }

/**
 * One thing after another, in this order, the optional ones perhaps left out. What may come next shares its beginning, so that
 * the engine follows one way and not one for each optional entry.
 * @returns `first` is one entry or more, without `between` before it; `rest` has it before each, and may be empty
 */
export function sequence(
  grammar: Grammar,
  entries: readonly { readonly body: Expression; readonly required: boolean }[],
  between: Expression,
  extra?: Expression,
): { readonly first: Expression; readonly rest: Expression } {
  let rest = extra ? repeat(grammar.define('more', row(between, extra)), 0) : nothing
  let first = extra ? row(extra, rest) : never
  let mandatory = false
  for (const { body, required } of entries.toReversed()) {
    const here = row(body, rest)
    const next = grammar.reserve('next')
    next.fill(required ? here : choice(here, first))
    first = next.rule
    mandatory ||= required
    rest = mandatory ? row(between, first) : optional(row(between, first))
  }
  return { first, rest }
}

export function createJsonWriter(grammar: Grammar, document: JsonSchema): JsonWriter {
  const reader = readSchemas(document)
  const { unexpressed } = reader
  const ids = new Map<JsonSchema, number>()
  const values = new Map<string, Expression>()
  const waiting: (() => void)[] = []
  const ws = grammar.define('ws', space)
  const comma = row(text(','), ws)

  const idOf = (schema: JsonSchema): number => {
    const known = ids.get(schema)
    if (known !== undefined) return known
    ids.set(schema, ids.size)
    return ids.size - 1
  }

  function value(conjunction: Conjunction): Expression {
    const stated = [...new Set(conjunction.map((schema) => reader.target(schema)))].filter((schema) => schema !== true)
    if (stated.includes(false)) return never
    const key = stated.map(idOf).toSorted().join()
    const known = values.get(key)
    if (known) return known
    if (values.size >= maxValues) throw refused('The schema has too many parts.')
    const { rule, fill } = grammar.reserve('value')
    values.set(key, rule)
    waiting.push(() => fill(choice(...reader.shapesOf(stated).map((shape) => written(shape)))))
    if (waiting.length === 1) writeWaiting()
    return rule
  }

  /** What refers to what can go thousands of schemas deep: one after the other, not one inside of the other. */
  function writeWaiting(): void {
    try {
      for (const write of waiting) write()
    } finally {
      waiting.length = 0
    }
  }

  function written(shape: Shape): Expression {
    switch (shape.type) {
      case 'object':
        return object(shape)
      case 'array':
        return array(shape)
      case 'string':
        return row(text('"'), string(shape), text('"'))
      case 'number':
        return number(shape)
      case 'literal':
        return literal(shape.value)
    }
  }

  function string(rules: TextRules): Expression {
    if (!rules.texts && rules.patterns.length === 0) {
      if (rules.min > maxRepetition) unexpressed.add('minLength')
      if (rules.max !== undefined && rules.max > maxRepetition) unexpressed.add('maxLength')
      return textOfLength(grammar, jsonNotation, rules.min, rules.max)
    }
    try {
      return grammar.once(`text ${JSON.stringify(rules)}`, () =>
        textOf(grammar, jsonNotation, automatonOfText(rules), 'text'),
      )
    } catch (error) {
      if (!isInexpressible(error)) throw error
      const weaker = weakened(rules)
      unexpressed.add(weaker.left)
      return string(weaker.rules)
    }
  }

  function number(shape: Extract<Shape, { type: 'number' }>): Expression {
    const digits = (min: number, max: number) => repeat(charOf(chars('0123456789')), min, max)
    const integer = grammar.once('integer', () => {
      const whole = choice(text('0'), row(charOf(chars('123456789')), digits(0, 15)))
      return grammar.define('integer', row(optional(text('-')), whole))
    })
    const any = grammar.once('number', () => {
      const fraction = row(text('.'), digits(1, 16))
      const exponent = row(charOf(chars('eE')), optional(charOf(chars('+-'))), digits(1, 2))
      return grammar.define('number', row(integer, optional(fraction), optional(exponent)))
    })
    const free = shape.integer ? integer : any
    if (!shape.min && !shape.max && shape.multiples.length === 0) return free
    for (const keyword of numberKeywordsLeft(shape)) unexpressed.add(keyword)
    try {
      return grammar.once(`number ${JSON.stringify(shape)}`, () =>
        textOf(grammar, rawNotation, automatonOfNumber(shape), 'number'),
      )
    } catch (error) {
      if (!isInexpressible(error)) throw error
      for (const keyword of ['minimum', 'maximum']) unexpressed.add(keyword)
      return free
    }
  }

  function literal(value: Json): Expression {
    if (typeof value !== 'object' || value === null) return text(JSON.stringify(value))
    const items = Array.isArray(value)
      ? value.map((item: Json) => literal(item))
      : Object.entries(value).map(([key, item]) => row(text(`${JSON.stringify(key)}:`), ws, literal(item)))
    const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}']
    const body = items.flatMap((item, index) => (index === 0 ? [item] : [comma, item]))
    return row(text(open), ws, ...body, ...(body.length > 0 ? [ws] : []), text(close))
  }

  function extraNames(shape: ObjectShape) {
    const allowed = namesAllowed(shape)
    return shape.extras.flatMap(({ matching, notMatching, value }) => {
      let names = allowed ?? anyText
      try {
        for (const pattern of matching) names = both(names, automatonOf(pattern))
        for (const pattern of notMatching) names = without(names, automatonOf(pattern))
        names = without(names, ofTexts(shape.taken))
      } catch (error) {
        if (!isInexpressible(error)) throw error
        unexpressed.add('patternProperties')
      }
      return names.length > 0 ? [{ names, value }] : []
    })
  }

  function namesAllowed(shape: ObjectShape): Automaton | undefined {
    if (shape.names.length === 0) return undefined
    try {
      return either(
        reader.shapesOf(shape.names).flatMap((one) => (one.type === 'string' ? [automatonOfText(one)] : [])),
      )
    } catch (error) {
      if (!isInexpressible(error)) throw error
      unexpressed.add('propertyNames')
      return undefined
    }
  }

  function entries(shape: ObjectShape) {
    const allowed = namesAllowed(shape)
    const all = [...shape.properties]
    const kept = all.filter(([name]) => !allowed || accepts(allowed, name))
    return all.some(([name, { required }]) => required && !kept.some(([other]) => other === name)) ? undefined : kept
  }

  function object(shape: ObjectShape, options?: { readonly closed: boolean }): Expression {
    const known = entries(shape)
    if (!known) return never
    const colon = row(text(':'), ws)
    const named = options?.closed && known.length > 0 ? [] : extraNames(shape)
    const pairs = named.map(({ names, value: inner }) =>
      row(text('"'), textOf(grammar, jsonNotation, names, 'name'), text('"'), colon, value(inner)),
    )
    const extra = pairs.length > 0 ? grammar.define('pair', choice(...pairs)) : undefined
    const body = known.map(([name, { value: inner, required }]) => ({
      body: row(text(JSON.stringify(name)), colon, value(inner)),
      required,
    }))
    const { min, max } = shape
    const required = body.filter((entry) => entry.required).length
    if (max !== undefined && (max < required || max < min)) return never
    if (min > 1 && required < min) unexpressed.add('minProperties')
    if (known.length === 0 && extra) {
      const more = grammar.define('more', row(comma, extra))
      if ((max ?? 0) > maxRepetition) unexpressed.add('maxProperties')
      const pairs = max === 0 ? never : row(extra, bounded(more, min - 1, max === undefined ? undefined : max - 1))
      return inBraces(pairs, min === 0)
    }
    if (max !== undefined && (extra || max < known.length)) unexpressed.add('maxProperties')
    return inBraces(sequence(grammar, body, comma, extra).first, min === 0 && required === 0)
  }

  const inBraces = (body: Expression, mayBeEmpty: boolean): Expression =>
    row(text('{'), ws, mayBeEmpty ? optional(row(body, ws)) : row(body, ws), text('}'))

  const bounded = (item: Expression, min: number, max: number | undefined): Expression =>
    repeat(item, Math.min(Math.max(0, min), maxRepetition), max !== undefined && max > maxRepetition ? undefined : max)

  function array({ prefix, rest, min, max }: ArrayShape): Expression {
    if (min > maxRepetition) unexpressed.add('minItems')
    if (max !== undefined && max > maxRepetition) unexpressed.add('maxItems')
    const fixed = prefix.slice(0, max)
    const inBrackets = (body: Expression) =>
      row(text('['), ws, min > 0 ? row(body, ws) : optional(row(body, ws)), text(']'))
    if (max === 0) return row(text('['), ws, text(']'))
    const item = value(rest)
    const more = grammar.define('more', row(comma, item))
    if (fixed.length === 0)
      return inBrackets(row(item, bounded(more, min - 1, max === undefined ? undefined : max - 1)))
    let tail = bounded(more, min - fixed.length, max === undefined ? undefined : max - fixed.length)
    for (let index = fixed.length - 1; index > 0; index--) {
      const here = row(comma, value(fixed[index] ?? []), tail)
      tail = index < min ? here : optional(here)
    }
    return inBrackets(row(value(fixed[0] ?? []), tail))
  }

  return { reader, value, object, extraNames, entries }
}
