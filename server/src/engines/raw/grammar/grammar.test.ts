import fc from 'fast-check'
import { getLlama, type Llama } from 'node-llama-cpp'
import { beforeAll, describe, expect, test } from 'vitest'
import { checkSchema, validatorOf } from '../../../completion/json-schema.ts'
import type { JsonSchema, Tool } from '../../../completion/request.ts'
import { dsml, hermes } from '../call-syntax.ts'
import { sampler } from './gbnf-sampler.ts'
import {
  type CompiledGrammar,
  grammarOfCalls,
  grammarOfCallsOrJson,
  grammarOfJsonObject,
  grammarOfSchema,
} from './grammar.ts'
import { restOfGrammar } from './rest-of-grammar.ts'

let llama: Llama
beforeAll(async () => {
  llama = await getLlama({ gpu: false, build: 'never', skipDownload: true, progressLogs: false })
})

/** The real engine's answer to whether a whole text fits. */
async function matcherOf({ gbnf }: CompiledGrammar): Promise<(text: string) => boolean> {
  const grammar = await llama.createGrammar({ grammar: gbnf })
  const internal = grammar as unknown as { _testText(text: string): boolean }
  return (text) => internal._testText(text)
}

type Case = readonly [name: string, schema: JsonSchema, fitting: readonly string[], others: readonly string[]]

/** Schemas with everything the grammar expresses: texts that fit, and texts that do not. */
// biome-ignore format: a table, one case a line
const corpus: readonly Case[] = [
  ['anything', true, ['1', '"a"', '{"a":[]}', 'null', '\n\n[1, 2]', '-0', '1e5', '"\\u00e9😀"'], ['', 'nul', '01', '1.', "'a'", '[1,]', '{"a"}', '1 ', '"\t"']],
  ['a string', { type: 'string' }, ['""', '"a\\"b\\\\"', '"\\ud83d\\ude00"', '"\\n"'], ['"', '"\n"', '"\\ud800"', '"\\udc00\\ud800"', '"\\ud800a"', '"\\x"', '1']],
  ['lengths', { type: 'string', minLength: 2, maxLength: 3 }, ['"ab"', '"a😀c"', '"\\n\\n"', '"\\ud83d\\ude00é"'], ['"a"', '"abcd"', '""']],
  ['a least length', { minLength: 1 }, ['"a"', '"abcdefghijkl"'], ['""', '1']],
  ['an anchored pattern', { type: 'string', pattern: '^[A-Z]{2}-\\d+$' }, ['"AB-1"', '"ZZ-1234"'], ['"AB-"', '"ab-1"', '"AB-1 "', '"\\u0041B-1"']],
  ['a floating pattern', { type: 'string', pattern: 'cat|dog' }, ['"cat"', '"hotdogs"'], ['"cow"', '""']],
  ['a pattern of quotes', { type: 'string', pattern: '^["\\\\\\n]+$' }, ['"\\"\\\\\\n"'], ['""', '"a"']],
  ['a pattern and lengths', { type: 'string', pattern: '^[a-z]+$', minLength: 2, maxLength: 4 }, ['"ab"', '"abcd"'], ['"a"', '"abcde"', '"ab1"']],
  ['a date', { type: 'string', format: 'date' }, ['"2024-02-29"'], ['"2023-02-29"', '"2023-2-1"']],
  ['a uuid', { format: 'uuid' }, ['"123e4567-e89b-12d3-a456-426614174000"'], ['"123e4567"']],
  ['an integer', { type: 'integer' }, ['0', '-5', '1234567890123456'], ['1.5', '1e3', '00', '"1"', '12345678901234567']],
  ['integer bounds', { type: 'integer', minimum: -3, maximum: 120 }, ['-3', '-1', '0', '9', '99', '100', '120'], ['-4', '-10', '121', '130', '1000', '-0', '05']],
  ['exclusive bounds', { type: 'integer', exclusiveMinimum: 9, exclusiveMaximum: 1000 }, ['10', '999'], ['9', '1000', '-10']],
  ['negative bounds', { type: 'integer', maximum: -7 }, ['-7', '-10', '-99999'], ['-6', '0', '7']],
  ['a lower bound', { type: 'integer', minimum: 25 }, ['25', '30', '100', '999999'], ['24', '3', '-25']],
  ['number bounds', { type: 'number', minimum: 0, maximum: 1 }, ['0', '1', '0.5', '0.999', '1.0', '1.000'], ['1.001', '-0.1', '2', '1e0', '10']],
  ['decimal bounds', { type: 'number', exclusiveMinimum: -1.25, maximum: 10.5 }, ['-1.2', '-1', '0', '10.5', '10.49', '9.99'], ['-1.25', '-1.250', '-2', '10.51', '11']],
  ['tiny bounds', { type: 'number', exclusiveMinimum: 0, maximum: 1e-7 }, ['0.0000001', '0.00000005'], ['0', '0.0', '0.1', '0.0000002']],
  ['multiples', { type: 'integer', multipleOf: 5, minimum: 0 }, ['0', '5', '1000'], ['3', '12', '-5', '9583652304635035']],
  ['cents', { type: 'number', multipleOf: 0.01, minimum: 0 }, ['1', '1.5', '1.25'], ['1.255']],
  ['an enum', { enum: ['a', 'ab', 1, null, true, { x: [1] }] }, ['"a"', '"ab"', '1', 'null', 'true', '{"x":[1]}', '{ "x": [ 1 ] }'], ['"b"', 'false', '{"x":[2]}', '"abc"']],
  ['a constant', { const: 'say "hi"\n' }, ['"say \\"hi\\"\\n"'], ['"say hi"']],
  ['an enum with a type', { type: 'string', enum: ['a', 1] }, ['"a"'], ['1']],
  ['types', { type: ['string', 'null'], maxLength: 1 }, ['"a"', 'null'], ['"ab"', '1']],
  ['properties in order', { type: 'object', properties: { a: { type: 'integer' }, b: { type: 'string' }, c: {} }, required: ['a', 'c'] }, ['{"a":1,"b":"x","c":[]}', '{"a": 1, "c": null}', '{\n  "a": 1,\n  "c": 2\n}'], ['{"c":1,"a":1}', '{"a":1}', '{"a":1,"c":2,"d":3}', '{"a":1,,"c":2}', '{"a":1,"c":2,}', '{"a":1,"a":1,"c":2}']],
  ['all optional', { properties: { a: { const: 1 }, b: { const: 2 }, c: { const: 3 } } }, ['{}', '{ }', '{"a":1}', '{"b":2,"c":3}', '{"a":1,"c":3}'], ['{"c":3,"b":2}', '[]', '{,"a":1}']],
  ['at least one', { properties: { a: { const: 1 }, b: { const: 2 } }, minProperties: 1 }, ['{"a":1}', '{"b":2}'], ['{}']],
  ['required without a schema', { type: 'object', required: ['a'] }, ['{"a":1}', '{"a":"x"}'], ['{}', '{"b":1}']],
  ['no properties', { type: 'object', additionalProperties: false }, ['{}', '{ }'], ['{"a":1}']],
  ['a map', { type: 'object', additionalProperties: { type: 'integer' } }, ['{}', '{"a":1,"b":2}'], ['{"a":"x"}']],
  ['a bounded map', { type: 'object', additionalProperties: { type: 'integer' }, minProperties: 1, maxProperties: 2 }, ['{"a":1}', '{"a":1,"b":2}'], ['{}', '{"a":1,"b":2,"c":3}']],
  ['an open object', { type: 'object', properties: { ab: { type: 'integer' } }, required: ['ab'], additionalProperties: { type: 'boolean' } }, ['{"ab":1}', '{"ab":1,"a":true,"abc":false,"":true}'], ['{"ab":1,"ab":true}', '{"a":true}', '{"ab":1,"x":1}']],
  ['pattern properties', { type: 'object', patternProperties: { '^n_': { type: 'integer' }, _s$: { type: 'string' } }, additionalProperties: false }, ['{"n_a":1,"x_s":"y"}', '{}'], ['{"n_a":"x"}', '{"z":1}', '{"n_s":1}', '{"n_s":"x"}']],
  ['property names', { type: 'object', propertyNames: { pattern: '^[a-z]+$' }, additionalProperties: true }, ['{"abc":1}'], ['{"A":1}', '{"":1}']],
  ['an array', { type: 'array', items: { type: 'integer' } }, ['[]', '[1]', '[1, 2,3]', '[\n 1\n]'], ['[1,]', '["a"]', '1', '[,]']],
  ['array bounds', { type: 'array', items: { const: 0 }, minItems: 2, maxItems: 3 }, ['[0,0]', '[0,0,0]'], ['[]', '[0]', '[0,0,0,0]']],
  ['an empty array', { type: 'array', maxItems: 0 }, ['[]', '[ ]'], ['[1]']],
  ['a tuple', { type: 'array', prefixItems: [{ const: 1 }, { const: 2 }], items: false, minItems: 1 }, ['[1]', '[1,2]'], ['[]', '[2]', '[1,2,3]']],
  ['a tuple with more', { prefixItems: [{ const: 1 }], items: { const: 'x' }, maxItems: 3 }, ['[]', '[1]', '[1,"x","x"]'], ['["x"]', '[1,"x","x","x"]', '[1,1]']],
  ['anyOf', { anyOf: [{ type: 'integer' }, { type: 'array', items: { $ref: '#' } }] }, ['1', '[1,[2,[]]]'], ['"a"', '["a"]']],
  ['anyOf beside properties', { type: 'object', properties: { a: { const: 1 }, b: { const: 2 } }, anyOf: [{ required: ['a'] }, { required: ['b'] }] }, ['{"a":1}', '{"b":2}', '{"a":1,"b":2}'], ['{}']],
  ['oneOf by a constant', { oneOf: [{ type: 'object', properties: { k: { const: 'a' }, x: { type: 'integer' } }, required: ['k', 'x'] }, { type: 'object', properties: { k: { const: 'b' } }, required: ['k'] }] }, ['{"k":"a","x":1}', '{"k":"b"}'], ['{"k":"a"}', '{"k":"c"}']],
  ['allOf', { allOf: [{ type: 'object', properties: { a: { type: 'integer', minimum: 3 } } }, { properties: { a: { maximum: 4 }, b: { const: 1 } }, required: ['a', 'b'] }] }, ['{"a":3,"b":1}'], ['{"a":5,"b":1}', '{"a":2,"b":1}', '{"a":3}']],
  ['allOf with a closed part', { allOf: [{ properties: { a: {} }, additionalProperties: false }, { properties: { b: {} } }] }, ['{"a":1}', '{}'], ['{"b":1}']],
  ['unevaluatedProperties', { allOf: [{ $ref: '#/$defs/a' }], properties: { b: { const: 2 } }, required: ['a', 'b'], unevaluatedProperties: false, $defs: { a: { type: 'object', properties: { a: { const: 1 } } } } }, ['{"a":1,"b":2}'], ['{"b":2}', '{"a":1,"b":2,"c":3}']],
  ['a number and an integer', { allOf: [{ type: 'number' }, { type: 'integer' }, { type: ['number', 'string'] }] }, ['1'], ['1.5', '"a"']],
  ['not a type', { not: { type: ['object', 'array'] } }, ['1', 'null', '"a"'], ['{}', '[]']],
  ['a list by $defs', { $ref: '#/$defs/node', $defs: { node: { type: 'object', properties: { v: { type: 'integer' }, next: { anyOf: [{ $ref: '#/$defs/node' }, { type: 'null' }] } }, required: ['v', 'next'], additionalProperties: false } } }, ['{"v":1,"next":{"v":2,"next":null}}'], ['{"v":1}', '{"v":1,"next":{}}']],
  ['a reference with neighbours', { properties: { a: { $ref: '#/$defs/n', maximum: 5, description: 'small' } }, required: ['a'], $defs: { n: { type: 'integer', minimum: 4 } } }, ['{"a":4}', '{"a":5}'], ['{"a":3}', '{"a":6}']],
  ['an anchor', { items: { $ref: '#name' }, $defs: { x: { $anchor: 'name', const: 'y' } } }, ['["y"]'], ['["x"]']],
  ['a pointer with escapes', { $ref: '#/$defs/a~1b%20c', $defs: { 'a/b c': { const: 1 } } }, ['1'], ['2']],
  ['an endless optional branch', { type: 'object', properties: { a: { $ref: '#/$defs/loop' }, b: { const: 1 } }, $defs: { loop: { type: 'object', properties: { again: { $ref: '#/$defs/loop' } }, required: ['again'] } } }, ['{"b":1}', '{}'], ['{"a":{}}']],
  ['an impossible optional property', { type: 'object', properties: { a: false, b: { const: 1 } }, required: ['b'], additionalProperties: true }, ['{"b":1}', '{"b":1,"c":2}'], ['{"b":1,"a":2}']],
  ['names in other letters', { properties: { 'naïve "x"': { const: '日本' } }, required: ['naïve "x"'] }, ['{"naïve \\"x\\"":"日本"}'], ['{"naive":"日本"}']],
  ['many items', { type: 'array', items: {}, minItems: 300, maxItems: 301 }, [`[${Array(300).fill('0').join()}]`], [`[${Array(299).fill('0').join()}]`]],
]

describe('a schema as a grammar', () => {
  test.each(corpus)('%s', async (_, schema, yes, no) => {
    const compiled = grammarOfSchema(schema)
    const matches = await matcherOf(compiled)
    const fits = validatorOf(schema)
    for (const text of yes) {
      expect(matches(text), text).toBe(true)
      expect(fits(JSON.parse(text)), text).toBeUndefined()
    }
    for (const text of no) expect(matches(text), text).toBe(false)
    expect(matches(`${yes[0]}\n`), 'nothing may follow').toBe(false)
  })

  test.each(corpus)('whatever is said under it is valid: %s', async (_, schema) => {
    const compiled = grammarOfSchema(schema)
    expect(compiled.unexpressed.filter((keyword) => keyword !== 'minProperties')).toEqual([])
    const matches = await matcherOf(compiled)
    const fits = validatorOf(schema)
    const say = sampler(compiled.gbnf)
    fc.assert(
      fc.property(fc.infiniteStream(fc.nat()), (numbers) => {
        const text = say((below) => (numbers.next().value ?? 0) % below)
        expect(fits(JSON.parse(text)), text).toBeUndefined()
        expect(matches(text), text).toBe(true)
      }),
      { numRuns: 25 },
    )
  })

  test.each(corpus)('C119: what is left behind a part of it allows the same texts: %s', async (_, schema) => {
    const compiled = grammarOfSchema(schema)
    const matches = await matcherOf(compiled)
    const say = sampler(compiled.gbnf)
    await fc.assert(
      fc.asyncProperty(fc.infiniteStream(fc.nat()), async (numbers) => {
        const random = (below: number) => (numbers.next().value ?? 0) % below
        const points = [...say(random)]
        const said = points.slice(0, random(points.length + 1)).join('')
        const gbnf = restOfGrammar(compiled.gbnf, said) ?? ''
        expect(gbnf, said).not.toBe('')
        const goesOn = await matcherOf({ gbnf, unexpressed: [] })
        const others = Array.from({ length: 3 }, () => [...say(random)])
        const tails = [points, ...others].map((text) => text.slice(random(text.length + 1)).join(''))
        for (const tail of [points.join('').slice(said.length), ...tails, '', '}', '"'])
          expect(goesOn(tail), `${said}·${tail}`).toBe(matches(said + tail))
      }),
      { numRuns: 6 },
    )
  })

  test('C119: behind what never fits nothing is left, nor behind more than can be read at once', () => {
    const { gbnf } = grammarOfSchema({ type: 'array', items: { type: 'integer' } })
    expect(restOfGrammar(gbnf, '[1, x')).toBeUndefined()
    expect(restOfGrammar(gbnf, `[${'1, '.repeat(100_000)}`)).toBeUndefined()
    expect(restOfGrammar(gbnf, '')).toBe(gbnf)
  })

  test.each([
    [{ type: 'array', uniqueItems: true }, ['uniqueItems']],
    [{ type: 'array', contains: { const: 1 } }, ['contains']],
    [{ type: 'string', pattern: '\\bword' }, ['pattern']],
    [{ type: 'string', maxLength: 100_000 }, ['maxLength']],
    [{ type: 'integer', multipleOf: 7919 }, ['multipleOf']],
    [{ oneOf: [{ type: 'integer' }, { type: 'number', minimum: 3 }] }, ['oneOf']],
    [{ type: 'object', properties: { a: {} }, not: { required: ['a'] } }, ['not']],
    [JSON.parse('{"type":"object","if":{"required":["a"]},"then":{"required":["b"]}}'), ['if']],
    [{ type: 'object', properties: { a: {}, b: {}, c: {} }, minProperties: 2 }, ['minProperties']],
    [{ type: 'object', properties: { a: {} }, dependentRequired: { a: ['b'] } }, ['dependentRequired']],
  ] as const)('%j leaves %j to the check afterwards', async (schema, unexpressed) => {
    const compiled = grammarOfSchema(schema)
    expect(compiled.unexpressed).toEqual(unexpressed)
    await matcherOf(compiled)
  })

  test.each([
    [false, 'contradicts itself'],
    [{ enum: [] }, 'contradicts itself'],
    [{ type: 'integer', minimum: 5, maximum: 4 }, 'contradicts itself'],
    [{ type: 'integer', exclusiveMinimum: 4, exclusiveMaximum: 5 }, 'contradicts itself'],
    [{ type: 'string', minLength: 5, maxLength: 4 }, 'contradicts itself'],
    [{ type: 'string', pattern: '^a$', const: 'b' }, 'contradicts itself'],
    [{ type: 'object', properties: { a: false }, required: ['a'] }, 'contradicts itself'],
    [{ allOf: [{ type: 'string' }, { type: 'number' }] }, 'contradicts itself'],
    [{ type: 'object', properties: { a: { $ref: '#' } }, required: ['a'] }, 'contradicts itself'],
    [{ type: 'array', minItems: 1, items: false }, 'contradicts itself'],
    [{ not: {} }, 'contradicts itself'],
    [{ $ref: 'https://example.com/a' }, "refers to 'https://example.com/a'"],
    [{ $ref: '#/$defs/a' }, "refers to '#/$defs/a', which is not in it"],
    [{ $ref: '#' }, 'leads to nothing but itself'],
    [{ anyOf: [{ $ref: '#' }, { type: 'string' }] }, 'leads to nothing but itself'],
  ])('%j is refused by name', (schema, message) => {
    expect(() => grammarOfSchema(schema)).toThrow(message)
  })
})

/** Schemas without references, and values that fit them, in the order of the properties. */
const leaf: fc.Arbitrary<{ schema: object; value: fc.Arbitrary<unknown> }> = fc.oneof(
  fc.record({ min: fc.integer({ min: -2000, max: 2000 }), span: fc.nat(3000) }).map(({ min, span }) => ({
    schema: { type: 'integer', minimum: min, maximum: min + span },
    value: fc.integer({ min, max: min + span }),
  })),
  fc.record({ min: fc.integer({ min: -5000, max: 5000 }), span: fc.nat(9000) }).map(({ min, span }) => ({
    schema: { type: 'number', minimum: min / 100, maximum: (min + span) / 100 },
    value: fc.integer({ min, max: min + span }).map((cents) => cents / 100 + 0),
  })),
  fc.record({ min: fc.nat(5), span: fc.nat(5) }).map(({ min, span }) => ({
    schema: { type: 'string', minLength: min, maxLength: min + span },
    value: fc
      .string({ unit: 'grapheme-composite', minLength: min, maxLength: min + span })
      .filter((text) => [...text].length >= min && [...text].length <= min + span),
  })),
  fc.constantFrom('^[a-f0-9]{2,6}$', '^(?:on|off)$', '^\\w+@\\w+\\.com$').map((pattern) => ({
    schema: { type: 'string', pattern },
    value: fc.stringMatching(new RegExp(pattern)),
  })),
  fc
    .uniqueArray(fc.jsonValue({ maxDepth: 2, noUnicodeString: false }), {
      minLength: 1,
      maxLength: 4,
      selector: (value) => JSON.stringify(value),
    })
    .map((values) => ({
      schema: { enum: JSON.parse(JSON.stringify(values)) },
      value: fc.constantFrom(...values),
    })),
  fc.constant({ schema: { type: ['boolean', 'null'] }, value: fc.constantFrom(true, false, null) }),
)
const { schema: anySchema } = fc.letrec<{ schema: { schema: object; value: fc.Arbitrary<unknown> } }>((tie) => ({
  schema: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    fc.record({ item: tie('schema'), min: fc.nat(2), span: fc.nat(3) }).map(({ item, min, span }) => ({
      schema: { type: 'array', items: item.schema, minItems: min, maxItems: min + span },
      value: fc.array(item.value, { minLength: min, maxLength: min + span }),
    })),
    fc.array(tie('schema'), { minLength: 1, maxLength: 3 }).map((options) => ({
      schema: { anyOf: options.map(({ schema }) => schema) },
      value: fc.oneof(...options.map(({ value }) => value)),
    })),
    fc
      .array(fc.record({ key: fc.string({ maxLength: 4 }), required: fc.boolean(), part: tie('schema') }), {
        maxLength: 5,
      })
      .map((parts) => {
        const fields = [
          ...new Map(
            parts.filter(({ key }) => key !== '__proto__' && !/^\d+$/.test(key)).map((part) => [part.key, part]),
          ).values(),
        ]
        return {
          schema: {
            type: 'object',
            properties: Object.fromEntries(fields.map(({ key, part }) => [key, part.schema])),
            required: fields.filter(({ required }) => required).map(({ key }) => key),
            additionalProperties: false,
          },
          value: fc
            .tuple(
              ...fields.map(({ part, required }) =>
                required ? part.value : fc.option(part.value, { nil: undefined }),
              ),
            )
            .map((values) =>
              Object.fromEntries(
                fields.flatMap(({ key }, index) => (values[index] === undefined ? [] : [[key, values[index]]])),
              ),
            ),
        }
      }),
  ),
}))

test('the grammar takes every valid value, and nothing it says is invalid', async () => {
  await fc.assert(
    fc.asyncProperty(
      anySchema.chain(({ schema, value }) =>
        fc.record({ schema: fc.constant(schema), values: fc.array(value, { minLength: 1, maxLength: 4 }) }),
      ),
      fc.infiniteStream(fc.nat()),
      async ({ schema, values }, numbers) => {
        expect(checkSchema(schema)).toBeUndefined()
        const compiled = grammarOfSchema(schema as JsonSchema)
        expect(compiled.unexpressed).toEqual([])
        const matches = await matcherOf(compiled)
        const fits = validatorOf(schema)
        for (const value of values) {
          expect(matches(JSON.stringify(value)), JSON.stringify(value)).toBe(true)
          expect(matches(JSON.stringify(value, null, 2)), 'indented').toBe(true)
        }
        const text = sampler(compiled.gbnf)((below) => (numbers.next().value ?? 0) % below)
        expect(fits(JSON.parse(text)), text).toBeUndefined()
      },
    ),
    { numRuns: 60 },
  )
})

test('references may chain through thousands of schemas, and a large enum is only long', async () => {
  const names = Array.from({ length: 3_000 }, (_, i) => `d${i}`)
  const $defs = Object.fromEntries(
    names.map((name, i) => [
      name,
      { properties: { next: { $ref: `#/$defs/${names[i + 1] ?? 'd0'}`, description: 'on' } } },
    ]),
  )
  const chain = await matcherOf(grammarOfSchema({ $ref: '#/$defs/d0', $defs }))
  expect(chain('{"next":{"next":{}}}')).toBe(true)
  expect(chain('{"other":1}')).toBe(false)
  const listed = await matcherOf(
    grammarOfSchema({ enum: Array.from({ length: 1_000 }, (_, i) => `value ${i * 7919}`) }),
  )
  expect(listed('"value 7919"')).toBe(true)
  expect(listed('"value 7918"')).toBe(false)
})

test('JSON mode is one object, with little space around and inside', async () => {
  const matches = await matcherOf(grammarOfJsonObject())
  expect(['{}', '\n\n{"a": {"b": [1, "x", null]}}', '{\n    "a": 1\n}'].filter((text) => !matches(text))).toEqual([])
  const bad = [
    '[]',
    '"a"',
    '',
    '{} ',
    '```json\n{}\n```',
    `${'\n'.repeat(30)}{}`,
    `{"a":${' '.repeat(30)}1}`,
    '{"a":1',
    '{"a":NaN}',
  ]
  expect(bad.filter((text) => matches(text))).toEqual([])
})

const weather: Tool = {
  name: 'get_weather',
  strict: false,
  parameters: {
    type: 'object',
    properties: {
      city: { type: 'string' },
      days: { type: 'integer', minimum: 1 },
      unit: { enum: ['c', 'f'] },
      where: {},
    },
    required: ['city'],
  },
}
const now: Tool = { name: 'now', strict: false }
const save: Tool = { name: 'save', strict: false, parameters: { type: 'object' } }
const code: Tool = {
  name: 'code',
  strict: true,
  parameters: {
    type: 'object',
    properties: { id: { type: ['string', 'integer'], pattern: '^[A-Z]+$', minimum: 3 } },
    required: ['id'],
    additionalProperties: false,
  },
}
const tools = [weather, now, save, code]

const invoke = (name: string, parameters: string) => `<｜DSML｜invoke name="${name}">\n${parameters}</｜DSML｜invoke>\n`
const parameter = (name: string, isText: boolean, value: string) =>
  `<｜DSML｜parameter name="${name}" string="${isText}">${value}</｜DSML｜parameter>\n`
const block = (...invokes: readonly string[]) => `${dsml.open}\n${invokes.join('')}${dsml.close}`
const oslo = invoke('get_weather', parameter('city', true, 'Oslo') + parameter('days', false, '3'))

describe('calls in dsml', () => {
  test('are held to the schemas of the tools', async () => {
    const matches = await matcherOf(grammarOfCalls(dsml, { tools, opened: false }))
    const good = [
      block(oslo),
      `\n\n${block(oslo, invoke('now', ''))}`,
      block(
        invoke('get_weather', parameter('city', true, 'a｜b </｜DSM < "q" \\ \n日本😀') + parameter('unit', true, 'f')),
      ),
      block(invoke('get_weather', parameter('city', true, ''))),
      block(invoke('get_weather', parameter('city', true, 'x') + parameter('where', true, 'raw {text}'))),
      block(invoke('get_weather', parameter('city', true, 'x') + parameter('where', false, '{"a": ["b"]}'))),
      block(invoke('get_weather', parameter('city', true, 'x') + parameter('where', false, '"quoted"'))),
      block(invoke('save', '')),
      block(invoke('save', parameter('any-name_1', true, 'x') + parameter('n', false, '{"deep": [1]}'))),
      block(invoke('code', parameter('id', true, 'ABC'))),
      block(invoke('code', parameter('id', false, '3'))),
    ]
    expect(good.filter((text) => !matches(text))).toEqual([])
    const bad = [
      '',
      'Sure!',
      block(),
      block(oslo).replaceAll('\n', ''),
      `${block(oslo)}\n`,
      `${block(oslo)}${block(oslo)}`,
      block(invoke('get_time', '')),
      block(invoke('get_weather', '')),
      block(invoke('now', parameter('a', true, 'x'))),
      block(invoke('get_weather', parameter('city', false, '"Oslo"'))),
      block(invoke('get_weather', parameter('city', true, 'a</｜DSML｜parameter>\nb'))),
      block(invoke('get_weather', parameter('city', true, 'a｜DSML｜b'))),
      block(invoke('get_weather', parameter('city', true, 'a') + parameter('city', true, 'b'))),
      block(invoke('get_weather', parameter('city', true, 'a') + parameter('days', false, '0'))),
      block(invoke('get_weather', parameter('city', true, 'a') + parameter('days', true, '3'))),
      block(invoke('get_weather', parameter('city', true, 'a') + parameter('unit', true, 'k'))),
      block(invoke('get_weather', parameter('days', false, '3') + parameter('city', true, 'a'))),
      block(invoke('get_weather', parameter('city', true, 'a') + parameter('country', true, 'b'))),
      block(invoke('save', parameter('a b', true, 'x'))),
      block(invoke('code', parameter('id', true, 'abc'))),
      block(invoke('code', parameter('id', false, '2'))),
    ]
    expect(bad.filter((text) => matches(text))).toEqual([])
  })

  test('begin behind the cue when the model has written it', async () => {
    const matches = await matcherOf(grammarOfCalls(dsml, { tools, opened: true }))
    expect(matches(block(oslo).slice(dsml.open.length))).toBe(true)
    expect(matches(block(oslo))).toBe(false)
  })

  test('a named choice is one call of that function; without parallel calls there is one call', async () => {
    const named = await matcherOf(grammarOfCalls(dsml, { tools, only: 'now', opened: false }))
    expect(named(block(invoke('now', '')))).toBe(true)
    expect(named(block(oslo))).toBe(false)
    expect(named(block(invoke('now', ''), invoke('now', '')))).toBe(false)
    const single = await matcherOf(grammarOfCalls(dsml, { tools, maxCalls: 1, opened: false }))
    expect(single(block(oslo))).toBe(true)
    expect(single(block(oslo, oslo))).toBe(false)
  })

  test('a schema with alternatives at its root, or behind a reference, is followed', async () => {
    const parameters = {
      anyOf: [{ $ref: '#/$defs/a' }, { type: 'object', properties: { b: { const: 2 } }, required: ['b'] }],
      $defs: { a: { type: 'object', properties: { a: { type: 'string', maxLength: 2 } }, required: ['a'] } },
    }
    const matches = await matcherOf(
      grammarOfCalls(dsml, { tools: [{ name: 'f', strict: false, parameters }], opened: false }),
    )
    expect(matches(block(invoke('f', parameter('a', true, 'xy'))))).toBe(true)
    expect(matches(block(invoke('f', parameter('b', false, '2'))))).toBe(true)
    expect(matches(block(invoke('f', parameter('a', true, 'xyz'))))).toBe(false)
    expect(matches(block(invoke('f', '')))).toBe(false)
  })

  test('a schema that cannot be kept opens the arguments, unless it is strict', async () => {
    const tool: Tool = { name: 'f', strict: false, parameters: { $ref: 'https://example.com/x' } }
    const compiled = grammarOfCalls(dsml, { tools: [tool], opened: false })
    expect(compiled.unexpressed).toEqual(['f: parameters'])
    expect((await matcherOf(compiled))(block(invoke('f', parameter('a', true, 'x'))))).toBe(true)
    expect(() => grammarOfCalls(dsml, { tools: [{ ...tool, strict: true }], opened: false })).toThrow(
      "The function 'f' cannot be held",
    )
    const quoted: Tool = {
      name: 'f',
      strict: true,
      parameters: { type: 'object', properties: { 'a"b': {} }, required: ['a"b'] },
    }
    expect(() => grammarOfCalls(dsml, { tools: [quoted], opened: false })).toThrow('cannot write in a call')
  })

  test('whatever is said in them fits the schema', async () => {
    const say = sampler(grammarOfCalls(dsml, { tools: [weather], opened: false, only: 'get_weather' }).gbnf)
    const fits = validatorOf({ ...weather.parameters, additionalProperties: false })
    fc.assert(
      fc.property(fc.infiniteStream(fc.nat()), (numbers) => {
        const text = say((below) => (numbers.next().value ?? 0) % below)
        const found = [
          ...text.matchAll(/<｜DSML｜parameter name="([^"]*)" string="(true|false)">(.*?)<\/｜DSML｜parameter>\n/gs),
        ]
        const args = found.map(([, name, isText, value = '']) => [name, isText === 'true' ? value : JSON.parse(value)])
        expect(fits(Object.fromEntries(args)), text).toBeUndefined()
        expect(text.split('｜DSML｜').length).toBe(5 + 2 * found.length)
      }),
      { numRuns: 100 },
    )
  })
})

describe('calls in hermes', () => {
  const call = (name: string, args: string) => `<tool_call>\n{"name": "${name}", "arguments": ${args}}\n</tool_call>`
  test('are held to the schemas of the tools', async () => {
    const matches = await matcherOf(grammarOfCalls(hermes, { tools, opened: false }))
    const good = [
      call('now', '{}'),
      `\n${call('get_weather', '{"city": "Oslo", "days": 3}')}\n${call('now', '{}')}`,
      call('save', '{"x y": [1]}'),
    ]
    expect(good.filter((text) => !matches(text))).toEqual([])
    const bad = [
      call('now', '{"a": 1}'),
      call('get_weather', '{}'),
      call('nobody', '{}'),
      call('get_weather', '{"city": 1}'),
      `${call('now', '{}')}\n`,
    ]
    expect(bad.filter((text) => matches(text))).toEqual([])
  })
  test('begin behind the cue, and are one where one is wanted', async () => {
    const matches = await matcherOf(grammarOfCalls(hermes, { tools, maxCalls: 1, opened: true }))
    expect(matches(call('now', '{}').slice('<tool_call>'.length))).toBe(true)
    expect(matches(`${call('now', '{}')}\n${call('now', '{}')}`.slice('<tool_call>'.length))).toBe(false)
  })
})

test('an answer can be calls or JSON, and nothing else', async () => {
  const matches = await matcherOf(
    grammarOfCallsOrJson(dsml, { tools }, { type: 'object', properties: { a: { type: 'integer' } } }),
  )
  expect(matches(`\n${block(oslo)}`)).toBe(true)
  expect(matches('{"a": 1}')).toBe(true)
  expect(matches('{"a": "x"}')).toBe(false)
  expect(matches('Hello')).toBe(false)
})

test('128 tools of 10 parameters make a grammar that the engine reads at once', async () => {
  const kinds = [
    { type: 'string' },
    { type: 'integer', minimum: 0, maximum: 100 },
    { format: 'date-time' },
    { type: 'array', items: { type: 'string' } },
    {},
  ]
  const many = Array.from(
    { length: 128 },
    (_, i): Tool => ({
      name: `tool_${i}`,
      strict: false,
      parameters: {
        type: 'object',
        properties: Object.fromEntries(Array.from({ length: 10 }, (_, j) => [`p${i}_${j}`, kinds[j % 5]])),
        required: [`p${i}_0`],
      },
    }),
  )
  const compiled = grammarOfCalls(dsml, { tools: many, opened: false })
  expect(compiled.gbnf.length).toBeLessThan(500_000)
  expect((await matcherOf(compiled))(block(invoke('tool_127', parameter('p127_0', true, 'x'))))).toBe(true)
  expect(grammarOfCalls(dsml, { tools: structuredClone(many), opened: false })).toBe(compiled)
})
