import { once } from 'node:events'
import { createServer } from 'node:net'
import { networkInterfaces } from 'node:os'
import { createServer as createTlsServer, getCACertificates, setDefaultCACertificates, type TLSSocket } from 'node:tls'
import { expect, onTestFinished, test, vi } from 'vitest'
import { selfSigned } from './certificate-fixture.ts'
import { answerOk, fakeClock, type Got, upstream, withLength } from './upstream-fixture.ts'

test('there are as many connections as requests at the same time, and each serves one request after the other', async () => {
  let wanted = 0
  const held: Got[] = []
  const { ask, sockets } = await upstream((one) => {
    if (held.push(one) === wanted) held.splice(0).forEach(answerOk)
  })
  for (const [atOnce, connections] of [
    [1, 1],
    [1, 1],
    [10, 10],
    [1, 10],
    [10, 10],
    [11, 11],
  ] as const) {
    wanted = atOnce
    const answers = Array.from({ length: atOnce }, () => ask().answer)
    expect(await Promise.all(answers)).toEqual(answers.map(() => 'ok'))
    expect(sockets.length).toBe(connections)
  }
})

test('`afresh` is not asked on a connection that has served, and its own serves on', async () => {
  const { ask, got, sockets } = await upstream(answerOk)
  for (const afresh of [false, true, false]) await ask({ afresh }).answer
  expect(got.map(({ socket }) => sockets.indexOf(socket))).toEqual([0, 1, 1])
})

test.each([
  ['connection: close', 'HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok'],
  ['HTTP/1.0', 'HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nok'],
  ['no length', 'HTTP/1.1 200 OK\r\n\r\nok'],
  [
    'a length and chunks',
    'HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n',
  ],
  ['one second to live', 'HTTP/1.1 200 OK\r\nkeep-alive: timeout=1\r\ncontent-length: 2\r\n\r\nok'],
])('a connection is closed behind an answer with %s', async (what, wire) => {
  const { ask, sockets, closed } = await upstream(({ socket }) => socket[what === 'no length' ? 'end' : 'write'](wire))
  expect([await ask().answer, await ask().answer]).toEqual(['ok', 'ok'])
  expect(sockets.length).toBe(2)
  await expect.poll(closed).toBe(2)
})

test('bytes behind the end break an answer that they come with, and close the connection when they come later', async () => {
  const { ask, sockets, closed } = await upstream(({ socket, head }) => {
    socket.write(withLength('ok') + (head.includes('more: yes') ? 'x' : ''))
  })
  await expect(ask({ headers: { more: 'yes' } }).answer).rejects.toMatchObject({ code: 'EPROTO' })
  await expect.poll(closed).toBe(1)
  const { answer, events } = ask()
  expect(await answer).toBe('ok')
  sockets[1]?.write(withLength('not asked'))
  await expect.poll(closed).toBe(2)
  expect(events).toEqual(['head', 'data', 'end'])
  expect(await ask().answer).toBe('ok')
  expect(sockets.length).toBe(3)
})

test('a connection is not used again when an answer came before all of the body had gone', async () => {
  const early = createServer((socket) => {
    socket.once('data', () => socket.pause().write(withLength('too much')))
  })
  const { ask, sockets } = await upstream(answerOk, { server: early })
  const body = new Uint8Array(64 * 1024 * 1024)
  for (const connections of [1, 2]) {
    expect(await ask({ body }).answer).toBe('too much')
    expect(sockets.length).toBe(connections)
  }
})

test.each([
  [undefined, '', 3_999, 1],
  [undefined, '', 4_000, 2],
  [50, '', 50, 2],
  [50, 'keep-alive: timeout=10\r\n', 8_999, 1],
  [60_000, 'keep-alive: max=9, timeout=10\r\n', 9_000, 2],
  [50, 'keep-alive: timeout=99999999999999999999\r\n', 599_999, 1],
  [50, 'keep-alive: timeout=99999999999999999999\r\n', 600_000, 2],
])('kept for %s ms or for %j: after %i ms there are %i', async (keepMs, hint, afterMs, connections) => {
  const answer = withLength('ok').replace('\r\n', `\r\n${hint}`)
  const { ask, sockets } = await upstream(({ socket }) => void socket.write(answer), { keepMs })
  fakeClock()
  await ask().answer
  vi.advanceTimersByTime(afterMs)
  await ask().answer
  expect(sockets.length).toBe(connections)
})

test('each unused connection is closed when its own time is over', async () => {
  const { ask, sockets } = await upstream(answerOk)
  fakeClock()
  await ask().answer
  vi.advanceTimersByTime(3_000)
  await ask({ afresh: true }).answer
  const closed = sockets.map((socket) => once(socket, 'close'))
  vi.advanceTimersByTime(1_000)
  await closed[0]
  vi.advanceTimersByTime(4_000)
  await closed[1]
})

test.each(['a\r\nx-b: c', 'a\n', 'a\r', 'a\0', '\x7f', 'é', '😀'])(
  'a header with %j is not sent, and not told',
  async (some) => {
    const { ask, got, sockets } = await upstream(answerOk)
    const asking = () => ask({ headers: { 'x-a': `secret${some}` } })
    expect(asking).toThrow(TypeError)
    expect(asking).toThrow(/^(?!.*secret).*'x-a'/s)
    await ask().answer
    expect([got.length, sockets.length]).toEqual([1, 1])
  },
)

// A machine may call both addresses `localhost`.
test.for([
  ['127.0.0.1', '127.0.0.1'],
  ['127.0.0.1', 'localhost'],
  ['::1', '[::1]'],
] as const)('a server on %s is asked as %s, for what the URL says', async ([host, name], { skip }) => {
  const isThere = Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === host))
  skip(!isThere, 'not on this machine')
  const { ask, got, url } = await upstream(answerOk, { host })
  url.hostname = name
  const path = new URL('/a%20b/?c=d%20é&e=?#f', url)
  expect(await ask({ url: path, headers: { 'x-a': 'b\tc', 'x-d': '' } }).answer).toBe('ok')
  const lines = [
    'GET /a%20b/?c=d%20%C3%A9&e=? HTTP/1.1',
    `host: ${name}:${url.port}`,
    'connection: keep-alive',
    'x-a: b\tc',
    'x-d: ',
  ]
  expect(got).toMatchObject([{ head: `${lines.join('\r\n')}\r\n\r\n`, body: '' }])
})

const bodyOf = (length: number) => Buffer.from(Array.from({ length }, (_, i) => (i * 7 + (i >> 8)) & 255))

test.each([0, 1, 32 * 1024, 32 * 1024 + 1, 1_000_000])('a body of %i bytes arrives whole', async (length) => {
  const { ask, got } = await upstream(answerOk)
  const body = bodyOf(length)
  for (let i = 0; i < 2; i++) {
    await ask({ body, headers: { 'x-a': 'b' } }).answer
    expect(got[i]?.head).toMatch(/^POST \/ HTTP\/1.1\r\n/)
    expect(got[i]?.head.match(/content-length: .*/g)).toEqual([`content-length: ${length}`])
    expect(got[i]?.body === body.toString('latin1')).toBe(true)
  }
})

test('a client that is closed breaks what waits, is in the middle or connects, and closes what is unused', async () => {
  const { ask, client, got, sockets, closed } = await upstream(({ socket, body }) => void socket.write(body))
  const half = Promise.withResolvers<void>()
  const open = [
    ask(),
    ask({ body: Buffer.from(withLength('ok').slice(0, -1)) }, (event) => event === 'data' && half.resolve()),
  ]
  const unused = ask({ body: Buffer.from(withLength('ok')) })
  await Promise.all([half.promise, unused.answer])
  await expect.poll(() => got.length).toBe(3)
  open.push(ask({ afresh: true }))
  client.close()
  expect(open.map(({ events }) => events)).toEqual([['broken'], ['head', 'data', 'broken'], ['broken']])
  for (const { answer } of open) await expect(answer).rejects.toThrow('The client was closed.')
  await expect.poll(() => closed() === sockets.length).toBe(true)
  expect(unused.events).toEqual(['head', 'data', 'end'])
})

test('by TLS all arrives whole, on a connection that serves on; a second one knows the first', async () => {
  const pair = selfSigned()
  const before = getCACertificates('default')
  setDefaultCACertificates([...before, pair.cert])
  onTestFinished(() => setDefaultCACertificates(before))
  const server = createTlsServer(pair)
  const { ask, sockets, url } = await upstream(({ socket, body }) => void socket.write(withLength(body), 'latin1'), {
    server,
  })
  const body = bodyOf(1_000_000)
  for (const hostname of ['127.0.0.1', 'localhost']) {
    url.hostname = hostname
    sockets.length = 0
    for (const afresh of [false, false, true])
      expect((await ask({ body, afresh }).answer) === body.toString('latin1')).toBe(true)
    const tls = sockets as TLSSocket[]
    expect(tls.map((socket) => socket.isSessionReused())).toEqual([false, true])
    // An address is no name that one can ask for.
    expect(tls[0]).toMatchObject({ servername: hostname === 'localhost' && hostname })
  }
})

test('nobody is asked by TLS whom nobody vouches for', async () => {
  const { ask, got } = await upstream(answerOk, { server: createTlsServer(selfSigned()) })
  await expect(ask().answer).rejects.toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT', wasKept: false })
  expect(got).toEqual([])
})
