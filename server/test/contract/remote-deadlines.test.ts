import { describe, expect, test } from 'vitest'
import { type RemoteKind, remoteKinds } from '../../src/engines/kinds.ts'
import { bodyB, chunksOf } from '../client.ts'
import * as up from '../doubles/chat.ts'
import type { Reply } from '../doubles/upstream.ts'
import { chatDoubled } from './chat-harness.ts'

/** C8, C105, T73, T87, T98 over each kind of engine behind HTTP: what is no longer needed is cancelled, and what is silent has failed. */

const abortMs = 1_000
const off = { thinking: { type: 'disabled' } }
const tools = [{ type: 'function', function: { name: 'look', parameters: { type: 'object' } } }]
const hello = up.answer(up.content('Hello!'))
/** Would go on for ever. */
const endless = (...pieces: readonly (string | number)[]): Reply => ({ ...up.stream(...pieces), ends: 'silent' })
const beats = (count: number) => Array.from({ length: count }, () => [': keep-alive\n\n', 20]).flat()

describe.each(Object.keys(remoteKinds) as RemoteKind[])('an engine of kind %s', (kind) => {
  test.each([true, false])(
    'is cancelled when the answer is complete before its own end, streaming: %s',
    async (stream) => {
      for (const [reply, fields] of [
        [endless(up.content('foo E'), up.content('N'), up.content('D bar')), { stop: 'END' }],
        [
          endless(
            up.call(0, { id: 'a', name: 'look', arguments: '{}' }),
            up.call(1, { id: 'b', name: 'look', arguments: '{}' }),
          ),
          { tools, parallel_tool_calls: false },
        ],
      ] as const) {
        const { client, upstream } = await chatDoubled(kind, reply)
        const answer = await client.ask({ ...off, ...fields, stream })
        const answeredAt = performance.now()
        if ('stop' in fields) expect(answer).toMatchObject({ content: 'foo ', matchedStop: 'END' })
        else expect(answer.calls).toHaveLength(1)
        await expect.poll(() => upstream.received.at(-1)?.cancelledAt).toBeDefined()
        expect((upstream.received.at(-1)?.cancelledAt ?? Infinity) - answeredAt).toBeLessThan(abortMs)
        expect(upstream.received).toHaveLength(1)
      }
    },
  )

  test.each([true, false])('is cancelled when its client leaves, streaming: %s', async (stream) => {
    const { client, upstream } = await chatDoubled(kind, endless(up.content('a'), up.content('b'), up.content('c')))
    const leaving = new AbortController()
    const asking = client.post(bodyB({ ...off, stream }), { signal: leaving.signal }).catch(() => undefined)
    await expect.poll(() => upstream.received.length).toBe(1)
    const leftAt = performance.now()
    leaving.abort()
    await asking
    await expect.poll(() => upstream.received[0]?.cancelledAt).toBeDefined()
    expect((upstream.received[0]?.cancelledAt ?? Infinity) - leftAt).toBeLessThan(abortMs)
  })

  test('has failed without a first token by first_token_ms, whatever its heartbeats say; another one answers', async () => {
    const { client, upstreams } = await chatDoubled(kind, endless(...beats(1_000)), {
      replicas: [hello],
      limits: { firstTokenMs: 300, keepaliveMs: 100 },
    })
    for (let user = 0; upstreams[0]?.received.length === 0 && user < 30; user++)
      expect(await client.ask({ ...off, user_id: `u${user}` })).toMatchObject({ content: 'Hello!' })
    expect(upstreams[0]?.received).toHaveLength(1)
    await expect.poll(() => upstreams[0]?.received[0]?.cancelledAt).toBeDefined()
  })

  test('has failed when it pauses for inter_token_ms, and is cancelled', async () => {
    const { client, upstream } = await chatDoubled(
      kind,
      endless(up.content('Hi'), up.content(' there'), ...beats(1_000)),
      {
        limits: { interTokenMs: 300 },
      },
    )
    const { chunks, done } = chunksOf((await client.post(bodyB({ ...off, stream: true }))).text)
    expect([chunks.at(-1)?.error?.code, done]).toEqual(['generation_failed', false])
    await expect.poll(() => upstream.received[0]?.cancelledAt).toBeDefined()
  })
})
