import { once } from 'node:events'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Answer, bodyB, chunksOf, clientOf, errorOf, longAnswer } from '../client.ts'
import { bootstrapKey, type RunningService, startProcess } from '../process.ts'
import { engineOf, filesOf, isRunning } from './processes.ts'
import { asked, dial, written } from './wire.ts'

/** The service as it runs in earnest, while clients hang up, its engine dies, and it is told to end. In this order: the last test ends it. */

let service: RunningService
beforeAll(async () => {
  service = await startProcess()
})
afterAll(async () => {
  await service?.stop()
})

const running = async () =>
  Number(
    /completions_running\{model="deepseek-v4-flash"\} (\d+)/.exec((await service.client.get('/metrics')).text)?.[1],
  )
const serverPid = () => service.process.pid ?? 0
const linesWith = (part: string) => service.stderr().split(part).length - 1

test('hang-ups at every stage leave no socket, no running answer and no word in the log', async () => {
  await service.client.ask({ max_tokens: 1 })
  const before = filesOf(serverPid())
  const marker = 'MarkerOfThePrompt'
  const request = written({
    key: bootstrapKey,
    keep: true,
    body: asked({ stream: true, messages: [{ role: 'user', content: marker }], ...longAnswer(100) }),
  })
  const stages = ['nothing', 'head', 'body', 'sent', 'first byte', 'in the stream'] as const
  await Promise.all(
    stages.flatMap((stage) =>
      [true, false].map(async (politely) => {
        const { socket, heard, over } = dial(service.client.origin)
        await once(socket, 'connect')
        const length = { nothing: 0, head: 50, body: request.length - 20 }[stage as string] ?? request.length
        await new Promise((resolve) => socket.write(request.slice(0, length), resolve))
        if (stage === 'first byte') await expect.poll(heard, { interval: 5 }).not.toBe('')
        if (stage === 'in the stream')
          await expect.poll(() => heard().split('data: ').length, { interval: 5 }).toBeGreaterThan(10)
        if (politely) socket.destroy()
        else socket.resetAndDestroy()
        await over
      }),
    ),
  )
  await expect.poll(running).toBe(0)
  await expect.poll(() => filesOf(serverPid())).toBeLessThanOrEqual(before + 2)
  expect(service.stderr()).not.toContain('defect')
  expect(service.stderr()).not.toContain(marker)
  expect(service.stderr()).not.toContain(bootstrapKey)
})

/** How an answer may end when its engine dies: as if nothing had been, or in the way that the contract has for it. */
const endsWell = ({ status, text }: Answer, stream: boolean): boolean => {
  if (status === 503 || status === 500) return JSON.parse(text).error.type === 'server_error'
  if (status !== 200) return false
  if (!stream) return JSON.parse(JSON.parse(text).choices[0].message.content).numbers.length === 8
  const { chunks, done } = chunksOf(text)
  return done || chunks.at(-1)?.error?.code === 'generation_failed'
}

test('T102, T103, EM4: an engine that is killed again and again under sixteen requests leaves each with a proper end', async () => {
  for (let round = 0; round < 2; round++) {
    const victim = engineOf(service)
    const streams = Array.from({ length: 16 }, (_, index) => index % 2 === 0)
    const answers = streams.map((stream) => service.client.post(bodyB({ stream, ...longAnswer(8) })))
    await expect.poll(running, { interval: 10 }).toBe(16)
    process.kill(victim, 'SIGKILL')
    for (const [index, answer] of (await Promise.all(answers)).entries())
      expect([streams[index], endsWell(answer, streams[index] ?? false) || answer.text]).toEqual([streams[index], true])
    await expect.poll(() => engineOf(service)).not.toBe(victim)
    expect(isRunning(victim)).toBe(false)
  }
  expect((await service.client.ask(longAnswer(5))).finishReason).toBe('stop')
  expect(await running()).toBe(0)
})

test('an engine that stands still lets go of who leaves, and goes on with the others when it can', async () => {
  const engine = engineOf(service)
  const cancelled = linesWith('"outcome":"cancelled"')
  const staying = service.client.post(bodyB({ stream: true, ...longAnswer(40) }))
  const leaving = dial(service.client.origin)
  leaving.socket.write(written({ key: bootstrapKey, body: asked({ stream: true, ...longAnswer(100) }) }))
  await expect.poll(leaving.heard, { interval: 5 }).toContain('"content":')
  process.kill(engine, 'SIGSTOP')
  try {
    leaving.socket.destroy()
    await expect.poll(() => linesWith('"outcome":"cancelled"')).toBe(cancelled + 1)
    expect((await service.client.get('/health/live')).status).toBe(200)
  } finally {
    process.kill(engine, 'SIGCONT')
  }
  expect(chunksOf((await staying).text).done).toBe(true)
})

test('T4: a key that is revoked in the middle of its stream may finish it and nothing more', async () => {
  const created = await service.run('keys', 'create', '--name', 'short-lived')
  const mine = clientOf(service.client.origin, created.stdout.trim())
  const { stdout } = await service.run('keys', 'list')
  const id = /^(\S+).*short-lived/m.exec(stdout)?.[1] ?? ''
  const streaming = mine.post(bodyB({ stream: true, ...longAnswer(120) }))
  await expect.poll(running).toBe(1)
  expect((await service.run('keys', 'revoke', id)).code).toBe(0)
  const refused = await mine.post(bodyB())
  expect([refused.status, errorOf(refused).code]).toEqual([401, 'invalid_api_key'])
  expect(chunksOf((await streaming).text).done).toBe(true)
  expect(service.stderr()).not.toContain(created.stdout.trim())
})

test('SIGTERM under load: what is open is finished, silent connections are not waited for, and nothing is left behind', async () => {
  const engine = engineOf(service)
  const silent = dial(service.client.origin)
  const half = dial(service.client.origin)
  half.socket.write('POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\n')
  const answers = Array.from({ length: 16 }, (_, index) =>
    service.client.post(bodyB({ stream: index % 2 === 0, ...longAnswer(20) })),
  )
  await expect.poll(running, { interval: 10 }).toBeGreaterThan(12)
  const ended = once(service.process, 'exit')
  service.process.kill('SIGTERM')
  await Promise.all([silent.over, half.over])
  await expect(service.client.get('/health')).rejects.toThrow()
  for (const [index, answer] of (await Promise.all(answers)).entries())
    expect([index, answer.status, index % 2 === 0 ? chunksOf(answer.text).done : 'chat.completion']).toEqual([
      index,
      200,
      index % 2 === 0 ? true : JSON.parse(answer.text).object,
    ])
  const lastAnswer = performance.now()
  expect((await ended)[0]).toBe(0)
  expect(performance.now() - lastAnswer).toBeLessThan(5_000)
  expect(isRunning(engine)).toBe(false)
  expect(service.stderr()).not.toContain('defect')
})
