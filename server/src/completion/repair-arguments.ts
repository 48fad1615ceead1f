import { isMembers, itemsOf, membersOf } from '../lib/json-members.ts'
import { placeAt } from './json/rules.ts'
import type { JsonSchema } from './request.ts'
import { isJson, objectOf, pythonLiterals, typesOf } from './steps/call-values.ts'

type Keywords = { readonly [keyword: string]: unknown }
const isKeywords = (value: unknown): value is Keywords =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** What models wrap all arguments into. */
const wrappers = ['arguments', 'parameters', 'input']
/** Values deeper inside stay as they are. */
const depthMax = 16

/**
 * Arguments that do not fit their schema, changed where a model's mistake has one plain meaning: all of them in a wrapper, a number, boolean,
 * array or object in a string, a number or boolean where text is declared. What is not changed stays as it was written.
 * @param written one JSON object
 * @returns undefined if nothing is to be changed; what is returned need not fit either
 */
export function repairArguments(written: string, schema: JsonSchema): string | undefined {
  const unwrapped = unwrap(written, schema)
  const repaired = retyped(unwrapped, schema, schema, 0)
  return repaired === written ? undefined : repaired
}

function unwrap(written: string, schema: JsonSchema): string {
  const [[key, inner] = ['', ''], ...others] = membersOf(written) ?? []
  const properties = isKeywords(schema) ? schema.properties : undefined
  const isDeclared = isKeywords(properties) && Object.hasOwn(properties, key)
  if (others.length > 0 || !wrappers.includes(key) || isDeclared) return written
  const object = textOf(inner) ?? inner
  return isMembers(object) ? object.trim() : written
}

/** @returns the value of a JSON string */
const textOf = (written: string): string | undefined => (written.startsWith('"') ? JSON.parse(written) : undefined)

function retyped(written: string, given: unknown, root: JsonSchema, depth: number): string {
  const schema = resolved(given, root)
  if (!isKeywords(schema) || depth > depthMax) return written
  const value = withDeclaredType(written, typesOf(schema))
  if (value.startsWith('{')) {
    const members = membersOf(value)
    if (!members) return value
    const properties = isKeywords(schema.properties) ? schema.properties : {}
    const schemaOf = (key: string) => (Object.hasOwn(properties, key) ? properties[key] : schema.additionalProperties)
    const changed = [...members].map(([key, part]) => [key, retyped(part, schemaOf(key), root, depth + 1)] as const)
    return changed.every(([key, part]) => members.get(key) === part) ? value : objectOf(new Map(changed))
  }
  if (value.startsWith('[') && isKeywords(schema.items)) {
    const items = itemsOf(value) ?? []
    const changed = items.map((item) => retyped(item, schema.items, root, depth + 1))
    return changed.every((item, i) => item === items[i]) ? value : `[${changed.join(',')}]`
  }
  return value
}

function resolved(schema: unknown, root: JsonSchema): unknown {
  if (!isKeywords(schema) || typeof schema.$ref !== 'string') return schema
  return placeAt(root, schema.$ref)?.schema
}

function withDeclaredType(written: string, types: readonly unknown[]): string {
  if (types.length === 0 || types.includes(typeOf(written)) || (isNumber(written) && types.includes('integer')))
    return written
  const text = textOf(written)
  if (text === undefined) return types.includes('string') && isScalar(written) ? JSON.stringify(written) : written
  const inner = pythonLiterals[text.trim()] ?? text.trim()
  const names = isJson(inner) ? (isNumber(inner) ? ['number', 'integer'] : [typeOf(inner)]) : []
  return names.some((name) => types.includes(name)) ? inner : written
}

const isNumber = (written: string): boolean => /^[-0-9]/.test(written)
const isScalar = (written: string): boolean => isNumber(written) || written === 'true' || written === 'false'

function typeOf(written: string): string {
  if (isNumber(written)) return 'number'
  const types: { readonly [first: string]: string } = { '{': 'object', '[': 'array', '"': 'string', n: 'null' }
  return types[written.charAt(0)] ?? 'boolean'
}
