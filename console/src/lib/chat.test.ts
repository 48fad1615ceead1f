import { expect, test } from 'vitest'
import { type Answer, emptyAnswer, grow, messagesOf, speedOf, type Wire, waitsForResults } from './chat.ts'

const delta = (words: object, rest: object = {}): Wire => ({ choices: [{ delta: words, ...rest }] })
const usage = {
  prompt_tokens: 12,
  completion_tokens: 21,
  prompt_tokens_details: { cached_tokens: 4 },
  completion_tokens_details: { reasoning_tokens: 8 },
}

const stream = (...pieces: Wire[]): Answer =>
  pieces.reduce((answer, piece, at) => grow(answer, piece, 100 * (at + 1)), emptyAnswer)

test('an answer grows out of its pieces', () => {
  const answer = stream(
    delta({ role: 'assistant', content: '' }),
    delta({ reasoning_content: 'The user ' }),
    delta({ reasoning_content: 'greets.' }),
    delta({ content: 'Hel' }),
    delta({ content: 'lo!' }),
    { ...delta({}, { finish_reason: 'stop', matched_stop: '#' }), usage },
  )
  expect(answer).toMatchObject({
    reasoning: 'The user greets.',
    text: 'Hello!',
    finish: 'stop',
    matchedStop: '#',
    usage: { prompt: 12, cached: 4, completion: 21, reasoning: 8 },
    firstTokenMs: 200,
    totalMs: 600,
  })
  expect(speedOf(answer, true)).toBe(52.5)
})

test('a whole answer is read by the same rules', () => {
  const answer = stream({
    choices: [{ message: { content: 'Hi', reasoning_content: 'Hm.' }, finish_reason: 'stop', matched_stop: null }],
    usage,
  })
  expect(answer).toMatchObject({ text: 'Hi', reasoning: 'Hm.', finish: 'stop', matchedStop: null })
  expect(speedOf(answer, false)).toBe(210)
})

test('calls, their results, and the history that they make', () => {
  const answer = stream(
    delta({ tool_calls: [{ index: 0, id: 'call_1', function: { name: 'get_weather', arguments: '' } }] }),
    delta({ tool_calls: [{ index: 0, function: { arguments: '{"city":' } }] }),
    delta({ tool_calls: [{ index: 0, function: { arguments: '"Oslo"}' } }] }, { finish_reason: 'tool_calls' }),
  )
  expect(answer.calls).toEqual([{ id: 'call_1', name: 'get_weather', arguments: '{"city":"Oslo"}' }])
  expect(waitsForResults(answer)).toBe(true)
  const told: Answer = { ...answer, calls: answer.calls.map((call) => ({ ...call, result: '7 °C' })) }
  expect(waitsForResults(told)).toBe(false)
  expect(messagesOf('Be brief.', [{ role: 'user', text: 'Oslo?' }, told])).toEqual([
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'Oslo?' },
    {
      role: 'assistant',
      content: '',
      tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'get_weather', arguments: '{"city":"Oslo"}' } }],
    },
    { role: 'tool', tool_call_id: 'call_1', content: '7 °C' },
  ])
})

test('an error in a stream keeps what was said, and is shown as it came', () => {
  const error = { error: { message: 'The engine was lost.', code: 'engine_lost' } }
  const answer = stream(delta({ content: 'Hel' }), error)
  expect(answer).toMatchObject({ text: 'Hel', error: { status: 200, body: error } })
  expect(messagesOf('', [answer])).toEqual([{ role: 'assistant', content: 'Hel' }])
  expect(messagesOf('', [stream(error)])).toEqual([])
})
