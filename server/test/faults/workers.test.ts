import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bodyB, chunksOf } from '../client.ts'
import { type Listening, listen, type Received } from '../doubles/replies.ts'
import { type RunningService, startProcess, tryToStart } from '../process.ts'
import { isRunning } from './processes.ts'

/** Several processes behind one port: `server.workers`. */

const folder = mkdtempSync(join(tmpdir(), 'tidegate-workers-'))
const file = join(folder, 'tidegate.yaml')
/** Answers wait in their middle until the door is opened. */
let door = Promise.withResolvers<void>()
let upstream: Listening

const chunk = (choice: object, more: object = {}) =>
  `data: ${JSON.stringify({ id: 'x', object: 'chat.completion.chunk', created: 1, model: 'x', choices: [{ index: 0, ...choice }], ...more })}\n\n`
const usage = { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7 }
const waits = ({ body }: Received) => JSON.stringify(body?.messages ?? '').includes('wait')

beforeAll(async () => {
  upstream = await listen((received) => ({
    pieces: [
      chunk({ delta: { role: 'assistant', content: 'one' }, finish_reason: null }),
      ...(waits(received) ? [door.promise] : []),
      chunk({ delta: { content: ' two' }, finish_reason: null }),
      chunk({ delta: {}, finish_reason: 'stop' }, { usage }),
      'data: [DONE]\n\n',
    ],
  }))
  writeFileSync(
    file,
    `server: { workers: 2 }
limits: { restartMs: 100 }
models: [{ id: m, engines: [a], price: { inputPerMillion: 1, cachedInputPerMillion: 1, outputPerMillion: 1, currency: USD } }]
engines: [{ id: a, kind: openai, url: "${upstream.url}", model: x, apiKey: none, concurrency: 64 }]
`,
  )
})

afterAll(() => {
  door.resolve()
  upstream.close()
  rmSync(folder, { recursive: true, force: true })
})

async function withService(run: (service: RunningService) => Promise<void>): Promise<void> {
  door = Promise.withResolvers()
  const service = await startProcess(['--config', file])
  try {
    // The log comes through another pipe than the ready line, and perhaps later.
    await expect.poll(() => workersOf(service).length).toBe(2)
    await run(service)
  } finally {
    door.resolve()
    await service.stop()
  }
}

/** All that ever served, in the order of their beginning. */
const workersOf = ({ stderr }: RunningService): readonly number[] =>
  [...stderr().matchAll(/"pid":(\d+),"msg":"a worker serves"/g)].map(([, pid]) => Number(pid))

const ask = (service: RunningService, content: string, stream: boolean) =>
  service.client.post(
    bodyB({
      model: 'm',
      messages: [{ role: 'user', content }],
      stream,
      stream_options: stream ? { include_usage: true } : undefined,
    }),
  )

const metric = async (service: RunningService, name: string): Promise<number> => {
  const { text } = await service.client.get('/metrics')
  return Number(
    text
      .split('\n')
      .find((line) => line.startsWith(name))
      ?.split(' ')
      .at(-1) ?? 0,
  )
}

test('a worker that is killed takes its own streams with it and no others, is replaced, and nothing it held stays held', {
  timeout: 120_000,
}, async () => {
  await withService(async (service) => {
    const streams = Array.from({ length: 12 }, () =>
      ask(service, 'wait', true).then(
        ({ text }) => chunksOf(text).done,
        () => false,
      ),
    )
    await expect.poll(() => metric(service, 'tidegate_completions_running'), { timeout: 30_000 }).toBe(12)
    await expect.poll(() => upstream.received.filter(waits).length).toBe(12)
    const [first = 0] = workersOf(service)
    process.kill(first, 'SIGKILL')
    await expect.poll(() => isRunning(first)).toBe(false)
    door.resolve()
    const done = (await Promise.all(streams)).filter(Boolean).length
    expect(done).toBeGreaterThan(0)
    expect(done).toBeLessThan(12)

    await expect.poll(() => workersOf(service).length, { timeout: 30_000 }).toBe(3)
    const answers = await Promise.all(Array.from({ length: 8 }, () => ask(service, 'hello', false)))
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(200))
    // The one that lives closes what was open, and what clients saw the end of is there once.
    await expect
      .poll(async () => (await service.run('tenants', 'list')).stdout, { timeout: 30_000, interval: 500 })
      .toMatch(/^default +\S+ +0\.000000 /m)
    const { stdout } = await service.run('ledger', 'export', '--format', 'jsonl')
    const entries = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    const whole = entries.filter(({ completion_tokens }) => completion_tokens === usage.completion_tokens)
    expect([whole.length, new Set(entries.map(({ request }) => request)).size]).toEqual([done + 8, entries.length])
    expect((await service.run('ledger', 'verify')).code).toBe(0)
  })
})

test('a limit of a key counts over all workers', { timeout: 120_000 }, async () => {
  await withService(async (service) => {
    const { stdout } = await service.run('keys', 'create', '--name', 'few', '--requests-per-minute', '10')
    const few = { authorization: `Bearer ${stdout.trim()}` }
    const answers = await Promise.all(
      Array.from({ length: 30 }, () =>
        service.client.post(bodyB({ model: 'm' }), { headers: { ...few, connection: 'close' } }),
      ),
    )
    const count = (wanted: number) => answers.filter(({ status }) => status === wanted).length
    expect([count(200), count(429)]).toEqual([10, 20])
    // Both took part, and what is shown is the sum.
    expect(await metric(service, 'tidegate_requests_total{model="m",outcome="stop"}')).toBe(10)
  })
})

test('an engine is drained in all workers, also in one that begins later', { timeout: 120_000 }, async () => {
  await withService(async (service) => {
    const admin = (await service.run('admin', 'create-key', '--name', 'script')).stdout.trim()
    const drain = (method: 'POST' | 'DELETE') =>
      fetch(`${service.client.origin}/admin/engines/a/drain`, { method, headers: { authorization: `Bearer ${admin}` } })
    // Connections of their own, so that all workers are asked.
    const statuses = async () => {
      const answers = await Promise.all(
        Array.from({ length: 6 }, () =>
          service.client.post(bodyB({ model: 'm' }), { headers: { connection: 'close' } }),
        ),
      )
      return [...new Set(answers.map(({ status }) => status))]
    }
    expect((await drain('POST')).status).toBe(204)
    expect(await statuses()).toEqual([503])
    process.kill(workersOf(service)[0] ?? 0, 'SIGKILL')
    await expect.poll(() => workersOf(service).length, { timeout: 30_000 }).toBe(3)
    expect(await statuses()).toEqual([503])
    expect((await drain('DELETE')).status).toBe(204)
    expect(await statuses()).toEqual([200])
  })
})

test('SIGTERM to the leader lets open answers of all workers finish, and leaves no process', {
  timeout: 120_000,
}, async () => {
  await withService(async (service) => {
    const answering = Promise.all(Array.from({ length: 4 }, () => ask(service, 'wait', true)))
    // Where this test fails before it looks at them, they break with the service.
    answering.catch(() => undefined)
    await expect.poll(() => metric(service, 'tidegate_completions_running')).toBe(4)
    const ended = once(service.process, 'exit')
    service.process.kill('SIGTERM')
    await expect.poll(() => service.stderr()).toContain('stopping')
    const isServed = () =>
      service.client.get('/health/live').then(
        () => true,
        () => false,
      )
    await expect.poll(isServed, { timeout: 30_000 }).toBe(false)
    door.resolve()
    const answers = await answering
    expect(answers.map(({ text }) => chunksOf(text).done)).toEqual([true, true, true, true])
    expect(await ended).toEqual([0, null])
    expect(workersOf(service).filter(isRunning)).toEqual([])
  })
})

test('workers do not outlive a leader that is killed', { timeout: 120_000 }, async () => {
  await withService(async (service) => {
    service.process.kill('SIGKILL')
    await expect.poll(() => workersOf(service).filter(isRunning)).toEqual([])
  })
})

test('where one of them cannot listen, the start fails with the reason', { timeout: 120_000 }, async () => {
  const taken = createServer()
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
  const { port } = taken.address() as { port: number }
  try {
    const { code, stderr } = await tryToStart(['--config', file, '--port', String(port)])
    expect([code, stderr]).toEqual([1, expect.stringContaining('another program does so already')])
  } finally {
    taken.close()
  }
})
