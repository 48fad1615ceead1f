import { request } from 'undici'
import { expect, test } from 'vitest'
import { entriesOf } from '../../src/ledger/audit.ts'
import { bodyB, type Client, chunksOf, errorOf, saidInChunks } from '../client.ts'
import { jam, onEachStore } from '../stores.ts'
import { type Doubled, doubled } from './harness.ts'

/** C132: one Idempotency-Key, one answer, one charge. */

const off = { thinking: { type: 'disabled' } }
const slow = { raw: Array.from({ length: 60 }, (_, i) => `w${i} `).join('·'), delayMs: 10 }
const whole = slow.raw.replaceAll('·', '')
const keyed = (key: string) => ({ headers: { 'idempotency-key': key } })
const charges = async ({ storage }: Doubled) => (await Array.fromAsync(entriesOf(storage))).length

/** A stream that is read to some point and then left. */
async function begin(client: Client, key: string) {
  const abort = new AbortController()
  let text = ''
  const { body } = await request(`${client.origin}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${client.key}`, 'idempotency-key': key },
    body: JSON.stringify(bodyB({ ...off, stream: true })),
    signal: abort.signal,
  })
  body
    .on('error', () => undefined)
    .setEncoding('utf8')
    .on('data', (piece: string) => {
      text += piece
    })
  await expect.poll(() => text).toContain('"content":"w3')
  return { leave: () => abort.abort() }
}

onEachStore(() => {
  test.each([true, false])(
    'C132: asked again, the answer is the same and costs nothing (stream: %j)',
    async (stream) => {
      const served = await doubled(['a·</think>·b·!'])
      const body = bodyB({ stream })
      const [first, again] = [await served.client.post(body, keyed('k')), await served.client.post(body, keyed('k'))]
      expect(again.text).toBe(first.text)
      expect([first.headers['idempotency-replayed'], again.headers['idempotency-replayed']]).toEqual([
        undefined,
        'true',
      ])
      expect([served.engine.runs.length, await charges(served)]).toEqual([1, 1])
      const other = await served.clientFor({ tenant: 'other' })
      expect((await other.post(body, keyed('k'))).text).not.toBe(first.text)
      expect((await served.client.post(body, keyed('k2'))).text).not.toBe(first.text)
      expect(served.engine.runs).toHaveLength(3)
    },
  )

  test('C132: who asks while the answer is being made joins it from its beginning', async () => {
    const served = await doubled([slow])
    const first = served.client.post(bodyB({ ...off, stream: true }), keyed('k'))
    await expect.poll(() => served.engine.runs[0]?.tokens ?? 0).toBeGreaterThan(5)
    const joined = await served.client.post(bodyB({ ...off, stream: true }), keyed('k'))
    expect(joined.headers['idempotency-replayed']).toBe('true')
    for (const { text } of [await first, joined]) {
      const { chunks, done } = chunksOf(text)
      expect([saidInChunks(chunks).content, done]).toEqual([whole, true])
    }
    expect(chunksOf((await first).text).chunks[0]?.id).toBe(chunksOf(joined.text).chunks[0]?.id)
    expect([served.engine.runs.length, await charges(served)]).toEqual([1, 1])
  })

  test('C132: a client that lost its stream gets the whole answer with its next try, made and charged once', async () => {
    const served = await doubled([slow])
    const { leave } = await begin(served.client, 'k')
    leave()
    const { chunks, done } = chunksOf((await served.client.post(bodyB({ ...off, stream: true }), keyed('k'))).text)
    expect([saidInChunks(chunks).content, done]).toEqual([whole, true])
    expect([served.engine.runs.length, served.engine.runs[0]?.cancelled, await charges(served)]).toEqual([1, false, 1])
  })

  test('C132: an answer that nobody comes back for is stopped, charged for what it came to, and made anew when asked again', async () => {
    const served = await doubled([{ ...slow, delayMs: 20 }], { limits: { idempotencyGraceMs: 50 } })
    const { leave } = await begin(served.client, 'k')
    leave()
    await expect.poll(() => served.engine.runs[0]?.cancelled).toBe(true)
    await expect.poll(() => charges(served)).toBe(1)
    const again = await served.client.post(bodyB({ ...off, stream: true }), keyed('k'))
    expect(saidInChunks(chunksOf(again.text).chunks).content).toBe(whole)
    expect([served.engine.runs.length, await charges(served)]).toEqual([2, 2])
  })

  test('C132, P2: what is charged can be had again: both are one write, before anybody hears the end', async () => {
    const served = await doubled(['a·</think>·b'])
    const { client, ledger, storage } = served
    const { settle } = ledger
    const sealed: unknown[] = []
    Object.assign(ledger, {
      async settle(order: Parameters<typeof settle>[0]) {
        const charge = await settle(order)
        sealed.push(...(await storage.db.selectFrom('kept_answers').select('sealed').execute()))
        return charge
      },
    })
    await client.post(bodyB({}), keyed('k'))
    expect(sealed).toEqual([{ sealed: expect.any(Uint8Array) }])
  })

  test('C132: an answer that could not be charged when it ended is charged later, and who asks again gets it then', async () => {
    const served = await doubled(['a·</think>·b'])
    const mend = await jam(served.storage, 'insert', 'ledger')
    expect((await served.client.post(bodyB({}), keyed('k'))).status).toBe(503)
    const again = served.client.post(bodyB({}), keyed('k'))
    await mend()
    expect(JSON.parse((await again).text).choices[0].message.content).toBe('b')
    expect([served.engine.runs.length, await charges(served)]).toEqual([1, 1])
  })

  test('C132: another body is 409; a key that no client would send is 400; an answer that failed is not kept', async () => {
    const served = await doubled(['x', 'x', '{"a":1}'])
    const asked = { ...off, response_format: { type: 'json_object' } }
    expect((await served.client.post(bodyB(asked), keyed('k'))).status).toBe(500)
    expect((await served.client.post(bodyB(asked), keyed('k'))).status).toBe(200)
    const conflict = await served.client.post(bodyB({ ...off, stop: 'x' }), keyed('k'))
    expect([conflict.status, errorOf(conflict).code, conflict.headers['x-should-retry']]).toEqual([
      409,
      'idempotency_conflict',
      'false',
    ])
    for (const key of ['a b', 'x'.repeat(256)])
      expect((await served.client.post(bodyB(off), keyed(key))).status).toBe(400)
  })
})
