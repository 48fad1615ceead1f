import { expect, test } from 'vitest'
import type { Answer } from './exchange.ts'
import { streamIn } from './reading.ts'
import { deltaFaults, fragmentFaults, grammarFaults, headFaults, usageFaults } from './stream-faults.ts'

const head = { id: 'a', object: 'chat.completion.chunk', created: 1, model: 'm', system_fingerprint: 'fp' }
const chunk = (delta: object, finish: string | null = null, more: object = {}) => ({
  ...head,
  choices: [{ index: 0, delta, finish_reason: finish }],
  ...more,
})
const role = chunk({ role: 'assistant', content: '' })
const text = chunk({ content: 'Hi' })
const thought = chunk({ reasoning_content: 'Hm' })
const finish = chunk({}, 'stop')
const usage = { prompt_tokens: 1 }
const usageChunk = { ...head, choices: [], usage }
const call = (part: object) => chunk({ tool_calls: [part] })
const first = { index: 0, id: 'c', type: 'function', function: { name: 'f', arguments: '' } }
const later = { index: 0, function: { arguments: '{}' } }

const streamOf = (chunks: readonly object[], tail = 'data: [DONE]\n\n') =>
  streamIn({
    status: 200,
    headers: {},
    silenceMs: 0,
    text: chunks.map((one) => `data: ${JSON.stringify(one)}\n\n`).join('') + tail,
  } satisfies Answer)

test('a good stream has no faults', () => {
  const stream = streamOf([role, thought, text, call(first), call(later), finish])
  expect([...grammarFaults(stream), ...headFaults(stream), ...deltaFaults(stream), ...fragmentFaults(stream)]).toEqual(
    [],
  )
})

test.each([
  [[text, finish], 'the first chunk has no role'],
  [[role, role, finish], 'the role comes more than once'],
  [[role, text], '0 chunks have a finish reason'],
  [[role, finish, finish], '2 chunks have a finish reason'],
  [[role, chunk({ content: '' }, 'stop')], 'the finish chunk has the delta {"content":""}'],
  [[role, finish, text], 'chunks with text follow the finish chunk'],
  [[role, text, thought, finish], 'reasoning, content and calls are mixed'],
  [[role, { error: { message: 'x' } }], 'the stream ends with an error'],
])('the grammar of %j', (chunks, fault) => {
  expect(grammarFaults(streamOf(chunks))).toContain(fault)
})

test.each(['', 'data: [DONE]\n\ndata: [DONE]\n\n', `data: [DONE]\n\ndata: ${JSON.stringify(usageChunk)}\n\n`])(
  'a stream that ends with %j does not end with [DONE]',
  (tail) => {
    expect(grammarFaults(streamOf([role, finish], tail))).toContain('[DONE] is not the last event')
  },
)

test('what is no JSON, and lines of other kinds, are seen', () => {
  const stream = streamOf([role], 'event: ping\nid: 7\ndata: {"a":\n\n: comment\n\ndata: [DONE]\n\n')
  expect(grammarFaults(stream)).toContain('data that is no JSON object: "{\\"a\\":"')
  expect(stream.otherLines).toEqual(['event: ping', 'id: 7'])
})

test('a head that changes, and one that is not there', () => {
  const { system_fingerprint: _, ...bare } = finish
  expect(headFaults(streamOf([role, { ...text, created: 2 }, bare]))).toEqual([
    'created changes',
    'system_fingerprint changes',
  ])
  expect(headFaults(streamOf([bare]))).toEqual(['no system_fingerprint'])
})

test.each([
  [chunk({ content: 'a', reasoning_content: null }), 'reasoning_content is null'],
  [call({ ...later, id: null }), 'tool_calls[].id is null'],
  [chunk({ content: '' }), 'a delta is empty'],
  [chunk({ content: 'a', reasoning_content: 'b' }), 'a delta has two fields'],
])('the delta of %j', (bad, fault) => {
  expect(deltaFaults(streamOf([role, bad, finish]))).toEqual([fault])
})

test.each([
  [[role, finish], true, 'there is no usage'],
  [[role, { ...finish, usage }, usageChunk], false, '2 chunks have usage'],
  [[role, { ...finish, usage }], true, 'usage is not on a chunk of its own'],
  [[role, finish, usageChunk], true, 'the other chunks have no "usage": null'],
  [[role, finish, usageChunk], false, 'usage is not on the finish chunk'],
  [
    [
      { ...role, usage: null },
      { ...finish, usage },
    ],
    false,
    'other chunks have the key usage',
  ],
])('usage of %j', (chunks, asked, fault) => {
  expect(usageFaults(streamOf(chunks), asked)).toContain(fault)
})

test('usage where it belongs', () => {
  const nulls = [role, finish].map((one) => ({ ...one, usage: null }))
  expect(usageFaults(streamOf([...nulls, usageChunk]), true)).toEqual([])
  expect(usageFaults(streamOf([role, { ...finish, usage }]), false)).toEqual([])
})

test.each([
  [[{ ...first, index: undefined }], 'a fragment has no index'],
  [[{ index: 0, function: { name: 'f', arguments: '' } }], 'the first fragment of a call lacks its id or type'],
  [[{ ...first, function: { arguments: '' } }], 'the first fragment of a call lacks its name'],
  [[{ ...first, function: { name: 'f', arguments: '{}' } }], 'the first fragment of a call has arguments'],
  [[{ ...first, index: 1 }], 'indexes are not 0, 1, 2, … in order'],
  [[first, { ...later, type: 'function' }], 'a later fragment repeats id, type or name'],
])('the fragments %j', (parts, fault) => {
  expect(fragmentFaults(streamOf([role, ...parts.map(call), finish]))).toEqual([fault])
})
