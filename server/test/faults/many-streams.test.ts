import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, createServer, type IncomingMessage, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { bodyB, chunksOf, saidInChunks } from '../client.ts'
import * as up from '../doubles/chat.ts'
import { bootstrapKey, startProcess } from '../process.ts'
import { filesMaxOf, residentBytesOf } from './processes.ts'

const streams = 2_000
/** Each stream is two sockets of the service, and here the other ends of both. */
const filesNeeded = 2 * streams + 200
/** Two sockets, their buffers and what we keep: 80 KiB were measured. */
const streamBytesMax = 200 * 1024

/** An engine that says its second word to nobody before all have heard the first. */
async function startEngine() {
  const { promise: all, resolve } = Promise.withResolvers<void>()
  let open = 0
  const server = createServer(async (asked, response) => {
    asked.resume()
    if (asked.method === 'GET') return response.writeHead(404).end()
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(up.content('Hello'))
    if (++open === streams) resolve()
    await all
    response.end(up.content('!') + up.finish() + up.done)
  })
  await new Promise<void>((listening) => server.listen({ port: 0, host: '127.0.0.1', backlog: 4_096 }, listening))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, all, open: () => open }
}

async function startService(engineUrl: string) {
  const folder = mkdtempSync(join(tmpdir(), 'tidegate-streams-'))
  const config = join(folder, 'tidegate.yaml')
  writeFileSync(
    config,
    `server: { workers: 1 }\nmodels: [{ id: m, engines: [e] }]\nengines: [{ id: e, kind: openai, url: "${engineUrl}", model: x }]\n`,
  )
  const service = await startProcess(['--config', config])
  onTestFinished(async () => {
    await service.stop()
    rmSync(folder, { recursive: true, force: true })
  })
  return service
}

test(`${streams} streams from one engine are open at once, all go on, and all end well`, async (context) => {
  if (filesMaxOf(process.pid) < filesNeeded) context.skip('This machine does not let a process open so many files.')
  const engine = await startEngine()
  const service = await startService(engine.url)
  const agent = new Agent({ maxSockets: Number.POSITIVE_INFINITY })
  onTestFinished(() => agent.destroy())
  const ask = async (): Promise<string> => {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const asking = request(`${service.client.origin}/v1/chat/completions`, {
        agent,
        method: 'POST',
        headers: { authorization: `Bearer ${bootstrapKey}` },
      })
      asking.on('response', resolve).on('error', reject)
      asking.end(JSON.stringify(bodyB({ model: 'm', stream: true })))
    })
    let text = ''
    for await (const chunk of response.setEncoding('utf8')) text += chunk
    return text
  }

  const pid = service.process.pid ?? 0
  const bytesBefore = residentBytesOf(pid)
  const answers = Array.from({ length: streams }, ask)
  const early = Promise.race(answers).then((text) => {
    throw new Error(`A stream ended while ${engine.open()} were open: ${text}`)
  })
  await Promise.race([engine.all, early])
  expect((residentBytesOf(pid) - bytesBefore) / streams).toBeLessThan(streamBytesMax)
  for (const text of await Promise.all(answers)) {
    const { chunks, done } = chunksOf(text)
    expect(done, text.slice(-300)).toBe(true)
    expect(saidInChunks(chunks).content).toBe('Hello!')
  }
  expect(service.stderr()).not.toMatch(/MaxListeners|Warning|EMFILE/)
}, 300_000)
