import { type Logger, pino } from 'pino'
import { expect, onTestFinished } from 'vitest'
import { defaultLimits, type Limits } from '../../src/completion/limits.ts'
import type { ModelConfig } from '../../src/config/models.ts'
import type { EngineConfig } from '../../src/config/schema.ts'
import type { Engine } from '../../src/engines/engine.ts'
import { rawEngine } from '../../src/engines/raw/engine.ts'
import type { HangUpCharge } from '../../src/gateway/meter.ts'
import { type Ledger, openLedger } from '../../src/ledger/ledger.ts'
import { openPrices } from '../../src/ledger/prices.ts'
import { sameThread } from '../../src/ledger/test-line.ts'
import type { LogEntry } from '../../src/request-log/entry.ts'
import { noRequestLog, openRequestLog } from '../../src/request-log/request-log.ts'
import { createService } from '../../src/service.ts'
import { openStorage, type Storage } from '../../src/storage/storage.ts'
import type { KeySettings } from '../../src/tenancy/key.ts'
import { type Client, clientOf } from '../client.ts'
import { type Script, type ScriptedEngine, type ScriptedEngineOptions, scriptedEngine } from '../scripted-engine.ts'
import { temporaryPlace } from '../stores.ts'

export interface Served {
  readonly client: Client
  /** What was added to the request log can be read now. */
  flushLog(): Promise<void>
  /** All that was logged. */
  readonly log: () => string
  /** What came to the request log. */
  readonly requests: readonly LogEntry[]
  /** Another key: of another tenant unless it is named. */
  clientFor(key: { tenant?: string; project?: string; settings?: KeySettings; expiresAt?: Date }): Promise<Client>
  /** Revokes the key of a client. */
  revoke(client: Client): Promise<void>
  block(userId: string): Promise<void>
  readonly storage: Storage
  readonly ledger: Ledger
}

export interface Doubled extends Served {
  /** The first engine; others are in `engines`. */
  readonly engine: ScriptedEngine
  readonly engines: readonly ScriptedEngine[]
}

export interface DoubledOptions extends Omit<ScriptedEngineOptions, 'runs'> {
  readonly limits?: Partial<Limits>
  readonly contextWindow?: number
  readonly maxOutput?: number
  readonly resume?: boolean
  /** Of all engines. */
  readonly equivalence?: string
  readonly record?: 'all'
  /** What is different from one engine to the next. */
  readonly factsOf?: (index: number) => Partial<ScriptedEngine['facts']>
  /** More replicas of the same model. */
  readonly replicas?: readonly (readonly Script[] | ScriptedEngineOptions['runs'])[]
  /** What the configuration says of engines, for those who look at it. */
  readonly configs?: readonly EngineConfig[]
  readonly hangUp?: HangUpCharge
  /** Requests are also written down, for those who look at the log. */
  readonly keepsLog?: boolean
}

/** The whole service on a real socket, with doubles for engines. It ends with the test. */
export async function doubled(runs: ScriptedEngineOptions['runs'], options: DoubledOptions = {}): Promise<Doubled> {
  const {
    limits,
    replicas = [],
    contextWindow,
    maxOutput,
    resume,
    equivalence,
    record,
    factsOf,
    configs,
    hangUp,
    keepsLog = false,
    ...engineOptions
  } = options
  const engines = [runs, ...replicas].map((script, index) =>
    scriptedEngine({
      ...engineOptions,
      id: `double-${index}`,
      runs: script,
      facts: { ...engineOptions.facts, ...factsOf?.(index) },
    }),
  )
  const [engine] = engines
  if (!engine) throw new Error('There is always one engine.')
  const allLimits = limitsOf(limits)
  const model = {
    ...(contextWindow !== undefined && { contextWindow }),
    ...(maxOutput !== undefined && { maxOutput }),
    ...(resume !== undefined && { resume }),
  }
  const served = await serving(() => engines.map((one) => rawEngine(one, allLimits, equivalence)), allLimits, model, {
    ...(configs && { configs }),
    ...(hangUp && { hangUp }),
    ...(record && { record }),
    keepsLog,
  })
  return { ...served, engine, engines }
}

/** A dollar for a million tokens of prompt, two for a million of answer, half of one for cached ones. */
const testPrice = { input: 1_000_000n, cachedInput: 500_000n, output: 2_000_000n, currency: 'USD' }

export const limitsOf = (limits: Partial<Limits> = {}): Limits => ({
  ...defaultLimits,
  restartMs: 100,
  healthMs: 0,
  ...limits,
})

/** The service on a real socket, with these engines behind its one model. Service and engines end with the test. */
export async function serving(
  make: (log: Logger) => readonly Engine[] | Promise<readonly Engine[]>,
  limits: Limits,
  model: Partial<ModelConfig> = {},
  {
    configs = [],
    hangUp = 'generated',
    record,
    keepsLog = false,
  }: Pick<DoubledOptions, 'configs' | 'hangUp' | 'record' | 'keepsLog'> = {},
): Promise<Served> {
  const storage = await openStorage(await temporaryPlace())
  const lines: string[] = []
  const requests: LogEntry[] = []
  const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) })
  const ledger = await openLedger(storage.place, sameThread)
  const engines = await make(log)
  const days = { retentionDays: 30, recordRetentionDays: 7, auditRetentionDays: 365 }
  const kept = keepsLog ? openRequestLog(storage, days, () => undefined) : undefined
  const requestLog = kept ?? noRequestLog
  const service = createService({
    config: {
      ledger: { hangUp },
      keepReasoning: true,
      server: { leaveMs: 0, drainMs: 1_000, corsOrigins: [], trustedProxies: [] },
      limits,
      engines: configs,
      log: { record: record ?? 'none', recordRetentionDays: 7 },
      models: [
        {
          id: 'deepseek-v4-flash',
          displayName: 'DeepSeek V4 Flash',
          aliases: [
            { name: 'deepseek-chat', thinking: false },
            { name: 'deepseek-reasoner', thinking: true },
          ],
          engines: engines.map((engine) => ({ engine: engine.id, weight: 1 })),
          thinkingByDefault: true,
          ...model,
        },
      ],
    },
    engines: new Map(engines.map((engine) => [engine.id, engine])),
    storage,
    ledger,
    requestLog: {
      ...requestLog,
      add(entry) {
        requests.push(entry)
        requestLog.add(entry)
      },
    },
    prices: await openPrices(storage, [{ ...testPrice, model: 'deepseek-v4-flash' }], 0),
    log,
  })
  const { url } = await service.http.listen({ host: '127.0.0.1', port: 0 })
  onTestFinished(async () => {
    await service.http.close()
    await service.keys.flush()
    await Promise.all(engines.map((engine) => engine.close()))
    await kept?.close()
    await ledger.close()
    await storage.close()
  })
  const idOfKey = new Map<string, string>()
  const clientFor: Served['clientFor'] = async ({ tenant = 'other', ...more }) => {
    const { key, secret } = await service.keys.create({ name: 'test', tenant, ...more })
    idOfKey.set(secret, key.id)
    return clientOf(url, secret)
  }
  return {
    client: await clientFor({ tenant: 'default' }),
    log: () => lines.join(''),
    flushLog: async () => kept?.flush(),
    requests,
    clientFor,
    revoke: async ({ key }) => {
      expect(await service.keys.revoke(idOfKey.get(key) ?? '')).toBe('revoked')
    },
    storage,
    ledger,
    block: async (userId) => {
      await service.users.block('default', userId)
    },
  }
}
