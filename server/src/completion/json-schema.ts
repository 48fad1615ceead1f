/** JSON Schemas that clients send: whether they are ones, whether they are strict, and whether a value fits. */
import { hash } from 'node:crypto'
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js'
import { createLru } from '../lib/lru.ts'
import { linearMatcher } from '../lib/pattern/matcher.ts'
import { withinTime } from '../lib/within-time.ts'
import { formatPatterns } from './json-formats.ts'

/** What one schema may weigh. Somebody else's schema is compiled to code here: its size is our time. */
const maxSchemaChars = 256 * 1024
const maxSchemaDepth = 64
const maxSchemaNodes = 10_000
/** How long one value may take. References can make a small schema look at one place again and again, twice as often each level. */
const validationMs = 250

type Keywords = { readonly [keyword: string]: unknown }
const isObject = (value: unknown): value is Keywords =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export type Validator = (value: unknown) => string | undefined

/** Knows the schema of schemas, and compiles nothing but that. */
const checker = withoutOldId(new Ajv2020({ strict: false, logger: false }))

/** One for each schema: an Ajv never lets go of what it once compiled. */
const createCompiler = (): Ajv2020 =>
  withLinearUniqueItems(
    new Ajv2020({
      strict: false,
      logger: false,
      meta: false,
      validateSchema: false,
      ownProperties: true,
      multipleOfPrecision: 9,
      // Flat code: without it each property is nested in the one before, too deep for V8 when there are thousands.
      allErrors: true,
      formats: Object.fromEntries(
        [...formatPatterns].map(([name, pattern]) => [name, (text: string) => linearMatcher(pattern)(text)]),
      ),
      code: {
        // Ajv's optimiser is quadratic in the number of properties: four seconds for two thousand of them.
        optimize: false,
        // Ajv tells patterns apart by what `toString` says.
        regExp: Object.assign((pattern: string) => ({ test: linearMatcher(pattern), toString: () => pattern }), {
          code: 'linearMatcher',
        }),
      },
    }),
  )

/** In drafts long gone `id` was `$id`; now it is nothing, and Ajv would refuse a schema for it. */
function withoutOldId(ajv: Ajv2020): Ajv2020 {
  ajv.removeKeyword('id')
  return ajv
}

/** Ajv compares each item with each other: three seconds for five thousand of them. */
function withLinearUniqueItems(ajv: Ajv2020): Ajv2020 {
  return withoutOldId(ajv)
    .removeKeyword('uniqueItems')
    .addKeyword({
      keyword: 'uniqueItems',
      type: 'array',
      schemaType: 'boolean',
      validate: (unique: boolean, items: readonly unknown[]) =>
        !unique || new Set(items.map((item) => JSON.stringify(item, sorted))).size === items.length,
      error: { message: 'must NOT have items that are equal' },
    })
}

/** For `JSON.stringify`: equal values have equal texts, and others have not. */
const sorted = (_: string, value: unknown): unknown =>
  isObject(value) ? { '': Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)) } : value

/** Keywords that Ajv does not follow as the drafts mean them, and vocabularies that it knows nothing of. */
const unsupported =
  /"(\$dynamicRef|\$recursiveRef)":"|"(\$vocabulary)":\{[^}]*"(?!https:\/\/json-schema\.org\/)[^"]*":true/

/** For a schema of any size: why we do not even look at it. */
function tooLarge(schema: unknown): string | undefined {
  let nodes = 0
  const problem = (value: unknown, depth: number): string | undefined => {
    if (typeof value !== 'object' || value === null) return undefined
    if (depth > maxSchemaDepth) return `it is nested deeper than ${maxSchemaDepth} levels.`
    if (++nodes > maxSchemaNodes) return `it has more than ${maxSchemaNodes} parts.`
    for (const part of Object.values(value)) {
      const found = problem(part, depth + 1)
      if (found) return found
    }
    return undefined
  }
  return problem(schema, 1)
}

/** `$schema` names a dialect of its own in many generators' output; Draft 2020-12 is what we speak, whatever it says. */
function withoutDialect(schema: Keywords): Keywords {
  const { $schema: _, ...rest } = schema
  return rest
}

/** The same schema as the draft reads it. @param text its JSON */
function ofTheDraft(schema: Keywords, text: string): Keywords {
  const rest = withoutDialect(schema)
  const hasOwn = [...notOfAnyDraft].some((key) => text.includes(`"${key}":`))
  return hasOwn ? (withoutOwnKeywords(rest, true) as Keywords) : rest
}

/** Keywords of Ajv's own, which no draft has: one allows `null` on the quiet, the other makes promises of verdicts. */
const notOfAnyDraft: ReadonlySet<string> = new Set(['nullable', '$async'])
/** Below these stand schemas by name. */
const namesIn: ReadonlySet<string> = new Set([
  '$defs',
  'definitions',
  'dependencies',
  'dependentRequired',
  'dependentSchemas',
  'patternProperties',
  'properties',
])
/** What stands below these is no schema. */
const dataIn: ReadonlySet<string> = new Set(['const', 'default', 'enum', 'examples', 'required', 'type'])

/** @param isSchema else it holds schemas by names of the author's own, which are no keywords */
function withoutOwnKeywords(value: unknown, isSchema: boolean): unknown {
  if (Array.isArray(value)) return value.map((item) => withoutOwnKeywords(item, true))
  if (!isObject(value)) return value
  const parts = Object.entries(value).filter(([key]) => !isSchema || !notOfAnyDraft.has(key))
  return Object.fromEntries(
    parts.map(([key, part]) => [
      key,
      isSchema && dataIn.has(key) ? part : withoutOwnKeywords(part, !isSchema || !namesIn.has(key)),
    ]),
  )
}

function describe(error: ErrorObject): string {
  const place = error.instancePath === '' ? 'the schema' : `'${error.instancePath}'`
  const allowed: unknown = error.params.allowedValues
  const values = Array.isArray(allowed) ? ` (${allowed.join(', ')})` : ''
  return `${place} ${error.message ?? 'is not valid'}${values}.`
}

/** `part`: the validator of what stands at a JSON pointer, compiled when it is first asked for. */
type Compiled =
  | { readonly validate: Validator; readonly part: (pointer: string) => Validator }
  | { readonly problem: string }
const compiled = createLru<Compiled>(256)

function compile(schema: unknown): Compiled {
  if (typeof schema === 'boolean') {
    const validate = () => (schema ? undefined : 'the schema allows no value.')
    return { validate, part: () => validate }
  }
  if (!isObject(schema)) return { problem: 'it must be an object.' }
  const large = tooLarge(schema)
  if (large) return { problem: large }
  const text = JSON.stringify(schema)
  if (text.length > maxSchemaChars) return { problem: `it is longer than ${maxSchemaChars} characters.` }
  const key = hash('sha256', text)
  const known = compiled.get(key)
  if (known) return known
  const made = compileAfresh(ofTheDraft(schema, text))
  compiled.set(key, made)
  return made
}

const rootKey = 'tidegate:root'

/** @returns the validator with its complaint in words that never quote the value */
function inWords(validate: ValidateFunction): Validator {
  const timed = JSON.stringify(validate.schema).includes('"$ref":')
  return (value) => {
    try {
      const verdict = timed ? withinTime(validationMs, () => validate(value)) : { result: validate(value) }
      if (!verdict) return 'the value takes too long to check.'
      if (verdict.result) return undefined
    } catch (error) {
      if (error instanceof RangeError) return 'the value is nested too deep.'
      // Ajv asks values for their `valueOf` when it compares them, also where that is a member.
      if (error instanceof TypeError) return 'the value cannot be compared.'
      throw error
    }
    const [error] = validate.errors ?? []
    const place = error?.instancePath ? `'${error.instancePath}'` : 'the value'
    return `${place} ${error?.message ?? 'does not fit the schema'}.`
  }
}

const endless = "it cannot be compiled: a '$ref' leads back to itself with nothing between, or it is too large."

function compileAfresh(schema: Keywords): Compiled {
  const [, reference, vocabulary] = unsupported.exec(JSON.stringify(schema)) ?? []
  if (reference ?? vocabulary) return { problem: `it uses '${reference ?? vocabulary}', which is not supported.` }
  try {
    if (!checker.validateSchema(schema)) {
      // The first error is the one furthest inside; the rest say that the levels above it do not fit either.
      const [error] = checker.errors ?? []
      return { problem: error ? describe(error) : 'it is not a valid JSON Schema.' }
    }
    const ajv = createCompiler()
    const validate = inWords(ajv.compile(schema))
    const parts = new Map<string, Validator>([['', validate]])
    const part = (pointer: string): Validator => {
      const known = parts.get(pointer)
      if (known) return known
      if (parts.size === 1) ajv.addSchema(schema, rootKey)
      const found = ajv.getSchema(`${rootKey}#${pointer.split('/').map(encodeURIComponent).join('/')}`)
      if (!found) throw new Error('There is no such part of the schema.')
      const made = inWords(found)
      parts.set(pointer, made)
      return made
    }
    return { validate, part }
  } catch (error) {
    // Ajv follows a reference that stands alone to what it means, and one that means itself without end.
    if (error instanceof RangeError) return { problem: endless }
    return { problem: `${(error instanceof Error ? error.message : String(error)).replace(/\.$/, '')}.` }
  }
}

/** @returns the reason why `schema` is no JSON Schema (Draft 2020-12) that we can check values by; a sentence without its subject */
export function checkSchema(schema: unknown): string | undefined {
  const made = compile(schema)
  return 'problem' in made ? made.problem : undefined
}

/**
 * @returns what says why a value does not fit, or undefined if it does. Never quotes the value: it is somebody's answer.
 * @throws Error for a schema that `checkSchema` would have refused
 */
export function validatorOf(schema: unknown): Validator {
  const made = compile(schema)
  if ('problem' in made) throw new Error(`The schema cannot be used: ${made.problem}`)
  return made.validate
}

/** @returns validators of the parts of a schema, by the JSON pointer (without `#`) to each. @throws Error as `validatorOf` */
export function partValidatorsOf(schema: unknown): (pointer: string) => Validator {
  const made = compile(schema)
  if ('problem' in made) throw new Error(`The schema cannot be used: ${made.problem}`)
  return made.part
}

/** @returns the first place where a schema breaks the rules of `strict: true` (contract C52); a sentence without its subject */
export function strictnessProblem(schema: unknown): string | undefined {
  if (!isObject(schema)) return 'it must be an object.'
  if (schema.type !== 'object' && !('$ref' in schema) && !('anyOf' in schema))
    return "with 'strict' its 'type' must be 'object'."
  return problemAt(schema, '')
}

const oneSchemaIn = ['items', 'contains', 'not', 'if', 'then', 'else', 'additionalProperties', 'propertyNames'] as const
const listsIn = ['anyOf', 'oneOf', 'allOf', 'prefixItems'] as const
const mapsIn = ['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas'] as const

function problemAt(schema: unknown, path: string): string | undefined {
  if (!isObject(schema)) return undefined
  const place = path === '' ? 'at the top' : `at '${path}'`
  const type = schema.type
  if (type === 'object' || (Array.isArray(type) && type.includes('object')) || 'properties' in schema) {
    if (schema.additionalProperties !== false) return `${place} 'additionalProperties' must be false with 'strict'.`
    const required = Array.isArray(schema.required) ? schema.required : []
    const properties = isObject(schema.properties) ? Object.keys(schema.properties) : []
    const missing = properties.find((name) => !required.includes(name))
    if (missing !== undefined)
      return `${place} 'required' must list every property with 'strict'; '${missing}' is missing.`
  }
  const inner: readonly (readonly [string, unknown])[] = [
    ...oneSchemaIn.map((keyword) => [keyword, schema[keyword]] as const),
    ...[...listsIn, ...mapsIn].flatMap((keyword) => {
      const parts = schema[keyword]
      return typeof parts === 'object' && parts !== null
        ? Object.entries(parts).map(([name, part]) => [`${keyword}/${name}`, part] as const)
        : []
    }),
  ]
  for (const [name, part] of inner) {
    const problem = problemAt(part, `${path}/${name}`)
    if (problem) return problem
  }
  return undefined
}
