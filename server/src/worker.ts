/** A process of the crew: `workers.ts` starts it, gives it the configuration, and tells it when to stop. */
import process from 'node:process'
import type { Config } from './config.ts'
import { startGateway } from './gateway-process.ts'
import { member } from './lib/crew.ts'
import { OperatorError } from './lib/operator-error.ts'
import { openLog, written } from './log.ts'
import type { FromWorker, ToWorker } from './workers.ts'

/** Settles when it is on its way. */
const send = (message: FromWorker): Promise<void> =>
  new Promise((resolve) => {
    if (process.connected) process.send?.(message, () => resolve())
    else resolve()
  })
const stop = Promise.withResolvers<void>()
const begin = Promise.withResolvers<Config>()
let crew: ReturnType<typeof member> | undefined

process.on('message', (message: ToWorker) => {
  switch (message.type) {
    case 'serve':
      crew = member(message.config.server.workers, (said) => void send(said))
      return begin.resolve(message.config)
    case 'stop':
      return stop.resolve()
    default:
      crew?.hear(message)
  }
})
// Ctrl-C reaches all of the crew at once; the leader says when to stop.
process.on('SIGINT', () => undefined)
process.on('SIGTERM', () => stop.resolve())

const config = await begin.promise
const log = openLog(config.log.level)
try {
  if (!crew) throw new Error('There is no crew.')
  const gateway = await startGateway(config, crew, log)
  await written(log)
  await send({ type: 'ready', url: gateway.url })
  await stop.promise
  await gateway.close()
} catch (error) {
  if (!(error instanceof OperatorError)) throw error
  await send({ type: 'refused', message: error.message })
} finally {
  process.disconnect?.()
}
