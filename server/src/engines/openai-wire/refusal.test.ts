import { expect, test } from 'vitest'
import { failureOfRefusal, refusalOf, retryAfterOf, roomIn } from './refusal.ts'

test.each([
  ['Invalid max_tokens value, the valid range of max_tokens is [1, 8192]', { tokens: 8192, lasting: true }],
  [
    "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens (4000 in the messages, 1000 in the completion).",
    { tokens: 96, lasting: false },
  ],
  [
    "'max_tokens' is too large: 100. This model's maximum context length is 50 tokens and your request has 45 input tokens.",
    { tokens: 5, lasting: false },
  ],
  ['no such field', undefined],
])('%s', (message, room) => {
  expect(roomIn({ status: 400, message })).toEqual(room)
  expect(roomIn({ status: 500, message })).toBeUndefined()
})

test.each([
  [400, 'nonsense', 'engine-protocol', true],
  [422, 'nonsense', 'engine-protocol', true],
  [307, '', 'engine-unavailable', true],
  [401, '', 'engine-unavailable', true],
  [404, '', 'engine-unavailable', true],
  [429, '', 'engine-unavailable', true],
  [408, '', 'engine-unavailable', undefined],
  [502, '', 'engine-unavailable', undefined],
  [400, 'the request exceeds the available context size', 'context-too-long', undefined],
])('%i %s means %s', (status, words, code, elsewhere) => {
  const failure = failureOfRefusal({ status, message: words }, 1_000)
  expect([failure.code, failure.elsewhere]).toEqual([code, elsewhere])
  if (words === 'nonsense') expect(failure.message).not.toContain(words)
})

test('errors are read in the shapes of several servers', () => {
  expect(refusalOf(400, { error: { message: 'a', code: 'x' } })).toEqual({ status: 400, message: 'a' })
  expect(refusalOf(400, { object: 'error', message: 'a', code: 400 })).toEqual({ status: 400, message: 'a' })
  expect(refusalOf(200, { error: { message: 'a', code: 429 } })).toEqual({ status: 429, message: 'a' })
  expect(refusalOf(200, 'broken')).toEqual({ status: 500, message: 'broken' })
})

test('Retry-After is seconds or a date, within a minute', () => {
  const now = Date.parse('2026-01-01T00:00:00Z')
  const headers = ['7', '0', '3600', 'Thu, 01 Jan 2026 00:00:09 GMT', 'soon', undefined]
  expect(headers.map((header) => retryAfterOf(header, now))).toEqual([7, 1, 60, 9, undefined, undefined])
})
