import { once } from 'node:events'
import { expect, test } from 'vitest'
import { openWriter } from '../../src/ledger/writer.ts'
import { bodyB, type Client, chunksOf, saidInChunks, type WireUsage } from '../client.ts'
import type { RunningService } from '../process.ts'
import { startCluster } from './postgres.ts'

/** What a client saw the end of, by the request's id. */
type Ends = Map<string, WireUsage>

/** Asks one question after the other until the gateway is gone or the money is spent; every third stream is left in its middle. */
async function ask(client: Client, ends: Ends, from: number): Promise<'gone' | 'spent'> {
  for (let i = from; ; i += 4) {
    const stream = i % 2 === 0
    const leaving = i % 6 === 2 ? AbortSignal.timeout(5 + (i % 40)) : undefined
    const fields = { stream, stream_options: stream ? { include_usage: true } : undefined, max_tokens: 40 }
    const answer = await client.post(bodyB(fields), leaving && { signal: leaving }).catch((error: Error) => error)
    if (answer instanceof Error) {
      if (answer.name === 'TimeoutError') continue
      return 'gone'
    }
    // All of it, or all that the answers of others do not hold.
    if (answer.status === 402 || answer.status === 429) return 'spent'
    const id = String(answer.headers['x-request-id'])
    if (answer.status === 200 && !stream) ends.set(id, JSON.parse(answer.text).usage)
    else if (answer.status === 200) {
      const { chunks, done } = chunksOf(answer.text)
      const { usage } = saidInChunks(chunks)
      if (done && usage) ends.set(id, usage)
    }
  }
}

test('P2, P6: two gateways on one budget, killed at any moment: what clients saw end is charged once, and nothing is overspent', {
  timeout: 180_000,
}, async () => {
  const { url, start, query } = await startCluster()
  const ends: Ends = new Map()
  const [first, second] = await Promise.all([start(), start()])
  const gateways: [RunningService, RunningService] = [first, second]
  expect((await first.run('tenants', 'prepaid', 'default', 'on')).code).toBe(0)

  for (const [victim, least] of [9, 21].entries()) {
    expect((await first.run('tenants', 'top-up', 'default', '0.15')).code).toBe(0)
    const before = ends.size
    const clients = gateways.map(({ client }, g) =>
      Promise.all([0, 1, 2, 3].map((n) => ask(client, ends, 1000 * victim + 100 * g + n))),
    )
    await expect.poll(() => ends.size, { interval: 5, timeout: 60_000 }).toBeGreaterThanOrEqual(before + least)
    const { process: killed } = gateways[victim] as RunningService
    killed.kill('SIGKILL')
    await once(killed, 'exit')
    expect(await clients[victim]).toContain('gone')
    // The other one goes on until there is nothing left.
    expect(new Set(await clients[1 - victim])).toEqual(new Set(['spent']))
    if (victim === 0) gateways[victim] = await start()
  }
  for (const gateway of gateways) await gateway.stop()

  // What the dead held is closed by who watched them for a while; this one's clock goes faster.
  let skipped = 0
  const coroner = await openWriter({ place: { data: '', databaseUrl: url }, node: 'coroner' }, () => skipped)
  await coroner.recover()
  skipped += 60_000
  await coroner.recover()
  await coroner.end()
  expect(await query('select request from holds')).toEqual([])
  expect(await query("select held from accounts where tenant = 'default'")).toEqual([{ held: '0' }])

  const entries = await query(`select request, kind, prompt_tokens, completion_tokens, balance from ledger
    where tenant = 'default' order by seq`)
  const answers = entries.filter(({ kind }) => kind !== 'top-up')
  const byRequest = new Map(answers.map((entry) => [entry.request, entry]))
  expect(byRequest.size).toBe(answers.length)
  for (const [id, usage] of ends)
    expect(byRequest.get(id)).toMatchObject({
      kind: 'usage',
      prompt_tokens: usage.prompt_tokens,
      completion_tokens: usage.completion_tokens,
    })
  for (const { balance } of entries) expect(Number(balance)).toBeGreaterThanOrEqual(0)
  expect((await first.run('ledger', 'verify')).code).toBe(0)
})
