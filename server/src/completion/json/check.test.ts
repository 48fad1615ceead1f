import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkSchema, validatorOf } from '../json-schema.ts'
import type { JsonSchema } from '../request.ts'
import { cutUp } from '../steps/steps-fixture.ts'
import { checkJson } from './check.ts'

/** What a check lets be shown of a text that comes in pieces, and whether it is all there. */
function shown(schema: JsonSchema, pieces: readonly string[]) {
  const check = checkJson(schema)
  const text = pieces.join('')
  const good = pieces.every((piece) => check.read(piece))
  const settled = text.slice(0, check.settled())
  return { good, whole: good && check.whole(), settled }
}
const units = (text: string) => text.split('')

describe('any JSON', () => {
  const deep = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)
  test.each([
    ...['{}', '[]', '""', '0', '-0', '1e5', '1E+5', '-1.5e-0', '0.10', 'true', 'false', 'null', ' \t\r\n1 \n'],
    ...[
      '"\\u00e9\\ud83d\\ude00\\n\\/"',
      '"\\ud800"',
      '"\u007f\u2028😀"',
      '{"a":1,"a":2}',
      '{"":[{},[],"",0]}',
      '[1,2 , 3]',
    ],
    ...[deep(256), '123456789012345678901234567890', '{"__proto__":{"constructor":null}}', '" \\" "'],
  ])('%s is whole', (json) => {
    expect(() => JSON.parse(json)).not.toThrow()
    expect(shown(true, units(json))).toMatchObject({ good: true, whole: true })
    expect(shown(true, [json])).toMatchObject({ good: true, whole: true })
  })

  test.each([
    ...[
      ['01', ''],
      ['-', ''],
      ['+1', ''],
      ['1.', ''],
      ['.5', ''],
      ['1e', ''],
      ['1e+', ''],
      ['1.e1', ''],
      ['0x1', '0'],
      ['--1', ''],
    ],
    ...[
      ['nul', ''],
      ['nulll', 'null'],
      ['True', ''],
      ['NaN', ''],
      ['Infinity', ''],
      ['undefined', ''],
    ],
    ...[
      ['[1,]', '[1,'],
      ['[,1]', '['],
      ['[1 2]', '[1'],
      ['[1', '['],
      ['[1}', '[1'],
      ['[]]', '[]'],
      ['', ''],
      [' ', ''],
    ],
    ...[
      ['{"a":1,}', '{"a":1'],
      ['{a:1}', '{'],
      ["{'a':1}", '{'],
      ['{"a" 1}', '{"a"'],
      ['{"a":}', '{"a":'],
      ['{"a"}', '{"a"'],
      ['{1:2}', '{'],
      ['{"a":1 "b":2}', '{"a":1'],
    ],
    ...[
      ['"a', '"a'],
      ['"\n"', '"'],
      ['"\t"', '"'],
      ['"\\x"', '"'],
      ['"\\u12g4"', '"'],
      ['"\\u00', '"'],
      ['"a"b', '"a"'],
      ["'a'", ''],
    ],
    ...[
      ['\ufeff{}', ''],
      ['{} {}', '{}'],
      ['{}//x', '{}'],
      ['/**/{}', ''],
      ['```json', ''],
      [deep(257), '['.repeat(256)],
      ['\u00a01', ''],
    ],
  ])('%j is none, and %j of it is shown', (json, settled) => {
    expect(() => JSON.parse(json.length > 500 ? 'x' : json)).toThrow()
    for (const pieces of [units(json), [json]]) {
      const told = shown(true, pieces)
      expect(told.whole).toBe(false)
      expect(settled.startsWith(told.settled)).toBe(true)
    }
    if (settled !== 'null') expect(shown(true, units(json)).settled).toBe(settled)
  })

  test('it agrees with JSON.parse about random shards of JSON', () => {
    const shard = fc.constantFrom(
      ...units('{}[]",:\\ \n01-+.eEu9tfn'),
      '"a"',
      'true',
      'null',
      '{"k":',
      '[1,',
      '\\u00e9',
      '"\\n"',
    )
    fc.assert(
      fc.property(fc.array(shard, { maxLength: 10 }), (shards) => {
        const text = shards.join('')
        expect(shown(true, shards).whole).toBe(isJson(text))
      }),
      { numRuns: 3_000 },
    )
  })

  test('it agrees with JSON.parse about JSON with one wrong unit', () => {
    fc.assert(
      fc.property(fc.json(), fc.nat(), fc.constantFrom(...units('{}[]",:\\ 01-.ea')), (json, place, unit) => {
        const at = place % json.length
        const text = json.slice(0, at) + unit + json.slice(at + 1)
        expect(shown(true, units(text)).whole).toBe(isJson(text))
      }),
      { numRuns: 2_000 },
    )
  })
})

/** A schema, values that fit it, and values that do not with what may be shown of each. */
const rows: readonly (readonly [
  schema: JsonSchema,
  fits: readonly string[],
  breaks: readonly (readonly [string, string])[],
])[] = [
  [
    { type: 'object' },
    ['{}', '{"a":[1]}'],
    [
      ['[]', ''],
      ['"a"', ''],
      ['null', ''],
    ],
  ],
  [
    { type: 'array' },
    ['[]', '[{}]'],
    [
      ['{}', ''],
      ['1', ''],
    ],
  ],
  [
    { type: 'integer' },
    ['1', '-1', '1.0', '1e2'],
    [
      ['1.5', ''],
      ['"1"', ''],
    ],
  ],
  [
    { items: { type: ['integer', 'null'] } },
    ['[1,null]', '3'],
    [
      ['[1.5]', '['],
      ['[true]', '['],
    ],
  ],
  // A keyword of OpenAPI's, and of no draft.
  [
    { type: 'string', nullable: true },
    ['"a"'],
    [
      ['1', ''],
      ['null', ''],
    ],
  ],
  [
    { items: { minimum: 1, exclusiveMaximum: 3 } },
    ['[1,2.9]'],
    [
      ['[0]', '['],
      ['[2,3]', '[2,'],
    ],
  ],
  [{ items: { multipleOf: 0.01 } }, ['[0.07]'], [['[0.075]', '[']]],
  [
    { enum: ['a', 'bc', 1, { x: 1 }] },
    ['"bc"', '1', '{"x":1}'],
    [
      ['"b"', ''],
      ['true', ''],
      ['{"x":2}', ''],
    ],
  ],
  [
    { items: { const: 'on' } },
    ['["on"]'],
    [
      ['["off"]', '['],
      ['[1]', '['],
    ],
  ],
  [
    { maxLength: 3 },
    ['"abc"', '"\\u00e9\\ud83d\\ude00x"', '"😀😀😀"'],
    [
      ['"abcd"', '"abc'],
      ['"abc\\n"', '"abc'],
    ],
  ],
  [
    { minLength: 2 },
    ['"ab"'],
    [
      ['"a"', '"a'],
      ['"😀"', '"😀'],
    ],
  ],
  [{ items: { pattern: '^a+$' } }, ['["aa"]'], [['["ab"]', '[']]],
  [{ items: { format: 'date' } }, ['["2024-02-29"]'], [['["2023-02-29"]', '[']]],
  [
    { minItems: 2, maxItems: 3 },
    ['[1,2]', '[1,2,3]'],
    [
      ['[1]', '[1'],
      ['[]', '['],
      ['[1,2,3,4]', '[1,2,3'],
    ],
  ],
  [
    { prefixItems: [{ type: 'string' }], items: false },
    ['["a"]', '[]'],
    [
      ['[1]', '['],
      ['["a",1]', '["a"'],
    ],
  ],
  [{ items: { uniqueItems: true } }, ['[[1,2]]'], [['[[1,1]]', '[']]],
  [{ items: { contains: { type: 'null' } } }, ['[[1,null]]'], [['[[1]]', '[']]],
  [
    { properties: { a: { type: 'string' } }, additionalProperties: false },
    ['{}', '{"a":""}'],
    [
      ['{"b":1}', '{'],
      ['{"a":"x","b":1}', '{"a":"x"'],
      ['{"a":1}', '{"a":'],
    ],
  ],
  [{ properties: { a: false } }, ['{"b":1}'], [['{"a":1}', '{']]],
  [{ additionalProperties: { type: 'boolean' } }, ['{"x":true}'], [['{"x":0}', '{"x":']]],
  [
    { patternProperties: { '^n_': { type: 'number' } }, additionalProperties: false },
    ['{"n_a":1}'],
    [
      ['{"n_a":""}', '{"n_a":'],
      ['{"m":1}', '{'],
    ],
  ],
  [
    { required: ['a', '__proto__'] },
    ['{"a":1,"__proto__":2}'],
    [
      ['{"a":1}', '{"a":1'],
      ['{}', '{'],
    ],
  ],
  [
    { minProperties: 1, maxProperties: 2 },
    ['{"a":1,"b":2}'],
    [
      ['{}', '{'],
      ['{"a":1,"b":2,"c":3}', '{"a":1,"b":2'],
    ],
  ],
  [{ items: { propertyNames: { maxLength: 1 } } }, ['[{"a":1}]'], [['[{"ab":1}]', '[']]],
  [{ items: { dependentRequired: { a: ['b'] } } }, ['[{"a":1,"b":2}]'], [['[{"a":1}]', '[']]],
  [{ items: { not: { type: 'string' } } }, ['[1]'], [['["a"]', '[']]],
  [{ items: { if: { required: ['a'] }, else: { required: ['b'] } } }, ['[{"a":1},{"b":1}]'], [['[{}]', '[']]],
  [
    { items: { anyOf: [{ type: 'string', maxLength: 1 }, { type: 'null' }] } },
    ['["a",null]'],
    [
      ['["ab"]', '["a'],
      ['[1]', '['],
    ],
  ],
  [{ items: { oneOf: [{ required: ['a'] }, { required: ['b'] }] } }, ['[{"a":1}]'], [['[{"a":1,"b":2}]', '[']]],
  [
    { allOf: [{ required: ['a'] }, { properties: { a: { type: 'integer' } } }] },
    ['{"a":1}'],
    [
      ['{"a":"x"}', '{"a":'],
      ['{}', '{'],
    ],
  ],
  [
    {
      properties: { next: { $ref: '#' }, n: { $ref: '#/$defs/n~1' } },
      additionalProperties: false,
      $defs: { 'n/': { type: 'null' } },
    },
    ['{"next":{"next":{"n":null}}}'],
    [
      ['{"next":{"next":{"n":1}}}', '{"next":{"next":{"n":'],
      ['{"next":{"x":1}}', '{"next":{'],
    ],
  ],
  [{ $ref: '#/$defs/a', $defs: { a: { $ref: '#/$defs/a', type: 'array' } } }, [], [['1', '']]],
  [
    { $id: 'https://example.com/a', properties: { a: { $ref: 'a#/$defs/b' } }, $defs: { b: { type: 'null' } } },
    ['{"a":null}'],
    [['{"a":1}', '']],
  ],
  [{ unevaluatedProperties: false, properties: { a: true } }, ['{"a":1}'], [['{"b":1}', '']]],
  [true, ['1'], []],
  [
    false,
    [],
    [
      ['1', ''],
      ['{}', ''],
    ],
  ],
]

describe.each(rows)('%j', (schema, fits, breaks) => {
  test.each(fits)('%s fits', (json) => {
    expect(validatorOf(schema)(JSON.parse(json))).toBeUndefined()
    expect(shown(schema, units(json))).toMatchObject({ good: true, whole: true })
  })
  test.each(breaks)('%s breaks it, and %j is shown', (json, settled) => {
    for (const pieces of [units(json), [json]]) expect(shown(schema, pieces)).toMatchObject({ whole: false, settled })
  })
})

describe('random schemas', () => {
  type Pair = { readonly schema: object; readonly value: unknown }
  const word = fc.constantFrom('a', 'b', 'é', '😀', 'x"y', '')
  const pair = (depth: number): fc.Arbitrary<Pair> =>
    fc.oneof(
      { maxDepth: 3 },
      fc.string({ maxLength: 5 }).map((value) => ({ schema: { type: 'string', maxLength: 10 }, value })),
      fc.integer().map((value) => ({ schema: { type: 'integer', minimum: value }, value })),
      fc
        .double({ noNaN: true, noDefaultInfinity: true })
        .map((value) => ({ schema: { type: ['number', 'null'] }, value })),
      word.map((value) => ({ schema: { enum: ['a', value, 7] }, value })),
      fc.constant({ schema: { anyOf: [{ type: 'null' }, { type: 'object' }] }, value: null }),
      ...(depth > 3
        ? []
        : [
            fc.array(pair(depth + 1), { minLength: 1, maxLength: 3 }).map((items) => ({
              schema: {
                type: 'array',
                prefixItems: items.map(({ schema }) => schema),
                maxItems: items.length,
                minItems: items.length,
              },
              value: items.map(({ value }) => value),
            })),
            fc
              .uniqueArray(fc.tuple(word, pair(depth + 1)), { maxLength: 3, selector: ([key]) => key })
              .map((members) => ({
                schema: {
                  type: 'object',
                  properties: Object.fromEntries(members.map(([key, { schema }]) => [key, schema])),
                  required: members.map(([key]) => key),
                  additionalProperties: false,
                },
                value: Object.fromEntries(members.map(([key, { value }]) => [key, value])),
              })),
            pair(depth + 1).map(({ schema, value }) => ({
              schema: { anyOf: [schema, { type: 'array', minItems: 9 }] },
              value,
            })),
            pair(depth + 1).map(({ schema, value }) => ({ schema: { allOf: [{}, schema] }, value })),
          ]),
    )
  const blank = fc.constantFrom(undefined, 1, '\t')

  test('what fits comes out whole, wherever it is cut', () => {
    fc.assert(
      fc.property(pair(0), blank, fc.array(fc.nat(), { maxLength: 8 }), ({ schema, value }, space, cuts) => {
        const json = JSON.stringify([value], null, space)
        const told = shown({ items: schema }, cutUp(json, cuts))
        expect(told).toEqual({ good: true, whole: true, settled: json })
      }),
    )
  })

  test('with one wrong unit it is whole only if it still fits', () => {
    fc.assert(
      fc.property(pair(0), fc.nat(), fc.constantFrom(...units('{}[]",:\\ 01-ax')), ({ schema, value }, place, unit) => {
        const json = JSON.stringify([value])
        const at = place % json.length
        const text = json.slice(0, at) + unit + json.slice(at + 1)
        const whole = isJson(text) && validatorOf({ items: schema })(JSON.parse(text)) === undefined
        const told = shown({ items: schema }, units(text))
        // Of a key that comes twice, the first value is held to the schema too.
        if (told.whole !== whole) expect(JSON.stringify(JSON.parse(text)).length).toBeLessThan(text.length)
      }),
    )
  })
})

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

test('it agrees with the validator about random schemas and values', () => {
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      fc.constantFrom(null, true, false, 0, 1, -1, 1.5, 20, '', 'a', 'ab', 'é😀', '2024-02-29'),
      fc.array(tie('any'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom('a', 'b', 'ab', 'c'), tie('any'), { maxKeys: 3 }),
    ),
  })).any
  const count = fc.nat({ max: 3 })
  const type = fc.constantFrom('object', 'array', 'string', 'number', 'integer', 'boolean', 'null')
  const { schema } = fc.letrec<{ schema: JsonSchema }>((tie) => {
    const some = fc.array(tie('schema'), { minLength: 1, maxLength: 3 })
    const named = fc.dictionary(fc.constantFrom('a', 'b', 'ab'), tie('schema'), { maxKeys: 3 })
    const keywords = {
      type: fc.oneof(type, fc.uniqueArray(type, { minLength: 1, maxLength: 3 })),
      enum: fc.array(value, { minLength: 1, maxLength: 3 }),
      const: value,
      minimum: count,
      exclusiveMaximum: count,
      multipleOf: fc.constantFrom(1, 0.5),
      minLength: count,
      maxLength: count,
      pattern: fc.constantFrom('^a', 'b$'),
      format: fc.constantFrom('date', 'unknown'),
      minItems: count,
      maxItems: count,
      uniqueItems: fc.boolean(),
      items: tie('schema'),
      prefixItems: some,
      contains: tie('schema'),
      properties: named,
      patternProperties: fc.dictionary(fc.constantFrom('^a', 'b'), tie('schema'), { maxKeys: 2 }),
      additionalProperties: tie('schema'),
      required: fc.uniqueArray(fc.constantFrom('a', 'b'), { maxLength: 2 }),
      minProperties: count,
      maxProperties: count,
      propertyNames: tie('schema'),
      dependentRequired: fc.constant({ a: ['b'] }),
      allOf: some,
      anyOf: some,
      oneOf: some,
      not: tie('schema'),
      if: tie('schema'),
      else: tie('schema'),
      unevaluatedProperties: tie('schema'),
      $ref: fc.constantFrom('#/$defs/x', '#/$defs/y'),
    }
    const few = fc
      .uniqueArray(fc.constantFrom(...Object.keys(keywords)), { maxLength: 3 })
      .chain((names) =>
        fc.record(Object.fromEntries(Object.entries(keywords).filter(([name]) => names.includes(name)))),
      )
    return { schema: fc.oneof({ maxDepth: 3 }, fc.boolean(), few) }
  })
  fc.assert(
    fc.property(schema, schema, fc.array(value, { minLength: 1, maxLength: 5 }), (main, x, values) => {
      const y = { type: 'array', items: { $ref: '#/$defs/main' } }
      const all = { $ref: '#/$defs/main', $defs: { main, x, y } }
      // Two references alone that lead to one another mean nothing; nobody is served with such a schema.
      fc.pre(!checkSchema(all)?.includes('leads back to itself'))
      const fits = validatorOf(all)
      for (const each of values) {
        const json = JSON.stringify(each)
        const problem = fits(JSON.parse(json))
        // Two definitions may refer to one another without end.
        if (problem === 'the value is nested too deep.') continue
        expect([json, shown(all, [json]).whole]).toEqual([json, problem === undefined])
      }
    }),
    { numRuns: 400 },
  )
})

test('references that lay a small schema out without end are left to the whole value', () => {
  const defs: Record<string, object> = { d0: { required: ['a'] } }
  for (let i = 1; i < 40; i++) defs[`d${i}`] = { allOf: [{ $ref: `#/$defs/d${i - 1}` }, { $ref: `#/$defs/d${i - 1}` }] }
  const told = shown({ $ref: '#/$defs/d39', $defs: defs }, ['{"b":', '1}'])
  expect(told).toEqual({ good: false, whole: false, settled: '' })
})
