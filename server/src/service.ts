import { createHash } from 'node:crypto'
import { hostname } from 'node:os'
import { basename, join } from 'node:path'
import type { Logger } from 'pino'
import { compose } from './completion/layer.ts'
import { sealed } from './completion/sealed.ts'
import type { EngineConfig } from './config/schema.ts'
import type { Config } from './config.ts'
import { type Catalog, createCatalog, isWell, type Model, type Replica } from './engines/catalog.ts'
import type { Engine, EngineFacts } from './engines/engine.ts'
import { openDrain } from './gateway/drain.ts'
import { type Guarded, guardedOf, noting } from './gateway/guard.ts'
import { createOnce } from './gateway/once.ts'
import { createServe } from './gateway/serve.ts'
import { clientReader } from './http/admin/client.ts'
import { openEngineChecks } from './http/admin/engine-checks.ts'
import type { EngineState } from './http/admin/handlers/models.ts'
import { openReads } from './http/reads.ts'
import { createHttpServer, type HttpServer } from './http/server.ts'
import { openAccounts } from './ledger/accounts.ts'
import type { Ledger } from './ledger/ledger.ts'
import type { Price } from './ledger/money.ts'
import { alone, type Crew } from './lib/crew.ts'
import { defectOf } from './lib/defect.ts'
import { createMetrics, metricsOf } from './lib/metrics.ts'
import { version } from './lib/version.ts'
import type { RequestLog } from './request-log/request-log.ts'
import { type HealthWatch, watchHealth } from './routing/watch-health.ts'
import type { Storage } from './storage/storage.ts'
import { openKeptAnswers } from './tenancy/kept-answers.ts'
import { openKeyRegister } from './tenancy/key-register.ts'
import { type Keys, openKeys } from './tenancy/keys.ts'
import { namespaces } from './tenancy/namespace.ts'
import { openAdminKeys } from './tenancy/people/admin-keys.ts'
import { openAuditTrail } from './tenancy/people/audit-trail.ts'
import { createPasswords } from './tenancy/people/passwords.ts'
import { openPeople, type People } from './tenancy/people/people.ts'
import { openSessions } from './tenancy/people/sessions.ts'
import { openProjects } from './tenancy/projects.ts'
import { noReasoningMemory, openReasoningMemory } from './tenancy/reasoning-memory.ts'
import { openTenants } from './tenancy/tenants.ts'
import { openUsers, type Users } from './tenancy/users.ts'

export interface ServiceParts {
  readonly config: Pick<Config, 'models' | 'limits' | 'ledger' | 'keepReasoning'> &
    Partial<Pick<Config, 'engines'>> & {
      readonly server: Omit<Config['server'], 'workers'>
      readonly log: Pick<Config['log'], 'record' | 'recordRetentionDays'>
    }
  /** By the ids that the models name. */
  readonly engines: ReadonlyMap<string, Engine>
  readonly storage: Storage
  readonly ledger: Ledger
  readonly requestLog: Pick<RequestLog, 'add' | 'lost'>
  /** By model. */
  readonly prices: ReadonlyMap<string, Price>
  /** Absent: this process alone. */
  readonly crew?: Crew
  readonly log: Logger
}

export interface Service {
  readonly http: HttpServer
  readonly keys: Keys
  readonly users: Users
  readonly people: People
}

const consoleFolder = join(import.meta.dirname, '../../console/dist')

/** Puts the parts together; opens no port and starts no process. Tests build the same service around doubles of engines. */
export function createService(parts: ServiceParts): Service {
  const { config, engines, storage, ledger, requestLog, prices, crew = alone(), log } = parts
  const { limits } = config
  const guarded = new Map([...engines].map(([id, engine]) => [id, guardedOf(engine, limits.queueLength, log)]))
  const watched = [...guarded].flatMap(([id, { engine, ...rest }]) =>
    engine.probe ? [{ id, probe: engine.probe, ...rest }] : [],
  )
  const health = watchHealth(watched, limits.healthMs)
  const catalog = catalogOf(config.models, guarded, health, log)
  const configs = new Map((config.engines ?? []).map((one) => [one.id, one]))
  const metrics = createMetrics()
  metrics.showEngines(() =>
    [...guarded].map(([id, one]) => ({
      engine: id,
      well: isWell({ ...presenceOf(one, health), breaker: one.breaker }),
      breaker: one.breaker.state,
      running: one.queue.taken,
      waiting: one.queue.waiting,
      others: health.others(id),
    })),
  )
  const reads = openReads(storage)
  metrics.showLost(requestLog.lost)
  const recording = config.log.record === 'all'
  const keys = openKeys(storage)
  const users = openUsers(storage)
  const namespaceOf = namespaces(storage.secret)
  const memory = config.keepReasoning
    ? openReasoningMemory(storage, { ttlMs: limits.reasoningTtlMs })
    : noReasoningMemory
  const checks = openEngineChecks(storage, subjectsOf(config), new URL('./cli/check-job.ts', import.meta.url))
  const clientOf = clientReader(config.server.trustedProxies)
  const accounts = openAccounts(storage)
  const passwords = createPasswords(storage.secret)
  const people = openPeople(storage, passwords)
  const http = createHttpServer({
    catalog,
    serve: createServe({
      catalog,
      limits,
      memory,
      ledger,
      priceOf: (model) => prices.get(model),
      hangUp: config.ledger.hangUp,
      recording,
      metrics,
      log,
    }),
    accounts,
    reads,
    databaseIsWell: ledger.isWell,
    requestLog: requestLog.add,
    recordsPrompts: recording,
    once: createOnce(openKeptAnswers(storage, ledger.node, { ttlMs: limits.idempotencyTtlMs }), limits, (error) =>
      log.error({ defect: defectOf(error) }, 'the answer to an Idempotency-Key could not be kept'),
    ),
    authenticate: keys.authenticate,
    authorize: (key, _model, userId) => users.admit(key.tenant, userId),
    namespaceOf: (key, userId) =>
      namespaceOf({ tenant: key.tenant, keyId: key.id, ...(userId !== undefined && { userId }) }),
    metrics: metricsOf(metrics, crew),
    console: { folder: consoleFolder, clientOf },
    admin: {
      people,
      sessions: openSessions(storage, passwords),
      adminKeys: openAdminKeys(storage),
      trail: openAuditTrail(storage),
      tenants: openTenants(storage),
      projects: openProjects(storage),
      keys,
      priceOf: (model) => prices.get(model),
      engines: () => [...guarded].map(([id, one]) => engineState(one, configs.get(id), health)),
      drain: openDrain(guarded, crew, log),
      checks,
      crew,
      seenFrom: storage.place.databaseUrl === undefined ? null : hostname(),
      register: openKeyRegister(storage),
      accounts,
      ledger,
      recordedMs: recording ? config.log.recordRetentionDays * 24 * 60 * 60_000 : undefined,
      startedAt: Date.now(),
      users,
      clientOf,
      log,
    },
    limits,
    leaveMs: config.server.leaveMs,
    drainMs: config.server.drainMs,
    corsOrigins: config.server.corsOrigins,
    log,
  })
  const close = async () => {
    const checked = checks.close()
    await http.close()
    await checked
    health.close()
    await reads.close()
  }
  return { http: { ...http, close }, keys, users, people }
}

/** Whether it takes requests, and whether it works on only for those that it has. */
function presenceOf(guarded: Guarded, health: HealthWatch): Required<Pick<Replica, 'ready' | 'leaving' | 'drained'>> {
  const { engine } = guarded
  return {
    ready: () => engine.ready() && !guarded.drained,
    drained: () => guarded.drained,
    leaving: () => guarded.drained || health.leaving(engine.id) || (engine.leaving?.() ?? false),
  }
}

const engineState = (guarded: Guarded, config: EngineConfig | undefined, health: HealthWatch): EngineState => {
  const { engine, queue, breaker, failures, drained } = guarded
  return {
    id: engine.id,
    kind: config?.kind ?? 'llama',
    face: config === undefined || config.kind === 'llama' ? 'embedded' : (engine.face ?? 'chat'),
    url: config === undefined || config.kind === 'llama' ? null : config.url,
    model: config === undefined ? engine.id : config.kind === 'llama' ? basename(config.path) : config.model,
    facts: engine.facts,
    slots: engine.slots,
    ready: engine.ready(),
    leaving: presenceOf(guarded, health).leaving(),
    drained,
    breaker,
    queue,
    others: health.others(engine.id),
    failures,
  }
}

/** What the process that checks an engine is told. */
export interface CheckJob extends Pick<ServiceParts['config'], 'models' | 'limits'> {
  readonly engine: EngineConfig
  /** Ids of checks; all unless given. */
  readonly only?: readonly string[]
}

const subjectsOf = ({ engines = [], models, limits }: ServiceParts['config']): ReadonlyMap<string, CheckJob> =>
  new Map(engines.map((engine) => [engine.id, { engine, models, limits }]))

function catalogOf(
  models: Config['models'],
  engines: ReadonlyMap<string, Guarded>,
  health: HealthWatch,
  log: Logger,
): Catalog {
  const onDefect = (error: unknown, request: string) =>
    log.error({ request, defect: defectOf(error) }, 'an engine met a defect')
  return createCatalog(
    models.map((config): Model => {
      const served = config.engines.map(({ engine: id, weight }) => {
        const guarded = engines.get(id)
        if (!guarded) throw new Error(`The model '${config.id}' names the engine '${id}', which is not there.`)
        const { engine, queue, breaker, failures } = guarded
        const serve = compose([noting(failures), sealed(onDefect)], engine.serve)
        const { fits, promptTokensMax, countPrompt, continues } = engine
        const replica: Replica = {
          engine: id,
          weight,
          ...presenceOf(guarded, health),
          breaker,
          queue,
          others: () => health.others(id),
          serve,
          ...(fits && { fits }),
          get promptWriter() {
            return engine.promptWriter
          },
          ...(promptTokensMax && { promptTokensMax }),
          ...(countPrompt && { countPrompt }),
          ...(continues && { continues }),
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
        ...(config.resume === false && { endsWhenBroken: true }),
        ...(config.hedge && { hedge: config.hedge }),
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
