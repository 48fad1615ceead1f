import type { Json } from '../dialect.ts'

/** JSON as the model writes it: one line, a space after comma and colon, the same as the template's `tojson`. */
export function jsonText(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(jsonText).join(', ')}]`
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  return `{${Object.entries(value)
    .map(([key, inner]) => `${JSON.stringify(key)}: ${jsonText(inner)}`)
    .join(', ')}}`
}
