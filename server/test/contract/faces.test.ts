import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import { type RemoteConfig, remoteEngine } from '../../src/engines/remote.ts'
import { bodyB, errorOf } from '../client.ts'
import * as up from '../doubles/chat.ts'
import { type RawKind, type RawServer, rawDouble, template } from '../doubles/raw.ts'
import { listen, type Replies, type Reply } from '../doubles/replies.ts'
import { startUpstream } from '../doubles/upstream.ts'
import { limitsOf, type Served, serving } from './harness.ts'
import { configOf, rawKinds, templateFile } from './raw-harness.ts'

/** Which of two faces of an engine is used: the raw one wherever it can be, the chat one wherever it cannot. */

const off = { thinking: { type: 'disabled' } }
const chatAnswer = up.answer(up.content('by chat'))
const notFound: Reply = {
  status: 404,
  headers: { 'content-type': 'application/json' },
  pieces: [JSON.stringify({ detail: 'Not Found' })],
}
const isChat = (path: string) => path.endsWith('/chat/completions')
const rest =
  (replies: Replies, other: Reply): Replies =>
  (received, index) =>
    isChat(received.path) && typeof replies === 'function' ? replies(received, index) : other

const limits = limitsOf()
const served = (kind: RawKind, url: string, config: Partial<RemoteConfig>): Promise<Served> =>
  serving(
    async (log) => [await remoteEngine(configOf(kind, url, { face: 'auto', ...config }), { limits, log })],
    limits,
  )

/** A server with both faces. */
async function both(kind: RawKind, raw: Partial<RawServer> = {}, config: Partial<RemoteConfig> = {}) {
  const double = rawDouble(kind, { runs: ['by tokens'], ...raw })
  const upstream = await startUpstream((received, index) =>
    isChat(received.path) ? chatAnswer : (double.replies as (...of: unknown[]) => Reply)(received, index),
  )
  return { ...(await served(kind, upstream.url, config)), double, upstream }
}

/** Log lines about engines. */
const about = (log: string) => log.split('\n').filter((line) => line.includes('"engine":'))
const content = async ({ client }: Served) => (await client.ask(off)).content

test.each(rawKinds)('%s: where both are there, the raw face is used for everything', async (kind) => {
  const { upstream, ...service } = await both(kind)
  expect(await content(service)).toBe('by tokens')
  expect(upstream.received.some(({ path }) => isChat(path))).toBe(false)
  expect(about(service.log())).toHaveLength(1)
})

test.each(rawKinds)('%s: the operator can have either face', async (kind) => {
  const chat = await both(kind, {}, { face: 'chat' })
  expect(await content(chat)).toBe('by chat')
  expect(chat.upstream.received.map(({ path }) => path)).toEqual(['/v1/chat/completions'])
  expect(await content(await both(kind, {}, { face: 'raw' }))).toBe('by tokens')
})

test.each(rawKinds)(
  '%s: a server that has nothing but its chat API is served by it, with one line in the log',
  async (kind) => {
    const html: Reply = { status: 404, headers: { 'content-type': 'text/html' }, pieces: ['<h1>no</h1>'] }
    for (const other of [
      notFound,
      html,
      { ...notFound, status: 500 },
      { pieces: ['data: {}\n\n'] },
      { ...notFound, status: 200 },
    ]) {
      const upstream = await startUpstream(rest(() => chatAnswer, other))
      const service = await served(kind, upstream.url, {})
      expect(await content(service)).toBe('by chat')
      expect(about(service.log())).toHaveLength(1)
      expect(service.log()).not.toMatch(/"level":[56]0/)
    }
  },
)

test('without a template there is no raw face; the log says so', async () => {
  for (const kind of ['vllm', 'llama-server'] as const) {
    const service = await both(kind, { secretive: true })
    expect(await content(service)).toBe('by chat')
    expect(service.log()).toContain('nobody tells its chat template')
  }
  const { chatTemplate: _, ...sglang } = configOf('sglang', '')
  const upstream = await startUpstream(rest(() => chatAnswer, notFound))
  const log: string[] = []
  const keep = (fields: object, message: string) => void log.push(JSON.stringify({ ...fields, message }))
  const engine = await remoteEngine(
    { ...sglang, url: upstream.url, face: 'auto' },
    { limits, log: { info: keep, warn: keep } },
  )
  expect(log.join()).toContain('nobody tells its chat template')
  expect(upstream.received).toEqual([])
  await engine.close()
})

test('the template of the operator goes before that of the server; what nobody tells is said', async () => {
  const service = await both(
    'llama-server',
    {},
    { chatTemplate: templateFile('own.jinja', 'Q: {{ messages[0].content }}\nA:') },
  )
  expect(await content(service)).toBe('by tokens')
  expect(service.double.asked[0]?.prompt).toBe('Q: Hello!\nA:')
  // The text of the tokens that it needs is in no template.
  const poor = await both('vllm', { secretive: true }, { chatTemplate: templateFile('demo.jinja', template) })
  expect(await content(poor)).toBe('by chat')
  expect(poor.log()).toMatch(/needs bos_token.* nobody tells/)
  const broken = await both('vllm', {}, { chatTemplate: templateFile('broken.jinja', '{% if %}') })
  expect(await content(broken)).toBe('by chat')
  expect(broken.log()).toContain('cannot be read')
})

test('a template that is not there is a mistake that keeps the service from starting', async () => {
  const config = configOf('vllm', 'http://127.0.0.1:9', { chatTemplate: '/nowhere/a.jinja' })
  const log = { info: () => undefined, warn: () => undefined }
  await expect(remoteEngine(config, { limits, log })).rejects.toThrow(
    "The chat template '/nowhere/a.jinja' cannot be read.",
  )
  const empty = { ...config, chatTemplate: templateFile('tokenizer_config.json', '{"bos_token":"<s>"}') }
  await expect(remoteEngine(empty, { limits, log })).rejects.toThrow('There is no chat template in')
})

test.each(rawKinds)(
  '%s: a raw endpoint that is not there after all leaves the request to the chat face',
  async (kind) => {
    for (const status of [404, 405, 501]) {
      const refuses: RawServer['refuses'] = ({ path }) =>
        path.endsWith('completion') || path.endsWith('/completions') ? { ...notFound, status } : undefined
      const service = await both(kind, { refuses })
      expect(await content(service)).toBe('by chat')
      expect(await content(service)).toBe('by chat')
      expect(
        service.upstream.received.filter(({ path }) => /\/completions?$/.test(path) && !isChat(path)),
      ).toHaveLength(1)
    }
  },
)

test('an engine that cannot be reached keeps nothing from starting; its raw face is used when it is there', async () => {
  const port = await freePort()
  const service = await served('llama-server', `http://127.0.0.1:${port}`, {})
  expect(errorOf(await service.client.post(bodyB(off)))).toMatchObject({ code: 'service_unavailable' })
  const double = rawDouble('llama-server', { runs: ['by tokens'] })
  const late = await listen(double.replies, { port })
  try {
    await expect
      .poll(async () => (await service.client.post(bodyB(off))).text, { timeout: 20_000, interval: 500 })
      .toContain('by tokens')
    expect(about(service.log()).filter((line) => line.includes('looked for later'))).toHaveLength(1)
  } finally {
    late.close()
  }
})

test('an engine that is to be used through its raw face alone is not ready before it was found', async () => {
  const upstream = await startUpstream(rest(() => chatAnswer, notFound))
  const service = await served('llama-server', upstream.url, { face: 'raw' })
  expect(errorOf(await service.client.post(bodyB(off)))).toMatchObject({ code: 'service_unavailable' })
  expect(upstream.received.some(({ path }) => isChat(path))).toBe(false)
})

/** A port that nobody listens on. */
const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })

test.each(rawKinds)('%s: once its raw face has answered, a prompt is held for as it is written there', async (kind) => {
  const service = await both(kind)
  const limited = await service.clientFor({ settings: { tokensPerMinute: 1_000 } })
  const first = await limited.post(bodyB(off))
  // Nobody knows the server's own template.
  expect([first.status, errorOf(first).param]).toEqual([429, 'messages'])
  await service.client.ask(off)
  expect((await limited.post(bodyB(off))).status).toBe(200)
})
