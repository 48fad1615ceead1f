import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { answering, replicaOf, telling } from '../../test/replicas.ts'
import { ServeError } from '../completion/failure.ts'
import type { Serve } from '../completion/serve.ts'
import { ask, chat, greeting, hello, saying, speak, startTestServer, testKey } from './http-fixture.ts'

const errorOf = (text: string) => JSON.parse(text).error
const head = (...lines: readonly string[]): string => `${lines.join('\r\n')}\r\n\r\n`
const post = 'POST /v1/chat/completions HTTP/1.1'
const key = 'authorization: Bearer sk-good'

test.each(['/v1/chat/completions', '/chat/completions', '/beta/chat/completions'])('T1: %s answers', async (path) => {
  const answer = await ask(await startTestServer(), { path, body: hello })
  expect(answer.status).toBe(200)
  expect(answer.headers['content-type']).toBe('application/json')
  expect(answer.headers['x-request-id']).toMatch(/^req_[0-9a-f]{24}$/)
  const body = JSON.parse(answer.text)
  expect(Object.keys(body)).toEqual(['id', 'object', 'created', 'model', 'choices', 'usage', 'system_fingerprint'])
  expect(body.id).toMatch(/^chatcmpl-[0-9a-f]{32}$/)
  expect(Math.abs(body.created - Date.now() / 1000)).toBeLessThan(5)
})

test('T2: without a good key the answer is 401, and says how to bring one', async () => {
  const server = await startTestServer()
  for (const authorization of [undefined, 'Basic x', 'Bearer', 'Bearer sk-unknown']) {
    const answer = await ask(server, { headers: { authorization }, body: '{' })
    expect(answer.status).toBe(401)
    expect(answer.headers['www-authenticate']).toBe('Bearer')
    expect(errorOf(answer.text)).toMatchObject({ type: 'authentication_error', param: null, code: 'invalid_api_key' })
    if (authorization === undefined) expect(errorOf(answer.text).message).toBe('No token provided')
  }
})

test('T5, T6: path before method, method before key', async () => {
  const server = await startTestServer()
  for (const authorization of [undefined, 'Bearer sk-good'])
    for (const method of ['GET', 'HEAD', 'PUT', 'DELETE', 'PROPFIND']) {
      const answer = await ask(server, { method, headers: { authorization } })
      expect(answer.status).toBe(405)
      expect(answer.headers.allow).toBe('POST, OPTIONS')
    }
  const put = await ask(server, { method: 'PUT' })
  expect(errorOf(put.text)).toEqual({
    message: 'Method PUT is not allowed here. Use POST.',
    type: 'invalid_request_error',
    param: null,
    code: 'method_not_allowed',
  })
  const unserved = ['/v1/chat/completion', '/', '/v1/chat/completions/', '/v1/completions', '/%zz', '/v1/models/']
  for (const path of unserved) {
    const answer = await ask(server, { path, headers: { authorization: undefined, 'content-type': 'a;b=;;' } })
    expect([path, answer.status, errorOf(answer.text).code]).toEqual([path, 404, 'unknown_url'])
    expect(answer.headers['x-request-id']).toBeDefined()
  }
})

test('C111: OPTIONS needs no key and lists the methods', async () => {
  const server = await startTestServer()
  const answer = await ask(server, { method: 'OPTIONS', headers: { authorization: undefined } })
  expect([answer.status, answer.headers.allow, answer.text]).toEqual([204, 'POST, OPTIONS', ''])
  const models = await ask(server, { method: 'OPTIONS', path: '/v1/models?x=1' })
  expect([models.status, models.headers.allow]).toEqual([204, 'GET, HEAD, OPTIONS'])
  expect((await ask(server, { method: 'OPTIONS', path: '/nothing' })).status).toBe(404)
})

test.each([
  { 'content-type': 'text/plain' },
  { 'content-type': 'application/x-www-form-urlencoded' },
  { 'content-type': 'application/json; charset=latin1' },
  { 'content-type': 'not a media type at all' },
  { 'content-type': '' },
  { 'content-encoding': 'gzip' },
])('T7: %j is 415, after the key and before the body', async (headers) => {
  const server = await startTestServer()
  const answer = await ask(server, { headers, body: '{' })
  expect([answer.status, errorOf(answer.text).code]).toEqual([415, 'unsupported_media_type'])
  expect((await ask(server, { headers: { ...headers, authorization: undefined }, body: '{' })).status).toBe(401)
})

test.each([
  { 'content-type': undefined },
  { 'content-type': 'application/json; charset=UTF-8' },
  { 'content-type': 'Application/JSON;charset="utf-8"' },
  { 'content-encoding': 'identity' },
  { authorization: 'bearer sk-good' },
])('T8: %j is fine', async (headers) => {
  expect((await ask(await startTestServer(), { headers, body: hello })).status).toBe(200)
})

test.each(['', '{"model":', '[]', '"x"', 'null', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d])])(
  'T9, T10: the body %j is 400 without a field',
  async (body) => {
    const answer = await ask(await startTestServer(), { body })
    expect(answer.status).toBe(400)
    expect(errorOf(answer.text)).toMatchObject({
      type: 'invalid_request_error',
      param: null,
      code: 'invalid_request_error',
    })
  },
)

test('T10, T12: a byte order mark and a __proto__ are fine, deep nesting is not', async () => {
  const server = await startTestServer({ limits: { maxJsonDepth: 5 } })
  expect((await ask(server, { body: `\u{feff}${JSON.stringify(hello)}` })).status).toBe(200)
  const poisoned = await ask(server, { body: JSON.stringify(hello).replace('{', '{"__proto__":{"stream":true},') })
  expect([poisoned.status, poisoned.headers['content-type']]).toEqual([200, 'application/json'])
  expect((await chat(server, { x: [[[[]]]] })).status).toBe(200)
  expect(errorOf((await chat(server, { x: [[[[[]]]]] })).text).message).toContain('nested deeper')
})

test('T11: a body that says it is too large is refused before any of it came', async () => {
  const server = await startTestServer()
  const { promise, resolve } = Promise.withResolvers<string>()
  const socket = connect(server.port, '127.0.0.1')
  socket.write(head(post, 'host: x', key, 'content-length: 50331649'))
  socket.once('data', (answer) => resolve(answer.toString()))
  const heard = await promise
  expect(heard).toMatch(/^HTTP\/1.1 413 /)
  expect(heard).toContain('The request body is larger than 50331648 bytes.')
  expect(heard.toLowerCase()).toContain('connection: close')
  socket.destroy()
})

test('T11: a body is too large from its first byte too many', async () => {
  const server = await startTestServer({ limits: { maxBodyBytes: 1_000_000 } })
  for (const [length, status] of [
    [1_000_000, 400],
    [1_000_001, 413],
  ] as const)
    for (const headers of [{ 'content-length': String(length) }, { 'transfer-encoding': 'chunked' }])
      expect((await ask(server, { body: Buffer.alloc(length, 0x20), headers })).status).toBe(status)
})

test.each([key, 'authorization: Bearer wrong'])(
  'T11: a client that sends all of a too large body before it reads still gets the answer (%s)',
  async (authorization) => {
    const server = await startTestServer({ limits: { maxBodyBytes: 1_000_000 } })
    const large = Buffer.alloc(30_000_000, 0x20)
    const { promise, resolve, reject } = Promise.withResolvers<string>()
    const socket = connect(server.port, '127.0.0.1').pause().on('error', reject)
    socket.write(head(post, 'host: x', authorization, `content-length: ${large.length}`))
    socket.write(large, () => socket.on('data', (data) => resolve(data.toString())).resume())
    expect(await promise).toMatch(/^HTTP\/1.1 4(13|01) /)
    socket.destroy()
  },
)

test('a client that waits for leave to send gets it only if the body would be read', async () => {
  const server = await startTestServer()
  const body = JSON.stringify(hello)
  const asking = (length: number) =>
    head(post, 'host: x', key, 'expect: 100-continue', `content-length: ${length}`, 'connection: close')
  expect(await speak(server, asking(body.length), body)).toMatch(/^HTTP\/1.1 100 Continue\r\n\r\nHTTP\/1.1 200 OK/)
  const { promise, resolve } = Promise.withResolvers<string>()
  const socket = connect(server.port, '127.0.0.1').on('data', (data) => resolve(data.toString()))
  socket.write(asking(99_999_999))
  expect(await promise).toMatch(/^HTTP\/1.1 413 /)
  socket.destroy()
})

test('408: a body that does not arrive is given up', async () => {
  const server = await startTestServer({ limits: { bodyMs: 60 } })
  const heard = await speak(server, head(post, 'host: x', key, 'content-length: 100'), '{"model":')
  expect(heard).toMatch(/^HTTP\/1.1 408 /)
  expect(errorOf(heard.slice(heard.indexOf('{')))).toEqual({
    message: 'The request body did not arrive in time.',
    type: 'timeout_error',
    param: null,
    code: 'request_timeout',
  })
})

test('a head that does not arrive is given up, and so is a silent connection', async () => {
  const server = await startTestServer({ limits: { bodyMs: 60 } })
  expect(await speak(server, `${post}\r\nhost: x\r\n`)).toMatch(/^HTTP\/1.1 408 /)
  expect(await speak(server)).toMatch(/^(HTTP\/1.1 408 |$)/)
})

test.each([
  ['no HTTP at all', '\u0016\u0003\u0001\r\n\r\n'],
  ['a broken header', head(post, 'host: x', 'bad header')],
  ['a header too large', head(post, 'host: x', `x-large: ${'x'.repeat(40_000)}`)],
  ['two lengths', head(post, 'host: x', 'content-length: 1', 'content-length: 2')],
  ['a length that is none', head(post, 'host: x', 'content-length: -1')],
  ['a broken chunk', `${head(post, 'host: x', key, 'transfer-encoding: chunked')}zz\r\n`],
])('%s is answered in our own shape, and the connection closed', async (_what, bytes) => {
  const heard = await speak(await startTestServer(), bytes)
  expect(heard).toMatch(/^HTTP\/1.1 400 Bad Request\r\nx-request-id: req_[0-9a-f]{24}\r\n/)
  expect(errorOf(heard.slice(heard.indexOf('{')))).toMatchObject({ type: 'invalid_request_error', param: null })
})

test('a second request on the connection of an error is answered', async () => {
  const server = await startTestServer()
  const body = JSON.stringify(hello)
  const first = head(post, 'host: x', 'content-length: 3')
  const second = head(post, 'host: x', key, `content-length: ${body.length}`, 'connection: close')
  expect(await speak(server, `${first}{x}${second}${body}`)).toMatch(/401 Unauthorized[\s\S]*200 OK/)
})

test('hang-ups at every stage leave the server standing and no error in the log', async () => {
  const server = await startTestServer()
  const body = JSON.stringify({ ...hello, stream: true })
  const bytes = head(post, 'host: x', key, `content-length: ${body.length}`) + body
  for (let cut = 0; cut <= bytes.length; cut += 13) {
    const { promise, resolve } = Promise.withResolvers<void>()
    const socket = connect(server.port, '127.0.0.1', () =>
      socket.write(bytes.slice(0, cut), () => socket.resetAndDestroy()),
    )
    socket.on('close', () => resolve()).on('error', () => undefined)
    await promise
  }
  expect((await chat(server)).status).toBe(200)
  expect(server.logged()).not.toContain('defect')
})

test('T13: a key that may not use the model is told so, unless the model is unknown', async () => {
  const server = await startTestServer({ authenticate: () => ({ ...testKey, settings: { models: ['other'] } }) })
  const answer = await chat(server)
  expect(answer.status).toBe(403)
  expect(errorOf(answer.text)).toEqual({
    message: "This API key may not use the model 'deepseek-v4-flash'.",
    type: 'permission_error',
    param: 'model',
    code: 'permission_denied',
  })
  expect((await chat(server, { model: 'no-such-model' })).status).toBe(404)
})

test('T16: fields are checked before the model is looked up', async () => {
  const server = await startTestServer()
  const unknown = await chat(server, { model: 'no-such-model' })
  expect(unknown.status).toBe(404)
  expect(errorOf(unknown.text)).toMatchObject({ param: 'model', code: 'model_not_found' })
  expect(errorOf(unknown.text).message).toBe("Model Not Exist: 'no-such-model'")
  expect(errorOf((await chat(server, { model: 'no-such-model', temperature: 3 })).text).param).toBe('temperature')
})

test('T59: an alias is echoed, and its thinking is the default', async () => {
  const serve = saying([])
  const server = await startTestServer({ serve })
  await chat(server, { model: 'deepseek-chat' })
  await chat(server, { model: 'deepseek-reasoner' })
  await chat(server, { model: 'deepseek-chat', thinking: { type: 'enabled' } })
  expect(serve.asked.map(({ request }) => request.thinking.enabled)).toEqual([false, true, true])
  expect(serve.asked.map(({ request }) => request.model)).toEqual(Array(3).fill('deepseek-v4-flash'))
  const echo = await chat(await startTestServer(), { model: 'deepseek-chat' })
  expect(JSON.parse(echo.text).model).toBe('deepseek-chat')
})

test('the call says who asks', async () => {
  const serve = saying([])
  const answer = await chat(await startTestServer({ serve }), { user: 'u-1' })
  expect(serve.asked[0]?.call).toMatchObject({
    id: answer.headers['x-request-id'],
    tenant: 'default',
    keyId: 'key_1',
    userId: 'u-1',
    namespace: 'default/u-1',
  })
})

test('a stand-in says on every answer who really speaks', async () => {
  const server = await startTestServer({ model: { standIn: 'tidegate-demo' } })
  expect((await chat(server)).headers['x-tidegate-stand-in']).toBe('tidegate-demo')
  expect((await chat(server, { stream: true })).headers['x-tidegate-stand-in']).toBe('tidegate-demo')
  expect((await chat(await startTestServer())).headers['x-tidegate-stand-in']).toBeUndefined()
})

test('T108: the models of the key', async () => {
  const server = await startTestServer()
  const list = await ask(server, { method: 'GET', path: '/v1/models' })
  expect(list.text).toBe(
    '{"object":"list","data":[{"id":"deepseek-v4-flash","object":"model","created":1626777600,"owned_by":"tidegate","supported_endpoint_types":["openai"],"name":"DeepSeek V4 Flash","context_window":1048576,"max_output_tokens":393216,"input_modalities":["text"],"output_modalities":["text"],"effort":{"supported_levels":["none","low","high","max"],"default_level":"high"}}]}',
  )
  expect((await ask(server, { method: 'GET', path: '/models' })).text).toBe(list.text)
  const one = await ask(server, { method: 'GET', path: '/v1/models/deepseek-chat' })
  expect(JSON.parse(one.text)).toEqual(JSON.parse(list.text).data[0])
  const unknown = await ask(server, { method: 'GET', path: '/v1/models/some/x' })
  expect([unknown.status, errorOf(unknown.text).message]).toEqual([404, "Model Not Exist: 'some/x'"])
  const keyless = await ask(server, { method: 'GET', path: '/v1/models', headers: { authorization: undefined } })
  expect([keyless.status, errorOf(keyless.text).message]).toEqual([401, 'No token provided'])
})

test('T109: health needs no key and follows the replicas', async () => {
  const get = { method: 'GET', path: '/health', headers: { authorization: undefined } }
  const replica = replicaOf('a', answering())
  const healthy = await startTestServer({ model: { replicas: [replica] } })
  expect(await ask(healthy, get)).toMatchObject({ status: 200, text: '{"status":"ok"}' })
  expect(await ask(healthy, { ...get, path: '/health/ready' })).toMatchObject({ status: 200 })
  const ill = await startTestServer()
  expect(await ask(ill, get)).toMatchObject({ status: 503, text: '{"status":"unavailable"}' })
  expect(await ask(ill, { ...get, path: '/health/ready' })).toMatchObject({ status: 503 })
  expect(await ask(ill, { ...get, path: '/health/live' })).toMatchObject({ status: 200 })
  const model = { replicas: [replica] }
  const poor = await startTestServer({ model, databaseIsWell: () => false })
  expect(await ask(poor, { ...get, path: '/health/ready' })).toMatchObject({
    ...{ status: 503, text: '{"status":"unavailable","database":"unavailable"}' },
  })
  expect(await ask(ill, { ...get, method: 'HEAD' })).toMatchObject({ status: 503, text: '' })
})

test('metrics are served where there are any', async () => {
  const get = { method: 'GET', path: '/metrics' }
  expect((await ask(await startTestServer(), get)).status).toBe(404)
  const metrics = async () => ({ contentType: 'text/plain; version=0.0.4', text: 'tidegate_up 1\n' })
  expect(await ask(await startTestServer({ metrics }), get)).toMatchObject({ status: 200, text: 'tidegate_up 1\n' })
})

test('T3, T110: no word of a request and no key reaches the log', async () => {
  const server = await startTestServer({
    serve: () => {
      throw new SyntaxError('Unexpected token: "my secret"')
    },
  })
  const secret = { messages: [{ role: 'user', content: 'my secret' }] }
  expect((await chat(server, secret)).status).toBe(500)
  expect((await chat(server, { ...secret, temperature: 'my secret' })).status).toBe(400)
  expect((await chat(server, { model: 'my secret' })).status).toBe(404)
  await ask(server, { path: '/my%20secret?my=secret', body: '{"my secret' })
  await ask(server, { body: '{"my secret' })
  await ask(server, { headers: { authorization: 'Bearer my secret' }, body: '{"my secret' })
  expect(server.logged()).toContain('internal')
  expect(server.logged()).not.toMatch(/my.?.?.?secret|sk-good/)
})

test('a completion that went well has one line, its own; what else was asked has the access line', async () => {
  const told: string[] = []
  const line = (one: { readonly status?: number }) => void told.push(String(one.status))
  const failing: Serve = async () => ({ type: 'failed', failure: { code: 'engine-lost', message: 'Gone.' } })
  const log = { info: line, debug: () => undefined, error: () => undefined }
  const server = await startTestServer({ log })
  expect((await chat(server)).status).toBe(200)
  expect((await chat(server, { stream: true })).status).toBe(200)
  expect(await ask(server, { method: 'GET', path: '/v1/models' })).toMatchObject({ status: 200 })
  expect((await chat(server, { temperature: 'hot' })).status).toBe(400)
  const lost = (await chat(await startTestServer({ log, serve: failing }))).status
  await expect.poll(() => told).toEqual(['400', String(lost)])
})

test('T107: a defect is told as the server’s own fault and nothing else', async () => {
  const server = await startTestServer({
    serve: () => {
      throw new Error('10.0.0.7 sglang')
    },
  })
  const answer = await chat(server)
  expect(answer.status).toBe(500)
  expect(errorOf(answer.text)).toEqual({
    message: 'Internal server error.',
    type: 'server_error',
    param: null,
    code: 'server_error',
  })
})

test('C90: what a request may not do is told by every layer in the same shape', async () => {
  const authorize = () => {
    throw new ServeError({ code: 'permission-denied', message: "This 'user_id' is blocked.", param: 'user_id' })
  }
  const answer = await chat(await startTestServer({ authorize }))
  expect([answer.status, errorOf(answer.text).param]).toEqual([403, 'user_id'])
})

test('of many large bodies at once some are read and the others are told to come back; small ones are always read', async () => {
  const go = Promise.withResolvers<void>()
  const serve: Serve = telling(async function* (request) {
    if (request.maxTokens !== 1) await go.promise
    yield* greeting
  })
  const server = await startTestServer({ serve, limits: { maxBodyBytes: 1_000_000 } })
  const large = { ...hello, foo: 'x'.repeat(900_000) }
  const answers = Array.from({ length: 12 }, () => ask(server, { body: large }))
  const refused = await Promise.race(answers)
  expect([refused.status, refused.headers['retry-after'], errorOf(refused.text).code]).toEqual([
    503,
    '5',
    'service_unavailable',
  ])
  expect((await chat(server, { max_tokens: 1 })).status).toBe(200)
  go.resolve()
  const statuses = (await Promise.all(answers)).map(({ status }) => status)
  const served = statuses.filter((status) => status === 200).length
  expect(served).toBeGreaterThan(0)
  expect(served).toBeLessThanOrEqual(4)
  expect((await ask(server, { body: { ...large, max_tokens: 1 } })).status).toBe(200)
})
