/** Looking into JSON that comes from a server of which nothing is known. */

export type JsonObject = Readonly<Record<string, unknown>>

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** @returns undefined for what is no JSON */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** @returns what stands at this path, or undefined where there is no such place */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  let inside = value
  for (const step of path) {
    if (Array.isArray(inside) && typeof step === 'number') inside = inside[step]
    else if (isObject(inside) && Object.hasOwn(inside, step)) inside = inside[step]
    else return undefined
  }
  return inside
}

export const textAt = (value: unknown, ...path: readonly (string | number)[]): string => {
  const found = at(value, ...path)
  return typeof found === 'string' ? found : ''
}

export const listAt = (value: unknown, ...path: readonly (string | number)[]): readonly unknown[] => {
  const found = at(value, ...path)
  return Array.isArray(found) ? found : []
}

export const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0

/** A value in one short piece, for a reason. */
export function shown(value: unknown, lengthMax = 60): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value)
  return text.length > lengthMax ? `${text.slice(0, lengthMax)}…` : text
}
