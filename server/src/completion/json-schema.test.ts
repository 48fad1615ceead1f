import { describe, expect, test } from 'vitest'
import { formatPatterns } from './json-formats.ts'
import { checkSchema, partValidatorsOf, strictnessProblem, validatorOf } from './json-schema.ts'

describe('a schema', () => {
  test.each([
    {},
    { type: 'object' },
    { $schema: 'http://json-schema.org/draft-07/schema#', type: 'object', definitions: { a: {} } },
    { type: ['string', 'null'], format: 'no-such-format', 'x-mine': 1 },
    { $ref: '#/$defs/a', $defs: { a: { type: 'array', items: { $ref: '#/$defs/a' } } } },
    { $id: 'https://example.com/one', type: 'string' },
    { $id: 'https://json-schema.org/draft/2020-12/schema', id: 'mine', type: 'number' },
  ])('%j is one', (schema) => expect(checkSchema(schema)).toBeUndefined())

  test.each([
    [{ type: 'objekt' }, "'/type' must be equal to one of the allowed values (array, boolean, integer"],
    [[], 'it must be an object.'],
    ['object', 'it must be an object.'],
    [null, 'it must be an object.'],
    [{ required: 'a' }, "'/required' must be array."],
    [{ properties: { a: { minimum: '1' } } }, "'/properties/a/minimum' must be number."],
    [{ properties: { a: { items: [{}] } } }, "'/properties/a/items' must be object,boolean."],
    [{ $ref: 'https://example.com/schema' }, "can't resolve reference https://example.com/schema"],
    [{ $ref: '#/$defs/none' }, "can't resolve reference #/$defs/none"],
    [
      { $ref: '#/$defs/a', $defs: { a: { $ref: '#/$defs/b' }, b: { $ref: '#/$defs/a' } } },
      "a '$ref' leads back to itself",
    ],
    [{ pattern: '(' }, "the pattern '(' is not a valid regular expression."],
    [{ pattern: '(a|a)*\\b' }, 'could take exponential time.'],
  ])('%j is none', (schema, reason) => expect(checkSchema(schema)).toContain(reason))

  test('that is too large is refused by its size', () => {
    expect(checkSchema({ description: 'a'.repeat(300_000) })).toBe('it is longer than 262144 characters.')
    expect(checkSchema({ enum: Array.from({ length: 10_001 }, () => []) })).toBe('it has more than 10000 parts.')
  })

  test('nested beyond measure is refused before anybody walks through it', () => {
    let schema: object = { type: 'string' }
    for (let i = 0; i < 5_000; i++) schema = { items: schema }
    expect(checkSchema(schema)).toBe('it is nested deeper than 64 levels.')
  })
})

describe('a validator', () => {
  test('says where and why a value does not fit, and never quotes it', () => {
    const problem = validatorOf({ type: 'object', properties: { age: { type: 'integer' } } })
    expect(problem({ age: 3 })).toBeUndefined()
    expect(problem({ age: 'secret' })).toBe("'/age' must be integer.")
  })
  test('follows recursion', () => {
    const problem = validatorOf({ type: 'object', properties: { next: { $ref: '#' } }, additionalProperties: false })
    expect(problem({ next: { next: {} } })).toBeUndefined()
    expect(problem({ next: { other: {} } })).toContain('must NOT have additional properties')
  })
  test('survives a value that is nested without end', () => {
    const problem = validatorOf({ type: 'array', items: { $ref: '#' } })
    expect(problem(JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`))).toBe('the value is nested too deep.')
  })
  test('keeps two patterns apart', () => {
    const problem = validatorOf({ properties: { a: { pattern: '^a$' }, b: { pattern: '^b$' } } })
    expect(problem({ a: 'a', b: 'b' })).toBeUndefined()
    expect(problem({ a: 'a', b: 'a' })).toBeDefined()
  })
  test('measures multiples of a hundredth as people do', () => {
    expect(validatorOf({ multipleOf: 0.01 })(0.07)).toBeUndefined()
  })
  test('two schemas under one $id do not get into each other’s way', () => {
    expect(validatorOf({ $id: 'https://example.com/two', type: 'string' })('a')).toBeUndefined()
    expect(validatorOf({ $id: 'https://example.com/two', type: 'number' })('a')).toBeDefined()
  })
  test('a property named __proto__ is a property', () => {
    const problem = validatorOf(JSON.parse('{"type":"object","required":["__proto__"]}'))
    expect(problem({})).toBeDefined()
    expect(problem(JSON.parse('{"__proto__":1}'))).toBeUndefined()
  })
  test('a member named valueOf does no harm', () => {
    expect(validatorOf({ enum: [{}] })({ valueOf: 1 })).toBeDefined()
  })
  test('is refused for what is no schema', () => {
    expect(() => validatorOf({ type: 'objekt' })).toThrow('The schema cannot be used')
  })
})

test.each([
  [
    'date',
    ['2024-02-29', '2023-12-31', '2000-02-29'],
    ['2023-02-29', '1900-02-29', '2023-04-31', '2023-13-01', '23-1-1'],
  ],
  ['time', ['12:30:00Z', '23:59:59.123+02:00'], ['24:00:00Z', '12:30:00', '12:60:00Z']],
  ['date-time', ['2024-02-29T12:30:00Z'], ['2024-02-29 12:30:00Z', '2024-02-30T12:30:00Z']],
  ['duration', ['P1Y2M3DT4H5M6S', 'PT5M', 'P2W', 'P1D'], ['P', 'PT', '1D', 'P1DT', 'P1H']],
  ['email', ['a.b+c@example.co', 'x@a-b.org'], ['a', 'a@b', '@b.c', 'a b@c.de', 'a..b@c.de']],
  ['hostname', ['example.com', 'a', 'a-b.c1'], ['', '-a', 'a-', 'a..b', 'a_b', 'a'.repeat(64)]],
  ['ipv4', ['127.0.0.1', '255.255.255.0'], ['256.1.1.1', '1.1.1', '01.1.1.1', '1.1.1.1.1']],
  [
    'ipv6',
    ['::1', '::', '1:2:3:4:5:6:7:8', 'fe80::1:2', '::ffff:1.2.3.4', '1::8'],
    ['1:2', ':::', '1:2:3:4:5:6:7:8:9', '1::2::3', 'g::1'],
  ],
  ['uri', ['https://example.com/a?b=c#d', 'urn:isbn:123', 'mailto:a@b.c'], ['example.com', '/a/b', 'http://a b', ':a']],
  [
    'uri-reference',
    ['http://a.b/c?d#e', '//a.b/c', '/a', 'a', '#a', '', '../a?b'],
    ['\\\\a\\b', '#a\\b', 'a b', '1:2', 'é'],
  ],
  [
    'iri',
    ['http://ƒøø.ßår/?∂éœ=πîx#πîüx', 'urn:é', 'http://[2001:db8::1]/a'],
    ['/é', 'é', 'http://a b', 'http://2001:db8::1]'],
  ],
  ['iri-reference', ['http://ƒøø.ßår/?∂éœ', '/é', 'é#é', ''], ['\\\\WINDOWS\\filëß', '#ƒräg\\mênt']],
  ['json-pointer', ['', '/', '/a~1b', '/m~0n/0', '/é f'], ['a', '/a~', '/a~2', '#', '#/a', '/~0~']],
  ['relative-json-pointer', ['1', '0/a', '2#', '120/foo/bar'], ['/a', '-1/a', '01', '0##', '+1']],
  ['uri-template', ['http://a/{b}/{c,d}', '{?x*,y:3}', 'a'], ['http://a/{b', '{}', 'a b', '}']],
  ['idn-email', ['실례@실례.테스트', 'a@b.co'], ['2962', 'a@b', '@b.c', 'a b@c.de']],
  [
    'uuid',
    ['123e4567-e89b-12d3-a456-426614174000'],
    ['123e4567e89b12d3a456426614174000', '123e4567-e89b-12d3-a456-42661417400g'],
  ],
])('the format %s', (format, valid, invalid) => {
  const problem = validatorOf({ format })
  expect(formatPatterns.has(format)).toBe(true)
  expect(valid.filter((text) => problem(text))).toEqual([])
  expect(invalid.filter((text) => !problem(text))).toEqual([])
})

test('what only Ajv knows is nothing: no null is let in, and no verdict is a promise', () => {
  const problemOf = (schema: unknown, value: unknown) => {
    expect(checkSchema(schema)).toBeUndefined()
    return validatorOf(schema)(value)
  }
  expect(problemOf({ $async: true, type: 'object', required: ['a'] }, {})).toContain("required property 'a'")
  expect(problemOf({ properties: { x: { $async: true, type: 'integer' } } }, { x: 'a' })).toContain('must be integer')
  expect(problemOf({ type: 'string', nullable: true }, null)).toContain('must be string')
  expect(problemOf({ $ref: '#/$defs/a', nullable: true, $defs: { a: { type: 'integer' } } }, null)).toContain('integer')
  const components = { schemas: { X: { type: 'string', nullable: true } } }
  expect(problemOf({ $ref: '#/components/schemas/X', components }, null)).toContain('must be string')
  expect(partValidatorsOf({ properties: { a: { type: 'string', nullable: true } } })('/properties/a')(null)).toContain(
    'string',
  )
  // Names and values are not keywords.
  expect(problemOf({ properties: { nullable: { type: 'string' } } }, { nullable: 1 })).toContain('must be string')
  expect(problemOf({ properties: { $async: false } }, { $async: 1 })).toContain('schema is false')
  expect(problemOf({ enum: [{ nullable: true }] }, {})).toContain('allowed values')
  expect(problemOf({ const: { $async: true } }, { $async: true })).toBeUndefined()
})

describe('strict', () => {
  const strict = { type: 'object', properties: { a: {} }, required: ['a'], additionalProperties: false }
  test.each([
    strict,
    { ...strict, properties: { a: { anyOf: [strict, { type: 'null' }] } } },
    { $ref: '#/$defs/a', $defs: { a: strict } },
  ])('%j is', (schema) => expect(strictnessProblem(schema)).toBeUndefined())

  test.each([
    [{}, "its 'type' must be 'object'"],
    [{ type: 'object' }, "at the top 'additionalProperties' must be false"],
    [{ ...strict, required: [] }, "'a' is missing"],
    [{ ...strict, properties: { a: { type: 'object' } } }, "at '/properties/a'"],
    [{ ...strict, properties: { a: { items: { type: ['object', 'null'] } } } }, "at '/properties/a/items'"],
    [{ ...strict, properties: { a: { anyOf: [{ properties: {} }] } } }, "at '/properties/a/anyOf/0'"],
    [{ ...strict, $defs: { b: { type: 'object' } } }, "at '/$defs/b'"],
  ])('%j is not', (schema, reason) => expect(strictnessProblem(schema)).toContain(reason))
})

describe('somebody else’s schema cannot take our time', () => {
  test('items are told apart in one pass', () => {
    const problem = validatorOf({ uniqueItems: true })
    const items = Array.from({ length: 50_000 }, (_, i) => ({ i, a: [i] }))
    expect(problem(items)).toBeUndefined()
    expect(problem([...items, { a: [7], i: 7 }])).toContain('must NOT have items that are equal')
    expect(problem([1, '1', [1], { 1: 1 }, null, 'null', true])).toBeUndefined()
    expect(problem([{ a: {} }, { a: [] }])).toBeUndefined()
    expect(problem([0, -0])).toBeDefined()
  })

  test('references that look at a place twice a level are given up', () => {
    const twice = { anyOf: [{ $ref: '#/$defs/a' }, { $ref: '#/$defs/a' }] }
    const problem = validatorOf({ $ref: '#/$defs/a', $defs: { a: { properties: { x: twice }, required: ['y'] } } })
    let value: object = {}
    for (let depth = 0; depth < 40; depth++) value = { x: value, y: 1 }
    expect(problem(value)).toBe('the value takes too long to check.')
    expect(problem({ y: 1 })).toBeUndefined()
  })
})

test.each([
  [{ $dynamicRef: '#a' }, '$dynamicRef'],
  [{ items: { $recursiveRef: '#' } }, '$recursiveRef'],
  [{ $vocabulary: { 'https://example.com/v': true } }, '$vocabulary'],
  [{ $ref: 'https://example.com/a' }, 'https://example.com/a'],
  [{ $ref: '#/nowhere' }, '#/nowhere'],
])('%j is refused by name', (schema, name) => expect(checkSchema(schema)).toContain(name))

test.each([
  { properties: { $dynamicRef: { type: 'string' } } },
  { $vocabulary: { 'https://json-schema.org/draft/2020-12/vocab/core': true, 'https://example.com/v': false } },
])('%j is taken', (schema) => expect(checkSchema(schema)).toBeUndefined())
