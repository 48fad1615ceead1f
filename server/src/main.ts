import { pino } from 'pino'
import type { Config } from './config.ts'
import { createLlamaEngine } from './engines/llama-cpp/engine.ts'
import type { TokenEngine } from './engines/token-engine.ts'
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
  const log = pino({ level: config.log.level, base: null }, pino.destination({ dest: 2, sync: true }))
  for (const note of config.notes) log.warn(note)

  const storage = await openStorage(config.data)
  const engines = new Map<string, TokenEngine>()
  try {
    for (const { id, ...options } of config.engines) {
      const started = performance.now()
      engines.set(id, await createLlamaEngine({ id, ...options, log }).catch(asOperatorError))
      log.info({ engine: id, ms: Math.round(performance.now() - started) }, 'engine ready')
    }
    const { http, keys } = createService({ config, engines, storage, log })
    for (const { id, standIn } of config.models)
      if (standIn)
        log.warn(
          `'${id}' is served by its stand-in '${standIn}', a tiny demo model. Configure an engine for real answers.`,
        )

    const made = await keys.ensureBootstrapKey(config.bootstrapKey)
    const { url } = await http.listen({ host: config.host, port: config.port })
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

/** A model that cannot be served is for the operator to mend: one sentence, no stack. */
function asOperatorError(error: unknown): never {
  throw new OperatorError(error instanceof Error ? error.message : String(error), { cause: error })
}

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
