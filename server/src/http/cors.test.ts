import { expect, test } from 'vitest'
import { ask, hello, startTestServer } from './http-fixture.ts'

const origin = 'https://chat.example.org'

test('C111: without a list of origins no CORS header is ever sent', async () => {
  const server = await startTestServer()
  for (const method of ['POST', 'OPTIONS']) {
    const { headers } = await ask(server, { method, headers: { origin, 'access-control-request-method': 'POST' } })
    expect(Object.keys(headers).filter((name) => name.startsWith('access-control') || name === 'vary')).toEqual([])
  }
})

test('C111: a listed origin may call, ask first, and read what it needs; another may not', async () => {
  const server = await startTestServer({ corsOrigins: [origin] })
  const answer = await ask(server, { headers: { origin }, body: hello })
  expect(answer.status).toBe(200)
  expect(answer.headers).toMatchObject({ 'access-control-allow-origin': origin, vary: 'Origin' })
  expect(answer.headers['access-control-expose-headers']).toContain('x-request-id')
  const asking = {
    origin,
    'access-control-request-method': 'POST',
    'access-control-request-headers': 'x-stainless-lang',
  }
  const preflight = await ask(server, { method: 'OPTIONS', headers: { ...asking, authorization: undefined } })
  expect(preflight).toMatchObject({
    status: 204,
    headers: {
      'access-control-allow-origin': origin,
      'access-control-allow-methods': 'POST',
      'access-control-allow-headers': 'x-stainless-lang',
    },
  })
  const stranger = await ask(server, { headers: { origin: 'https://evil.example' } })
  expect(stranger.headers['access-control-allow-origin']).toBeUndefined()
  expect(stranger.headers.vary).toBe('Origin')
  const refused = await ask(server, { headers: { origin, authorization: undefined } })
  expect([refused.status, refused.headers['access-control-allow-origin']]).toEqual([401, origin])
})
