/** Where the references inside of a schema lead. */
import { ServeError } from '../../../completion/failure.ts'
import type { JsonSchema } from '../../../completion/request.ts'

export type Keywords = { readonly [keyword: string]: unknown }

export const isObject = (value: unknown): value is Keywords =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const isSchema = (value: unknown): value is JsonSchema => typeof value === 'boolean' || isObject(value)

/** A schema that nobody can keep a promise about. */
export const refused = (message: string): ServeError => new ServeError({ code: 'invalid-request', message })

/** @throws ServeError for a reference out of the document, or to nothing in it */
export function resolve(document: JsonSchema, reference: string): JsonSchema {
  if (!reference.startsWith('#'))
    throw refused(`The schema refers to '${reference}'; a '$ref' must stay inside of the schema and start with '#'.`)
  const target =
    reference === '#' || reference.startsWith('#/')
      ? atPointer(document, reference.slice(1))
      : anchored(document, reference.slice(1))
  if (!isSchema(target)) throw refused(`The schema refers to '${reference}', which is not in it.`)
  return target
}

function atPointer(document: unknown, pointer: string): unknown {
  let place = document
  for (const part of pointer.split('/').slice(1)) {
    const key = safelyDecoded(part).replaceAll('~1', '/').replaceAll('~0', '~')
    if (typeof place !== 'object' || place === null || !Object.hasOwn(place, key)) return undefined
    place = (place as Keywords)[key]
  }
  return place
}

function safelyDecoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function anchored(place: unknown, name: string): unknown {
  if (typeof place !== 'object' || place === null) return undefined
  if (isObject(place) && (place.$anchor === name || place.$dynamicAnchor === name)) return place
  for (const part of Object.values(place)) {
    const found = anchored(part, name)
    if (found !== undefined) return found
  }
  return undefined
}
