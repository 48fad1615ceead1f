import { ServeError } from '../../../completion/failure.ts'

/**
 * Small decoders for JSON fields: strict types, and errors that name the field, the rule and the value (contract C10, C13).
 * Written by hand because the contract fixes which error comes first and what it says; schema validators fix neither.
 */
export type Decode<T> = (value: unknown, path: string) => T

export type JsonObject = { readonly [key: string]: unknown }

/** @throws ServeError `invalid-request` */
export function reject(path: string, rule: string, value: unknown): never {
  throw new ServeError({
    code: 'invalid-request',
    message:
      value === undefined
        ? `'${path}' is required and must be ${rule}.`
        : `'${path}' must be ${rule}, got ${shown(value)}.`,
    param: path,
  })
}

/** @throws ServeError `invalid-request`, for a rule that needs a sentence of its own. */
export function refuse(path: string, message: string): never {
  throw new ServeError({ code: 'invalid-request', message, param: path })
}

/** A value as an error message shows it: short, whatever was sent. */
export function shown(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? 'an empty array' : `an array of ${value.length}`
  if (typeof value === 'object' && value !== null) return 'an object'
  if (typeof value !== 'string') return String(value)
  return JSON.stringify(value.length > 60 ? `${value.slice(0, 60).toWellFormed()}…` : value)
}

/** `null` for an optional field means absent. */
export const optional =
  <T>(decode: Decode<T>): Decode<T | undefined> =>
  (value, path) =>
    value === undefined || value === null ? undefined : decode(value, path)

export const boolean: Decode<boolean> = (value, path) =>
  typeof value === 'boolean' ? value : reject(path, 'a boolean', value)

export const string: Decode<string> = (value, path) =>
  typeof value === 'string' ? value : reject(path, 'a string', value)

export const nonEmptyString: Decode<string> = (value, path) =>
  typeof value === 'string' && value !== '' ? value : reject(path, 'a non-empty string', value)

/** @param rule the pattern in words */
export const stringLike =
  (pattern: RegExp, rule: string): Decode<string> =>
  (value, path) =>
    typeof value === 'string' && pattern.test(value) ? value : reject(path, rule, value)

/** A finite number between bounds that are themselves allowed. */
export const number =
  (min: number, max: number): Decode<number> =>
  (value, path) =>
    typeof value === 'number' && value >= min && value <= max
      ? value
      : reject(path, `a number between ${min} and ${max}`, value)

/** `2.0` is the integer 2: JSON knows no difference. */
export const integer =
  (min: number, max = Number.POSITIVE_INFINITY): Decode<number> =>
  (value, path) =>
    Number.isInteger(value) && Number(value) >= min && Number(value) <= max
      ? Number(value)
      : reject(path, `an integer ${describeRange(min, max)}`.trim(), value)

const describeRange = (min: number, max: number): string =>
  Number.isFinite(max) ? `between ${min} and ${max}` : Number.isFinite(min) ? `>= ${min}` : ''

export const oneOf = <T extends string>(...values: readonly T[]): Decode<T> => {
  const rule = `one of ${values.map((value) => `'${value}'`).join(', ')}`
  return (value, path) => values.find((one) => one === value) ?? reject(path, rule, value)
}

export const object: Decode<JsonObject> = (value, path) => (isObject(value) ? value : reject(path, 'an object', value))

export const array: Decode<readonly unknown[]> = (value, path) =>
  Array.isArray(value) ? value : reject(path, 'an array', value)

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A number inside that no double can hold (contract C10). JSON's own depth is limited before. */
export const overflows = (value: unknown): boolean =>
  typeof value === 'object' && value !== null
    ? Object.values(value).some(overflows)
    : typeof value === 'number' && !Number.isFinite(value)
