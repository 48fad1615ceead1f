import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { Agent } from 'undici'
import { expect, onTestFinished, test } from 'vitest'
import { type Body, exchange } from './exchange.ts'

async function upstream(answer: (request: IncomingMessage, response: ServerResponse) => void) {
  const sockets = new Set<unknown>()
  const closed: unknown[] = []
  const server = createServer(answer).on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => closed.push(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const agent = new Agent({ connections: null, pipelining: 1 })
  onTestFinished(async () => {
    await agent.destroy()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  const url = new URL(`http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/x`)
  const ask = (signal = new AbortController().signal) => exchange(agent, url, { method: 'GET' }, signal)
  return { ask, sockets, closed }
}

async function textOf(body: Body): Promise<string> {
  let text = ''
  for (let chunks = await body.next(); chunks; chunks = await body.next()) text += Buffer.concat(chunks).toString()
  return text
}

test('status, headers and all of a body, and the connection serves the next one', async () => {
  const { ask, sockets } = await upstream((_request, response) => response.writeHead(201, { 'x-a': 'b' }).end('hello'))
  for (let i = 0; i < 3; i++) {
    const { statusCode, headers, body } = await ask()
    expect([statusCode, headers['x-a'], await textOf(body)]).toEqual([201, 'b', 'hello'])
    expect(await body.next()).toBeUndefined()
    // undici lets go of a connection behind the end.
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect(sockets.size).toBe(1)
})

test('who does not read holds the upstream up, and gets all of it when it reads on', async () => {
  const piece = Buffer.alloc(64 * 1024, 'x')
  const pieces = 400
  let written = 0
  const { ask } = await upstream((_request, response) => {
    const write = () => {
      while (written < pieces) {
        written++
        if (!response.write(piece)) return void response.once('drain', write)
      }
      response.end()
    }
    write()
  })
  const { body } = await ask()
  // What the sockets take is a few megabytes; 25 are waiting.
  let before = -1
  await expect
    .poll(
      () => {
        const still = written === before
        before = written
        return still
      },
      { interval: 100 },
    )
    .toBe(true)
  expect(written).toBeLessThan(pieces)
  expect((await textOf(body)).length).toBe(pieces * piece.length)
})

test('what is left behind the end that counts is taken, and the connection kept', async () => {
  const { ask, sockets } = await upstream((_request, response) => {
    response.write('[DONE]')
    setImmediate(() => response.end('\n\n'))
  })
  for (let i = 0; i < 3; i++) {
    const { body } = await ask()
    await body.next()
    body.finish()
    // The next request finds the connection free again, or waits for nothing.
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
    await expect.poll(async () => body.next()).toBeUndefined()
  }
  expect(sockets.size).toBe(1)
})

test.each(['finish', 'destroy'] as const)('%s does not listen to an upstream that goes on for ever', async (how) => {
  const { ask, closed } = await upstream((_request, response) => {
    const timer = setInterval(() => response.write('x'.repeat(1_000)), 1)
    response.once('close', () => clearInterval(timer))
  })
  const { body } = await ask()
  await body.next()
  body[how]()
  await expect.poll(() => closed.length).toBe(1)
})

test('an abort closes the connection: before it is there, before a status, and in the middle', async () => {
  const { ask, closed } = await upstream((request, response) => {
    if (request.headers.accept === undefined) response.write('some')
  })
  const reason = new Error('enough')
  await expect(ask(AbortSignal.abort(reason))).rejects.toBe(reason)
  const early = new AbortController()
  const connecting = ask(early.signal)
  early.abort(reason)
  await expect(connecting).rejects.toBe(reason)
  const late = new AbortController()
  const { body } = await ask(late.signal)
  await body.next()
  const next = body.next()
  late.abort(reason)
  await expect(next).rejects.toBe(reason)
  await expect(body.next()).rejects.toBe(reason)
  await expect.poll(() => closed.length).toBeGreaterThan(0)
})

test('a body that breaks off is told, behind what came of it', async () => {
  const { ask } = await upstream((_request, response) => {
    response.writeHead(200, { 'content-length': '100' }).write('half')
    setTimeout(() => response.destroy(), 20)
  })
  const { body } = await ask()
  expect(Buffer.concat((await body.next()) ?? []).toString()).toBe('half')
  await expect(body.next()).rejects.toThrow()
})
