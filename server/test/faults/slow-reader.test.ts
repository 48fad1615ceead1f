import { setTimeout as pause } from 'node:timers/promises'
import { request } from 'undici'
import { expect, test } from 'vitest'
import { bodyB, chunksOf, saidInChunks } from '../client.ts'
import { doubled } from '../contract/harness.ts'

test('T99: a reader who pauses for longer than an engine may is no silent engine: all arrives, and little is kept for it', async () => {
  const piece = 'x'.repeat(200_000)
  const pieces = 200
  const interTokenMs = 200
  const { client, engine } = await doubled([Array(pieces).fill(piece).join('·')], {
    limits: { interTokenMs, firstTokenMs: 5_000 },
    facts: { contextWindow: 100_000 },
  })
  const { body } = await request(`${client.origin}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${client.key}` },
    body: JSON.stringify(bodyB({ stream: true, thinking: { type: 'disabled' } })),
  })
  const arriving = body.setEncoding('utf8')[Symbol.asyncIterator]()
  let text: string = (await arriving.next()).value
  // What fits into the buffers on the way is told; then the engine is not asked for more.
  let told = -1
  for (; told !== engine.runs[0]?.tokens; await pause(50)) told = engine.runs[0]?.tokens ?? 0
  expect(told).toBeLessThan(pieces / 2)
  await pause(2 * interTokenMs)
  for (let next = await arriving.next(); !next.done; next = await arriving.next()) text += next.value
  const { chunks, done } = chunksOf(text)
  expect(done ? '' : text.slice(-200)).toBe('')
  expect(saidInChunks(chunks).content).toHaveLength(pieces * piece.length)
})

test('C9: a client that takes nothing of its answer for too long is sent away, and its place is free', async () => {
  const { client, log } = await doubled([Array(200).fill('x'.repeat(200_000)).join('·')], {
    limits: { readerStallMs: 200 },
    facts: { contextWindow: 100_000 },
  })
  const { body } = await request(`${client.origin}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${client.key}` },
    body: JSON.stringify(bodyB({ stream: true, thinking: { type: 'disabled' } })),
  })
  const broken = new Promise((resolve) => body.once('error', resolve))
  await expect.poll(log).toContain('"outcome":"cancelled"')
  body.resume()
  expect(await broken).toBeInstanceOf(Error)
})
