import type { Json, Schema } from '../dialect.ts'
import { NOUNS } from './pools.ts'
import type { Draw } from './random.ts'
import { capitalized, item, madeUp, someNumber, word } from './text.ts'

/** A key with a value of some type, and how a prompt shows it. */
export type Field = { key: string; schema: Schema; value: Json; shown: string }

export function field(draw: Draw, key: string): Field {
  return draw.weighted<() => Field>([
    [
      6,
      () => {
        const value = item(draw)
        return { key, schema: { type: 'string' }, value, shown: value }
      },
    ],
    [
      3,
      () => {
        const value = someNumber(draw)
        return { key, schema: { type: 'integer' }, value, shown: String(value) }
      },
    ],
    [
      1,
      () => {
        const value = draw.int(0, 99) + draw.int(1, 9) / 10
        return { key, schema: { type: 'number' }, value, shown: String(value) }
      },
    ],
    [
      1,
      () => {
        const value = draw.chance(0.5)
        return {
          key,
          schema: { type: 'boolean' },
          value,
          shown: value ? draw.pick(['true', 'yes']) : draw.pick(['false', 'no']),
        }
      },
    ],
    [
      1,
      () => {
        const options = draw.times(3, () => word(draw))
        const value = draw.pick(options)
        return { key, schema: { type: 'string', enum: options }, value, shown: value }
      },
    ],
    [
      1,
      () => {
        const value = draw.times(draw.int(2, 4), () => word(draw))
        return {
          key,
          schema: { type: 'array', items: { type: 'string' } },
          value,
          shown: value.join(draw.pick([', ', ' and '])),
        }
      },
    ],
  ])()
}

export const keyName = (draw: Draw): string =>
  draw.weighted<() => string>([
    [4, () => draw.from(NOUNS)],
    [
      3,
      () =>
        draw.pick([
          'id',
          'name',
          'title',
          'count',
          'status',
          'date',
          'time',
          'email',
          'price',
          'quantity',
          'city',
          'country',
          'color',
          'size',
          'level',
          'tags',
          'language',
          'priority',
          'category',
          'active',
          'total',
          'unit',
          'code',
          'reason',
          'comment',
          'score',
        ]),
    ],
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
