import { describe, expect, test } from 'vitest'
import * as up from '../../../test/doubles/chat.ts'
import { told } from '../../../test/told-by-chat.ts'
import type { CompletionRequest } from '../../completion/request.ts'
import { openai } from '../openai.ts'
import { decodeEvent } from './chunk.ts'

/** Shapes of chunks that servers are known to send, beside those of the contract's quirk table. */

const asking: Partial<CompletionRequest> = {
  thinking: { enabled: true, effort: 'high' },
  tools: ['f', 'g'].map((name) => ({ name, strict: false })),
  toolChoice: { type: 'auto' },
}
const answerOf = (...chunks: readonly string[]) =>
  told([new Uint8Array(Buffer.from([...chunks, up.done].join('')))], asking, openai)

const one = '{"x":1}'
const two = '{"x":2}'
const both = [
  ['f', one],
  ['g', two],
]
const indexless = (fragment: { id?: string; name?: string; arguments: string }): string =>
  up.chunk({ tool_calls: [{ ...fragment, function: fragment }] })

describe('calls', () => {
  test.each<[string, readonly string[], readonly (readonly string[])[]]>([
    [
      'one index and empty ids',
      [up.call(0, { id: '', name: 'f', arguments: one }), up.call(0, { id: '', name: 'g', arguments: two })],
      both,
    ],
    [
      'one index and one id',
      [up.call(0, { id: 'c', name: 'f', arguments: one }), up.call(0, { id: 'c', name: 'g', arguments: two })],
      both,
    ],
    [
      'no index, with ids',
      [indexless({ id: 'a', name: 'f', arguments: one }), indexless({ id: 'b', name: 'g', arguments: two })],
      both,
    ],
    ['no index, no ids', [indexless({ name: 'f', arguments: one }), indexless({ name: 'g', arguments: two })], both],
    [
      'one function twice, by index 0',
      [up.call(0, { name: 'f', arguments: one }), up.call(0, { name: 'f', arguments: two })],
      [
        ['f', one],
        ['f', two],
      ],
    ],
    [
      'the name in each fragment',
      [
        up.call(0, { name: 'f', arguments: '{"x"' }),
        up.call(0, { name: 'f', arguments: ':1' }),
        up.call(0, { name: 'f', arguments: '}' }),
      ],
      [['f', one]],
    ],
    [
      'the field that was there before `tool_calls`',
      [
        up.chunk({ function_call: { name: 'f', arguments: '' } }),
        up.chunk({ function_call: { arguments: one } }),
        up.finish('function_call'),
      ],
      [['f', one]],
    ],
  ])('%s', async (_, chunks, expected) => {
    expect(await answerOf(...chunks)).toMatchObject({ calls: expected, text: '', end: { reason: 'tool-calls' } })
  })
})

test('no half of a character comes out of a call, nor of one that could not be read', async () => {
  const broken = await answerOf(up.call(0, { id: 'a', name: 'f', arguments: '{"x":"\ud800' }), up.finish())
  expect(broken).toMatchObject({ calls: [], text: '{"x":"\ufffd' })
  const named = await answerOf(up.call(0, { id: 'a', name: 'h\ud800', arguments: '{}' }), up.finish())
  expect(named.calls).toEqual([['h\ufffd', '{}']])
})

test('content in parts, as the Mistral API has it, is reasoning and text', async () => {
  const answer = await answerOf(
    up.chunk({ content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'Hm ' }] }] }),
    up.chunk({ content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'so.' }], closed: true }] }),
    up.chunk({ content: [{ type: 'text', text: 'Hel' }] }),
    up.chunk({ content: 'lo' }),
    up.finish(),
  )
  expect(answer).toMatchObject({ reasoning: 'Hm so.', text: 'Hello', end: { type: 'finished' } })
})

test.each<[string, object]>([
  ['model_length', { type: 'finished', reason: 'length' }],
  ['MAX_TOKENS', { type: 'finished', reason: 'length' }],
  ['sensitive', { type: 'finished', reason: 'content-filter' }],
  ['end_turn', { type: 'finished', reason: 'stop' }],
  ['network_error', { type: 'failed', failure: { code: 'engine-failed' } }],
])('the finish reason %s is one of ours', async (reason, end) => {
  expect((await answerOf(up.content('Hello'), up.finish(reason))).end).toMatchObject(end)
})

test.each<[string, object]>([
  ['a code and words', { code: 50603, message: 'System is too busy now.', data: null }],
  ['a detail', { detail: 'Internal Server Error' }],
  ['a status and words', { status: 'error', msg: 'no' }],
])('an error without the name is one: %s', (_, error) => {
  expect(decodeEvent({ data: JSON.stringify(error) })).toEqual([{ type: 'error', error }])
})

test('an event that says nothing is none', async () => {
  const quiet = [{ choices: [], prompt_filter_results: [] }, { choices: null }, { type: 'ping' }, { message: 'hi' }]
  expect(await answerOf(...quiet.map(up.data), up.content('Hello'))).toMatchObject({
    text: 'Hello',
    end: { type: 'finished' },
  })
})
