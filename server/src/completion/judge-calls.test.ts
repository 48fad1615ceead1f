import { describe, expect, test } from 'vitest'
import { judgeCalls } from './judge-calls.ts'
import type { Tool } from './request.ts'
import { parseCalls } from './steps/parse-calls.ts'
import { readElements } from './steps/read-tool-call.ts'
import { tell } from './steps/steps-fixture.ts'

const parameters = {
  type: 'object',
  properties: { days: { type: 'integer', maximum: 9 } },
  required: ['days'],
  additionalProperties: false,
}
const tool = (options: Partial<Tool> = {}): Tool => ({ name: 'f', strict: false, parameters, ...options })
const call = (written: string, name = 'f') => ({ name, arguments: written })
const judged = (written: string, options: Partial<Tool> = {}) => judgeCalls([tool(options)], undefined)(call(written))

test('what fits stays as it was written', () => {
  expect(judged('{ "days": 3.0 }')).toEqual({ type: 'fits', call: call('{ "days": 3.0 }') })
})

test('what is plainly meant otherwise is repaired, if it then fits', () => {
  expect(judged('{"days":"3"}')).toEqual({ type: 'fits', call: call('{"days":3}') })
  expect(judged('{"arguments":{"days":"3"}}', { strict: true })).toEqual({ type: 'fits', call: call('{"days":3}') })
  expect(judged('{"days":"30"}')).toEqual({ type: 'unfit', call: call('{"days":"30"}'), failure: undefined })
})

test('what does not fit is a failure only if the function is strict', () => {
  expect(judged('{}')).toMatchObject({ type: 'unfit', failure: undefined })
  const failure = { code: 'invalid-output', param: 'tools[0].function.parameters' }
  expect(judged('{}', { strict: true })).toMatchObject({ type: 'unfit', failure })
  const { parameters: _, ...bare } = tool({ strict: true })
  expect(judgeCalls([bare], undefined)(call('{"a":1}'))).toMatchObject({ type: 'unfit' })
  expect(judgeCalls([{ ...bare, strict: false }], undefined)(call('{"a":1}'))).toMatchObject({ type: 'fits' })
})

test.each(['f<|channel|>commentary', 'functions.f', 'functions.f:0', 'f.call', ' f'])(
  '%s is the function f',
  (name) => {
    expect(judgeCalls([tool()], 'f')(call('{"days":3}', name))).toEqual({ type: 'fits', call: call('{"days":3}') })
  },
)

test('a function that nobody declared passes; where one is named, no other does', () => {
  expect(judgeCalls([tool()], undefined)(call('{}', 'g'))).toMatchObject({ type: 'fits' })
  expect(judgeCalls([tool()], 'f')(call('{}', 'g'))).toEqual({ type: 'malformed' })
})

test('a schema that nobody can use judges nothing, unless it is strict', () => {
  const unusable = { $ref: 'https://example.com/schema' }
  expect(judged('{"days":"x"}', { parameters: unusable })).toMatchObject({ type: 'fits' })
  expect(() => judged('{}', { parameters: unusable, strict: true })).toThrow('cannot be used')
})

describe('in an answer', () => {
  const said = (written: string, last: boolean, options: Partial<Tool> = {}) =>
    tell(
      parseCalls({
        syntaxes: [{ opener: '<tool_call>', reader: readElements('tool_call') }],
        schemas: () => undefined,
        single: false,
        judge: judgeCalls([tool(options)], undefined),
        last,
      }),
      [`a<tool_call>{"name":"f","arguments":${written}}</tool_call>`],
    )
  test('a repaired call comes out at once; one that does not fit is asked for once more, then passes or fails', () => {
    expect(said('{"days":"3"}', false).calls).toEqual([['f', '{"days":3}']])
    expect(said('{"days":"x"}', false)).toMatchObject({ calls: [], ending: { type: 'again', keep: 1 } })
    expect(said('{"days":"x"}', true)).toMatchObject({ calls: [['f', '{"days":"x"}']], ending: { type: 'ended' } })
    expect(said('{"days":"x"}', true, { strict: true })).toMatchObject({ calls: [], ending: { type: 'failed' } })
  })
})
