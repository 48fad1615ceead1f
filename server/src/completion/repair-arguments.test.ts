import { expect, test } from 'vitest'
import { repairArguments } from './repair-arguments.ts'

const schema = {
  type: 'object',
  properties: {
    days: { type: 'integer' },
    ratio: { type: ['number', 'null'] },
    sunny: { type: 'boolean' },
    city: { type: 'string' },
    tags: { type: 'array', items: { type: 'number' } },
    place: { $ref: '#/$defs/place' },
    any: {},
  },
  $defs: {
    place: { type: 'object', properties: { lat: { type: 'number' } }, additionalProperties: { type: 'string' } },
  },
}

test.each([
  ['{"days":"3"}', '{"days":3}'],
  ['{"days":" 12345678901234567890 "}', '{"days":12345678901234567890}'],
  ['{"ratio":"0.5"}', '{"ratio":0.5}'],
  ['{"ratio":"None"}', '{"ratio":null}'],
  ['{"sunny":"true"}', '{"sunny":true}'],
  ['{"sunny":"False"}', '{"sunny":false}'],
  ['{"city":5}', '{"city":"5"}'],
  ['{"tags":"[1, 2]"}', '{"tags":[1, 2]}'],
  ['{"tags":["1", 2.0]}', '{"tags":[1,2.0]}'],
  ['{"place":"{\\"lat\\": \\"1\\"}"}', '{"place":{"lat":1}}'],
  ['{"place":{"lat":"1.0","name":7}}', '{"place":{"lat":1.0,"name":"7"}}'],
  ['{"arguments":{"days":3}}', '{"days":3}'],
  ['{"input":"{\\"days\\":\\"3\\"}"}', '{"days":3}'],
  ['{"parameters": { "2": 1.0, "1": 2, "days": "3" }}', '{"2":1.0,"1":2,"days":3}'],
])('%s is meant as %s', (written, meant) => expect(repairArguments(written, schema)).toBe(meant))

test.each([
  '{"days":3}',
  '{"days":"three"}',
  '{"days":"true"}',
  '{"days":true}',
  '{"sunny":"yes"}',
  '{"sunny":1}',
  '{"city":null}',
  '{"city":["a"]}',
  '{"any":"1"}',
  '{"unknown":"1"}',
  '{"arguments":3}',
  '{"arguments":{},"days":3}',
  '{}',
])('%s has no other plain meaning', (written) => expect(repairArguments(written, schema)).toBeUndefined())

test('a wrapper that is declared is none', () => {
  expect(repairArguments('{"input":{"a":1}}', { properties: { input: {} } })).toBeUndefined()
})

test('recursion and depth are bounded', () => {
  const tree = { type: 'object', properties: { next: { $ref: '#' }, n: { type: 'number' } } }
  const deep = (depth: number, leaf: string) => '{"next":'.repeat(depth) + leaf + '}'.repeat(depth)
  expect(repairArguments(deep(5, '{"n":"1"}'), tree)).toBe(deep(5, '{"n":1}'))
  expect(repairArguments(deep(50, '{"n":"1"}'), tree)).toBeUndefined()
  expect(repairArguments('{"a":"1"}', { $ref: '#' })).toBeUndefined()
})
