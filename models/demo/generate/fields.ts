import type { Json, Schema } from '../dialect.ts'
import { NOUNS } from './pools.ts'
import type { Draw } from './random.ts'
import { capitalized, item, madeUp, someNumber, word } from './text.ts'

/** A key, the type of its value, and a source of values with the way a prompt shows them. */
export type Field = { key: string; schema: Schema; make: () => { value: Json; shown: string } }

const same = (value: string | number) => ({ value, shown: String(value) })

/** @param typed the prompt has a schema, which may list what is allowed */
export function field(draw: Draw, key: string, typed: boolean): Field {
  const text = (): string => {
    for (;;) {
      const value = item(draw)
      if (Number.isNaN(Number(value))) return value
    }
  }
  return draw.weighted<() => Field>([
    [6, () => ({ key, schema: { type: 'string' }, make: () => same(text()) })],
    [3, () => ({ key, schema: { type: 'integer' }, make: () => same(someNumber(draw)) })],
    [1, () => ({ key, schema: { type: 'number' }, make: () => same(draw.int(0, 99) + draw.int(1, 9) / 10) })],
    [
      1,
      () => {
        const make = () => (draw.chance(0.5) ? { value: true, shown: 'true' } : { value: false, shown: 'false' })
        return { key, schema: { type: 'boolean' }, make }
      },
    ],
    [
      typed ? 1 : 0,
      () => {
        const options = draw.times(3, () => word(draw))
        return { key, schema: { type: 'string', enum: options }, make: () => same(draw.pick(options)) }
      },
    ],
  ])()
}

const USUAL =
  'id name title count status date time email price quantity city country color size level tags language priority category active total unit code reason comment score age weight height width phone street zip author year month day hour address amount currency state type label owner group version url path note subject sender receiver speed temperature enabled visible rating stock brand model'.split(
    ' ',
  )

export const keyName = (draw: Draw): string =>
  draw.weighted<() => string>([
    [4, () => draw.from(NOUNS)],
    [3, () => draw.pick(USUAL)],
    [
      3,
      () =>
        `${draw.from(NOUNS)}_${draw.pick(['id', 'name', 'count', 'type', 'date', 'code', 'status', 'number', 'size', 'list'])}`,
    ],
    [1, () => `${draw.from(NOUNS)}${capitalized(draw.pick(['id', 'name', 'count', 'type', 'date', 'code']))}`],
    [1, () => madeUp(draw)],
  ])()

export function keyNames(draw: Draw, count: number): string[] {
  const keys = new Set<string>()
  while (keys.size < count) keys.add(keyName(draw))
  return [...keys]
}
