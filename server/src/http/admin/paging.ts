/** Pages of a list: the cursor holds what the last item was ordered by, so that a page is found without counting. */
import { AdminError } from './errors.ts'

type Kind = 'number' | 'string'
type Values<K extends readonly Kind[]> = { readonly [I in keyof K]: K[I] extends 'number' ? number : string }

/** @returns undefined for the first page  @throws AdminError invalid-request for what is no cursor of this list */
export function cursorIn<const K extends readonly Kind[]>(
  text: string | undefined,
  kinds: K,
  param: 'cursor' | 'after' = 'cursor',
): Values<K> | undefined {
  if (text === undefined) return undefined
  const values = parsed(text)
  if (values?.length === kinds.length && kinds.every((kind, i) => typeof values[i] === kind))
    return values as unknown as Values<K>
  const source = param === 'cursor' ? 'next' : 'newest'
  const message = `'${param}' must be what '${source}' of an answer before said.`
  throw new AdminError('invalid-request', message, { param })
}

function parsed(text: string): readonly unknown[] | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString())
    return Array.isArray(value) ? value : undefined
  } catch {
    return undefined
  }
}

export const cursorOf = (values: readonly (number | string)[]): string =>
  Buffer.from(JSON.stringify(values)).toString('base64url')

/** @param rows one more than the limit, where there are more  @param keyOf what `cursorIn` of the next page gives back */
export function pageOf<Row, Item>(
  rows: readonly Row[],
  limit: number,
  itemOf: (row: Row) => Item,
  keyOf: (row: Row) => readonly (number | string)[],
): { items: Item[]; next: string | null } {
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  return { items: shown.map(itemOf), next: rows.length > limit && last !== undefined ? cursorOf(keyOf(last)) : null }
}
