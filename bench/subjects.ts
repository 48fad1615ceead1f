/** The gateways that are compared, each before the same engine. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Started, startOn } from './processes.ts'

export interface Subject {
  readonly name: string
  readonly version: string
  /** @param core where it runs; absent: anywhere. @returns the process, and how it is asked */
  start(enginePort: number, core?: string): Promise<Running>
}

export interface Running {
  readonly pid: number
  readonly port: number
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  stop(): Promise<void>
}

const root = join(import.meta.dirname, '..')
const key = 'sk-bench-0123456789abcdef0123456789abcdef'

interface How {
  /** Where it runs; absent: anywhere. */
  readonly core?: string | undefined
  /** Of its database; absent: it goes away with it. */
  readonly data?: string | undefined
  /** Of Node. */
  readonly flags?: readonly string[]
  /** Hears all that it prints. */
  readonly hear?: (text: string) => void
}

/** A Tidegate with this configuration. */
export async function tidegateAt(config: object, { core, data, flags = [], hear }: How = {}): Promise<Running> {
  const folder = mkdtempSync(join(tmpdir(), 'tidegate-bench-'))
  const file = join(folder, 'tidegate.yaml')
  writeFileSync(file, JSON.stringify(config))
  const where = ['--port', '0', '--data', data ?? join(folder, 'data'), '--config', file]
  const command = [process.execPath, ...flags, join(root, 'bin/tidegate.js'), 'serve', ...where]
  const process_ = startOn(core, command, { TIDEGATE_BOOTSTRAP_KEY: key }, hear)
  const port = Number(await said(process_, /tidegate ready http:\/\/[^:]+:(\d+)/))
  return {
    pid: process_.pid,
    port,
    path: '/v1/chat/completions',
    headers: { authorization: `Bearer ${key}` },
    async stop() {
      await process_.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** With everything on: key, validation, limits, hold, durable settlement, request log, metrics. */
export const tidegate = {
  name: 'tidegate',
  version: 'this one',
  start(enginePort: number, core?: string, how: Omit<How, 'core'> = {}) {
    const price = { inputPerMillion: 1, cachedInputPerMillion: 0.1, outputPerMillion: 2, currency: 'USD' }
    const url = `http://127.0.0.1:${enginePort}`
    const config = {
      // What one core can do is compared.
      server: { workers: 1 },
      models: [{ id: 'fake', engines: ['fake'], thinking: 'disabled', price }],
      engines: [{ id: 'fake', kind: 'openai', url, model: 'fake', concurrency: 10_000 }],
      limits: { queueLength: 10_000 },
    }
    return tidegateAt(config, { ...how, core })
  },
} satisfies Subject

/** The floor: it looks at nothing. */
const nginx: Subject = {
  name: 'nginx',
  version: /nginx\/(\S+)/.exec(spawnSync('nginx', ['-v'], { encoding: 'utf8' }).stderr ?? '')?.[1] ?? '',
  async start(enginePort, core) {
    const folder = mkdtempSync(join(tmpdir(), 'tidegate-bench-nginx-'))
    const port = await freePort()
    const config = join(folder, 'nginx.conf')
    writeFileSync(
      config,
      `daemon off; worker_processes 1; pid ${folder}/pid; error_log ${folder}/error.log crit; worker_rlimit_nofile 30000;
events { worker_connections 12000; }
http {
  access_log off; client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/f;
  uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s; client_max_body_size 64m; client_body_buffer_size 2m;
  keepalive_requests 1000000;
  upstream engine { server 127.0.0.1:${enginePort}; keepalive 256; keepalive_requests 1000000; }
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location / { proxy_pass http://engine; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_buffering off; proxy_read_timeout 600s; }
  }
}`,
    )
    const process_ = startOn(core, ['nginx', '-c', config, '-p', folder])
    await listens(port)
    return {
      pid: process_.pid,
      port,
      path: '/v1/chat/completions',
      headers: {},
      async stop() {
        await process_.stop()
        rmSync(folder, { recursive: true, force: true })
      },
    }
  },
}

const portkeyFolder = join(import.meta.dirname, 'node_modules/@portkey-ai/gateway')

const portkey: Subject = {
  name: 'portkey',
  version: '1.15.2',
  async start(enginePort, core) {
    const port = await freePort()
    const start = join(portkeyFolder, 'build/start-server.js')
    const process_ = startOn(core, [process.execPath, start, '--headless', `--port=${port}`], {
      NODE_ENV: 'production',
      TRUSTED_CUSTOM_HOSTS: '127.0.0.1,localhost',
    })
    await listens(port)
    const host = `http://127.0.0.1:${enginePort}/v1`
    return {
      pid: process_.pid,
      port,
      path: '/v1/chat/completions',
      headers: { authorization: 'Bearer x', 'x-portkey-provider': 'openai', 'x-portkey-custom-host': host },
      stop: process_.stop,
    }
  },
}

/** What Node takes by itself. */
export const plain: Subject = {
  name: 'plain',
  version: process.version,
  async start(enginePort, core) {
    const script = join(import.meta.dirname, 'plain.ts')
    const process_ = startOn(core, [process.execPath, script, String(enginePort)])
    const port = Number(await said(process_, /plain ready (\d+)/))
    return { pid: process_.pid, port, path: '/v1/chat/completions', headers: {}, stop: process_.stop }
  },
}

/** Nothing between: what the load and the engine take by themselves. */
const direct: Subject = {
  name: 'direct',
  version: '',
  start: async (enginePort) => ({
    pid: 0,
    port: enginePort,
    path: '/v1/chat/completions',
    headers: {},
    stop: async () => undefined,
  }),
}

/** The engine that all of them stand before. */
export async function startEngine(core?: string): Promise<{ readonly port: number; stop(): Promise<void> }> {
  const engine = startOn(core, [process.execPath, join(import.meta.dirname, 'fake-engine.ts')])
  return { port: Number(await said(engine, /^(\d+)$/m)), stop: engine.stop }
}

/** @returns those that are there; says how to get the others */
export function subjects(): readonly Subject[] {
  const all = [direct, tidegate, plain]
  if (nginx.version) all.push(nginx)
  else
    console.error('nginx is not installed (Debian: apt-get install nginx-light), so there is no floor to compare with.')
  if (!existsSync(portkeyFolder)) {
    console.error('Installing what the comparison needs (npm ci in bench/) …')
    spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
      cwd: import.meta.dirname,
      stdio: 'inherit',
    })
  }
  if (existsSync(portkeyFolder)) all.push(portkey)
  return all
}

export async function said({ output }: Started, pattern: RegExp): Promise<string> {
  for (let tries = 0; tries < 600; tries++) {
    const found = pattern.exec(output())
    if (found?.[1]) return found[1]
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error(`It did not start:\n${output()}`)
}

export async function listens(port: number, path = '/'): Promise<void> {
  for (let tries = 0; tries < 300; tries++) {
    const answered = await fetch(`http://127.0.0.1:${port}${path}`).then(
      ({ status }) => status !== 503,
      () => false,
    )
    if (answered) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error(`Nothing listens on port ${port}.`)
}

export const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
