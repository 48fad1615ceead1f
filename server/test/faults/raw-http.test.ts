import { expect, test } from 'vitest'
import { chunksOf } from '../client.ts'
import { doubled } from '../contract/harness.ts'
import { asked, chunked, dial, speak, statusesOf, written } from './wire.ts'

const te = 'transfer-encoding: chunked'
const body = asked()

/** What is answered, and how; `{key}` stands for the key. */
const requests: readonly [what: string, request: string, status: number, code?: string][] = [
  ['HTTP/1.0', written({ line: 'POST /v1/chat/completions HTTP/1.0', key: '{key}', body }), 200],
  ['a URL with its origin', written({ line: 'POST http://x/v1/chat/completions HTTP/1.1', key: '{key}', body }), 200],
  ['a query', written({ line: 'POST /v1/chat/completions?a=b&c HTTP/1.1', key: '{key}', body }), 200],
  ['an encoded letter', written({ line: 'POST /v1/%63hat/completions HTTP/1.1', key: '{key}', body }), 200],
  ['blank lines before it', `\r\n\r\n${written({ key: '{key}', body })}`, 200],
  ['chunks', written({ key: '{key}', headers: [te] }) + chunked(body.slice(0, 9), body.slice(9)), 200],
  ['a body beside an upgrade', written({ key: '{key}', body, headers: ['upgrade: websocket'] }), 200],
  ['a header of 15 KB', written({ key: '{key}', body, headers: [`x-long: ${'y'.repeat(15_000)}`] }), 200],
  ['a GET with a body', written({ line: 'GET /v1/models HTTP/1.1', key: '{key}', body }), 200],
  ['HEAD', written({ line: 'HEAD /v1/models HTTP/1.1', key: '{key}' }), 200],
  ['OPTIONS', written({ line: 'OPTIONS http://x/v1/chat/completions HTTP/1.1' }), 204],
  ['an unknown expectation', written({ key: '{key}', body, headers: ['expect: a-miracle'] }), 200],

  ['two keys, the first one wrong', written({ key: 'wrong', headers: ['authorization: Bearer {key}'], body }), 401],
  ['a key of 10 KB', written({ key: 'x'.repeat(10_000), body }), 401],
  ['the key as a cookie', written({ headers: ['cookie: key={key}', 'x-api-key: {key}'], body }), 401],

  [
    'an encoded slash',
    written({ line: 'POST /v1/chat%2fcompletions HTTP/1.1', key: '{key}', body }),
    404,
    'unknown_url',
  ],
  [
    'an encoded NUL',
    written({ line: 'POST /v1/chat%00/completions HTTP/1.1', key: '{key}', body }),
    404,
    'unknown_url',
  ],
  ['a broken escape', written({ line: 'GET /v1/models/%ff HTTP/1.1', key: '{key}' }), 404, 'unknown_url'],
  ['dots in the path', written({ line: 'POST /v1/../v1/chat/completions HTTP/1.1', body }), 404, 'unknown_url'],
  ['a path of 12 KB', written({ line: `POST /${'a'.repeat(12_000)} HTTP/1.1`, body }), 404, 'unknown_url'],
  ['OPTIONS for all', written({ line: 'OPTIONS * HTTP/1.1' }), 404, 'unknown_url'],
  ['a model of NUL', written({ line: 'GET /v1/models/%00 HTTP/1.1', key: '{key}' }), 404, 'model_not_found'],
  [
    'a model of 5 KB',
    written({ line: `GET /v1/models/${'x'.repeat(5_000)} HTTP/1.1`, key: '{key}' }),
    404,
    'model_not_found',
  ],

  ['TRACE', written({ line: 'TRACE /v1/chat/completions HTTP/1.1' }), 405, 'method_not_allowed'],
  ['GET of an encoded path', written({ line: 'GET /v1/%63hat/completions HTTP/1.1' }), 405, 'method_not_allowed'],
  ['GET with an origin', written({ line: 'GET http://x/chat/completions HTTP/1.1' }), 405, 'method_not_allowed'],

  [
    'no length at all',
    written({ key: '{key}', headers: ['content-type: application/json'] }),
    400,
    'invalid_request_error',
  ],
  ['a NUL in the path', written({ line: 'POST /v1\0 HTTP/1.1', body }), 400, 'invalid_request_error'],
  ['a NUL in a header', written({ key: '{key}', body, headers: ['x-a: a\0b'] }), 400, 'invalid_request_error'],
  ['a folded header', written({ key: '{key}', body, headers: ['x-a: a\r\n b'] }), 400, 'invalid_request_error'],
  ['bare line feeds', written({ key: '{key}', body }).replaceAll('\r\n', '\n'), 400, 'invalid_request_error'],
  ['a URL of 20 KB', written({ line: `POST /${'a'.repeat(20_000)} HTTP/1.1`, body }), 400, 'invalid_request_error'],
  [
    '3,000 headers',
    written({ headers: Array.from({ length: 3_000 }, (_, i) => `x${i}: 1`), body }),
    400,
    'invalid_request_error',
  ],
  ['a length and chunks', written({ key: '{key}', body, headers: [te] }), 400, 'invalid_request_error'],
  ['a chunk of no length', `${written({ key: '{key}', headers: [te] })}zz\r\n${body}`, 400, 'invalid_request_error'],
  [
    'an endless chunk',
    `${written({ key: '{key}', headers: [te] })}${'f'.repeat(20)}\r\n${body}`,
    400,
    'invalid_request_error',
  ],
  ['an unknown method', written({ line: 'FOO /v1/chat/completions HTTP/1.1', body }), 400, 'invalid_request_error'],
  ['another protocol', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400, 'invalid_request_error'],
  [
    'a version that is none',
    written({ line: 'POST /v1/chat/completions HTTP/9.9', body }),
    400,
    'invalid_request_error',
  ],
]

test('every odd request gets one answer in our shape, or the answer it would get otherwise, and the connection ends', async () => {
  const { client, log } = await doubled(['fine'])
  for (const [what, request, status, code] of requests) {
    const { heard, closed } = await speak(client.origin, request.replaceAll('{key}', client.key))
    expect([what, statusesOf(heard), closed]).toEqual([what, [status], true])
    expect([what, heard]).toEqual([what, expect.stringMatching(/^x-request-id: req_[0-9a-f]{24}\r$/m)])
    if (status === 200 && heard.includes('chat.completion')) expect(heard).toContain('"content":"fine"')
    if (code)
      expect(JSON.parse(heard.slice(heard.indexOf('{"error"'))).error).toMatchObject({
        code,
        param: code === 'model_not_found' ? 'model' : null,
      })
  }
  expect(log()).not.toMatch(/defect|Hello!/)
  expect(log()).not.toContain(client.key)
})

test('a tunnel is refused by hanging up, and the next client is served', async () => {
  const { client } = await doubled(['fine'])
  expect(await speak(client.origin, written({ line: 'CONNECT example.test:443 HTTP/1.1' }))).toMatchObject({
    closed: true,
  })
  expect((await client.ask({ thinking: { type: 'disabled' } })).content).toBe('fine')
})

test('a connection goes on after every refusal of a small request, and pipelined answers keep their order', async () => {
  const { client } = await doubled((generation) => (generation.maxTokens === 7 ? 'seven' : 'fine'))
  const { key } = client
  const refused = [
    written({ keep: true, body: '{x}' }),
    written({ keep: true, key, body: '{x}' }),
    written({ keep: true, key, body: asked({ temperature: 3 }) }),
    written({ keep: true, key, body, headers: ['content-type: text/plain'] }),
    written({ keep: true, key, body, line: 'POST /nowhere HTTP/1.1' }),
    written({ keep: true, key, body, line: 'PUT /v1/chat/completions HTTP/1.1' }),
    written({ keep: true, key, body: asked({ model: 'nobody' }) }),
  ]
  const served =
    written({ keep: true, key, body: asked({ max_tokens: 7 }) }) + written({ key, body: asked({ stream: true }) })
  const { heard } = await speak(client.origin, refused.join('') + served)
  expect(statusesOf(heard)).toEqual([401, 400, 400, 415, 404, 405, 404, 200, 200])
  expect(heard.indexOf('"content":"seven"')).toBeGreaterThan(0)
  expect(heard.indexOf('"content":"fine"')).toBeGreaterThan(heard.indexOf('"content":"seven"'))
  expect(heard).toMatch(/data: \[DONE\]/)
})

test('an HTTP/1.0 client gets a stream without chunks, ended by the end of the connection', async () => {
  const { client } = await doubled(['one· two'])
  const line = 'POST /v1/chat/completions HTTP/1.0'
  const { heard } = await speak(client.origin, written({ line, key: client.key, body: asked({ stream: true }) }))
  const [head = '', text = ''] = heard.split('\r\n\r\n')
  expect(head).not.toMatch(/transfer-encoding/i)
  expect(chunksOf(text)).toMatchObject({ done: true })
})

test('T98: a client that leaves in the middle of pipelined requests frees all their places', async () => {
  const { client, engine } = await doubled([{ raw: 'a·b·c', ends: 'stall' }], { slots: 2 })
  const { socket, heard } = dial(client.origin)
  socket.write(written({ keep: true, key: client.key, body: asked({ stream: true }) }).repeat(4))
  await expect.poll(() => heard().includes('"content":"c"') && engine.runs.length === 2).toBe(true)
  socket.resetAndDestroy()
  await expect.poll(() => engine.runs.every((run) => run.over)).toBe(true)
  await expect
    .poll(async () => (await client.get('/metrics')).text)
    .toMatch(/completions_running\{model="deepseek-v4-flash"\} 0/)
})
