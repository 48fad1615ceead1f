import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { expect, onTestFinished, test } from 'vitest'
import { createConnection, readWhole } from './connection.ts'

async function upstream(answer: (request: IncomingMessage, response: ServerResponse) => void) {
  const received: IncomingMessage[] = []
  const server = createServer((request, response) => {
    received.push(request)
    request.resume().on('end', () => answer(request, response))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const connection = createConnection({ current: () => undefined, renew: () => false })
  onTestFinished(async () => {
    await connection.close()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  const url = new URL(`http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/x`)
  return { received, ask: async () => readWhole(await connection.send(url, { a: 1 }, new AbortController().signal)) }
}

test('a request that meets a connection which was closed meanwhile is sent on another one', async () => {
  const served = new WeakSet()
  const { ask, received } = await upstream(({ socket }, response) => {
    if (served.has(socket)) return void socket.destroy()
    served.add(socket)
    response.end('{"ok":true}')
  })
  for (let i = 0; i < 5; i++) expect(await ask()).toEqual({ ok: true })
  expect(received.length).toBeGreaterThan(5)
})

test('a server that dies of a request gets it once', async () => {
  const { ask, received } = await upstream(({ socket }) => void socket.destroy())
  await expect(ask()).rejects.toMatchObject({ failure: { code: 'engine-lost' } })
  expect(received).toHaveLength(1)
})

test('no coding is asked for that nobody would undo', async () => {
  const { ask, received } = await upstream((_request, response) => response.end('{}'))
  await ask()
  expect(received[0]?.headers['accept-encoding']).toBe('identity')
})
