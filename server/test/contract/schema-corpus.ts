/** Schemas as people send them, one feature or a mixture each, and as many again from a seeded generator. Names end up in test titles. */

export type Schema = Readonly<Record<string, unknown>>

const string = (more: Schema = {}): Schema => ({ type: 'string', maxLength: 12, ...more })
const integer = (more: Schema = {}): Schema => ({ type: 'integer', ...more })
const number = (more: Schema = {}): Schema => ({ type: 'number', ...more })
const array = (items: unknown, more: Schema = {}): Schema => ({ type: 'array', items, maxItems: 3, ...more })
const object = (properties: Schema, more: Schema = {}): Schema => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
  ...more,
})

export const written: Readonly<Record<string, Schema>> = {
  person: object({ name: string(), age: integer({ minimum: 0, maximum: 150 }) }),
  'optional members': object({ a: string(), b: integer(), c: { type: 'boolean' } }, { required: ['b'] }),
  'nested objects': object({ outer: object({ inner: object({ leaf: { type: 'boolean' } }) }) }),
  'an array of objects': object({ rows: array(object({ id: integer({ minimum: 1 }), ok: { type: 'boolean' } })) }),
  'arrays in arrays': array(array(integer({ minimum: -9, maximum: 9 })), { minItems: 1 }),
  tuple: {
    type: 'array',
    prefixItems: [string(), { type: 'boolean' }, integer()],
    items: false,
    minItems: 3,
  },
  'tuple with a tail': { type: 'array', prefixItems: [{ const: 'v1' }], items: integer(), minItems: 2, maxItems: 4 },
  'unique items': object({ tags: array({ enum: ['a', 'b', 'c'] }, { uniqueItems: true, minItems: 2 }) }),
  contains: array(integer({ minimum: 0, maximum: 3 }), { contains: { const: 2 }, minItems: 1 }),
  'enum of strings': object({ colour: { enum: ['red', 'green', 'grün', 'blau 🎈', '"quoted"', 'back\\slash'] } }),
  'enum of everything': object({ any: { enum: [null, true, 0, -1.5, 'x', [1, 2], { a: 1 }] } }),
  const: object({ version: { const: '1.0' }, nothing: { const: null }, list: { const: [1, 'a'] } }),
  'types in a list': object({ id: { type: ['string', 'integer', 'null'], maxLength: 8 } }),
  'null or a value': object({ note: { anyOf: [{ type: 'null' }, string()] } }),
  'integer bounds': object({ dice: integer({ minimum: 1, maximum: 6 }), cold: integer({ minimum: -40, maximum: -7 }) }),
  'exclusive bounds': object({ n: integer({ exclusiveMinimum: 9, exclusiveMaximum: 12 }) }),
  'one-sided bounds': object({ up: integer({ minimum: 1000 }), down: integer({ maximum: -1000 }) }),
  'number bounds': object({ ratio: number({ minimum: 0, maximum: 1 }), far: number({ exclusiveMinimum: 99.5 }) }),
  'multiples of': object({ even: integer({ multipleOf: 2 }), step: number({ multipleOf: 0.25 }) }),
  'length bounds': object({ code: string({ minLength: 3, maxLength: 5 }) }),
  pattern: object({ sku: { type: 'string', pattern: '^[A-Z]{2}-\\d{3,5}$' } }),
  'pattern with alternatives': object({ plate: { type: 'string', pattern: '^(?:ab|cd)+(?:-[0-9a-f]{2})?$' } }),
  'pattern without anchors': object({ text: string({ pattern: 'x', maxLength: 6 }) }),
  'pattern with a class of Unicode': object({ word: { type: 'string', pattern: '^\\p{Lu}\\p{Ll}{1,4}$' } }),
  'pattern and length': object({ both: { type: 'string', pattern: '^[a-c]*$', minLength: 2, maxLength: 4 } }),
  date: object({ day: { type: 'string', format: 'date' } }),
  'date and time': object({ at: { type: 'string', format: 'date-time' } }),
  time: object({ at: { type: 'string', format: 'time' } }),
  uuid: object({ id: { type: 'string', format: 'uuid' } }),
  email: object({ to: { type: 'string', format: 'email', maxLength: 20 } }),
  ipv4: object({ host: { type: 'string', format: 'ipv4' } }),
  'a reference': {
    $defs: { point: object({ x: integer({ minimum: 0, maximum: 9 }), y: integer({ minimum: 0, maximum: 9 }) }) },
    ...object({ from: { $ref: '#/$defs/point' }, to: { $ref: '#/$defs/point' } }),
  },
  'a reference with siblings': {
    $defs: { small: integer({ maximum: 9 }) },
    ...object({ n: { $ref: '#/$defs/small', minimum: 3 } }),
  },
  'references that chain': {
    $defs: { a: { $ref: '#/$defs/b' }, b: { $ref: '#/$defs/c' }, c: { enum: [1, 2] } },
    ...object({ v: { $ref: '#/$defs/a' } }),
  },
  'a reference to an anchor': {
    $defs: { named: { $anchor: 'here', type: 'boolean' } },
    ...object({ v: { $ref: '#here' } }),
  },
  list: {
    $defs: {
      node: object({
        value: integer({ minimum: 0, maximum: 9 }),
        next: { anyOf: [{ type: 'null' }, { $ref: '#/$defs/node' }] },
      }),
    },
    $ref: '#/$defs/node',
  },
  tree: object({ leaf: { type: 'boolean' }, children: { type: 'array', items: { $ref: '#' }, maxItems: 2 } }),
  'two that need each other': {
    $defs: {
      person: object({ name: string(), pets: array({ $ref: '#/$defs/pet' }, { maxItems: 1 }) }),
      pet: object({ owner: { anyOf: [{ type: 'null' }, { $ref: '#/$defs/person' }] } }),
    },
    $ref: '#/$defs/person',
  },
  'any of two objects': {
    anyOf: [object({ circle: number({ minimum: 0 }) }), object({ square: object({ side: integer({ minimum: 1 }) }) })],
  },
  'one of, told apart by a const': {
    oneOf: [
      object({ kind: { const: 'text' }, text: string() }),
      object({ kind: { const: 'count' }, count: integer({ minimum: 0 }) }),
    ],
  },
  'one of, which overlap': object({ n: { oneOf: [integer({ multipleOf: 2 }), integer({ multipleOf: 3 })] } }),
  'one of types': object({ v: { oneOf: [{ type: 'boolean' }, integer(), string()] } }),
  'all of': object({ v: { allOf: [integer({ minimum: 5 }), integer({ maximum: 8 })] } }),
  'all of objects': {
    allOf: [
      { type: 'object', properties: { a: { type: 'boolean' } }, required: ['a'] },
      { type: 'object', properties: { b: { type: 'boolean' } }, required: ['b'] },
    ],
  },
  not: object({ v: { type: 'string', maxLength: 3, not: { const: 'a' } } }),
  'if then else': {
    ...object({ kind: { enum: ['a', 'b'] }, n: integer() }),
    if: { properties: { kind: { const: 'a' } } },
    // biome-ignore lint/suspicious/noThenProperty: the keyword's name
    then: { properties: { n: { minimum: 10 } } },
    else: { properties: { n: { maximum: -10 } } },
  },
  'members by pattern': {
    type: 'object',
    patternProperties: { '^n_[a-z]{1,3}$': integer({ minimum: 0, maximum: 9 }) },
    additionalProperties: false,
    maxProperties: 3,
  },
  'members of any name': { type: 'object', additionalProperties: { type: 'boolean' }, maxProperties: 3 },
  'at least so many members': {
    type: 'object',
    additionalProperties: integer({ minimum: 0, maximum: 9 }),
    minProperties: 2,
    maxProperties: 3,
  },
  'names of members': {
    type: 'object',
    propertyNames: { enum: ['north', 'south'] },
    additionalProperties: integer({ minimum: 0, maximum: 9 }),
    maxProperties: 2,
  },
  'what needs what': {
    ...object({ card: integer({ minimum: 0 }), name: string() }, { required: [] }),
    dependentRequired: { card: ['name'] },
  },
  'odd names': object({ '': integer(), 'a b': integer(), 'ü"\\': integer(), __proto: integer(), '123': integer() }),
  'a required member nobody described': {
    type: 'object',
    properties: { a: integer() },
    required: ['a', 'zz'],
    maxProperties: 2,
  },
  'no additional ones by default': { type: 'object', properties: { a: { type: 'boolean' } }, required: ['a'] },
  'a string alone': string(),
  'a number alone': number({ minimum: -1, maximum: 1 }),
  'an enum alone': { enum: ['yes', 'no'] },
  'a bare true in a member': object({ any: true, b: { type: 'boolean' } }),
  'nothing that fits': object({ never: false }),
  'bounds that contradict': object({ n: integer({ minimum: 5, maximum: 4 }) }),
}

/** mulberry32 */
function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

/** A schema of mixed features, at most three levels deep. The same seed gives the same schema. */
export function generated(seed: number): Schema {
  const random = randomOf(seed)
  const upTo = (n: number) => Math.floor(random() * n)
  const pick = <T>(...values: readonly T[]): T => values[upTo(values.length)] as T
  const leaf = (): Schema => {
    const low = upTo(200) - 100
    return pick<() => Schema>(
      () => string({ minLength: upTo(3), maxLength: 3 + upTo(6) }),
      () => ({ type: 'string', pattern: pick('^[a-f0-9]{2,4}$', '^v\\d+\\.\\d$', '^(on|off)$') }),
      () => ({ type: 'string', format: pick('date', 'uuid', 'ipv4', 'time') }),
      () => integer({ minimum: low, maximum: low + upTo(1000) }),
      () => number({ minimum: low, exclusiveMaximum: low + 1 + upTo(10) }),
      () => ({ enum: [pick('x', 'y'), upTo(9), null] }),
      () => ({ const: pick<unknown>('z', 3.5, false, []) }),
      () => ({ type: pick(['boolean', 'null'], ['integer', 'boolean']) }),
    )()
  }
  const any = (depth: number): Schema =>
    depth === 0
      ? leaf()
      : pick<() => Schema>(
          leaf,
          () => array(any(depth - 1), { minItems: upTo(2), maxItems: 2 }),
          () => members(depth),
          () => ({ anyOf: [any(depth - 1), leaf()] }),
          () => ({ oneOf: [object({ a: leaf() }), object({ b: any(depth - 1) })] }),
          () => ({ $ref: '#/$defs/shared' }),
        )()
  const members = (depth: number): Schema => {
    const names = ['id', 'name', 'größe', 'is ok'].slice(0, 1 + upTo(4))
    const properties = Object.fromEntries(names.map((name) => [name, any(depth - 1)]))
    return object(properties, { required: names.filter(() => random() < 0.7) })
  }
  return { ...members(3), $defs: { shared: leaf() } }
}
