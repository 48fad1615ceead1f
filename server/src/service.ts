import { createHash } from 'node:crypto'
import type { Logger } from 'pino'
import type { Limits } from './completion/limits.ts'
import { sealed } from './completion/sealed.ts'
import type { Config } from './config.ts'
import { type Catalog, createCatalog, type Model, type Replica } from './engines/catalog.ts'
import type { Engine, EngineFacts } from './engines/engine.ts'
import { createServe } from './gateway/serve.ts'
import { createHttpServer, type HttpServer } from './http/server.ts'
import { defectOf } from './lib/defect.ts'
import { FairQueue } from './lib/fair-queue.ts'
import { createMetrics } from './lib/metrics.ts'
import { version } from './lib/version.ts'
import type { Storage } from './storage/storage.ts'
import { type Keys, openKeys } from './tenancy/keys.ts'
import { namespaces } from './tenancy/namespace.ts'
import { noReasoningMemory, openReasoningMemory } from './tenancy/reasoning-memory.ts'
import { openUsers, type Users } from './tenancy/users.ts'

export interface ServiceParts {
  readonly config: Pick<Config, 'models' | 'limits' | 'keepReasoning' | 'server'>
  /** By the ids that the models name. */
  readonly engines: ReadonlyMap<string, Engine>
  readonly storage: Storage
  readonly log: Logger
}

export interface Service {
  readonly http: HttpServer
  readonly keys: Keys
  readonly users: Users
}

/** Puts the parts together; opens no port and starts no process. Tests build the same service around doubles of engines. */
export function createService({ config, engines, storage, log }: ServiceParts): Service {
  const { limits } = config
  const catalog = catalogOf(config.models, engines, limits, log)
  const metrics = createMetrics()
  const keys = openKeys(storage)
  const users = openUsers(storage)
  const namespaceOf = namespaces(storage.secret)
  const memory = config.keepReasoning
    ? openReasoningMemory(storage, { ttlMs: limits.reasoningTtlMs })
    : noReasoningMemory
  const http = createHttpServer({
    catalog,
    serve: createServe({ catalog, limits, memory, metrics, log }),
    authenticate: keys.authenticate,
    authorize: (key, _model, userId) => users.admit(key.tenant, userId),
    namespaceOf: (key, userId) =>
      namespaceOf({ tenant: key.tenant, keyId: key.id, ...(userId !== undefined && { userId }) }),
    metrics: async () => ({ contentType: metrics.registry.contentType, text: await metrics.registry.metrics() }),
    limits,
    drainMs: config.server.drainMs,
    corsOrigins: config.server.corsOrigins,
    log,
  })
  return { http, keys, users }
}

function catalogOf(
  models: Config['models'],
  engines: ReadonlyMap<string, Engine>,
  limits: Limits,
  log: Logger,
): Catalog {
  // Models that share an engine share its line.
  const queues = new Map([...engines].map(([id, engine]) => [id, new FairQueue(engine.slots, limits.queueLength)]))
  const onDefect = (error: unknown, request: string) =>
    log.error({ request, defect: defectOf(error) }, 'an engine met a defect')
  return createCatalog(
    models.map((config): Model => {
      const served = config.engines.map(({ engine: id, weight }) => {
        const engine = engines.get(id)
        const queue = queues.get(id)
        if (!engine || !queue) throw new Error(`The model '${config.id}' names the engine '${id}', which is not there.`)
        const serve = sealed(onDefect)(engine.serve)
        const { fits } = engine
        const replica: Replica = {
          engine: id,
          weight,
          ready: () => engine.ready(),
          queue,
          serve,
          ...(fits && { fits }),
        }
        return { replica, facts: engine.facts }
      })
      // The model promises what each of its replicas can keep.
      const facts = served.map((one) => one.facts)
      const contextWindow = Math.min(config.contextWindow ?? Infinity, ...facts.map((one) => one.contextWindow))
      return {
        id: config.id,
        displayName: config.displayName,
        aliases: config.aliases,
        ...(config.standIn !== undefined && { standIn: config.standIn }),
        thinkingByDefault: config.thinkingByDefault,
        ...(config.samplesAsAsked && { samplesAsAsked: true }),
        canThink: facts.every((one) => one.canThink),
        canLogprobs: facts.every((one) => one.logprobs),
        contextWindow,
        maxOutput: Math.min(config.maxOutput ?? Infinity, contextWindow, ...facts.map((one) => one.maxOutput)),
        fingerprint: fingerprintOf(facts),
        replicas: served.map(({ replica }) => replica),
      }
    }),
  )
}

/** Stable per weights, dialect and server version. */
const fingerprintOf = (facts: readonly EngineFacts[]): string => {
  const hash = createHash('sha256').update(version)
  for (const { identity } of facts) hash.update(`\0${identity}`)
  return `fp_${hash.digest('hex').slice(0, 12)}`
}
