import { execFile, spawn } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { scratch } from '../../test/scratch.ts'
import { run } from './main.ts'

const root = resolve(import.meta.dirname, '../../..')
const script = join(root, 'bin', 'tidegate.js')

let cwd: string
beforeEach(() => {
  cwd = mkdtempSync(join(scratch, 'tidegate-cli-'))
})
afterEach(() => rmSync(cwd, { recursive: true }))

interface Outcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs `tidegate` as its own process, with nothing but PATH in its environment. */
const tidegate = (...args: string[]): Promise<Outcome> =>
  new Promise((settle) => {
    execFile(process.execPath, [script, ...args], { cwd, env: { PATH: process.env.PATH } }, (error, stdout, stderr) =>
      settle({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
    )
  })

/** The same in this process, which is quicker. */
async function here(args: readonly string[]): Promise<Outcome> {
  let stdout = ''
  let stderr = ''
  const code = await run(args, {
    env: {},
    cwd,
    print: (line) => {
      stdout += `${line}\n`
    },
    tell: (line) => {
      stderr += `${line}\n`
    },
    overwrite: () => {},
    interactive: false,
    colours: false,
  })
  return { code, stdout, stderr }
}

describe('tidegate keys', () => {
  test('create prints the secret alone, list shows the key without it, revoke ends it', async () => {
    const made = await tidegate(
      'keys',
      'create',
      '--name',
      'ci',
      '--tenant',
      'acme',
      '--expires',
      '30d',
      '--concurrency',
      '2',
    )
    expect(made.code).toBe(0)
    expect(made.stdout).toMatch(/^sk-[A-Za-z0-9]{48}\n$/)
    const secret = made.stdout.trim()
    expect(made.stderr).not.toContain(secret)
    const id = /key_[0-9a-f]+/.exec(made.stderr)?.[0] ?? ''

    const listed = await tidegate('keys', 'list')
    expect(listed.stdout.split('\n')[0]).toMatch(
      /^ID +NAME +TENANT +PROJECT +KEY +CREATED +LAST USED +EXPIRES +STATUS$/,
    )
    expect(listed.stdout.split('\n')[1]).toMatch(
      new RegExp(`^${id} +ci +acme +- +sk-\\w{4}…${secret.slice(-4)} .* active$`),
    )
    expect(listed.stdout).not.toContain(secret.slice(7, -4))

    expect(await tidegate('keys', 'revoke', id)).toMatchObject({ code: 0, stderr: `Key ${id} is revoked.\n` })
    expect((await tidegate('keys', 'list')).stdout).toContain('revoked')
    expect(await tidegate('keys', 'revoke', 'key_none')).toMatchObject({ code: 1, stdout: '' })
  })

  test('T4: a key that one process revokes is refused within a second by another that is already open', async () => {
    const secret = (await tidegate('keys', 'create', '--name', 'x')).stdout.trim()
    const id = /key_\w+/.exec((await tidegate('keys', 'list')).stdout)?.[0] ?? ''
    // An open service: authenticates once for each line that it reads.
    const service = spawn(
      process.execPath,
      [
        '--input-type=module',
        '--eval',
        `const { openStorage } = await import(${JSON.stringify(join(root, 'server/src/storage/storage.ts'))})
         const { openKeys } = await import(${JSON.stringify(join(root, 'server/src/tenancy/keys.ts'))})
         const { createInterface } = await import('node:readline')
         const keys = openKeys(await openStorage({ data: 'data' }))
         for await (const line of createInterface(process.stdin))
           try { console.log((await keys.authenticate('Bearer ' + line)).id) } catch (error) { console.log(error.message) }
         process.exit()`,
      ],
      { cwd, stdio: ['pipe', 'pipe', 'inherit'] },
    )
    const answers = createInterface(service.stdout)[Symbol.asyncIterator]()
    const ask = async () => {
      service.stdin.write(`${secret}\n`)
      return (await answers.next()).value
    }
    expect(await ask()).toBe(id)
    await tidegate('keys', 'revoke', id)
    const revokedAt = performance.now()
    expect(await ask()).toBe(`Authentication Fails, Your api key: ****${secret.slice(-4)} is invalid`)
    expect(performance.now() - revokedAt).toBeLessThan(1000)
    service.stdin.end()
    await new Promise((done) => service.once('exit', done))
  })

  test.each([
    [['keys'], 'create, list or revoke?'],
    [['keys', 'creat'], "Did you mean 'create'?"],
    [['keys', 'create'], '--name NAME'],
    [['keys', 'create', '--nam', 'x'], 'Did you mean --name?'],
    [['keys', 'create', '--name', 'x', '--heartbeat', 'loud'], '--heartbeat must be one of'],
    [['keys', 'create', '--name', 'x', '--concurrency', '0'], '--concurrency must be'],
    [['keys', 'create', '--name', 'x', '--expires', '2020-01-01'], 'lies in the past'],
    [['keys', 'revoke'], 'Which key?'],
    [['keys', 'list', 'all'], "'all' is not expected"],
    [['users', 'blok', 'x'], "There is no 'tidegate users blok'"],
    [['pull', 'owner/repo'], 'hf:OWNER/REPO'],
    [['serve', '--prot', '1'], 'Did you mean --port?'],
  ])('%j is answered with what to do, and exit code 2', async (args, message) => {
    const { code, stdout, stderr } = await here(args)
    expect(stderr).toContain(message)
    expect(stderr).toContain('Usage: tidegate')
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  })

  test('what cannot be done is one sentence and exit code 1', async () => {
    writeFileSync(join(cwd, 'tidegate.yaml'), 'prot: 1\n')
    expect(await tidegate('keys', 'list')).toEqual({
      code: 1,
      stdout: '',
      stderr: "tidegate.yaml:1:1: there is no setting 'prot'. Did you mean 'port'?\n",
    })
    expect(await tidegate('keys', 'create', '--name', 'x', '--tenant', 'a/b', '--config', '/dev/null')).toMatchObject({
      code: 1,
    })
  })
})

test('C97: tidegate users blocks and unblocks', async () => {
  expect(await tidegate('users', 'block', 'u-1')).toMatchObject({
    code: 0,
    stderr: "User 'u-1' of tenant default is now blocked.\n",
  })
  expect((await here(['users', 'block', 'u-1'])).stderr).toContain('was already blocked')
  expect((await here(['users', 'unblock', 'u-1'])).stderr).toContain('is now unblocked')
  expect(await here(['users', 'block', 'u-1', '--tenant', 'acme'])).toMatchObject({ code: 1 })
})

describe('tidegate', () => {
  test('--help names every command, --version the version, and a wrong command the nearest', async () => {
    const help = await tidegate('--help')
    for (const name of ['serve', 'keys', 'users', 'check', 'pull', 'schema'])
      expect(help.stdout).toMatch(new RegExp(`^  ${name} `, 'm'))
    expect((await tidegate('--version')).stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
    expect((await here(['serve', '--help'])).stdout).toContain('--model FILE.gguf')
    expect(await here(['sreve'])).toMatchObject({ code: 2, stderr: expect.stringContaining("Did you mean 'serve'?") })
    expect(existsSync(join(cwd, 'data'))).toBe(false)
  })

  test('what was compiled is kept for the next start, and where that cannot be written nobody is kept from starting', async () => {
    mkdirSync(join(cwd, 'bin'))
    copyFileSync(script, join(cwd, 'bin', 'tidegate.js'))
    symlinkSync(join(root, 'server'), join(cwd, 'server'))
    writeFileSync(join(cwd, 'package.json'), '{"type":"module"}')
    const version = (): Promise<Outcome> =>
      new Promise((settle) => {
        execFile(
          process.execPath,
          [join(cwd, 'bin', 'tidegate.js'), '--version'],
          { env: {} },
          (error, stdout, stderr) => settle({ code: error ? 1 : 0, stdout, stderr }),
        )
      })
    writeFileSync(join(cwd, 'node_modules'), 'no folder')
    expect(await version()).toMatchObject({ code: 0, stderr: '' })
    rmSync(join(cwd, 'node_modules'))
    expect(await version()).toMatchObject({ code: 0, stderr: '' })
    const kept = readdirSync(join(cwd, 'node_modules/.cache/tidegate'), { recursive: true })
    expect(kept.length).toBeGreaterThan(10)
  })

  test('on an older Node it says in one line what to do', async () => {
    const older = join(cwd, 'older.mjs')
    writeFileSync(older, "Object.defineProperty(process.versions, 'node', { value: '20.20.2' })")
    const start = (file: string): Promise<Outcome> =>
      new Promise((settle) => {
        execFile(process.execPath, ['--import', older, file, 'serve'], (error, stdout, stderr) =>
          settle({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
        )
      })
    const here = await start(script)
    expect(here).toMatchObject({ code: 1, stdout: '' })
    expect(here.stderr).toMatch(/^Tidegate needs Node 26, and this is Node 20\.20\.2; .*npm start.*npx tidegate.*\n$/)
    expect(here.stderr).toContain(join(root, 'node_modules/.bin/node'))

    mkdirSync(join(cwd, 'bin'))
    copyFileSync(script, join(cwd, 'bin', 'tidegate.js'))
    writeFileSync(join(cwd, 'package.json'), '{"type":"module"}')
    expect((await start(join(cwd, 'bin', 'tidegate.js'))).stderr).toMatch(/^Tidegate needs Node 26, .*npm ci.*\n$/)
  })
})
