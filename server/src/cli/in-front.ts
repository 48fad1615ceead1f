/** A Tidegate of its own in this process, in front of one engine: to see what a server's clients would get of it. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import type { Target } from '../check/probe.ts'
import type { Limits } from '../completion/limits.ts'
import type { ModelConfig } from '../config/models.ts'
import type { EngineConfig } from '../config/schema.ts'
import { engineOf } from '../gateway-process.ts'
import { openLedger } from '../ledger/ledger.ts'
import { noRequestLog } from '../request-log/request-log.ts'
import { createService } from '../service.ts'
import { openStorage } from '../storage/storage.ts'

export interface InFront {
  readonly target: Target
  close(): Promise<void>
}

/** @param model served by this engine alone. Listens on a free port of the loopback; its data folder goes away with it. */
export async function startInFront(engine: EngineConfig, model: ModelConfig, limits: Limits): Promise<InFront> {
  const log = pino({ level: 'silent' })
  const undo: (() => Promise<unknown>)[] = []
  const close = async () => {
    for (const step of undo.splice(0).reverse()) await step()
  }
  try {
    const folder = await mkdtemp(join(tmpdir(), 'tidegate-check-'))
    undo.push(() => rm(folder, { recursive: true, force: true }))
    const storage = await openStorage({ data: folder })
    undo.push(() => storage.close())
    const ledger = await openLedger(storage.place)
    undo.push(() => ledger.close())
    const started = await engineOf(engine, limits, log, 0)
    undo.push(() => started.close())
    const { http, keys } = createService({
      config: {
        models: [model],
        limits,
        ledger: { hangUp: 'generated' },
        keepReasoning: true,
        server: { leaveMs: 0, drainMs: 0, corsOrigins: [], trustedProxies: [] },
        log: { record: 'none', recordRetentionDays: 1 },
      },
      engines: new Map([[engine.id, started]]),
      storage,
      ledger,
      requestLog: noRequestLog,
      prices: new Map(),
      log,
    })
    const { url } = await http.listen({ host: '127.0.0.1', port: 0 })
    undo.push(async () => {
      await http.close()
      await keys.flush()
    })
    const { secret } = await keys.create({ name: 'check', tenant: 'check' })
    return { target: { baseUrl: `${url}/v1`, model: model.id, key: secret }, close }
  } catch (error) {
    await close()
    throw error
  }
}
