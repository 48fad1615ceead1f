import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { expect, onTestFinished, test } from 'vitest'
import { Client } from '../../lib/http1/client.ts'
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
  const client = new Client({ connectMs: 1_000 })
  onTestFinished(async () => {
    client.close()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  const url = new URL(`http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/x`)
  const ask = (signal = new AbortController().signal) => exchange(client, { url, headers: {} }, signal)
  return { ask, sockets, closed }
}

/** Hears all that comes. */
function heard(body: Body) {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const first = Promise.withResolvers<string>()
  let text = ''
  body.hear({
    data(bytes) {
      text += bytes
      first.resolve(text)
    },
    end: () => resolve(text),
    broken: reject,
  })
  promise.catch(first.reject)
  first.promise.catch(() => undefined)
  return { all: promise, first: first.promise }
}

test('status, headers and all of a body, and the connection serves the next one', async () => {
  const { ask, sockets } = await upstream((_request, response) => response.writeHead(201, { 'x-a': 'b' }).end('hello'))
  for (let i = 0; i < 3; i++) {
    const { statusCode, headers, body } = await ask()
    expect([statusCode, headers['x-a'], await heard(body).all]).toEqual([201, 'b', 'hello'])
  }
  expect(sockets.size).toBe(1)
})

test.each(['not heard', 'paused'])(
  'a body that is %s holds the upstream up, and all of it is there later',
  async (how) => {
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
    const paused = how === 'paused' ? heard(body) : undefined
    await paused?.first
    body.pause()
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
    body.resume()
    expect((await (paused ?? heard(body)).all).length).toBe(pieces * piece.length)
  },
)

test('what is left behind the end that counts is taken, and the connection kept', async () => {
  let end = () => undefined as unknown
  const { ask, sockets } = await upstream((_request, response) => {
    response.write('[DONE]')
    end = () => response.end('\n\n')
  })
  for (let i = 0; i < 3; i++) {
    const asking = new AbortController()
    const { body } = await ask(asking.signal)
    const { first, all } = heard(body)
    await first
    body.finish()
    // Whoever asked has its answer, and lets go.
    asking.abort()
    end()
    expect(await all).toBe('[DONE]')
  }
  expect(sockets.size).toBe(1)
})

test.each(['finish', 'destroy'] as const)('%s does not listen to an upstream that goes on for ever', async (how) => {
  const { ask, closed } = await upstream((_request, response) => {
    const timer = setInterval(() => response.write('x'.repeat(1_000)), 1)
    response.once('close', () => clearInterval(timer))
  })
  const { body } = await ask()
  const { first, all } = heard(body)
  await first
  body[how]()
  await expect(all).rejects.toThrow()
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
  const { first, all } = heard(body)
  await first
  late.abort(reason)
  await expect(all).rejects.toBe(reason)
  await expect.poll(() => closed.length).toBeGreaterThan(0)
})

test('a body that breaks off is told, behind what came of it', async () => {
  const { ask } = await upstream((_request, response) => {
    response.writeHead(200, { 'content-length': '100' }).write('half')
    setTimeout(() => response.destroy(), 20)
  })
  const { body } = await ask()
  const { first, all } = heard(body)
  expect(await first).toBe('half')
  await expect(all).rejects.toThrow()
})
