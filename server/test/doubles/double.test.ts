import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, onTestFinished, test } from 'vitest'
import { doubles } from './catalog.ts'
import { startUpstream } from './upstream.ts'

/** The catalogue of doubles, and the command that starts one. */

const root = join(import.meta.dirname, '../../..')

const run = (...args: readonly string[]) => {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'run.ts'), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => void child.kill())
  return child
}

test('there is one double for each row of section 17 but the embedded engine’s, and its name is the row’s', () => {
  const contract = readFileSync(join(root, 'docs/contract.md'), 'utf8')
  const rows = [...contract.matchAll(/^\| ((?:SG|VL|LS|DS|OA)\d+) \|/gm)].map(([, name = '']) => name)
  const names = doubles.map(({ name }) => name)
  expect(names.filter((name) => /\d/.test(name))).toEqual(rows)
  expect(new Set(names).size).toBe(names.length)
  for (const { name, kind } of doubles) if (!/\d/.test(name)) expect(name).toBe(kind)
})

test('docs/engines.md says of each row how it is known, and none that nobody knows', () => {
  const page = readFileSync(join(root, 'docs/engines.md'), 'utf8')
  const rows = [...page.matchAll(/^\| ([A-Z]+\d+) \| (source|captured|told|ours) \| .* \| (yes|no) \|$/gm)]
  expect(rows.map(([, name]) => name)).toEqual(doubles.map(({ name }) => name).filter((name) => /\d/.test(name)))
})

test('without a name all doubles are listed; an unknown name is refused', async () => {
  const list = run()
  const lines = (await Array.fromAsync(createInterface(list.stdout))).map((line) => line.split(' ')[0])
  expect(lines).toEqual(['NAME', ...doubles.map(({ name }) => name)])
  const [code] = await once(run('SG99'), 'exit')
  expect(code).toBe(2)
})

test('a double says where it listens, answers there, and logs no content', async () => {
  const child = run('DS12')
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  const { value: ready } = await lines.next()
  expect(ready).toMatch(/^double DS12 ready http:\/\/127\.0\.0\.1:\d+$/)
  const url = String(ready).split(' ').at(-1)
  const response = await fetch(`${url}/chat/completions`, {
    method: 'POST',
    body: JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'confidential' }] }),
  })
  expect(await response.json()).toMatchObject({ model: 'deepseek-v4-flash-0731' })
  const told: string[] = []
  while (!told.at(-1)?.includes('POST')) told.push(String((await lines.next()).value))
  expect(told.join('\n')).toContain('kind: deepseek')
  expect(told.at(-1)).toMatch(/ POST \/chat\/completions 200 model,messages$/)
  expect(told.join('\n')).not.toContain('confidential')
})

test.each(doubles.filter(({ alone }) => alone === 'answers'))(
  '$name says the same to a request for a stream and to one for a whole answer',
  async ({ replies }) => {
    const ask = async (fields: object) => {
      const { url } = await startUpstream(replies())
      const response = await fetch(`${url}/v1/chat/completions`, {
        method: 'POST',
        body: JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'Hi' }], max_tokens: 100, ...fields }),
      })
      return { type: response.headers.get('content-type'), status: response.status, text: await response.text() }
    }
    const whole = await ask({})
    expect([whole.status, whole.type]).toEqual([200, 'application/json'])
    const stream = await ask({ stream: true })
    expect([stream.status, stream.type]).toEqual([200, 'text/event-stream; charset=utf-8'])
    expect(stream.text).toContain('[DONE]')
    const { choices } = JSON.parse(whole.text)
    expect(choices).not.toEqual([])
  },
)
