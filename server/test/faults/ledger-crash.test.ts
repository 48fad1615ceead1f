import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { bodyB, type Client, chunksOf, longAnswer, saidInChunks, type WireUsage } from '../client.ts'
import { startProcess } from '../process.ts'
import { scratch } from '../scratch.ts'

/** What a client saw the end of, by the request's id. */
type Ends = Map<string, WireUsage>

/** Asks one question after the other until the server is gone; every third stream is left in its middle. */
async function ask(client: Client, ends: Ends, from: number): Promise<void> {
  for (let i = from; ; i += 4) {
    const stream = i % 2 === 0
    const leaving = i % 3 === 2 ? AbortSignal.timeout(40 + (i % 50)) : undefined
    const fields = { ...longAnswer(3 + (i % 9)), stream, stream_options: stream ? { include_usage: true } : undefined }
    const answer = await client.post(bodyB(fields), leaving && { signal: leaving }).catch((error: Error) => error)
    if (answer instanceof Error) {
      if (answer.name === 'TimeoutError') continue
      return
    }
    const id = String(answer.headers['x-request-id'])
    if (!stream) ends.set(id, JSON.parse(answer.text).usage)
    else {
      const { chunks, done } = chunksOf(answer.text)
      const { usage } = saidInChunks(chunks)
      if (done && usage) ends.set(id, usage)
    }
  }
}

test('P2: kill -9 of the whole service under load: every answer that a client saw end is charged once, with the client’s own count', {
  timeout: 120_000,
}, async () => {
  const data = mkdtempSync(join(scratch, 'tidegate-crash-'))
  const ends: Ends = new Map()
  try {
    for (const [round, least] of [6, 11, 9].entries()) {
      const service = await startProcess([], { TIDEGATE_DATA: data })
      const before = ends.size
      const clients = [0, 1, 2, 3].map((n) => ask(service.client, ends, round * 100 + n))
      await expect.poll(() => ends.size, { interval: 5, timeout: 60_000 }).toBeGreaterThanOrEqual(before + least)
      service.process.kill('SIGKILL')
      await once(service.process, 'exit')
      await Promise.all(clients)
      await service.stop()
    }
    const last = await startProcess([], { TIDEGATE_DATA: data })
    const verified = await last.run('ledger', 'verify')
    expect([verified.code, verified.stderr]).toEqual([0, ''])
    const lines = (await last.run('ledger', 'export', '--format', 'jsonl')).stdout.trim().split('\n')
    const entries = lines.map((line) => JSON.parse(line))
    const tenants = (await last.run('tenants', 'list')).stdout
    await last.stop()

    const byRequest = new Map(entries.map((entry) => [entry.request, entry]))
    expect(byRequest.size).toBe(entries.length)
    for (const [id, usage] of ends)
      expect(byRequest.get(id)).toMatchObject({
        kind: 'usage',
        prompt_tokens: usage.prompt_tokens,
        completion_tokens: usage.completion_tokens,
      })
    // Nothing is held any more of what died.
    expect(tenants).toMatch(/^default +\S+ +0\.000000 /m)
  } finally {
    rmSync(data, { recursive: true, force: true })
  }
})
