import { partValidatorsOf } from '../json-schema.ts'
import type { JsonSchema } from '../request.ts'
import { type JsonListener, type JsonReader, readJson } from './reader.ts'
import {
  boundsOf,
  itemPlaces,
  memberPlaces,
  type Place,
  type Rules,
  requiredKeys,
  rulesOf,
  wantsInteger,
} from './rules.ts'

interface Container {
  readonly rules: Rules
  /** Items, or members with the keys below. */
  count: number
  readonly keys: Set<string> | undefined
  readonly bounds: { readonly min: number; readonly max: number }
  /** What is said of the value that comes next. */
  next: readonly Place[]
}

/**
 * Reads JSON and holds it to a schema as it comes: what the reader calls settled breaks no rule of it, whatever follows. Where only
 * the whole value can tell (`enum`, `pattern`, several branches of an `anyOf`), it is settled as a whole. What rules say together
 * is not thought through: that nothing fits both of two is found when it has come.
 * @throws Error for a schema that `checkSchema` refuses
 */
export function checkJson(schema: JsonSchema): JsonReader {
  const rulesFor = rulesOf(schema)
  const validatorAt = partValidatorsOf(schema)
  const open: Container[] = []
  /** What the value as a whole must fit. */
  let held: readonly Place[] | undefined
  let characters = 0
  let rules: Rules = { parts: [], whole: false }
  let length = boundsOf(rules, 'minLength', 'maxLength')

  const opened = (kind: 'object' | 'array'): Container =>
    kind === 'object'
      ? { rules, count: 0, keys: new Set(), bounds: boundsOf(rules, 'minProperties', 'maxProperties'), next: [] }
      : {
          rules,
          count: 0,
          keys: undefined,
          bounds: boundsOf(rules, 'minItems', 'maxItems'),
          next: itemPlaces(rules, 0),
        }

  const mayGoOn = ({ keys, count, bounds, next }: Container): boolean =>
    keys !== undefined || (count < bounds.max && !next.some((place) => place.schema === false))

  const isFull = ({ rules: said, keys, count, bounds }: Container): boolean =>
    count >= bounds.min && requiredKeys(said).every((key) => keys === undefined || keys.has(String(key)))

  const listener: JsonListener = {
    begin(kind) {
      const parent = open.at(-1)
      if (parent && !mayGoOn(parent)) return false
      const places = parent ? parent.next : [{ schema, pointer: '' }]
      const found = rulesFor(places, kind)
      if (!found) return false
      if (found.whole) {
        held = places
        return 'hold'
      }
      rules = found
      characters = 0
      if (kind === 'string') length = boundsOf(rules, 'minLength', 'maxLength')
      if (kind === 'object' || kind === 'array') open.push(opened(kind))
      return true
    },
    character: () => ++characters <= length.max,
    key(name) {
      const parent = open.at(-1)
      if (!parent?.keys) return false
      parent.keys.add(name)
      parent.count = parent.keys.size
      parent.next = memberPlaces(parent.rules, name)
      return parent.count <= parent.bounds.max && !parent.next.some((place) => place.schema === false)
    },
    more() {
      const parent = open.at(-1)
      return parent !== undefined && mayGoOn(parent)
    },
    end(written) {
      const fine = held ? fitsAll(held, written ?? '') : written === undefined ? isDone() : fits(written)
      held = undefined
      const parent = open.at(-1)
      if (parent && !parent.keys) parent.next = itemPlaces(parent.rules, ++parent.count)
      return fine
    },
  }

  const fitsAll = (places: readonly Place[], json: string): boolean => {
    const value: unknown = JSON.parse(json)
    return places.every(({ pointer }) => validatorAt(pointer)(value) === undefined)
  }

  const isDone = (): boolean => {
    const done = open.pop()
    return done !== undefined && isFull(done)
  }

  const fits = (json: string): boolean => {
    if (json.startsWith('"')) return characters >= length.min
    const value: unknown = JSON.parse(json)
    return typeof value !== 'number' || !wantsInteger(rules) || Number.isInteger(value)
  }

  return readJson(listener)
}
