import { expect, test } from 'vitest'
import { requestOf } from '../../test/replicas.ts'
import { promptBound } from './prompt-bound.ts'
import type { CompletionRequest } from './request.ts'

test('no prompt has more tokens than its bound: every byte counts, of every part that a template may write', () => {
  const base = requestOf()
  const more = (change: Partial<CompletionRequest>) => promptBound({ ...base, ...change }) - promptBound(base)
  const call = { id: 'c', name: 'f', arguments: '{"a":"ä"}' }
  expect(more({ messages: [...base.messages, { role: 'user', content: '😀'.repeat(10) }] })).toBeGreaterThanOrEqual(40)
  expect(
    more({
      messages: [
        ...base.messages,
        { role: 'assistant', content: 'x', reasoning: 'yy', toolCalls: [call], prefix: false },
      ],
    }),
  ).toBeGreaterThanOrEqual(3 + Buffer.byteLength(call.arguments))
  expect(more({ tools: [{ name: 'f', description: 'd'.repeat(100), strict: false }] })).toBeGreaterThanOrEqual(100)
})
