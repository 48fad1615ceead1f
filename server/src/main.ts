import { type Logger, pino } from 'pino'
import type { Limits } from './completion/limits.ts'
import type { EngineConfig } from './config/schema.ts'
import type { Config } from './config.ts'
import { deepseek } from './engines/deepseek.ts'
import type { Engine } from './engines/engine.ts'
import { createLlamaEngine } from './engines/llama-cpp/engine.ts'
import { openai } from './engines/openai.ts'
import { rawEngine } from './engines/raw/engine.ts'
import { OperatorError } from './lib/operator-error.ts'
import { createService } from './service.ts'
import { openStorage } from './storage/storage.ts'

/**
 * Builds every part from the configuration, listens, and drains when told to stop. Resolves when the service has ended.
 * stdout carries two things only: the first key, once, and the ready line.
 * @throws OperatorError for what the operator can mend
 */
export async function main(config: Config): Promise<void> {
  // Standard error, synchronously: the last lines before an end must not be lost.
  const lines = pino.destination({ dest: 2, sync: true })
  // A log that cannot be written (a full disk) must not end the answers that can.
  lines.on('error', () => undefined)
  const log = pino({ level: config.log.level, base: null }, lines)
  for (const note of config.notes) log.warn(note)

  const storage = await openStorage(config.data)
  const engines = new Map<string, Engine>()
  try {
    for (const engine of config.engines) {
      const started = performance.now()
      engines.set(engine.id, await engineOf(engine, config.limits, log).catch(asOperatorError))
      log.info({ engine: engine.id, ms: Math.round(performance.now() - started) }, 'engine ready')
    }
    const { http, keys } = createService({ config, engines, storage, log })
    for (const { id, standIn } of config.models)
      if (standIn)
        log.warn(
          `'${id}' is served by its stand-in '${standIn}', a tiny demo model. Configure an engine for real answers.`,
        )

    const made = await keys.ensureBootstrapKey(config.bootstrapKey)
    const { url } = await http.listen({ host: config.host, port: config.port }).catch(notListening(config))
    if (made) process.stdout.write(`tidegate made its first API key, shown only once: ${made}\n`)
    process.stdout.write(`tidegate ready ${url}\n`)

    await stopSignal(log)
    await http.close()
    await keys.flush()
  } finally {
    await Promise.all([...engines.values()].map((engine) => engine.close()))
    await storage.close()
  }
}

async function engineOf(config: EngineConfig, limits: Limits, log: Logger): Promise<Engine> {
  switch (config.kind) {
    case 'llama': {
      const { context, ...options } = config
      const engine = await createLlamaEngine({
        ...options,
        ...(context !== undefined && { contextSize: context }),
        log,
      })
      return rawEngine(engine, limits)
    }
    case 'deepseek':
      return deepseek(config, { limits, log })
    case 'openai':
      return openai(config, { limits, log })
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

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** The first SIGTERM or SIGINT resolves it; a second one ends the process at once. */
function stopSignal(log: { info(message: string): void }): Promise<void> {
  return new Promise((resolve) => {
    let stopping = false
    const onSignal = (signal: NodeJS.Signals) => {
      if (stopping) process.exit(signal === 'SIGINT' ? 130 : 143)
      stopping = true
      log.info('stopping: open answers may finish; a second signal ends at once')
      resolve()
    }
    process.on('SIGTERM', onSignal).on('SIGINT', onSignal)
  })
}
