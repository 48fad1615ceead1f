import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { tryToStart } from '../process.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tidegate-start-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const file = (name: string, content: string | Buffer): string => {
  const path = join(folder, name)
  mkdirSync(join(path, '..'), { recursive: true })
  writeFileSync(path, content)
  return path
}
const demo = () => readFileSync(join(import.meta.dirname, '../../../models/demo/tidegate-demo.gguf'))

/** Whatever fails before the service is ready is one sentence for the operator, exit code 1, and no ready line; a first password is told all the same. */
async function expectRefusal(args: readonly string[], sentence: RegExp): Promise<void> {
  const { code, stdout, stderr } = await tryToStart(args)
  // Lines of the log may stand before it.
  const said = stderr.split('\n').filter((line) => line !== '' && !line.startsWith('{'))
  expect(said).toEqual([expect.stringMatching(sentence)])
  expect(stderr).not.toMatch(/^\s+at /m)
  expect([code, stdout]).toEqual([1, expect.not.stringContaining('ready')])
}

test('a model that cannot be served is one sentence', async () => {
  await Promise.all([
    expectRefusal(['--model', join(folder, 'none.gguf')], /none\.gguf does not exist\.$/),
    expectRefusal(['--model', file('cut.gguf', demo().subarray(0, 3_000_000))], /cut\.gguf cannot be loaded/),
    expectRefusal(['--model', file('head.gguf', demo().subarray(0, 20_000))], /head\.gguf is cut short/),
  ])
})

test('a data folder or a configuration that cannot be used is one sentence', async () => {
  const data = (path: string) => ['--data', path, '--model', join(folder, 'none.gguf')]
  file('corrupt/tidegate.db', Buffer.alloc(50_000, 'x'))
  await Promise.all([
    expectRefusal(data(join(file('plain', ''), 'data')), /^The data folder .* cannot be used: ENOTDIR/),
    expectRefusal(data(join(folder, 'corrupt')), /corrupt cannot be used: file is not a database\.$/),
    expectRefusal(['--config', file('bad.yaml', 'port: [\n  a: }')], /bad\.yaml:2:\d+: this is not YAML/),
  ])
})

test('a port that is taken, or an address that is not here, is one sentence', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const address = other.address()
  const port = typeof address === 'object' ? String(address?.port) : ''
  await Promise.all([
    expectRefusal(['--port', port], /cannot listen on 127\.0\.0\.1, port \d+: another program does so already/),
    expectRefusal(['--host', '192.0.2.1'], /cannot listen on 192\.0\.2\.1, port 0: this machine has no such address/),
  ])
  other.close()
})
