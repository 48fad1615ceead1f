/**
 * What requests came to, for people to look at. Entries go to a thread that writes them down: no answer waits
 * for it, and an entry that cannot be written is counted, and lost. What must not be lost is in the ledger.
 */
import type { Worker } from 'node:worker_threads'
import { startWritingThread } from '../lib/writing-thread.ts'
import type { Storage } from '../storage/storage.ts'
import type { LogEntry } from './entry.ts'
import type { Retention } from './writer.ts'
import type { FromLogWriter, LogWriterStart, ToLogWriter } from './writer-thread.ts'

export interface RequestLog {
  /** Returns at once. */
  add(entry: LogEntry): void
  /** How many entries were lost so far. */
  lost(): number
  /** Resolves when all that was added before can be read, or is known to be lost. */
  flush(): Promise<void>
  close(): Promise<void>
}

export interface RetentionDays {
  readonly retentionDays: number
  readonly recordRetentionDays: number
  readonly auditRetentionDays: number
}

const dayMs = 24 * 60 * 60 * 1000
/** Sums by hour are kept for a quarter of a year at least, since charts show them. */
const retentionOf = ({ retentionDays, recordRetentionDays, auditRetentionDays }: RetentionDays): Retention => ({
  requestsMs: retentionDays * dayMs,
  recordingsMs: Math.min(retentionDays, recordRetentionDays) * dayMs,
  auditMs: auditRetentionDays * dayMs,
  sumsMs: Math.max(retentionDays, 100) * dayMs,
})

/** Entries that wait for the writer, at most: a disk that is away must not fill the memory. */
const waitingMax = 20_000
/** Beyond so many that wait, what was said is not kept: it may be a megabyte each. */
const recordingsMax = 200
/** So long is gathered for one message to the writer. */
const gatherMs = 200

/** A log that keeps nothing. */
export const noRequestLog: Pick<RequestLog, 'add' | 'lost'> = {
  add: () => undefined,
  lost: () => 0,
}

/** @param onLost hears how many entries were lost, and why */
export function openRequestLog(
  { place, secret }: Pick<Storage, 'place' | 'secret'>,
  days: RetentionDays,
  onLost: (count: number, why: string) => void,
): RequestLog {
  const retention = retentionOf(days)
  let lost = 0
  let gathered: LogEntry[] = []
  let timer: NodeJS.Timeout | undefined
  let waiting = 0
  let writer: Worker | undefined
  let closed = false
  const flushes = new Map<number, () => void>()
  let lastFlush = 0

  const lose = (count: number, why: string) => {
    lost += count
    if (count > 0) onLost(count, why)
  }
  const start = (): Worker => {
    const workerData: LogWriterStart = { place, secret, retention }
    const thread = startWritingThread(new URL('./writer-thread.ts', import.meta.url), workerData)
    thread.unref()
    thread.on('message', ({ done, why, flushed }: FromLogWriter) => {
      waiting -= done
      if (why !== undefined) lose(done, why)
      if (flushed === undefined) return
      flushes.get(flushed)?.()
      flushes.delete(flushed)
    })
    thread.on('error', (error) => die(String(error)))
    thread.on('exit', () => die('its thread has ended'))
    const die = (why: string) => {
      if (writer !== thread) return
      writer = undefined
      if (!closed) lose(waiting - gathered.length, why)
      waiting = gathered.length
      for (const resolve of flushes.values()) resolve()
      flushes.clear()
    }
    return thread
  }
  const post = (flush?: number) => {
    clearTimeout(timer)
    timer = undefined
    writer ??= start()
    writer.postMessage({ entries: gathered, flush } satisfies ToLogWriter)
    gathered = []
  }
  // Old requests are deleted also where none come.
  writer = start()

  const flush = () =>
    new Promise<void>((resolve) => {
      const id = ++lastFlush
      flushes.set(id, resolve)
      post(id)
    })
  return {
    add(entry) {
      if (closed || waiting >= waitingMax) return lose(1, 'too many wait to be written')
      waiting++
      const { said: _, ...bare } = entry
      gathered.push(waiting > recordingsMax ? bare : entry)
      timer ??= setTimeout(post, gatherMs).unref()
    },
    flush,
    lost: () => lost,
    async close() {
      await flush()
      closed = true
      await writer?.terminate()
    },
  }
}
