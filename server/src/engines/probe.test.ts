import { expect, onTestFinished, test } from 'vitest'
import { refusal } from '../../test/doubles/chat.ts'
import { type Reply, startUpstream } from '../../test/doubles/upstream.ts'
import { openCredential } from './credential.ts'
import { type HealthPaths, probeOf } from './probe.ts'

const never = new AbortController().signal
const apiKey = 'sk-upstream-0123456789'

async function probing(reply: Reply, paths: HealthPaths = { path: '/health' }, api = '/v1') {
  const upstream = await startUpstream(reply)
  const probe = probeOf(paths, new URL(api, upstream.url), openCredential({ apiKey }))
  onTestFinished(() => probe.close())
  return { probe, upstream }
}

const plain = (text: string): Reply => ({ headers: { 'content-type': 'text/plain' }, pieces: [text] })

test.each([
  [200, 'alive'],
  [503, 'away'],
  [500, 'away'],
  [404, 'alive'],
  [405, 'alive'],
  [401, 'alive'],
  [501, 'alive'],
])('a server that answers %i is %s', async (status, found) => {
  const { probe, upstream } = await probing(status === 200 ? plain('') : refusal(status, 'Loading model'))
  expect(await probe.health(never)).toBe(found)
  expect(upstream.received).toMatchObject([
    { method: 'GET', path: '/health', headers: { authorization: `Bearer ${apiKey}` }, body: undefined },
  ])
})

test('one that says nothing in time is silent, one that nobody reaches is away', async () => {
  const { probe, upstream } = await probing({ pieces: [60_000] })
  const stop = new AbortController()
  const asked = probe.health(stop.signal)
  await expect.poll(() => upstream.received.length).toBe(1)
  stop.abort()
  // The status came, and what follows does not matter.
  expect(await asked).toBe('alive')
  expect(await probe.health(AbortSignal.abort())).toBe('silent')
  const nobody = probeOf({ path: '/health' }, new URL('http://127.0.0.1:9/v1'))
  onTestFinished(() => nobody.close())
  expect(await nobody.health(never)).toBe('away')
})

test.each([
  ['/health', '/v1', '/health'],
  ['/health', '/llm/v1/', '/llm/health'],
  ['/health', '/', '/health'],
  ['models', '/v1', '/v1/models'],
  ['models', '/openai', '/openai/models'],
])('%s of an API at %s is %s', async (path, api, asked) => {
  const { probe, upstream } = await probing(plain('ok'), { path }, api)
  await probe.health(never)
  expect(upstream.received[0]?.path).toBe(asked)
})

const load = ['vllm:num_requests_running', 'vllm:num_requests_waiting']

test('the load is the sum of its metrics over all labels', async () => {
  const { probe, upstream } = await probing(
    plain(`# HELP vllm:num_requests_running Number of requests in model execution batches.
# TYPE vllm:num_requests_running gauge
vllm:num_requests_running{engine="0",model_name="a b{}"} 3.0
vllm:num_requests_running{engine="1",model_name="a"} 1.0
vllm:num_requests_waiting{engine="0",model_name="a"} 1e+01
vllm:num_requests_waiting_by_reason{reason="capacity"} 99.0
`),
    { path: '/health', load },
  )
  expect(await probe.load?.(never)).toBe(14)
  expect(upstream.received[0]?.path).toBe('/metrics')
})

test('a server that does not tell its load does no harm', async () => {
  for (const reply of [refusal(404, ''), plain('nonsense')]) {
    const { probe } = await probing(reply, { path: '/health', load })
    expect(await probe.load?.(never)).toBeUndefined()
  }
  const { probe } = await probing({ pieces: ['x'], ends: 'reset' }, { path: '/health', load })
  await expect(probe.load?.(never)).rejects.toThrow()
})
