/** The values that a schema lists, and what can be told apart by them. */
import type { JsonSchema } from '../../../completion/request.ts'
import { isObject, type Keywords, resolve } from './references.ts'

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

export const types = ['string', 'number', 'object', 'array', 'boolean', 'null'] as const
export type Type = (typeof types)[number]

export const strings = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []

/** The values that `enum` and `const` leave, or undefined when none of them is there. */
export function valuesOf(leaves: readonly Keywords[]): readonly Json[] | undefined {
  let left: readonly Json[] | undefined
  for (const leaf of leaves)
    for (const listed of [leaf.enum, 'const' in leaf ? [leaf.const] : undefined]) {
      if (!Array.isArray(listed)) continue
      const values = new Map(listed.map((value: Json) => [canonical(value), value]))
      left = left ? left.filter((value) => values.has(canonical(value))) : [...values.values()]
    }
  return left
}

/** One text for equal values. */
const canonical = (value: Json): string =>
  JSON.stringify(value, (_, part: Json) =>
    isObject(part) ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1))) : part,
  )

/** Whether no value fits two of these: by type, or by a required property whose constants differ. */
export function areDisjoint(options: readonly JsonSchema[], document: JsonSchema): boolean {
  const plain = options.map((option) =>
    isObject(option) && typeof option.$ref === 'string' ? resolve(document, option.$ref) : option,
  )
  const typesIn = (option: JsonSchema): readonly unknown[] =>
    !isObject(option)
      ? types
      : option.type !== undefined
        ? [option.type].flat().map((type) => (type === 'integer' ? 'number' : type))
        : (constants(option)?.map((value) =>
            value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value,
          ) ?? types)
  const constants = (option: unknown) => (isObject(option) ? valuesOf([option]) : undefined)
  const apart = (a: readonly unknown[] | undefined, b: readonly unknown[] | undefined): boolean =>
    Boolean(a && b && !a.some((value) => b.some((other) => canonical(value as Json) === canonical(other as Json))))
  const told = (a: JsonSchema, b: JsonSchema): boolean => {
    if (apart(typesIn(a), typesIn(b)) || apart(constants(a), constants(b))) return true
    if (!isObject(a) || !isObject(b) || !isObject(a.properties) || !isObject(b.properties)) return false
    const shared = strings(a.required).filter((name) => strings(b.required).includes(name))
    const [left, right] = [a.properties, b.properties]
    return shared.some((name) => apart(constants(left[name]), constants(right[name])))
  }
  return plain.every((a, i) => plain.every((b, j) => i >= j || told(a, b)))
}
