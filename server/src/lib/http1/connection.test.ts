import { createServer } from 'node:net'
import { expect, test, vi } from 'vitest'
import { LostError } from './connection.ts'
import { answerOk, connectMs, fakeClock, type Got, upstream, withLength } from './upstream-fixture.ts'

test.each([
  ['nothing', '', true],
  ['one byte', 'H', false],
  ['a 1xx', 'HTTP/1.1 100 Continue\r\n\r\n', false],
  ['what is no answer', 'no HTTP\r\n\r\n', false],
  ['half an answer', withLength('ok').slice(0, -1), false],
])('a connection that had served was kept if it is lost with %s of the next answer', async (_what, wire, wasKept) => {
  const { ask, got } = await upstream((one) => {
    if (got.length === 1) answerOk(one)
    else one.socket.end(wire, 'latin1')
  })
  await ask().answer
  const lost = await ask().answer.catch((error: unknown) => error)
  expect(lost).toBeInstanceOf(LostError)
  expect(lost).toMatchObject({ wasKept, code: wire.startsWith('no') ? 'EPROTO' : 'ECONNRESET' })
  expect(got.map(({ socket }) => socket === got[0]?.socket)).toEqual([true, true])
})

test('a connection that is lost with its first request was not kept, whether it was there or not', async () => {
  const { ask, server, closed } = await upstream(({ socket }) => void socket.destroy())
  await expect(ask().answer).rejects.toMatchObject({ code: 'ECONNRESET', wasKept: false })
  await expect.poll(closed).toBe(1)
  await new Promise((resolve) => server.close(resolve))
  await expect(ask().answer).rejects.toMatchObject({ code: 'ECONNREFUSED', wasKept: false })
})

test.each(['http:', 'https:'])('a connection by %s that is not there in time is given up', async (protocol) => {
  const spoken = Promise.withResolvers<unknown>()
  const silent = createServer((socket) => socket.once('data', spoken.resolve))
  const { ask, url } = await upstream(() => undefined, { server: silent })
  url.protocol = protocol
  fakeClock()
  const { answer, events } = ask()
  // With TLS nobody answers the first words.
  if (protocol === 'https:') await spoken.promise
  vi.advanceTimersByTime(connectMs - 1)
  expect(events).toEqual([])
  vi.advanceTimersByTime(1)
  await expect(answer).rejects.toMatchObject({ code: 'ETIMEDOUT', wasKept: false })
})

test('an answer may take longer than a connection', async () => {
  const asked = Promise.withResolvers<Got>()
  const { ask } = await upstream(asked.resolve)
  fakeClock()
  const { answer } = ask()
  const one = await asked.promise
  vi.advanceTimersByTime(10 * connectMs)
  answerOk(one)
  expect(await answer).toBe('ok')
})

test('what is asked from where the end is heard goes on the same connection', async () => {
  const { ask, sockets } = await upstream(answerOk)
  const second = Promise.withResolvers<string>()
  ask({}, (event) => event === 'end' && second.resolve(ask().answer))
  expect(await second.promise).toBe('ok')
  expect(sockets.length).toBe(1)
})

test('a connection that is paused when an answer ends serves the next one', async () => {
  const { ask, sockets } = await upstream(answerOk)
  for (let i = 0; i < 3; i++) {
    const one = ask({}, (event) => event === 'data' && one.asking.pause())
    expect(await one.answer).toBe('ok')
  }
  expect(sockets.length).toBe(1)
})

test('two answers that come at the same time are not mixed', async () => {
  const pieces = 300
  const { ask, got } = await upstream(() => {
    if (got.length < 2) return
    for (const { socket } of got) socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${pieces * 10_000}\r\n\r\n`)
    for (let i = 0; i < pieces; i++) for (const { socket, body } of got) socket.write(body.repeat(10_000))
  })
  const heard = await Promise.all(['a', 'b'].map((letter) => ask({ body: Buffer.from(letter) }).answer))
  expect(heard.map((text) => [text.length, ...new Set(text)])).toEqual([
    [pieces * 10_000, 'a'],
    [pieces * 10_000, 'b'],
  ])
})

test.each([
  ['at once', ['broken']],
  ['head', ['head', 'broken']],
  ['data', ['head', 'data', 'broken']],
] as const)('nothing is heard behind an abort (%s)', async (when, heard) => {
  const { ask, sockets, closed } = await upstream(({ socket }) => {
    // Many chunks come in one piece, and there is no end of them.
    const flood = () => {
      while (socket.write('1\r\na\r\n'.repeat(1_000)));
    }
    socket.on('drain', flood).write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n')
    flood()
  })
  const why = new Error('enough')
  const one = ask({}, (event) => event === when && one.asking.abort(why))
  if (when === 'at once') one.asking.abort(why)
  await expect(one.answer).rejects.toBe(why)
  await expect.poll(() => closed() === sockets.length).toBe(true)
  expect(one.events).toEqual(heard)
})
