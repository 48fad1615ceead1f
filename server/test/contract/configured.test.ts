import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import * as up from '../doubles/chat.ts'
import { startUpstream } from '../doubles/upstream.ts'
import { startProcess } from '../process.ts'

/** What a process makes of a configuration that says no more than it must. */

async function startWith(config: object) {
  const folder = mkdtempSync(join(tmpdir(), 'tidegate-configured-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, 'tidegate.yaml')
  // One process, so that an upstream can count who asks.
  writeFileSync(path, JSON.stringify({ server: { workers: 1 }, ...config }))
  const service = await startProcess(['--config', path])
  onTestFinished(async () => {
    await service.stop()
  })
  return service
}

test('engines that keep their questions waiting are waited for together', async () => {
  const names = ['a', 'b', 'c']
  const waiting = new Map<string, ServerResponse>()
  /** Nobody is answered before all of them were asked. */
  const start = async (name: string) => {
    const server = createServer((_, response) => {
      waiting.set(name, response)
      if (waiting.size === names.length) for (const each of waiting.values()) each.writeHead(404).end()
    })
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
    onTestFinished(() => {
      server.closeAllConnections()
      server.close()
    })
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    return { id: name, kind: 'llama-server', url }
  }
  const engines = await Promise.all(names.map(start))
  const service = await startWith({ models: [{ id: 'm', engines: names }], engines, limits: { healthMs: 0 } })
  expect(service.stderr()).not.toContain('cannot be reached')
})

test('OA3: a model of which nobody says whether it thinks shows what it thinks', async () => {
  const upstream = await startUpstream(({ path }, index) =>
    path.endsWith('/chat/completions')
      ? up.answer(
          ...(index % 2 ? [up.reasoning('Hm.'), up.content('Hello')] : [up.content('<think>\nHm.\n</think>\n\nHello')]),
        )
      : up.refusal(404, 'Not Found'),
  )
  const { client } = await startWith({
    models: [{ id: 'm', engines: ['e'] }],
    engines: [{ id: 'e', kind: 'openai', url: upstream.url, model: 'x' }],
    limits: { healthMs: 0 },
  })
  for (let round = 0; round < 2; round++)
    expect(await client.ask({ model: 'm' })).toMatchObject({ reasoning: 'Hm.', content: 'Hello' })
  for (let round = 0; round < 2; round++) {
    const answer = await client.ask({ model: 'm', thinking: { type: 'disabled' } })
    expect(answer).toMatchObject({ reasoning: undefined, content: 'Hello' })
  }
})
