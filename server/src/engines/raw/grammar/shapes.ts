/**
 * What a JSON Schema says, taken apart: `$ref`, `allOf`, `anyOf` and their neighbours are worked in, and what is left is a list
 * of shapes, each of one type, any of which fits. A schema is always looked at as a conjunction: all of these at once.
 */
import { formatPatterns } from '../../../completion/json-formats.ts'
import type { JsonSchema } from '../../../completion/request.ts'
import { linearMatcher } from '../../../lib/pattern/matcher.ts'
import type { NumberRules } from './numbers.ts'
import { isObject, isSchema, type Keywords, refused, resolve } from './references.ts'
import type { TextRules } from './texts.ts'
import { areDisjoint, type Json, strings, type Type, types, valuesOf } from './values.ts'

export type Conjunction = readonly JsonSchema[]

/** Properties beyond the declared ones: names of these patterns and of none of those, with values that fit. */
interface Extra {
  readonly matching: readonly string[]
  readonly notMatching: readonly string[]
  readonly value: Conjunction
}

export interface ObjectShape {
  readonly type: 'object'
  /** In the order in which they are to be written. */
  readonly properties: ReadonlyMap<string, { readonly value: Conjunction; readonly required: boolean }>
  readonly extras: readonly Extra[]
  /** Names that no extra may take: the properties, and those that must not be there. */
  readonly taken: readonly string[]
  /** What every name has to fit. */
  readonly names: Conjunction
  readonly min: number
  readonly max: number | undefined
}

export interface ArrayShape {
  readonly type: 'array'
  readonly prefix: readonly Conjunction[]
  readonly rest: Conjunction
  readonly min: number
  readonly max: number | undefined
}

export type Shape =
  | ObjectShape
  | ArrayShape
  | ({ readonly type: 'string' } & TextRules)
  | ({ readonly type: 'number' } & NumberRules)
  | { readonly type: 'literal'; readonly value: Json }

const maxAlternatives = 1_024
/** Patterns over property names overlap: each combination of them is a case of its own. */
const maxNamePatterns = 3

const impliedTypes: Readonly<Record<string, Type>> = {
  properties: 'object',
  required: 'object',
  additionalProperties: 'object',
  patternProperties: 'object',
  propertyNames: 'object',
  minProperties: 'object',
  maxProperties: 'object',
  items: 'array',
  prefixItems: 'array',
  minItems: 'array',
  maxItems: 'array',
  uniqueItems: 'array',
  contains: 'array',
  pattern: 'string',
  minLength: 'string',
  maxLength: 'string',
  minimum: 'number',
  maximum: 'number',
  exclusiveMinimum: 'number',
  exclusiveMaximum: 'number',
  multipleOf: 'number',
}

const annotations: ReadonlySet<string> = new Set(
  ['title', 'description', 'default', 'examples', 'deprecated', 'readOnly', 'writeOnly'].concat([
    '$comment',
    '$schema',
    '$id',
    '$anchor',
    '$defs',
    'definitions',
  ]),
)

/** Keywords that the grammar leaves to the check afterwards, wherever they say anything. */
const leftToTheCheck = ['contains', 'dependentRequired', 'dependentSchemas', 'dependencies', '$dynamicRef'] as const

export interface SchemaReader {
  shapesOf(conjunction: Conjunction): readonly Shape[]
  /** What a schema refers to, if it says nothing of its own: so that all references to one schema are one. */
  target(schema: JsonSchema): JsonSchema
  /** Keywords that said something which no shape carries. */
  readonly unexpressed: Set<string>
}

interface Choice {
  readonly options: readonly JsonSchema[]
  readonly path: readonly JsonSchema[]
}

/** @param document the whole schema, in which references point */
export function readSchemas(document: JsonSchema): SchemaReader {
  const unexpressed = new Set<string>()

  /** All that must hold at once, by alternative: references, `allOf` and the choices are worked in. */
  function alternatives(conjunction: Conjunction): readonly (readonly Keywords[])[] {
    const split = (
      leaves: readonly Keywords[],
      todo: Conjunction,
      // Where a choice stands: an option that leads back there says nothing.
      path: readonly JsonSchema[],
      open: readonly Choice[],
    ): (readonly Keywords[])[] => {
      const found = new Set(leaves)
      const choices = [...open]
      const take = (schema: JsonSchema, path: readonly JsonSchema[]): boolean => {
        if (typeof schema === 'boolean') return schema
        if (path.includes(schema)) throw refused("A '$ref' in the schema leads to nothing but itself.")
        if (found.has(schema)) return true
        const inner: JsonSchema[] = []
        if (typeof schema.$ref === 'string') inner.push(resolve(document, schema.$ref))
        if (Array.isArray(schema.allOf)) inner.push(...schema.allOf)
        const here = [...path, schema]
        if (!inner.every((part) => take(part, here))) return false
        found.add(schema)
        if (Array.isArray(schema.anyOf)) choices.push({ options: schema.anyOf, path: here })
        if (Array.isArray(schema.oneOf)) {
          choices.push({ options: schema.oneOf, path: here })
          if (!areDisjoint(schema.oneOf, document)) unexpressed.add('oneOf')
        }
        if (isSchema(schema.if) && ('then' in schema || 'else' in schema)) {
          unexpressed.add('if')
          const [then, otherwise] = [schema.then ?? true, schema.else ?? true]
          if (isSchema(then) && isSchema(otherwise))
            choices.push({ options: [{ allOf: [schema.if, then] }, otherwise], path: here })
        }
        return true
      }
      if (!todo.every((schema) => take(schema, path))) return []
      const [first, ...rest] = choices
      if (!first) return [[...found]]
      const out = first.options.flatMap((option) => split([...found], [option], first.path, rest))
      if (out.length > maxAlternatives) throw refused(`The schema combines more than ${maxAlternatives} alternatives.`)
      return out
    }
    return split([], conjunction, [], [])
  }

  function shapesOf(conjunction: Conjunction): readonly Shape[] {
    return alternatives(conjunction).flatMap((leaves) => shapesOfLeaves(leaves))
  }

  function shapesOfLeaves(leaves: readonly Keywords[]): readonly Shape[] {
    for (const leaf of leaves) for (const keyword of leftToTheCheck) if (keyword in leaf) unexpressed.add(keyword)
    const allowed = typesOf(leaves)
    const text = textRules(leaves)
    const number = numberRules(leaves, allowed.integer)
    const values = valuesOf(leaves)
    if (values) {
      const fitting = values.filter((value) => fits(value, allowed, text, number))
      const beyond = ['properties', 'items', 'required', 'minItems', 'maxItems', 'pattern', 'format', 'multipleOf']
      if (
        fitting.some((value) => typeof value === 'object' && value !== null) &&
        leaves.some((leaf) => beyond.some((k) => k in leaf))
      )
        unexpressed.add('enum')
      const texts = fitting.filter((value) => typeof value === 'string')
      return [
        ...(texts.length > 0 ? [{ type: 'string' as const, ...text, texts }] : []),
        ...fitting.filter((value) => typeof value !== 'string').map((value) => ({ type: 'literal' as const, value })),
      ]
    }
    const shapes: Shape[] = []
    if (allowed.types.has('object')) shapes.push(...objectShapes(leaves))
    if (allowed.types.has('array')) shapes.push(...arrayShapes(leaves))
    if (allowed.types.has('string') && text.min <= (text.max ?? text.min)) shapes.push({ type: 'string', ...text })
    if (allowed.types.has('number')) shapes.push({ type: 'number', ...number })
    if (allowed.types.has('boolean')) shapes.push({ type: 'literal', value: true }, { type: 'literal', value: false })
    if (allowed.types.has('null')) shapes.push({ type: 'literal', value: null })
    return shapes
  }

  function typesOf(leaves: readonly Keywords[]): { types: Set<Type>; integer: boolean } {
    let allowed = new Set<Type>(types)
    let integer = false
    let stated = false
    for (const leaf of leaves) {
      const named = [leaf.type ?? []].flat()
      if (named.length > 0) {
        stated = true
        if (named.includes('integer') && !named.includes('number')) integer = true
        if (named.includes('integer')) named.push('number')
        allowed = new Set([...allowed].filter((type) => named.includes(type)))
      }
      if ('enum' in leaf || 'const' in leaf) stated = true
      const not = leaf.not
      if (not === undefined || not === false) continue
      if (not === true || (isObject(not) && Object.keys(not).length === 0)) allowed.clear()
      else if (isObject(not) && Object.keys(not).length === 1 && 'type' in not && !String(not.type).includes('integer'))
        for (const type of [not.type].flat()) allowed.delete(type as Type)
      else unexpressed.add('not')
    }
    if (!stated) {
      // Whoever describes properties means an object, although the schema would let anything else pass.
      const implied = new Set(
        leaves.flatMap((leaf) => Object.keys(leaf).flatMap((keyword) => impliedTypes[keyword] ?? [])),
      )
      if (leaves.some((leaf) => typeof leaf.format === 'string' && formatPatterns.has(leaf.format)))
        implied.add('string')
      if (implied.size > 0) allowed = new Set([...allowed].filter((type) => implied.has(type)))
    }
    return { types: allowed, integer }
  }

  function objectShapes(leaves: readonly Keywords[]): readonly ObjectShape[] {
    const propertiesOf = (leaf: Keywords) => (isObject(leaf.properties) ? leaf.properties : {})
    const patternsOf = (leaf: Keywords) =>
      Object.entries(isObject(leaf.patternProperties) ? leaf.patternProperties : {})
    const beyondOf = (leaf: Keywords) => leaf.additionalProperties
    /** What the leaves say of the value under a name. */
    const valueUnder = (name: string): Conjunction =>
      leaves.flatMap((leaf) => {
        const own = Object.hasOwn(propertiesOf(leaf), name) ? [propertiesOf(leaf)[name]] : []
        const matched = patternsOf(leaf)
          .filter(([pattern]) => matches(pattern, name))
          .map(([, value]) => value)
        const said = own.length + matched.length > 0 ? [...own, ...matched] : [beyondOf(leaf) ?? true]
        return said.filter((schema) => isSchema(schema))
      })
    const required = new Set(leaves.flatMap((leaf) => strings(leaf.required)))
    const names = new Set([...leaves.flatMap((leaf) => Object.keys(propertiesOf(leaf))), ...required])
    const properties = new Map<string, { value: Conjunction; required: boolean }>()
    for (const name of names) {
      const value = valueUnder(name)
      if (!value.includes(false)) properties.set(name, { value, required: required.has(name) })
      else if (required.has(name)) return []
    }
    const patterns = [...new Set(leaves.flatMap((leaf) => patternsOf(leaf).map(([pattern]) => pattern)))]
    const unevaluated = leaves.map((leaf) => leaf.unevaluatedProperties).filter((schema) => isSchema(schema))
    const said = leaves.some((leaf) => beyondOf(leaf) !== undefined) || unevaluated.length > 0
    const extras: Extra[] = []
    if (patterns.length > maxNamePatterns) unexpressed.add('patternProperties')
    else if (said || names.size === 0 || patterns.length > 0)
      for (const matching of subsets(patterns)) {
        if (matching.length === 0 && !said && patterns.length > 0) continue
        const value = leaves.flatMap((leaf) => {
          const matched = patternsOf(leaf)
            .filter(([pattern]) => matching.includes(pattern))
            .map(([, value]) => value)
          const all = matched.length > 0 ? matched : [beyondOf(leaf) ?? true]
          return all.filter((schema) => isSchema(schema))
        })
        const whole = matching.length === 0 ? [...value, ...unevaluated] : value
        if (whole.includes(false)) continue
        extras.push({ matching, notMatching: patterns.filter((pattern) => !matching.includes(pattern)), value: whole })
      }
    const min = Math.max(0, ...numbers(leaves, 'minProperties'))
    const max = smallest(numbers(leaves, 'maxProperties'))
    const nameRules = leaves.map((leaf) => leaf.propertyNames).filter((schema) => isSchema(schema))
    return [{ type: 'object', properties, extras, taken: [...names], names: nameRules, min, max }]
  }

  function arrayShapes(leaves: readonly Keywords[]): readonly ArrayShape[] {
    const prefixOf = (leaf: Keywords): readonly unknown[] => (Array.isArray(leaf.prefixItems) ? leaf.prefixItems : [])
    const itemsOf = (leaf: Keywords): unknown => leaf.items ?? leaf.unevaluatedItems ?? true
    const length = Math.max(0, ...leaves.map((leaf) => prefixOf(leaf).length))
    const prefix = Array.from({ length }, (_, index) =>
      leaves.map((leaf) => prefixOf(leaf)[index] ?? itemsOf(leaf)).filter((schema) => isSchema(schema)),
    )
    const rest = leaves.map(itemsOf).filter((schema) => isSchema(schema))
    const min = Math.max(0, ...numbers(leaves, 'minItems'))
    let max = smallest(numbers(leaves, 'maxItems'))
    const impossible = [...prefix, rest].findIndex((schema) => schema.includes(false))
    if (impossible >= 0) max = Math.min(max ?? impossible, impossible)
    if (leaves.some((leaf) => leaf.uniqueItems === true) && (max ?? 2) > 1) unexpressed.add('uniqueItems')
    return max !== undefined && max < min ? [] : [{ type: 'array', prefix, rest, min, max }]
  }

  function target(schema: JsonSchema): JsonSchema {
    let place = schema
    // As often as anybody would chain them; a circle is found out when it is read.
    for (let i = 0; i < 16 && isObject(place) && typeof place.$ref === 'string'; i++) {
      if (Object.keys(place).some((keyword) => keyword !== '$ref' && !annotations.has(keyword))) break
      place = resolve(document, place.$ref)
    }
    return place
  }

  return { shapesOf, target, unexpressed }
}

const numbers = (leaves: readonly Keywords[], keyword: string): readonly number[] =>
  leaves.map((leaf) => leaf[keyword]).filter((value) => typeof value === 'number')
const smallest = (values: readonly number[]): number | undefined =>
  values.length > 0 ? Math.min(...values) : undefined

const subsets = <T>(items: readonly T[]): readonly (readonly T[])[] =>
  items.reduce<readonly (readonly T[])[]>((sets, item) => sets.flatMap((set) => [[...set, item], set]), [[]])

/** A pattern that we cannot try (`checkSchema` refuses it) is taken to match. */
function matches(pattern: string, text: string): boolean {
  try {
    return linearMatcher(pattern)(text)
  } catch {
    return true
  }
}

function textRules(leaves: readonly Keywords[]): TextRules {
  const patterns = leaves.flatMap((leaf) => {
    const format = typeof leaf.format === 'string' ? formatPatterns.get(leaf.format) : undefined
    return [...(typeof leaf.pattern === 'string' ? [leaf.pattern] : []), ...(format ? [format] : [])]
  })
  return {
    patterns: [...new Set(patterns)],
    min: Math.max(0, ...numbers(leaves, 'minLength')),
    max: smallest(numbers(leaves, 'maxLength')),
  }
}

function numberRules(leaves: readonly Keywords[], integer: boolean): NumberRules {
  const lower = [
    ...numbers(leaves, 'minimum').map((value) => ({ value, exclusive: false })),
    ...numbers(leaves, 'exclusiveMinimum').map((value) => ({ value, exclusive: true })),
  ].toSorted((a, b) => b.value - a.value || Number(b.exclusive) - Number(a.exclusive))
  const upper = [
    ...numbers(leaves, 'maximum').map((value) => ({ value, exclusive: false })),
    ...numbers(leaves, 'exclusiveMaximum').map((value) => ({ value, exclusive: true })),
  ].toSorted((a, b) => a.value - b.value || Number(b.exclusive) - Number(a.exclusive))
  return { integer, min: lower[0], max: upper[0], multiples: numbers(leaves, 'multipleOf') }
}

function fits(
  value: Json,
  allowed: { types: ReadonlySet<Type>; integer: boolean },
  text: TextRules,
  number: NumberRules,
) {
  const type: Type = value === null ? 'null' : Array.isArray(value) ? 'array' : (typeof value as Type)
  if (!allowed.types.has(type)) return false
  if (typeof value === 'string') {
    const length = [...value].length
    return (
      length >= text.min && length <= (text.max ?? length) && text.patterns.every((pattern) => matches(pattern, value))
    )
  }
  if (typeof value !== 'number') return true
  const { integer, min, max } = number
  if (integer && !Number.isInteger(value)) return false
  if (min && (min.exclusive ? value <= min.value : value < min.value)) return false
  return !(max && (max.exclusive ? value >= max.value : value > max.value))
}
