/**
 * Leads the processes that serve together: they share one port, and what they keep is in the database. One that dies is started again;
 * what it left open the others charge.
 */
import cluster, { type Worker } from 'node:cluster'
import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Logger } from 'pino'
import type { Config } from './config.ts'
import { carryingOut, type Line, toThread } from './ledger/writer-line.ts'
import { leader, type ToLeader, type ToMember } from './lib/crew.ts'
import { OperatorError } from './lib/operator-error.ts'

export type ToWorker = { readonly type: 'serve'; readonly config: Config } | { readonly type: 'stop' } | ToMember

export type FromWorker =
  | { readonly type: 'ready'; readonly url: string }
  /** It cannot serve, and trying again would not help. */
  | { readonly type: 'refused'; readonly message: string }
  | ToLeader

/** Between a worker's death and the next one; twice as long each time, until one has lived for `provenMs`. */
const restartMs = { first: 100, most: 10_000 }
const provenMs = 30_000
/** What a worker needs beyond the time to drain to close what it has open. */
const closingMs = 10_000

/** @returns when all of them listen. @throws OperatorError when one cannot */
export async function startWorkers(
  config: Config,
  log: Logger,
): Promise<{ readonly url: string; close(): Promise<void> }> {
  cluster.setupPrimary({
    exec: fileURLToPath(new URL('./worker.ts', import.meta.url)),
    args: [],
    serialization: 'advanced',
  })
  const crew = leader<Worker>()
  const alive = new Map<Worker, Promise<void>>()
  /** What is for the first start alone is not the workers' business. */
  const { bootstrapKey: _key, adminPassword: _password, ...shared } = config
  const line = config.databaseUrl === undefined ? await openLine(config) : undefined
  if (line) crew.answer('orders', carryingOut(line) as (orders: unknown) => Promise<unknown>)
  let stopping = false

  const start = (): Promise<string> => {
    const worker = cluster.fork()
    const ready = Promise.withResolvers<string>()
    const dead = Promise.withResolvers<void>()
    alive.set(worker, dead.promise)
    crew.join(worker)
    worker.on('message', (message: FromWorker) => {
      if (message.type === 'ready') ready.resolve(message.url)
      else if (message.type === 'refused') ready.reject(new OperatorError(message.message))
      else crew.hear(worker, message)
    })
    // A message that did not reach it is followed by its end.
    worker.on('error', () => undefined)
    worker.on('exit', (code, signal) => {
      alive.delete(worker)
      crew.leave(worker)
      dead.resolve()
      ready.reject(new OperatorError(`A worker ended with ${signal ?? code} before it was ready.`))
    })
    worker.send({ type: 'serve', config: shared } satisfies ToWorker)
    // One that served is replaced when it dies; one that never did is somebody's to see.
    ready.promise.then(
      () => {
        log.info({ pid: worker.process.pid }, 'a worker serves')
        void dead.promise.then(replace)
      },
      () => undefined,
    )
    return ready.promise
  }

  let waitMs = restartMs.first
  let lastDeath = 0
  const replace = async (): Promise<void> => {
    if (stopping) return
    waitMs = performance.now() - lastDeath > provenMs ? restartMs.first : Math.min(2 * waitMs, restartMs.most)
    lastDeath = performance.now()
    log.error({ waitMs }, 'a worker died and is started again')
    await pause(waitMs, undefined, { ref: false })
    if (stopping) return
    await start().catch((error: OperatorError) => {
      log.error(error.message)
      return replace()
    })
  }

  const endAll = async (how: (worker: Worker) => void) => {
    stopping = true
    const all = [...alive]
    for (const [worker] of all) how(worker)
    await Promise.all(all.map(([, dead]) => dead))
  }

  const starts = await Promise.allSettled(Array.from({ length: config.server.workers }, start))
  const failed = starts.find((one) => one.status === 'rejected')
  if (failed) {
    await endAll((worker) => worker.process.kill('SIGKILL'))
    await line?.end()
    throw failed.reason
  }
  const [first] = starts
  return {
    url: first?.status === 'fulfilled' ? first.value : '',
    async close() {
      const tooLate = setTimeout(
        () => {
          for (const [worker] of alive) worker.process.kill('SIGKILL')
        },
        config.server.leaveMs + config.server.drainMs + closingMs,
      )
      await endAll((worker) => worker.send({ type: 'stop' } satisfies ToWorker))
      clearTimeout(tooLate)
      await line?.end()
    },
  }
}

/** The ledger's writer for all workers: whoever of them dies, it goes on, and charges what that one left open. */
function openLine({ data }: Config): Promise<Line> {
  return toThread({ place: { data }, node: randomBytes(8).toString('hex') })
}
