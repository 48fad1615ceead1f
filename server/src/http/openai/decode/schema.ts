import { checkSchema } from '../../../completion/json-schema.ts'
import { type JsonObject, overflows } from './fields.ts'

/** @returns why a schema that a client sent cannot be used, as a sentence without its subject */
export function schemaProblem(schema: JsonObject): string | undefined {
  return overflows(schema) ? 'it has a number that is too large.' : checkSchema(schema)
}
