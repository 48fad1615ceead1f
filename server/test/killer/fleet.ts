import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { request } from 'undici'
import { type RunningService, startProcess } from '../process.ts'
import { scratch } from '../scratch.ts'

/** Real engines in processes of their own, behind one model of a real gateway. */
export interface Fleet {
  readonly service: RunningService
  readonly engines: readonly string[]
  /** The process that computes for this engine now; undefined while there is none. */
  pidOf(engine: string): number | undefined
  /** Waits until another process computes for this engine than the one that is ended; embedded engines see to it themselves. */
  mend(engine: string, pid: number): Promise<void>
  stop(): Promise<void>
}

export interface FleetOptions {
  readonly size: number
  readonly slots: number
  /** A llama-server to be run; absent: embedded engines. */
  readonly llamaServer?: string
  readonly limits?: Readonly<Record<string, number>>
}

const model = join(import.meta.dirname, '../../../models/demo/tidegate-demo.gguf')
const context = 2_048

export async function startFleet({ size, slots, llamaServer, limits = {} }: FleetOptions): Promise<Fleet> {
  const folder = mkdtempSync(join(scratch, 'tidegate-fleet-'))
  const names = Array.from({ length: size }, (_, index) => `engine-${index}`)
  const servers = new Map<string, Server>()
  if (llamaServer)
    await Promise.all(
      names.map(async (name) => servers.set(name, await startServer(llamaServer, await freePort(), slots))),
    )
  const engines = names.map((id) => {
    const server = servers.get(id)
    return server
      ? { id, kind: 'llama-server', url: `http://127.0.0.1:${server.port}`, contextWindow: context }
      : { id, kind: 'llama', path: model, context, slots, threads: 1 }
  })
  const config = { server: { workers: 1 }, models: [{ id: 'deepseek-v4-flash', engines: names }], engines, limits }
  writeFileSync(join(folder, 'tidegate.yaml'), JSON.stringify(config))
  const service = await startProcess(['--config', join(folder, 'tidegate.yaml')])
  const pidOf = (engine: string) => (llamaServer ? servers.get(engine)?.process.pid : embedded(service, engine))
  return {
    service,
    engines: names,
    pidOf,
    async mend(engine, pid) {
      const server = servers.get(engine)
      if (!llamaServer || !server) {
        while ([pid, undefined].includes(pidOf(engine))) await pause(20)
        return
      }
      if (server.process.exitCode === null && server.process.signalCode === null) await once(server.process, 'exit')
      servers.set(engine, await startServer(llamaServer, server.port, slots))
    },
    async stop() {
      await service.stop()
      for (const { process } of servers.values()) process.kill('SIGKILL')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** As the log tells it: the last one that was ready, unless it died or was told to end since. */
function embedded({ stderr }: RunningService, engine: string): number | undefined {
  const told = [...stderr().matchAll(/"engine":"([^"]+)","pid":(\d+),(?:"contextWindow"|"code"|"drainMs")/g)]
  const own = told.filter(([, name]) => name === engine).map(([whole, , pid]) => [Number(pid), whole] as const)
  const [pid, how] = own.at(-1) ?? []
  return how?.endsWith('"contextWindow"') ? pid : undefined
}

interface Server {
  readonly port: number
  readonly process: ChildProcess
}

async function startServer(path: string, port: number, slots: number): Promise<Server> {
  const all = String(context * slots)
  const args = [
    '-m',
    model,
    '--port',
    String(port),
    '-c',
    all,
    '-np',
    String(slots),
    '-t',
    '1',
    '--jinja',
    '--no-warmup',
  ]
  const process = spawn(path, args, { stdio: 'ignore' })
  for (;;) {
    if (process.exitCode !== null) throw new Error(`llama-server ended with ${process.exitCode}.`)
    const health = await request(`http://127.0.0.1:${port}/health`).catch(() => undefined)
    await health?.body.dump()
    if (health?.statusCode === 200) return { port, process }
    await pause(50)
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address ? address.port : 0
}
