import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Logger, pino } from 'pino'
import { expect, onTestFinished } from 'vitest'
import { defaultLimits, type Limits } from '../../src/completion/limits.ts'
import type { Engine } from '../../src/engines/engine.ts'
import { rawEngine } from '../../src/engines/raw/engine.ts'
import { createService } from '../../src/service.ts'
import { openStorage } from '../../src/storage/storage.ts'
import type { KeySettings } from '../../src/tenancy/key.ts'
import { type Client, clientOf } from '../client.ts'
import { type Script, type ScriptedEngine, type ScriptedEngineOptions, scriptedEngine } from '../scripted-engine.ts'

export interface Served {
  readonly client: Client
  /** All that was logged. */
  readonly log: () => string
  /** Another key: of another tenant unless it is named. */
  clientFor(key: { tenant?: string; settings?: KeySettings; expiresAt?: Date }): Promise<Client>
  /** Revokes the key of a client. */
  revoke(client: Client): Promise<void>
  block(userId: string): Promise<void>
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
  /** More replicas of the same model. */
  readonly replicas?: readonly (readonly Script[] | ScriptedEngineOptions['runs'])[]
}

/** The whole service on a real socket, with doubles for engines. It ends with the test. */
export async function doubled(runs: ScriptedEngineOptions['runs'], options: DoubledOptions = {}): Promise<Doubled> {
  const { limits, replicas = [], contextWindow, maxOutput, ...engineOptions } = options
  const engines = [runs, ...replicas].map((script, index) =>
    scriptedEngine({ ...engineOptions, id: `double-${index}`, runs: script }),
  )
  const [engine] = engines
  if (!engine) throw new Error('There is always one engine.')
  const allLimits = limitsOf(limits)
  const served = await serving(() => engines.map((one) => rawEngine(one, allLimits)), allLimits, {
    ...(contextWindow !== undefined && { contextWindow }),
    ...(maxOutput !== undefined && { maxOutput }),
  })
  return { ...served, engine, engines }
}

export const limitsOf = (limits: Partial<Limits> = {}): Limits => ({ ...defaultLimits, restartMs: 100, ...limits })

/** The service on a real socket, with these engines behind its one model. Service and engines end with the test. */
export async function serving(
  make: (log: Logger) => readonly Engine[],
  limits: Limits,
  model: { readonly contextWindow?: number; readonly maxOutput?: number } = {},
): Promise<Served> {
  const folder = mkdtempSync(join(tmpdir(), 'tidegate-contract-'))
  const storage = await openStorage(folder)
  const lines: string[] = []
  const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) })
  const engines = make(log)
  const service = createService({
    config: {
      keepReasoning: true,
      server: { drainMs: 1_000, corsOrigins: [] },
      limits,
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
    log,
  })
  const { url } = await service.http.listen({ host: '127.0.0.1', port: 0 })
  onTestFinished(async () => {
    await service.http.close()
    await service.keys.flush()
    await Promise.all(engines.map((engine) => engine.close()))
    await storage.close()
    rmSync(folder, { recursive: true, force: true })
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
    clientFor,
    revoke: async ({ key }) => {
      expect(await service.keys.revoke(idOfKey.get(key) ?? '')).toBe('revoked')
    },
    block: async (userId) => {
      await service.users.block('default', userId)
    },
  }
}
