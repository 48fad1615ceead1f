import { ServeError } from '../../../completion/failure.ts'
import { isObject, type JsonObject } from './fields.ts'

const empty = (value: unknown): boolean =>
  (Array.isArray(value) && value.length === 0) || (isObject(value) && Object.keys(value).length === 0)
const never = (): boolean => false

/** Fields that would change the answer and that we do not serve: what is harmless in each, beside `null` (contract C12). */
const harmless: { readonly [field: string]: (value: unknown) => boolean } = {
  logit_bias: empty,
  functions: empty,
  function_call: never,
  audio: never,
  modalities: (value) => Array.isArray(value) && value.every((one) => one === 'text'),
}

/** @throws ServeError `unsupported-parameter`: dropping such a field would give a wrong answer without a sign */
export function checkRefused(body: JsonObject): void {
  for (const [field, isHarmless] of Object.entries(harmless)) {
    const value = body[field] ?? undefined
    if (value !== undefined && !isHarmless(value)) unsupported(field, `'${field}' is not supported.`)
  }
}

/** @throws ServeError `unsupported-parameter` */
export function unsupported(field: string, message: string): never {
  throw new ServeError({ code: 'unsupported-parameter', message, param: field })
}
