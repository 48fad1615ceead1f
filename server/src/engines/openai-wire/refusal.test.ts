import { expect, test } from 'vitest'
import { failureOfRefusal, refusalOf, retryAfterOf, roomIn } from './refusal.ts'

test.each([
  ['Invalid max_tokens value, the valid range of max_tokens is [1, 8192]', { tokens: 8192, lasting: true }],
  [
    'max_tokens is too large: 65536. This model supports at most 16384 completion tokens, whereas you provided 65536.',
    { tokens: 16384, lasting: true },
  ],
  [
    '`max_tokens` must be less than or equal to `8192`, the maximum value for this model',
    { tokens: 8192, lasting: true },
  ],
  [
    "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens (4000 in the messages, 1000 in the completion).",
    { tokens: 96, lasting: false },
  ],
  [
    "'max_tokens' is too large: 100. This model's maximum context length is 50 tokens and your request has 45 input tokens.",
    { tokens: 5, lasting: false },
  ],
  [
    "Requested token count exceeds the model's maximum context length of 262144 tokens. You requested a total of 267042 tokens: 201506 tokens from the input messages and 65536 tokens for the completion.",
    { tokens: 60_638, lasting: false },
  ],
  [
    "This model's maximum context length is 8192 tokens. However, you requested 1000 output tokens and your prompt contains 8000 input tokens, for a total of 9000 tokens.",
    { tokens: 192, lasting: false },
  ],
  // How long the prompt really is it does not say: it counted no further than to where the request does not fit.
  [
    "This model's maximum context length is 8192 tokens. However, you requested 1000 output tokens and your prompt contains at least 7193 input tokens, for a total of at least 8193 tokens.",
    { tokens: 500, lasting: false },
  ],
  [
    "This model's maximum context length is 8192 tokens. However, you requested 1000 output tokens and your prompt contains 100000 characters (more than 71920 characters, which is the upper bound for 7192 input tokens).",
    { tokens: 500, lasting: false },
  ],
  [
    "The input (5000 tokens) is longer than the model's context length (4096 tokens).",
    { tokens: -904, lasting: false },
  ],
  [
    'request (5000 tokens) exceeds the available context size (4096 tokens), try increasing it',
    { tokens: -904, lasting: false },
  ],
  ['no such field', undefined],
])('%s', (message, room) => {
  expect(roomIn({ status: 400, message }, 1_000)).toEqual(room)
  expect(roomIn({ status: 500, message }, 1_000)).toBeUndefined()
})

test.each([
  [400, 'nonsense', 'engine-refused', true],
  [422, 'nonsense', 'engine-refused', true],
  [307, '', 'engine-denied', true],
  [401, '', 'engine-denied', true],
  [402, '', 'engine-denied', true],
  [404, '', 'engine-denied', true],
  [429, '', 'engine-busy', true],
  [408, '', 'engine-unavailable', undefined],
  [500, '', 'engine-failed', undefined],
  [502, '', 'engine-unavailable', undefined],
  [503, '', 'engine-unavailable', undefined],
  [400, 'the request exceeds the available context size', 'context-too-long', undefined],
  [400, 'Input length (9000 tokens) exceeds the maximum allowed length (8192 tokens)', 'context-too-long', undefined],
  [400, 'The decoder prompt is longer than the maximum model length of 8192.', 'context-too-long', undefined],
])('%i %s means %s', (status, words, code, elsewhere) => {
  const failure = failureOfRefusal({ status, message: words }, 1_000)
  expect([failure.code, failure.elsewhere]).toEqual([code, elsewhere])
  if (words === 'nonsense') expect(failure.message).not.toContain(words)
})

test('a server that says when to come back is busy, whatever status it says it with', () => {
  const failure = failureOfRefusal({ status: 503, message: '', retryAfterSeconds: 7 }, 1_000)
  expect(failure).toMatchObject({ code: 'engine-busy', retryAfterSeconds: 7, elsewhere: true })
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

test.each<[unknown, string]>([
  [{ error: { message: 'no', param: 'seed' } }, 'seed: no'],
  [
    { detail: [{ loc: ['body', 'seed', 0], msg: 'unknown' }, { loc: null, msg: { toString: 1 } }, 'x'] },
    'body seed unknown; ; x',
  ],
  [{ detail: 'no' }, 'no'],
  [{ error: 'no' }, 'no'],
  [{ error: { message: { toString: 1 } } }, ''],
])('the words of a refusal are found, whatever its shape: %j', (body, message) => {
  expect(refusalOf(422, body).message).toBe(message)
})
