import type { ResponseFormat } from '../../../completion/request.ts'
import { boolean, type Decode, object, oneOf, optional, refuse, string, stringLike } from './fields.ts'
import { schemaProblem } from './schema.ts'

const formatName = stringLike(/^[a-zA-Z0-9_-]{1,64}$/, 'a text of 1 to 64 letters, digits, underscores and dashes')

/** Contract C56. @throws ServeError `invalid-request` */
export const responseFormat: Decode<ResponseFormat> = (value, path) => {
  const fields = object(value, path)
  const type = oneOf('text', 'json_object', 'json_schema')(fields.type, `${path}.type`)
  return type === 'json_schema' ? jsonSchema(fields.json_schema, `${path}.json_schema`) : { type }
}

function jsonSchema(value: unknown, path: string): ResponseFormat {
  const fields = object(value, path)
  const name = formatName(fields.name, `${path}.name`)
  const schema = object(fields.schema ?? undefined, `${path}.schema`)
  const reason = schemaProblem(schema)
  if (reason !== undefined) refuse(`${path}.schema`, `Invalid schema for response_format '${name}': ${reason}`)
  const strict = optional(boolean)(fields.strict, `${path}.strict`) ?? false
  const description = optional(string)(fields.description, `${path}.description`)
  return { type: 'json_schema', name, ...(description !== undefined && { description }), schema, strict }
}
