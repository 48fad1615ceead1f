import { isMembers, itemsOf, membersOf } from '../../lib/json-members.ts'

/** What the caller declared for an argument of a function: undefined if nothing. */
export type ArgumentSchemas = (name: string, key: string) => unknown

export interface WrittenCall {
  readonly name: string
  readonly arguments: string
}

export function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** @returns an object of values that are JSON, in their order */
export const objectOf = (members: ReadonlyMap<string, string>): string =>
  `{${[...members].map(([key, value]) => `${JSON.stringify(key)}:${value}`).join(',')}}`

/** @returns the call that is one JSON object, its arguments as the model wrote them; undefined if this is none */
export function callOfJson(json: string): WrittenCall | undefined {
  const members = membersOf(json)
  // Cohere has the longer name; some models write the whole of OpenAI's object.
  const inner = members?.get('function')
  if (inner?.startsWith('{')) return callOfJson(inner)
  const name = parsed(members?.get('name') ?? members?.get('tool_name'))
  if (!members || typeof name !== 'string' || name === '') return undefined
  const args = argumentsOf(members.get('arguments') ?? members.get('parameters') ?? 'null')
  return args === undefined ? undefined : { name, arguments: args }
}

/** @returns the calls that are the items of a JSON array, as `callOfJson` */
export function callsOfJson(json: string): readonly WrittenCall[] | undefined {
  const items = itemsOf(json)?.map(callOfJson)
  const calls = items?.filter((call) => call !== undefined)
  return calls && calls.length > 0 && calls.length === items?.length ? calls : undefined
}

/** @returns arguments as a JSON object; some models write that as a string which holds it, or nothing at all */
export function argumentsOf(written: string | undefined): string | undefined {
  if (written === undefined) return undefined
  if (written === 'null') return '{}'
  const text = isJson(written) ? parsed(written) : undefined
  const object = typeof text === 'string' ? text.trim() : written.trim()
  return isMembers(object) ? object : undefined
}

/**
 * A value that came as bare text, as JSON of the type that was declared: where text is allowed it stays text, unless only something
 * else can be meant; undeclared, what reads as JSON is JSON.
 */
export function typed(text: string, schema: unknown): string {
  const types = typesOf(schema)
  if (types.includes('string')) {
    const isNull = types.includes('null') && text.trim() === 'null'
    return isNull ? 'null' : JSON.stringify(text)
  }
  const trimmed = text.trim()
  if (isJson(trimmed)) return trimmed
  // As Python writes them.
  const python = pythonLiterals[trimmed]
  return types.length > 0 && python !== undefined ? python : JSON.stringify(text)
}

/** What models trained on Python write for JSON's words. */
export const pythonLiterals: { readonly [text: string]: string } = { True: 'true', False: 'false', None: 'null' }

/** @returns the types that a schema names, those of its branches included; none if it names none */
export function typesOf(schema: unknown): readonly unknown[] {
  if (typeof schema !== 'object' || schema === null) return []
  const { type, enum: values, anyOf, oneOf } = schema as { readonly [keyword: string]: unknown }
  if (type !== undefined) return Array.isArray(type) ? type : [type]
  if (Array.isArray(values)) return values.map((value) => (value === null ? 'null' : typeof value))
  const branches = Array.isArray(anyOf) ? anyOf : Array.isArray(oneOf) ? oneOf : []
  return branches.flatMap(typesOf)
}

const parsed = (json: string | undefined): unknown => (json === undefined ? undefined : JSON.parse(json))
