import { setTimeout as pause } from 'node:timers/promises'
import { type Logger, pino } from 'pino'
import type { Config } from './config.ts'
import { openLogLines } from './lib/log-lines.ts'

export function openLog(level: Config['log']['level']): Logger {
  const log: Logger = pino(
    { level, base: null },
    openLogLines((lines) => log.warn({ lines }, 'log lines were lost: whoever reads them is too slow')),
  )
  return log
}

/** Whoever reads the log slower than that is not waited for. */
const writtenMs = 500

/** Settles when all lines so far are written. */
export async function written(log: Logger): Promise<void> {
  const flushed = new Promise<void>((resolve) => log.flush(() => resolve()))
  await Promise.race([flushed, pause(writtenMs, undefined, { ref: false })])
}
