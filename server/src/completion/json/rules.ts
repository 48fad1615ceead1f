/** What a JSON Schema says of a value whose kind is known and whose end is not: what of it can be watched as the value comes. */
import { linearMatcher } from '../../lib/pattern/matcher.ts'
import type { JsonSchema } from '../request.ts'
import type { JsonKind } from './reader.ts'

type Keywords = { readonly [keyword: string]: unknown }

/** A part of a schema, and the JSON pointer to it (without `#`). */
export interface Place {
  readonly schema: unknown
  readonly pointer: string
}

/** All that is said of one value: references followed, `allOf` laid out, and `anyOf` where the kind leaves one branch. */
export interface Rules {
  readonly parts: readonly { readonly schema: Keywords; readonly pointer: string }[]
  /** Something else is said, about which nothing is known before the value is whole. */
  readonly whole: boolean
}

/** Keywords that only the whole value decides, by the kind of value that they speak of. */
const decidedAtEnd: Record<JsonKind, readonly string[]> = {
  object: ['propertyNames', 'dependentSchemas', 'dependentRequired', 'dependencies', 'unevaluatedProperties'],
  array: ['contains', 'uniqueItems', 'unevaluatedItems'],
  string: ['pattern', 'format'],
  number: ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'],
  boolean: [],
  null: [],
}
const alwaysDecidedAtEnd = ['enum', 'const', 'not', 'if', '$dynamicRef']

const isKeywords = (value: unknown): value is Keywords =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
const step = (pointer: string, ...keys: readonly (string | number)[]): string =>
  [pointer, ...keys.map((key) => String(key).replaceAll('~', '~0').replaceAll('/', '~1'))].join('/')

/** Parts that are followed for one value. References can lay out a small schema without end: that is left to the whole value. */
const gatheredMax = 500

/** @returns whether the part's own `type`, `enum` and `const` let in values of this kind */
function admits(schema: Keywords, kind: JsonKind): boolean {
  const { type } = schema
  const types = typeof type === 'string' ? [type] : listOf(type)
  const names = kind === 'number' ? ['number', 'integer'] : [kind]
  if (types.length > 0 && !names.some((name) => types.includes(name))) return false
  if (Array.isArray(schema.enum) && !schema.enum.some((value) => kindOf(value) === kind)) return false
  return !Object.hasOwn(schema, 'const') || kindOf(schema.const) === kind
}

function kindOf(value: unknown): JsonKind {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  const type = typeof value
  return type === 'string' || type === 'number' || type === 'boolean' ? type : 'object'
}

/** @returns all that is said of a value of some kind at some places of the schema; undefined if no such value fits */
export function rulesOf(root: JsonSchema): (places: readonly Place[], kind: JsonKind) => Rules | undefined {
  // A part that has a name or an address of its own changes what the references in it mean.
  const rebased = /"\$(?:id|anchor|dynamicAnchor)":/.test(JSON.stringify(root))
  const known = new Map<JsonKind, WeakMap<object, Rules | 'never'>>()
  const unruled: Rules = { parts: [], whole: false }
  const opaque: Rules = { parts: [], whole: true }

  let budget = 0
  const gather = ({ schema, pointer }: Place, kind: JsonKind, inside: readonly unknown[]): Rules | undefined => {
    if (--budget < 0) return opaque
    if (schema === false) return undefined
    // A reference to where we are says nothing new.
    if (!isKeywords(schema) || inside.includes(schema)) return unruled
    if (!admits(schema, kind)) return undefined
    const ends = [...decidedAtEnd[kind], ...alwaysDecidedAtEnd]
    const found = [{ parts: [{ schema, pointer }], whole: ends.some((keyword) => Object.hasOwn(schema, keyword)) }]
    const also = (rules: Rules | undefined) => rules !== undefined && found.push({ ...rules, parts: [...rules.parts] })
    const follow = (place: Place) => gather(place, kind, [...inside, schema])

    if (typeof schema.$ref === 'string') {
      const target = placeAt(root, schema.$ref)
      if (!also(target ? follow(target) : opaque)) return undefined
    }
    for (const [i, part] of listOf(schema.allOf).entries())
      if (!also(follow({ schema: part, pointer: step(pointer, 'allOf', i) }))) return undefined
    for (const keyword of ['anyOf', 'oneOf'] as const) {
      if (!Array.isArray(schema[keyword])) continue
      const branches = schema[keyword].flatMap((part: unknown, i) => {
        const rules = follow({ schema: part, pointer: step(pointer, keyword, i) })
        return rules ? [rules] : []
      })
      if (!also(branches.length > 1 ? opaque : branches[0])) return undefined
    }
    return { parts: found.flatMap(({ parts }) => parts), whole: found.some(({ whole }) => whole) }
  }

  const remembered = (place: Place, kind: JsonKind): Rules | undefined => {
    const { schema } = place
    budget = gatheredMax
    if (!isKeywords(schema)) return gather(place, kind, [])
    const ofKind = known.get(kind) ?? new WeakMap<object, Rules | 'never'>()
    known.set(kind, ofKind)
    const rules = ofKind.get(schema) ?? gather(place, kind, []) ?? 'never'
    ofKind.set(schema, rules)
    return rules === 'never' ? undefined : rules
  }

  return (places, kind) => {
    if (rebased) return opaque
    const all = places.map((place) => remembered(place, kind))
    if (all.length === 1) return all[0]
    const fitting = all.filter((rules) => rules !== undefined)
    if (fitting.length < all.length) return undefined
    return { parts: fitting.flatMap(({ parts }) => parts), whole: fitting.some(({ whole }) => whole) }
  }
}

/** Where a `$ref` leads that is a pointer into the schema itself. */
export function placeAt(root: JsonSchema, reference: string): Place | undefined {
  if (reference !== '#' && !reference.startsWith('#/')) return undefined
  let schema: unknown = root
  let pointer = ''
  for (const part of reference.slice(1).split('/').slice(1)) {
    const key = decoded(part).replaceAll('~1', '/').replaceAll('~0', '~')
    if (typeof schema !== 'object' || schema === null || !Object.hasOwn(schema, key)) return undefined
    schema = (schema as Keywords)[key]
    pointer = step(pointer, key)
  }
  return { schema, pointer }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** @returns what is said of the member `key` */
export function memberPlaces({ parts }: Rules, key: string): readonly Place[] {
  return parts.flatMap(({ schema, pointer }) => {
    const { properties, patternProperties } = schema
    const named: Place[] = []
    if (isKeywords(properties) && Object.hasOwn(properties, key))
      named.push({ schema: properties[key], pointer: step(pointer, 'properties', key) })
    for (const [pattern, part] of isKeywords(patternProperties) ? Object.entries(patternProperties) : [])
      if (linearMatcher(pattern)(key))
        named.push({ schema: part, pointer: step(pointer, 'patternProperties', pattern) })
    if (named.length > 0 || schema.additionalProperties === undefined) return named
    return [{ schema: schema.additionalProperties, pointer: step(pointer, 'additionalProperties') }]
  })
}

/** @returns what is said of the item number `index` */
export function itemPlaces({ parts }: Rules, index: number): readonly Place[] {
  return parts.flatMap(({ schema, pointer }): Place[] => {
    const first = listOf(schema.prefixItems)
    if (index < first.length) return [{ schema: first[index], pointer: step(pointer, 'prefixItems', index) }]
    return schema.items === undefined ? [] : [{ schema: schema.items, pointer: step(pointer, 'items') }]
  })
}

/** The narrowest of a count's bounds in all parts. */
export function boundsOf(
  { parts }: Rules,
  least: string,
  most: string,
): { readonly min: number; readonly max: number } {
  const numbers = (keyword: string) =>
    parts.flatMap(({ schema }) => (typeof schema[keyword] === 'number' ? [schema[keyword]] : []))
  return { min: Math.max(0, ...numbers(least)), max: Math.min(Infinity, ...numbers(most)) }
}

export const requiredKeys = ({ parts }: Rules): readonly unknown[] =>
  parts.flatMap(({ schema }) => listOf(schema.required))

/** Whether a number must be whole. */
export const wantsInteger = ({ parts }: Rules): boolean =>
  parts.some(
    ({ schema: { type } }) =>
      type === 'integer' || (Array.isArray(type) && type.includes('integer') && !type.includes('number')),
  )
