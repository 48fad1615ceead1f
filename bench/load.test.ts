/** Whatever a gateway does, a load on it ends, and what it tells is no measurement where there was none. */
import { createServer, type Server, type Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { measure } from './measure.ts'
import type { Scenario } from './scenarios.ts'
import type { Running } from './subjects.ts'

const streams: Scenario = {
  name: 'streams',
  title: '3 streams',
  load: { connections: 3, size: 300, stream: { chunks: 1_000_000, everyMs: 5 } },
  seconds: 60,
  per: 'chunk',
  tells: ['cpu'],
}
const requests: Scenario = { ...streams, load: { connections: 3, size: 300 }, per: 'request' }
const how = { warmUp: 0, patienceMs: 300 }

const servers: Server[] = []
const sockets = new Set<Socket>()
afterEach(() => {
  for (const socket of sockets) socket.destroy()
  for (const server of servers.splice(0)) server.close()
})

/** @param connected is told how many came before */
const gateway = (connected: (socket: Socket, before: number) => void): Promise<Running> =>
  new Promise((resolve) => {
    let count = 0
    const server = createServer((socket) => {
      sockets.add(socket)
      socket.on('error', () => undefined).resume()
      connected(socket, count++)
    }).listen(0, '127.0.0.1', () => {
      const address = server.address()
      const port = typeof address === 'object' && address ? address.port : 0
      resolve({ pid: 0, port, path: '/', headers: {}, stop: async () => undefined })
    })
    servers.push(server)
  })

const head = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n'
const chunk = () => `b\r\ndata: "t${Math.round(performance.now())} "\n\n\r\n`

test.each([
  ['streams', streams],
  ['requests', requests],
])('a gateway that never answers stands still: %s', async (_, scenario) => {
  const running = await gateway(() => undefined)
  expect(await measure(running, scenario, how)).toMatchObject({ trouble: 'stood still (3 of 3)' })
})

test('so does one that begins and says no more', async () => {
  const running = await gateway((socket) => socket.once('data', () => socket.write(head + chunk())))
  expect(await measure(running, streams, how)).toMatchObject({
    trouble: 'stood still (3 of 3)',
    first: expect.any(Number),
  })
})

test('one stream of three that stands still is told of, and does not end the others', async () => {
  const running = await gateway((socket, before) =>
    socket.once('data', () => {
      socket.write(head)
      if (before === 0) return
      const timer = setInterval(() => socket.write(chunk()), 20)
      socket.once('close', () => clearInterval(timer))
    }),
  )
  expect(await measure(running, streams, { ...how, seconds: 1 })).toMatchObject({ trouble: 'stood still (1 of 3)' })
})

test('one that hangs up once is asked again, and the load ends with its time all the same', async () => {
  const running = await gateway((socket, before) =>
    socket.once('data', () => {
      if (before === 0) return socket.destroy()
      socket.write(head)
      const timer = setInterval(() => socket.write(chunk()), 20)
      socket.once('close', () => clearInterval(timer))
    }),
  )
  expect(await measure(running, streams, { ...how, seconds: 0.5 })).toMatchObject({ trouble: '1 of 3 failed' })
})

test('one that hangs up on everybody has not answered, and is not waited for', async () => {
  const running = await gateway((socket) => socket.once('data', () => socket.destroy()))
  expect(await measure(running, streams, { ...how, seconds: 0.5 })).toMatchObject({ trouble: 'no answer' })
})

test('one that is not there has not answered', async () => {
  const running = await gateway(() => undefined)
  for (const server of servers.splice(0)) server.close()
  expect(await measure(running, requests, { ...how, seconds: 0.5 })).toMatchObject({ trouble: 'no answer' })
})

test('refusals are no requests', async () => {
  const running = await gateway((socket) =>
    socket.on('data', () => socket.write('HTTP/1.1 429 Too Many Requests\r\ncontent-length: 2\r\n\r\n{}')),
  )
  const { trouble, failures } = await measure(running, requests, { ...how, seconds: 0.5 })
  expect(trouble).toBe(`${failures} of ${failures} failed`)
})
