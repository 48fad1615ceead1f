import type { Logger } from 'pino'
import type { Config } from './config.ts'
import { startGateway } from './gateway-process.ts'
import { alone } from './lib/crew.ts'
import { fewFilesNote, openFilesMax } from './lib/open-files.ts'
import { openLog, written } from './log.ts'
import { openStorage } from './storage/storage.ts'
import { openKeys } from './tenancy/keys.ts'
import { createPasswords } from './tenancy/people/passwords.ts'
import { firstName, openPeople } from './tenancy/people/people.ts'
import { startWorkers } from './workers.ts'

/**
 * Serves, in this process or in workers, until told to stop, and drains. Resolves when the service has ended.
 * stdout carries three things only: the first key and the first password, once, and the ready line.
 * @throws OperatorError for what the operator can mend
 */
export async function main(config: Config): Promise<void> {
  const log = openLog(config.log.level)
  tellOperator(config, log)
  await makeFirst(config)
  const { workers } = config.server
  const service = workers === 1 ? await startGateway(config, alone(), log) : await startWorkers(config, log)
  // Whoever waits for the ready line finds in the log what led to it.
  await written(log)
  process.stdout.write(`tidegate ready ${service.url}\n`)
  await stopSignal(log)
  await service.close()
}

function tellOperator({ notes, engines, models }: Config, log: Logger): void {
  for (const note of notes) log.warn(note)
  const requestsMax = Math.max(0, ...engines.map((engine) => ('concurrency' in engine ? engine.concurrency : 0)))
  const fewFiles = fewFilesNote(requestsMax, openFilesMax())
  if (fewFiles) log.warn(fewFiles)
  for (const { id, standIn } of models)
    if (standIn)
      log.warn(
        `'${id}' is served by its stand-in '${standIn}', a tiny demo model. Configure an engine for real answers.`,
      )
}

/** The database and its secret, somebody who may sign in, and a key to call with. Told before anything else can fail: nobody sees them twice. */
async function makeFirst(config: Config): Promise<void> {
  const storage = await openStorage(config)
  try {
    const key = await openKeys(storage).ensureBootstrapKey(config.bootstrapKey)
    if (key) process.stdout.write(`tidegate made its first API key, shown only once: ${key}\n`)
    const password = await openPeople(storage, createPasswords(storage.secret)).ensureFirst(config.adminPassword)
    if (password)
      process.stdout.write(
        `tidegate made the password of '${firstName}' for the console, shown only once: ${password}\n`,
      )
  } finally {
    await storage.close()
  }
}

/** The first SIGTERM or SIGINT resolves it; a second one ends the process at once. */
function stopSignal(log: Logger): Promise<void> {
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
