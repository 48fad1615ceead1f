/** One process that serves: every part built from the configuration, listening. */
import type { Logger } from 'pino'
import type { Limits } from './completion/limits.ts'
import type { EngineConfig } from './config/schema.ts'
import type { Config } from './config.ts'
import type { Engine } from './engines/engine.ts'
import { createLlamaEngine } from './engines/llama-cpp/engine.ts'
import { rawEngine } from './engines/raw/engine.ts'
import { remoteEngine } from './engines/remote.ts'
import { openLedger } from './ledger/ledger.ts'
import { openPrices } from './ledger/prices.ts'
import { type carryingOut, toProcess, toThread } from './ledger/writer-line.ts'
import type { Crew } from './lib/crew.ts'
import { messageOf, OperatorError } from './lib/operator-error.ts'
import { makeAllYoung } from './lib/young.ts'
import { openRequestLog } from './request-log/request-log.ts'
import { createService } from './service.ts'
import { openStorage, type Place } from './storage/storage.ts'

export interface GatewayProcess {
  /** Where it listens: port 0 has become a real one. */
  readonly url: string
  /** Takes no new requests, lets open answers finish, then closes all of it. */
  close(): Promise<void>
}

/** @throws OperatorError for what the operator can mend; nothing is left open then */
export async function startGateway(config: Config, crew: Crew, log: Logger): Promise<GatewayProcess> {
  makeAllYoung()
  const storage = await openStorage(config)
  const ledger = await openLedger(storage.place, lineOf(crew, storage.place))
  const requestLog = openRequestLog(storage, config.log, (count, why) =>
    log.error({ count, why }, 'requests could not be written to the request log'),
  )
  const engines = new Map<string, Engine>()
  const close = async () => {
    await Promise.all([...engines.values()].map((engine) => engine.close()))
    await ledger.close()
    await requestLog.close()
    await storage.close()
  }
  try {
    const limits = shareOf(config.limits, crew)
    // Together: what one of them waits for must not add up. Those that came up are closed also when another does not.
    const starts = await Promise.allSettled(
      config.engines.map(async (engine) => {
        const started = performance.now()
        engines.set(
          engine.id,
          await engineOf(shareOf(engine, crew), limits, log, config.server.drainMs).catch(asOperatorError),
        )
        log.info({ engine: engine.id, ms: Math.round(performance.now() - started) }, 'engine ready')
      }),
    )
    const failed = starts.find((start) => start.status === 'rejected')
    if (failed) throw failed.reason
    const prices = await openPrices(storage, pricesOf(config), Date.now())
    const parts = { config: { ...config, limits }, engines, storage, ledger, requestLog, prices, crew, log }
    const { http, keys } = createService(parts)
    const { url } = await http.listen({ host: config.host, port: config.port }).catch(notListening(config))
    return {
      url,
      async close() {
        for (const engine of engines.values()) engine.stay?.()
        await http.close()
        await keys.flush()
        await close()
      },
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** SQLite has one writer at a time, and who waits for another process's turn waits for long: there the leader writes for all. */
function lineOf({ askLeader }: Crew, { databaseUrl }: Place) {
  if (!askLeader || databaseUrl !== undefined) return toThread
  return async () => toProcess((orders) => askLeader('orders', orders) as ReturnType<ReturnType<typeof carryingOut>>)
}

/** What a crew may ask of one engine, or keep waiting for it, is divided among its processes. */
function shareOf<Shared extends object>(config: Shared, { size }: Crew): Shared {
  const share: Record<string, number> = {}
  for (const [name, all] of Object.entries(config))
    if ((name === 'concurrency' || name === 'queueLength') && all > 0) share[name] = Math.max(1, Math.floor(all / size))
  return { ...config, ...share }
}

const pricesOf = ({ models }: Config) => models.flatMap(({ id, price }) => (price ? [{ model: id, ...price }] : []))

/** Starts an engine, or reaches out for it. @param drainMs how long it may finish what it works on when it is told to end */
export async function engineOf(config: EngineConfig, limits: Limits, log: Logger, drainMs: number): Promise<Engine> {
  switch (config.kind) {
    case 'llama': {
      const { context, ...options } = config
      const engine = await createLlamaEngine({
        ...options,
        ...(context !== undefined && { contextSize: context }),
        log,
        drainMs,
      })
      return rawEngine(engine, limits, config.equivalence)
    }
    default:
      return remoteEngine(config, { limits, log })
  }
}

/** A model that cannot be served is for the operator to mend: one sentence, no stack. */
function asOperatorError(error: unknown): never {
  throw new OperatorError(messageOf(error), { cause: error })
}

const notListening =
  ({ host, port }: Pick<Config, 'host' | 'port'>) =>
  (error: unknown): never => {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    const why = whyNotListening[code] ?? `${messageOf(error)}.`
    throw new OperatorError(`Tidegate cannot listen on ${host}, port ${port}: ${why}`, { cause: error })
  }

const whyNotListening: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program does so already. Stop it, or choose another port with --port.',
  EACCES: 'that port is not allowed for this user. Choose one above 1023 with --port.',
  EADDRNOTAVAIL: 'this machine has no such address. Choose one that it has with --host.',
  ENOTFOUND: 'there is no such host. Give an address of this machine with --host.',
}
