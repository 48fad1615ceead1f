import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { bodyB, chunksOf, longAnswer } from '../client.ts'
import { startCrowd } from '../killer/crowd.ts'
import { freePort } from '../killer/fleet.ts'
import { bootstrapKey, type RunningService, startProcess } from '../process.ts'

/** Gateways that are told to end: what is open is finished, goes on at another one, or ends so that nobody takes it for an end. */

/** @returns the path of a tidegate.yaml that goes away with the test */
function configured(config: object): string {
  const folder = mkdtempSync(join(tmpdir(), 'tidegate-drain-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  writeFileSync(join(folder, 'tidegate.yaml'), JSON.stringify(config))
  return join(folder, 'tidegate.yaml')
}

const contextWindow = 2_048
const model = join(import.meta.dirname, '../../../models/demo/tidegate-demo.gguf')
const nodeWith = (server: object) =>
  configured({
    server,
    models: [{ id: 'deepseek-v4-flash', engines: ['local'] }],
    engines: [{ id: 'local', kind: 'llama', path: model, context: contextWindow, slots: 16, threads: 1 }],
  })

const metric = async ({ client }: RunningService, line: string) =>
  (await client.get('/metrics', {})).text.split('\n').find((one) => one.startsWith(line))

test('C95, C96: what still runs when the time to drain is over ends with an error, and is charged', async () => {
  const service = await startProcess(['--config', nodeWith({ drainMs: 300 })])
  onTestFinished(async () => void (await service.stop()))
  const { client } = service
  const [stream, whole] = [true, false].map((stream) => client.post(bodyB({ stream, ...longAnswer(250) })))
  await expect
    .poll(() => metric(service, 'tidegate_completions_running{model="deepseek-v4-flash"}'), { interval: 10 })
    .toMatch(/ 2$/)
  await expect.poll(() => metric(service, 'tidegate_engine_running{engine="local"}'), { interval: 10 }).toMatch(/ 2$/)
  const ended = once(service.process, 'exit')
  service.process.kill('SIGTERM')
  const streamed = await stream
  if (streamed?.status === 200) {
    const { chunks, done } = chunksOf(streamed.text)
    expect([chunks.at(-1)?.error?.code, done]).toEqual(['generation_failed', false])
  } else expect(streamed?.status).toBe(503)
  expect((await whole)?.status).toBe(503)
  expect((await ended)[0]).toBe(0)
  const { stdout } = await service.run('ledger', 'export', '--format', 'jsonl')
  expect(stdout.trim().split('\n')).toHaveLength(2)
  expect(service.stderr()).not.toContain('defect')
}, 120_000)

test('gateways behind a gateway are restarted one after the other, and one is killed: no stream breaks', async () => {
  const node = nodeWith({ leaveMs: 3_000, drainMs: 30_000 })
  const start = async (port: number) => startProcess(['--config', node, '--port', String(port)])
  const nodes = await Promise.all(
    ['a', 'b'].map(async (id) => {
      const port = await freePort()
      return { id, port, service: await start(port) }
    }),
  )
  const front = await startProcess([
    '--config',
    configured({
      server: { workers: 1 },
      limits: { healthMs: 250 },
      models: [{ id: 'deepseek-v4-flash', engines: ['a', 'b'] }],
      engines: nodes.map(({ id, port }) => ({
        ...{ id, kind: 'tidegate', url: `http://127.0.0.1:${port}`, apiKey: bootstrapKey, contextWindow },
        ...{ model: 'deepseek-v4-flash', equivalence: 'demo' },
      })),
    }),
  ])
  onTestFinished(async () => {
    await front.stop()
    for (const { service } of nodes) await service.stop()
  })
  const crowd = await startCrowd({ client: front.client, kinds: ['thinking', 'long text'], streams: 8, variants: 2 })
  for (const one of nodes) {
    const before = crowd.pieces()
    await expect.poll(crowd.pieces, { interval: 10 }).toBeGreaterThan(before + 30)
    const ended = once(one.service.process, 'exit')
    one.service.process.kill('SIGTERM')
    const up = `tidegate_engine_up{engine="${one.id}"}`
    // It is noticed while requests are still taken there.
    await expect.poll(() => metric(front, up), { interval: 20, timeout: 20_000 }).toMatch(/ 0$/)
    expect((await ended)[0]).toBe(0)
    one.service = await start(one.port)
    await expect.poll(() => metric(front, up), { interval: 20, timeout: 60_000 }).toMatch(/ 1$/)
  }
  expect(await metric(front, 'tidegate_engine_attempts_total{engine="a",outcome="engine')).toBeUndefined()
  const runningOn = async (id: string) =>
    Number((await metric(front, `tidegate_engine_running{engine="${id}"}`))?.split(' ').at(-1))
  const killed = () => nodes.find(({ service }) => service.process.signalCode === 'SIGKILL')
  // Under three streams at least, of which one is in the middle.
  while (!killed())
    for (const { id, service } of nodes)
      if (!killed() && (await runningOn(id)) > 2) {
        service.process.kill('SIGKILL')
        await once(service.process, 'exit')
      }
  const before = crowd.pieces()
  await expect.poll(crowd.pieces, { interval: 20, timeout: 60_000 }).toBeGreaterThan(before + 30)
  await crowd.end()
  for (const { kind, variant, heard, reference } of crowd.told)
    expect([kind, variant, heard.faults, heard.said]).toEqual([kind, variant, [], reference.said])
  const { text } = await front.client.get('/metrics', {})
  const resumed = (reason: string) =>
    [...text.matchAll(new RegExp(`^tidegate_stream_resumes_total\\{.*reason="${reason}"\\} (\\d+)$`, 'gm'))].length
  expect([resumed('drain'), resumed('lost')].every((count) => count > 0)).toBe(true)
}, 300_000)
