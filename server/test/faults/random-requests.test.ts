import fc from 'fast-check'
import { expect, test } from 'vitest'
import { doubled } from '../contract/harness.ts'

type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

const parameters: Json = {
  type: 'object',
  properties: { city: { type: 'string', minLength: 1 }, days: { type: 'integer', minimum: 0 } },
  required: ['city', 'days'],
  additionalProperties: false,
}

/** A request with something in every field that the contract knows. */
const rich: Json = {
  model: 'deepseek-v4-flash',
  messages: [
    { role: 'system', content: 'Be brief.', name: 'a' },
    { role: 'developer', content: [{ type: 'text', text: 'a', tokens: 1 }] },
    { role: 'user', content: [{ type: 'text', text: 'Weather?', tokens: 1 }] },
    {
      role: 'assistant',
      content: null,
      reasoning_content: 'Ask.',
      tool_calls: [{ id: 'c1', type: 'function', function: { name: 'get', arguments: '{"city":"Oslo"}' } }],
    },
    { role: 'tool', tool_call_id: 'c1', content: 'rain' },
    { role: 'assistant', content: 'It', prefix: true },
  ],
  thinking: { type: 'enabled', reasoning_effort: 'high' },
  max_tokens: 50,
  response_format: { type: 'json_schema', json_schema: { name: 'a', description: 'b', schema: parameters } },
  stop: ['END', ''],
  stream: true,
  stream_options: { include_usage: true },
  temperature: 0.5,
  top_p: 0.9,
  tools: [{ type: 'function', function: { name: 'get', description: 'd', parameters, strict: true } }],
  tool_choice: { type: 'function', function: { name: 'get' } },
  frequency_penalty: 0,
  presence_penalty: 0,
  user_id: 'alice',
  reasoning_effort: 'low',
  max_completion_tokens: 40,
  logprobs: true,
  top_logprobs: 2,
  parallel_tool_calls: false,
  seed: 7,
  n: 1,
  user: 'bob',
  logit_bias: {},
  functions: [],
  modalities: ['text'],
}

const pathsOf = (value: Json, path: readonly string[] = []): (readonly string[])[] =>
  typeof value !== 'object' || value === null
    ? [path]
    : [path, ...Object.entries(value).flatMap(([key, member]) => pathsOf(member, [...path, key]))]

/** `undefined` takes the place away. */
function changed(value: Json, [key, ...rest]: readonly string[], to: Json | undefined): Json | undefined {
  if (key === undefined) return to
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).flatMap(([name, member]): [string, Json][] => {
    if (name !== key) return [[name, member]]
    const other = changed(member, rest, to)
    return other === undefined ? [] : [[name, other]]
  })
  return Array.isArray(value) ? members.map(([, member]) => member) : Object.fromEntries(members)
}

const paths = pathsOf(rich).filter((path) => path.length > 0)
const odd: fc.Arbitrary<Json | undefined> = fc.oneof(
  fc.constant(undefined),
  fc.constantFrom<Json>(
    null,
    true,
    0,
    -1,
    1.5,
    1e300,
    -0,
    '',
    'a',
    '\u0000',
    '\ud800',
    '\ufdd0',
    [],
    {},
    [[]],
    [null],
    [{}],
    [1],
  ),
  fc.constantFrom<Json>(
    'assistant',
    'tool',
    'user',
    'none',
    'auto',
    'required',
    'json_object',
    'text',
    'function',
    'object',
  ),
  fc.constantFrom<Json>('<｜User｜>', '</think>', '｜DSML｜', '{"a":1}', '__proto__', 'constructor', 'x'.repeat(3_000)),
  fc.constantFrom<Json>({ type: 'text' }, { type: 'none' }, { $ref: '#' }, { not: {} }, { pattern: '(' }, { enum: [] }),
  fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Json>,
)

test('whatever stands in whatever field, the answer is one of the contract, and nothing is a defect', async () => {
  const { client, log } = await doubled(['Thinking.</think>It rains.'], { constrains: true })
  const allowed = new Set([200, 400, 404, 500])
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.constantFrom(...paths), odd), { minLength: 1, maxLength: 2 }),
      async (changes) => {
        const body = changes.reduce<Json>((value, [path, to]) => changed(value, path, to) ?? {}, rich)
        const { status, text } = await client.post(JSON.stringify(body))
        expect(allowed).toContain(status)
        if (status === 200) return
        const { error } = JSON.parse(text)
        expect(Object.keys(error)).toEqual(['message', 'type', 'param', 'code'])
        // The double speaks as it likes, so that output may break a promise; nothing else may be our fault.
        if (status === 500) expect(error.code).toBe('invalid_model_output')
        else expect(error.type).toBe('invalid_request_error')
      },
    ),
    { numRuns: 1_000, seed: 20_261_123 },
  )
  expect(log()).not.toContain('defect')
})
