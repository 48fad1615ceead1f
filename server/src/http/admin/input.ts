/** What a request says, as the table of operations wants it; whatever is wrong is told with the field that it is about. */
import type { z } from 'zod'
import { nearest } from '../../lib/nearest.ts'
import { AdminError } from './errors.ts'

type Issue = z.core.$ZodIssue

/** @throws AdminError invalid-request */
export function checked<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  throw refusalOf(result.error.issues[0], schema)
}

interface Node {
  readonly type?: string
  readonly properties?: Readonly<Record<string, Node>>
  readonly items?: Node
  readonly $ref?: string
  readonly $defs?: Readonly<Record<string, Node>>
}

/**
 * Query parameters as the schema's types: a list is `a=1,2` or `a=1&a=2`; an empty value counts as none.
 * @returns a function of the address, so that the schema is looked at once, and not before somebody asks
 */
export function queryReader<S extends z.ZodObject>(schema: S): (url: string) => z.output<S> {
  let properties: Node['properties']
  return (url) => {
    properties ??= (schema.toJSONSchema({ io: 'input' }) as Node).properties ?? {}
    const given = new URL(url, 'http://localhost').searchParams
    const value: Record<string, unknown> = Object.create(null)
    for (const name of new Set(given.keys())) {
      const texts = given.getAll(name).filter((text) => text !== '')
      if (texts.length === 0) continue
      const { type } = (Object.hasOwn(properties, name) && properties[name]) || {}
      if (type === 'array') value[name] = texts.flatMap((text) => text.split(','))
      else if (texts.length > 1) throw invalid(name, `'${name}' is given more than once.`)
      else value[name] = typed(type, texts[0] ?? '')
    }
    return checked(schema, value)
  }
}

/** What is not of the type stays a text, which the schema then refuses by name. */
function typed(type: string | undefined, text: string): unknown {
  if (type === 'boolean') return text === 'true' ? true : text === 'false' ? false : text
  if (type === 'integer' || type === 'number') return /^-?\d{1,15}$/.test(text) ? Number(text) : text
  return text
}

const kinds: Readonly<Record<string, string>> = {
  number: 'a number',
  int: 'a whole number',
  string: 'text',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
}

function refusalOf(issue: Issue | undefined, schema: z.ZodType): AdminError {
  if (!issue) return new AdminError('invalid-request', 'The request is not valid.')
  if (issue.code === 'unrecognized_keys') {
    const name = nameOf([...issue.path, issue.keys[0] ?? ''])
    const meant = nearest(issue.keys[0] ?? '', fieldsAt(schema, issue.path))
    return invalid(name, `There is no field '${name}'.${meant ? ` Did you mean '${meant}'?` : ''}`)
  }
  const name = nameOf(issue.path)
  return invalid(name, `${name === '' ? 'The request body' : `'${name}'`} ${sentence(issue)}`)
}

function sentence(issue: Issue): string {
  if (issue.code === 'invalid_type' && issue.message.includes('received undefined')) return 'is missing.'
  // The schema's own words.
  if (issue.message.startsWith('must ')) return `${issue.message}.`
  if (issue.code === 'invalid_value') return `must be one of: ${issue.values.join(', ')}.`
  if (issue.code === 'too_small') return `must be at least ${issue.minimum}${unitOf(issue.origin)}.`
  if (issue.code === 'too_big') return `must be at most ${issue.maximum}${unitOf(issue.origin)}.`
  if (issue.code === 'invalid_type') return `must be ${kinds[issue.expected] ?? issue.expected}.`
  return 'is not valid.'
}

const unitOf = (origin: string): string =>
  origin === 'string' ? ' characters long' : origin === 'array' ? ' entries long' : ''

const nameOf = (path: readonly PropertyKey[]): string =>
  path.reduce<string>(
    (name, step) =>
      typeof step === 'number' ? `${name}[${step}]` : name === '' ? String(step) : `${name}.${String(step)}`,
    '',
  )

function fieldsAt(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  const root = schema.toJSONSchema({ io: 'input' }) as Node
  const found = (node: Node | undefined) => (node?.$ref ? root.$defs?.[node.$ref.replace('#/$defs/', '')] : node)
  let node = found(root)
  for (const step of path) node = found(typeof step === 'number' ? node?.items : node?.properties?.[String(step)])
  return Object.keys(node?.properties ?? {})
}

const invalid = (param: string, message: string): AdminError => new AdminError('invalid-request', message, { param })
