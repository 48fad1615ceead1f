import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { run } from '../../src/cli/main.ts'
import { doubled } from '../contract/harness.ts'
import { type Meddling, startMeddler } from '../doubles/meddler.ts'
import { startUpstream } from '../doubles/upstream.ts'
import { scratch } from '../scratch.ts'
import { obedient } from './obedient-model.ts'

/** `tidegate check` as an operator starts it: a process of its own, against servers on real sockets. */

const script = resolve(import.meta.dirname, '../../../bin/tidegate.js')

let cwd: string
beforeEach(() => {
  cwd = mkdtempSync(join(scratch, 'tidegate-check-cli-'))
  mkdirSync(join(cwd, 'tmp'))
})
afterEach(() => rmSync(cwd, { recursive: true }))

interface Outcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

function start(args: readonly string[], variables: Readonly<Record<string, string>> = {}) {
  const env = { PATH: process.env.PATH ?? '', TMPDIR: join(cwd, 'tmp'), ...variables }
  let child: ReturnType<typeof execFile> | undefined
  const outcome = new Promise<Outcome>((settle) => {
    child = execFile(process.execPath, [script, 'check', ...args], { cwd, env }, (error, stdout, stderr) =>
      settle({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, stdout, stderr }),
    )
  })
  return { outcome, interrupt: () => child?.kill('SIGINT') }
}

/** The same in this process, which is quicker. */
async function here(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Outcome> {
  let stdout = ''
  let stderr = ''
  const print = (line: string) => {
    stdout += `${line}\n`
  }
  const tell = (line: string) => {
    stderr += `${line}\n`
  }
  const terminal = { env, cwd, print, tell, overwrite: tell, interactive: false, colours: false }
  return { code: await run(['check', ...args], terminal), stdout, stderr }
}

const check = (args: readonly string[], variables?: Readonly<Record<string, string>>) => start(args, variables).outcome

/** Tidegate with a model that does as it is asked; the same with one thing spoiled. */
async function serve(meddling?: Meddling) {
  const { client } = await doubled(obedient, { constrains: true })
  const url = meddling ? await startMeddler(client.origin, meddling) : client.origin
  return { url, key: client.key, env: { TIDEGATE_CHECK_KEY: client.key } }
}

test('what is kept ends with 0; the JSON has the target, every check and the sums, and no key', {
  timeout: 120_000,
}, async () => {
  const { url, key, env } = await serve()
  const { code, stdout, stderr } = await check([url, '--only', 'T20,t35,T2', '--json'], env)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(JSON.parse(stdout)).toEqual({
    format: 1,
    version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
    startedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    durationMs: expect.any(Number),
    complete: true,
    target: { url: `${url}/v1`, model: 'deepseek-v4-flash' },
    columns: ['direct'],
    summary: { direct: { kept: 3, broken: 0, 'cannot-tell': 0, 'not-offered': 0 } },
    checks: ['T20', 'T35', 'T2'].map((id) => ({
      id,
      area: expect.any(String),
      title: expect.any(String),
      contract: expect.any(String),
      direct: { verdict: 'kept', ms: expect.any(Number), requests: expect.any(Number) },
    })),
  })
  expect(stdout).not.toContain(key)
})

test('what is broken ends with 1 and a table that says why; with Tidegate in front it is kept, and ends with 0', {
  timeout: 120_000,
}, async () => {
  const { url, env } = await serve({ asks: ({ n: _, ...body }) => body })
  const direct = await here([url, '--only=T35,T20'], env)
  expect(direct).toMatchObject({ code: 1, stderr: '1 of 2 checks is broken.\n' })
  expect(direct.stdout).toContain(
    '✗       T35  n other than 1 is refused, not ignored\n             n 2: 200; n 0: 200\n',
  )
  expect(direct.stdout).toContain('direct: ✓ 1 kept, ✗ 1 broken, ? 0 cannot tell, – 0 not offered\n')
  // Neither colours nor progress outside a terminal.
  expect(direct.stdout + direct.stderr).not.toContain('\u001b')

  const both = await check([url, '--only=T35,T20', '--through', '--json', 'report.json'], env)
  expect(both).toMatchObject({ code: 0, stderr: '' })
  expect(both.stdout).toContain('✗         ✓         T35  n other than 1')
  expect(both.stdout).toContain('direct: n 2: 200; n 0: 200')
  const report = JSON.parse(readFileSync(join(cwd, 'report.json'), 'utf8'))
  expect(report).toMatchObject({ columns: ['direct', 'through'], target: { kind: 'openai' } })
  expect(readdirSync(join(cwd, 'tmp'))).toEqual([])
})

test('an engine of tidegate.yaml is checked both ways, with the key and the model of the file', async () => {
  const { url, key } = await serve({
    answers: ({ usage, ...rest }) => ({ ...rest, ...(usage && { usage, timings: {} }) }),
  })
  writeFileSync(
    join(cwd, 'tidegate.yaml'),
    `models: [{ id: mine, engines: [own] }]
engines: [{ id: own, kind: openai, url: ${url}, apiKey: "\${OWN_KEY}", model: deepseek-v4-flash, thinking: true }]
`,
  )
  const args = ['own', '--only', 'C67,T84']
  const { code, stdout, stderr } = await here(args, { OWN_KEY: key })
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toContain(`${url}/v1, model 'deepseek-v4-flash', as kind 'openai'\n`)
  expect(stdout).toMatch(/✗ +✓ +C67 .*\n.*direct: also has timings\n/)
  expect(stdout).toMatch(/✓ +✓ +T84 /)
  expect(stdout).not.toContain(key)
  expect(existsSync(join(cwd, 'data'))).toBe(false)

  expect(await here([...args, '--direct'], { OWN_KEY: key })).toMatchObject({ code: 1 })
  expect(await here(['owm'], { OWN_KEY: key })).toMatchObject({ code: 2, stderr: expect.stringContaining("'own'") })
})

test('a server that cannot be checked is one sentence, and exit code 2', async () => {
  const { url, env } = await serve()
  const sentence = (text: RegExp) => ({ code: 2, stdout: '', stderr: expect.stringMatching(text) })
  const named = ['--model', 'deepseek-v4-flash']
  expect(await here(['http://127.0.0.1:1', ...named])).toEqual(sentence(/^The server cannot be reached: .*\.\n$/))
  expect(await here([url, ...named])).toEqual(sentence(/^The server asks for a key \(401\).*TIDEGATE_CHECK_KEY.*\n$/))
  const wrong = await here([url, ...named], { TIDEGATE_CHECK_KEY: 'sk-wrong-0123456789' })
  expect(wrong).toEqual(sentence(/^The server refuses the key \(401\)\.\n$/))
  expect(await here([url, '--model', 'nobody'], env)).toEqual(
    sentence(/does not know the model.*deepseek-v4-flash\.\n$/),
  )
  writeFileSync(join(cwd, 'key'), `${env.TIDEGATE_CHECK_KEY}\n`)
  expect(await here([`${url}/v1`, '--only', 'T35', '--key-file', 'key'])).toMatchObject({ code: 0 })
  expect(await here([url, '--key-file', 'none'])).toEqual(sentence(/^The key cannot be read: .*\n$/))
})

test('a server that goes away in the middle leaves a report of what there was, and exit code 2', async () => {
  const said = JSON.stringify({ choices: [{ message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }] })
  let asked = 0
  const server = createServer((_, response) => {
    if (++asked === 7) server.close()
    response.writeHead(200, { 'content-type': 'application/json', connection: 'close' }).end(said)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const { code, stdout, stderr } = await here([url, '--model', 'm', '--only', 'T29,T17,T35', '--through'])
  expect({ code, stderr }).toEqual({ code: 2, stderr: 'The run ended before its time: the server went away.\n' })
  expect(stdout).toMatch(/\? +T35 .*\n +the server went away\n/)
})

test.each([
  [['--key', 'sk-0123456789', 'http://127.0.0.1:1'], /everybody on this machine.*TIDEGATE_CHECK_KEY/],
  [['http://me:sk-0123456789@127.0.0.1:1'], /without a user/],
  [[], /Which server\?/],
  [['http://127.0.0.1:1', '--only', 'T20,T1000'], /There is no check T1000\./],
  [['http://127.0.0.1:1', '--model', 'm', '--kind', 'nothing'], /There is no kind 'nothing'/],
  [['http://127.0.0.1:1', '--timeout', '0'], /--timeout must be/],
  [['http://127.0.0.1:1', '--through', '--direct'], /not both/],
])('%j is answered with what to do, without a key in it', async (args, message) => {
  const { code, stdout, stderr } = await here(args)
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toMatch(message)
  expect(stderr).not.toContain('sk-0123456789')
})

test('Ctrl-C ends a run that hangs, with what there is', { timeout: 120_000 }, async () => {
  const said = JSON.stringify({ choices: [{ message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }] })
  const headers = { 'content-type': 'application/json' }
  const surveyed = 5
  const upstream = await startUpstream((_, index) =>
    index < surveyed ? { headers, pieces: [said] } : { headers, pieces: [], ends: 'silent' },
  )
  const { outcome, interrupt } = start([upstream.url, '--model', 'm', '--only', 'T20,T21'])
  await expect.poll(() => upstream.received.length).toBe(surveyed + 1)
  interrupt()
  const { code, stdout, stderr } = await outcome
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: 'The run ended before its time: the run was stopped.\n',
  })
  expect(stdout).toMatch(/\? +T20 .*\n +the run was stopped\n/)
})
