import { strictnessProblem } from '../../../completion/json-schema.ts'
import type { Tool, ToolChoice } from '../../../completion/request.ts'
import {
  boolean,
  type Decode,
  isObject,
  object,
  oneOf,
  optional,
  refuse,
  reject,
  string,
  stringLike,
} from './fields.ts'
import { schemaProblem } from './schema.ts'

const toolsMax = 128
const functionName = stringLike(/^[a-zA-Z0-9_-]{1,128}$/, 'a text of 1 to 128 letters, digits, underscores and dashes')

/** Contract C41 to C43, C52. @throws ServeError `invalid-request` */
export const tools: Decode<readonly Tool[]> = (value, path) => {
  if (!Array.isArray(value) || value.length > toolsMax) reject(path, `an array of at most ${toolsMax} tools`, value)
  const names = new Set<string>()
  return value.map((item, i) => {
    const made = tool(item, `${path}[${i}]`)
    if (names.has(made.name)) {
      const at = `${path}[${i}].function.name`
      refuse(at, `'${at}' must be unique in the request, but '${made.name}' comes twice.`)
    }
    names.add(made.name)
    return made
  })
}

function tool(value: unknown, path: string): Tool {
  const fields = object(value, path)
  oneOf('function')(fields.type, `${path}.type`)
  const described = object(fields.function, `${path}.function`)
  const name = functionName(described.name, `${path}.function.name`)
  const description = optional(string)(described.description, `${path}.function.description`)
  const strict = optional(boolean)(described.strict, `${path}.function.strict`) ?? false
  const schema = parameters(described.parameters ?? undefined, `${path}.function.parameters`, name, strict)
  return {
    name,
    ...(description !== undefined && { description }),
    ...(schema !== undefined && { parameters: schema }),
    strict,
  }
}

function parameters(value: unknown, path: string, name: string, strict: boolean): Tool['parameters'] {
  if (value === undefined) return undefined
  const problem = (reason: string): never => refuse(path, `Invalid schema for function '${name}': ${reason}`)
  if (!isObject(value)) return problem('it must be an object.')
  const reason = schemaProblem(value) ?? (strict ? strictnessProblem(value) : undefined)
  return reason === undefined ? value : problem(reason)
}

/** Contract C43, C44. @throws ServeError `invalid-request`, always about the field as a whole */
export const toolChoice =
  (offered: readonly Tool[]): Decode<ToolChoice> =>
  (value, path) => {
    if (value === 'none') return { type: value }
    if (value === 'auto') return offered.length > 0 ? { type: value } : { type: 'none' }
    const name = namedFunction(value)
    if (value !== 'required' && name === undefined)
      reject(path, '\'none\', \'auto\', \'required\' or {"type":"function","function":{"name":…}}', value)
    if (offered.length === 0) refuse(path, `'${path}' asks for a call, but 'tools' offers none.`)
    if (name === undefined) return { type: 'required' }
    if (!offered.some((tool) => tool.name === name)) reject(path, "the name of a function in 'tools'", name)
    return { type: 'function', name }
  }

function namedFunction(value: unknown): string | undefined {
  if (!isObject(value) || value.type !== 'function' || !isObject(value.function)) return undefined
  const name = value.function.name
  return typeof name === 'string' ? name : undefined
}
