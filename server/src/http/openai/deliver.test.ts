import { request as httpRequest, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { telling } from '../../../test/replicas.ts'
import type { CompletionEvent } from '../../completion/event.ts'
import type { Serve } from '../../completion/serve.ts'
import type { HeartbeatForm } from '../../tenancy/key.ts'
import {
  ask,
  chat,
  chunksOf,
  failed,
  finished,
  greeting,
  hello,
  saying,
  started,
  startTestServer,
  testKey,
} from '../http-fixture.ts'

const keepaliveMs = 80
const errorOf = (text: string) => JSON.parse(text).error
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** Says the events, silent for the given milliseconds before the one with the given index. */
const silentBefore = (index: number, ms: number, events: readonly CompletionEvent[]): Serve =>
  telling(async function* () {
    for (const [i, event] of events.entries()) {
      if (i === index) await pause(ms)
      yield event
    }
  })

test('T88: a stream has its headers, its data lines and its end', async () => {
  const answer = await chat(await startTestServer(), { stream: true })
  expect(answer.status).toBe(200)
  expect(answer.headers).toMatchObject({
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache',
    'x-accel-buffering': 'no',
  })
  expect(answer.text.split('\n\n').every((block) => block === '' || /^(data: .+|: keep-alive)$/.test(block))).toBe(true)
  expect(answer.text.endsWith('data: [DONE]\n\n')).toBe(true)
  expect(chunksOf(answer.text)[0]?.choices[0]?.delta).toEqual({ role: 'assistant', content: '', reasoning_content: '' })
})

test('what the engine says in one turn arrives as one piece', async () => {
  const serve: Serve = telling(async function* () {
    yield started
    for (let i = 0; i < 50; i++) {
      await new Promise<void>((resolve) => process.nextTick(resolve))
      yield { type: 'text', text: `w${i} `, tokens: 1 }
    }
    yield finished
  })
  const answer = await chat(await startTestServer({ serve }), { stream: true })
  expect(answer.arrivals).toHaveLength(1)
})

test('an engine that speaks often enough needs no heartbeats', async () => {
  const serve: Serve = telling(async function* () {
    for (let i = 0; i < 12; i++) {
      yield { type: 'text', text: 'a', tokens: 1 }
      await pause(100)
    }
    yield finished
  })
  const answer = await chat(await startTestServer({ serve, limits: { keepaliveMs: 1_000 } }), { stream: true })
  expect(answer.text).not.toContain('keep-alive')
})

test.each([true, false])('T102: a failure before the first word has its real status, streaming: %s', async (stream) => {
  const failure = { code: 'engine-unavailable', message: 'No engine is available.', retryAfterSeconds: 7 } as const
  const server = await startTestServer({ serve: saying([started, { type: 'failed', failure }]) })
  const answer = await chat(server, { stream })
  expect([answer.status, answer.headers['retry-after']]).toEqual([503, '7'])
  expect(errorOf(answer.text)).toMatchObject({ type: 'server_error', code: 'service_unavailable' })
})

test('T14, T78: limits say when to come back, output that cannot be had says not to', async () => {
  const rate = { code: 'rate-limited', message: 'Rate limit reached.', retryAfterSeconds: 600 } as const
  const limited = await chat(await startTestServer({ serve: saying([{ type: 'failed', failure: rate }]) }))
  expect([limited.status, limited.headers['retry-after']]).toEqual([429, '60'])
  const invalid = await chat(await startTestServer({ serve: saying([started, failed('invalid-output')]) }))
  expect([invalid.status, invalid.headers['x-should-retry']]).toEqual([500, 'false'])
  expect(errorOf(invalid.text).code).toBe('invalid_model_output')
})

test('T103: a stream that breaks ends with an error and without [DONE] or a finish', async () => {
  const events: CompletionEvent[] = [started, { type: 'text', text: 'Hel', tokens: 1 }, failed('engine-lost')]
  const answer = await chat(await startTestServer({ serve: saying(events) }), { stream: true })
  expect([answer.status, answer.broken]).toEqual([200, false])
  expect(answer.text).not.toContain('[DONE]')
  expect(answer.text).not.toContain('"finish_reason":"')
  expect(answer.text.match(/"error"/g)).toHaveLength(1)
  expect(JSON.parse(answer.text.trim().split('\n\n').at(-1)?.slice('data: '.length) ?? '').error).toEqual({
    message: 'Generation failed on every replica. The answer above is incomplete.',
    type: 'server_error',
    param: null,
    code: 'generation_failed',
  })
})

test('T103: a whole answer that breaks after its first newline is cut off behind the error', async () => {
  const serve = silentBefore(2, keepaliveMs * 1.5, [
    started,
    { type: 'text', text: 'Hel', tokens: 1 },
    failed('engine-lost'),
  ])
  const answer = await chat(await startTestServer({ serve, limits: { keepaliveMs } }))
  expect([answer.status, answer.broken]).toEqual([200, true])
  expect(errorOf(answer.text).code).toBe('generation_failed')
})

test.each([true, false])('T95: no silence is longer than a heartbeat, streaming: %s', async (stream) => {
  const keepaliveMs = 250
  const serve = silentBefore(2, keepaliveMs * 3.5, greeting)
  const answer = await chat(await startTestServer({ serve, limits: { keepaliveMs } }), { stream })
  expect(answer.status).toBe(200)
  const gaps = answer.arrivals.map((at, i) => at - (answer.arrivals[i - 1] ?? 0))
  // The client shares a busy machine with the server; a lost heartbeat would show as twice the time.
  expect(Math.max(...gaps)).toBeLessThan(keepaliveMs * 1.9)
  if (stream) expect(answer.text.match(/^: keep-alive$/gm)?.length).toBeGreaterThanOrEqual(3)
  else expect(answer.text).toMatch(/^\n{3,}\{/)
})

const withForm = (heartbeat: HeartbeatForm, serve: Serve) =>
  startTestServer({ serve, limits: { keepaliveMs }, authenticate: () => ({ ...testKey, settings: { heartbeat } }) })

test('T96: each form of heartbeat on the wire, and none', async () => {
  const serve = silentBefore(1, keepaliveMs * 2.5, greeting)
  const line = await chat(await withForm('line', serve), { stream: true })
  expect(line.text).toMatch(/^(: keep-alive\n)+data: /)
  const chunk = await chat(await withForm('chunk', serve), { stream: true })
  const keys = chunksOf(chunk.text).map(({ choices }) => Object.keys(choices[0]?.delta ?? {}))
  expect(keys.filter((delta) => delta.length > 0)).toEqual([
    ['role', 'content', 'reasoning_content'],
    ['reasoning_content'],
    ['content'],
  ])
  const off = await chat(await withForm('off', serve), { stream: true })
  expect(off.text).toMatch(/^data: /)
  const whole = await chat(await withForm('off', serve))
  expect(whole.text).toMatch(/^\{/)
})

test('C81: headers wait for the first word or the first heartbeat, and a failure after them is told in the stream', async () => {
  const serve = silentBefore(1, keepaliveMs * 1.5, [started, failed('engine-lost')])
  const answer = await chat(await startTestServer({ serve, limits: { keepaliveMs } }), { stream: true })
  expect(answer.status).toBe(200)
  expect(answer.text).toMatch(/^: keep-alive\n\ndata: \{"error":/)
})

/** @returns the answer as it begins, for tests that leave or lag */
function open(server: { readonly port: number }): Promise<IncomingMessage> {
  const { promise, resolve } = Promise.withResolvers<IncomingMessage>()
  const headers = { authorization: 'Bearer sk-good' }
  const request = httpRequest(
    { port: server.port, method: 'POST', path: '/v1/chat/completions', headers, agent: false },
    (response) => resolve(response.on('error', () => undefined)),
  )
  request.on('error', () => undefined)
  request.end(JSON.stringify({ ...hello, stream: true }))
  return promise
}

test('T98: when the client leaves, the call is aborted at once, and its events are read to the last', async () => {
  const ended = Promise.withResolvers<CompletionEvent>()
  let closedEarly = true
  const serve: Serve = telling(async function* (_request, call) {
    try {
      yield started
      yield { type: 'text', text: 'a', tokens: 1 }
      const aborted = Promise.withResolvers<void>()
      call.signal.addEventListener('abort', () => aborted.resolve())
      await aborted.promise
      const last: CompletionEvent = { type: 'failed', failure: { code: 'cancelled', message: 'x' } }
      closedEarly = false
      yield last
      ended.resolve(last)
    } finally {
      ended.resolve(finished)
    }
  })
  const server = await startTestServer({ serve })
  const response = await open(server)
  response.once('data', () => response.destroy())
  await ended.promise
  expect(closedEarly).toBe(false)
  await server.close()
  expect(server.logged()).toContain('"status":499')
})

test('T99: a client that does not read stops the reading of the engine, and loses nothing', async () => {
  const piece = 'x'.repeat(50_000)
  const count = 1_000
  let said = 0
  const serve: Serve = telling(async function* () {
    yield started
    for (; said < count; said++) yield { type: 'text', text: piece, tokens: 1 }
    yield finished
  })
  const response = await open(await startTestServer({ serve }))
  let before = -1
  for (; before !== said; await pause(100)) before = said
  expect(said).toBeLessThan(count / 2)
  let length = 0
  for await (const data of response) length += data.length
  expect(said).toBe(count)
  expect(length).toBeGreaterThan(count * piece.length)
})

test('stopping lets an open answer finish, and refuses new ones', async () => {
  const go = Promise.withResolvers<void>()
  const serve: Serve = telling(async function* () {
    yield started
    yield { type: 'text', text: 'a', tokens: 1 }
    await go.promise
    yield finished
  })
  const server = await startTestServer({ serve, drainMs: 10_000 })
  const response = await open(server)
  const closed = server.close()
  await expect(ask(server, { body: hello })).rejects.toThrow()
  go.resolve()
  let text = ''
  for await (const data of response) text += data
  expect(text.endsWith('data: [DONE]\n\n')).toBe(true)
  await closed
})

test('stopping ends answers that take longer than the drain', async () => {
  const serve: Serve = telling(async function* (_request, call) {
    yield started
    yield { type: 'text', text: 'a', tokens: 1 }
    const aborted = Promise.withResolvers<void>()
    call.signal.addEventListener('abort', () => aborted.resolve())
    await aborted.promise
    yield { type: 'failed', failure: { code: 'cancelled', message: 'x' } }
  })
  const server = await startTestServer({ serve, drainMs: 50 })
  const response = await open(server)
  const closed = server.close()
  let text = ''
  for await (const data of response) text += data
  expect(text).toContain('generation_failed')
  await closed
})

test('C104: what the caller can mend is told also behind the first newline, and behind a heartbeat', async () => {
  const failure = { code: 'context-too-long', message: 'Your messages have 9 tokens.', param: 'messages' } as const
  const serve = silentBefore(0, keepaliveMs * 1.5, [{ type: 'failed', failure }])
  const server = await startTestServer({ serve, limits: { keepaliveMs } })
  const whole = await chat(server)
  expect([whole.status, whole.broken]).toEqual([200, true])
  expect(errorOf(whole.text)).toEqual({
    message: 'Your messages have 9 tokens.',
    type: 'server_error',
    param: 'messages',
    code: 'generation_failed',
  })
  const stream = await chat(server, { stream: true })
  expect(stream.text).toContain('data: {"error":{"message":"Your messages have 9 tokens."')
})

test('stopping waits neither for silent connections nor for heads that are not whole', async () => {
  const server = await startTestServer({ drainMs: 10_000 })
  const sockets = ['', 'POST /v1/chat', 'GET /health HTTP/1.1\r\nhost: x\r\n\r\n'].map((words) => {
    const socket = connect(server.port, '127.0.0.1').on('error', () => undefined)
    socket.write(words)
    return { socket, over: new Promise((resolve) => void socket.on('close', resolve)) }
  })
  await new Promise((resolve) => sockets[2]?.socket.once('data', resolve))
  const began = performance.now()
  await server.close()
  await Promise.all(sockets.map(({ over }) => over))
  expect(performance.now() - began).toBeLessThan(5_000)
})
