import { Client } from 'pg'
import { expect, test } from 'vitest'
import { type Answer, bodyB, errorOf } from '../client.ts'
import { startCluster, startWire } from './postgres.ts'

const clear = (answer: Answer) => [answer.status, errorOf(answer).code, answer.headers['retry-after']]
const refused = [503, 'service_unavailable', '5']

test('a database that is killed, cut off, silent or locked: clear refusals, nothing unpaid, and it goes on without a restart', {
  timeout: 120_000,
}, async () => {
  const { server, url, start, query } = await startCluster()
  const wire = await startWire(server.port)
  const { client, run } = await start(wire.port)
  /** What clients saw the end of, by the id of the request. */
  const ends = new Map<string, number>()
  const ask = async () => {
    const answer = await client.post(bodyB())
    if (answer.status === 200)
      ends.set(String(answer.headers['x-request-id']), JSON.parse(answer.text).usage.completion_tokens)
    return answer
  }
  const isWell = () => expect.poll(async () => (await ask()).status, { timeout: 30_000 }).toBe(200)
  const nothingHeld = () => expect.poll(() => query('select request from holds'), { timeout: 30_000 }).toEqual([])
  const ready = async () => {
    const { status, text } = await client.get('/health/ready', {})
    return [status, JSON.parse(text).database]
  }
  await isWell()
  expect(await ready()).toEqual([200, 'ok'])

  await server.kill()
  expect(clear(await ask())).toEqual(refused)
  await expect.poll(ready, { timeout: 30_000 }).toEqual([503, 'unavailable'])
  await server.restart()
  await expect.poll(ready, { timeout: 30_000 }).toEqual([200, 'ok'])
  await isWell()

  // Each question takes longer: what can still be answered in time is, and what cannot is refused.
  wire.slow(100)
  expect((await ask()).status).toBe(200)
  wire.slow(3_000)
  expect(clear(await ask())).toEqual(refused)
  expect((await client.post(bodyB({ stream: true }))).status).toBe(503)
  await expect.poll(ready, { timeout: 30_000 }).toEqual([503, 'unavailable'])
  wire.slow(0)
  await isWell()
  await expect.poll(ready, { timeout: 30_000 }).toEqual([200, 'ok'])
  await nothingHeld()

  wire.cut()
  await isWell()

  wire.stop()
  expect(clear(await ask())).toEqual(refused)
  wire.goOn()
  await isWell()

  const other = new Client({ connectionString: url })
  await other.connect()
  await other.query('begin; select * from accounts for update')
  expect(clear(await ask())).toEqual(refused)
  await other.query('rollback')
  await other.end()
  await isWell()
  await nothingHeld()

  // Nobody knows whether it was written, until it is asked for again.
  for (const when of ['before', 'after'] as const) {
    wire.cutAtCommit(when, 'hold')
    expect(clear(await ask())).toEqual(refused)
    await isWell()
    await nothingHeld()
    const before = await query('select request from ledger')
    wire.cutAtCommit(when, 'charge')
    expect((await client.post(bodyB({ stream: true }))).text).not.toContain('[DONE]')
    await nothingHeld()
    expect(await query('select request from ledger')).toHaveLength(before.length + 1)
  }

  expect((await run('ledger', 'verify')).code).toBe(0)
  const entries = await query('select request, kind, completion_tokens from ledger')
  expect(new Set(entries.map(({ request }) => request)).size).toBe(entries.length)
  for (const [request, tokens] of ends)
    expect(entries).toContainEqual({ request, kind: 'usage', completion_tokens: tokens })
})
