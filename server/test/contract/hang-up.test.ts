import { request } from 'undici'
import { expect, test } from 'vitest'
import { entriesOf } from '../../src/ledger/audit.ts'
import { bodyB } from '../client.ts'
import { doubled } from './harness.ts'

test.each([
  { hangUp: 'generated', stream: true, charged: 8, reasoning: 2 },
  { hangUp: 'delivered', stream: true, charged: 4, reasoning: 1 },
  { hangUp: 'generated', stream: false, charged: 8, reasoning: 2 },
  { hangUp: 'delivered', stream: false, charged: 0, reasoning: 0 },
] as const)(
  'C88: who hangs up pays for what was $hangUp (stream: $stream): markup and what is kept back have not left',
  async ({ hangUp, stream, charged, reasoning }) => {
    // What may be the beginning of the stop string is kept back.
    const served = await doubled([{ raw: 'r·</think>·a·b·c·N·E·V', ends: 'stall' }], { hangUp })
    const { client, log, engine, storage } = served
    const leaving = new AbortController()
    let text = ''
    const answer = request(`${client.origin}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${client.key}` },
      body: JSON.stringify(bodyB({ stream, stop: ['NEVER'] })),
      signal: leaving.signal,
    }).then(async ({ body }) => {
      for await (const piece of body.setEncoding('utf8')) text += piece
    })
    await expect.poll(() => engine.runs[0]?.tokens).toBe(8)
    if (stream) await expect.poll(() => text).toContain('"content":"c"')
    leaving.abort()
    await expect(answer).rejects.toThrow()
    await expect.poll(log).toContain('"outcome":"cancelled"')
    const logged = JSON.parse(/"usage":(\{[^}]+\})/.exec(log())?.[1] ?? '')
    expect(logged).toMatchObject({ completionTokens: charged, reasoningTokens: reasoning })
    expect(logged.promptTokens).toBeGreaterThan(0)
    const entries = await Array.fromAsync(entriesOf(storage))
    expect(entries.map(({ entry }) => entry)).toMatchObject([{ note: 'cancelled', usage: logged }])
  },
)
