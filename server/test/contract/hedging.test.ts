import { expect, test } from 'vitest'
import * as up from '../doubles/chat.ts'
import type { Reply } from '../doubles/replies.ts'
import { chatDoubled } from './chat-harness.ts'

/** A second replica beside one that does not begin, over real sockets. */

const hello = up.answer(up.content('Hello'), up.content('!'))
const mute: Reply = { pieces: [], mute: true }
/** Two replicas, of which the one that is asked first says nothing. */
function twoOf(afterMs: number, ...replies: readonly Reply[]) {
  let asked = 0
  const next = () => replies[asked++] ?? hello
  return chatDoubled('openai', next, { replicas: [next], model: { hedge: { afterMs, shareMax: 1 } } })
}

test('C8, C87, C94: who is silent is outrun, cancelled within abort_ms, and not in the charge', async () => {
  const { client, upstreams, requests, log } = await twoOf(50, mute, hello)
  const answer = await client.ask({ stream: true })
  const heard = performance.now()
  expect(answer).toMatchObject({ content: 'Hello!', usage: { prompt_tokens: 12, completion_tokens: 20 } })
  const received = upstreams.flatMap((one) => one.received)
  expect(received).toHaveLength(2)
  await expect.poll(() => received.filter(({ cancelledAt }) => cancelledAt !== undefined)).toHaveLength(1)
  expect((received.find(({ cancelledAt }) => cancelledAt)?.cancelledAt ?? Infinity) - heard).toBeLessThan(1_000)

  await expect.poll(() => requests.length).toBe(1)
  const [first, second] = requests[0]?.detail.tries ?? []
  expect([first?.outcome, second?.outcome, second?.why]).toEqual(['outraced', 'ok', 'hedge'])
  expect(requests[0]).toMatchObject({ engine: second?.engine, usage: { promptTokens: 12, completionTokens: 20 } })
  expect(log()).toContain('"hedge":"won"')
  const { text } = await client.get('/metrics', {})
  expect(text).toContain('tidegate_hedges_total{model="deepseek-v4-flash",outcome="won"} 1')
  const usage = await client.get('/v1/usage')
  expect(JSON.parse(usage.text)).toMatchObject({ data: [{ requests: 1, completion_tokens: 20 }] })
})

test.each([
  ['is shown', {}],
  ['is held back until it was checked', { response_format: { type: 'json_object' } }],
])('an answer that has begun is left to its engine, however slow it is: one that %s', async (_, fields) => {
  const slow = up.stream(up.content('{"a":'), 1_300, up.content(' 1}'), up.finish(), up.usageChunk, up.done)
  const { client, upstreams } = await twoOf(1_000, slow)
  expect(await client.ask({ ...fields, stream: true })).toMatchObject({ content: '{"a": 1}' })
  expect(upstreams.flatMap((one) => one.received)).toHaveLength(1)
})
