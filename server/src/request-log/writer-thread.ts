/** Writes the log in a thread of its own: what waits for the disk here keeps no stream waiting. */
import type { KeyObject } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { sql } from 'kysely'
import { openDatabase, type Place } from '../storage/storage.ts'
import { copyWal } from '../storage/write-ahead-log.ts'
import type { LogEntry } from './entry.ts'
import { recordingsOf } from './recording.ts'
import { openLogWriter, type Retention } from './writer.ts'

export interface LogWriterStart {
  readonly place: Place
  readonly secret: KeyObject
  readonly retention: Retention
}

export interface ToLogWriter {
  readonly entries: readonly LogEntry[]
  /** To be told back when they are written. */
  readonly flush: number | undefined
}

export interface FromLogWriter {
  /** So many entries are not waiting any more. */
  readonly done: number
  /** Why they are lost; absent: they are written. */
  readonly why?: string
  readonly flushed?: number
}

/** One transaction keeps the ledger's writer waiting for a few milliseconds at most. */
const entriesAtOnce = 200
const tries = 5
const tryAgainMs = 1_000
const sweepEveryMs = 60_000
const copyEveryMs = 250

const { place, secret, retention } = workerData as LogWriterStart
const recordings = recordingsOf(secret)
const database = await openDatabase(place)
// With the power the latest lines may go, and nothing else: the ledger's commits are flushed for themselves.
if (place.databaseUrl === undefined) await sql`pragma synchronous = normal`.execute(database.db)
const writer = openLogWriter(database.db, retention, recordings.seal)
const say = (message: FromLogWriter) => parentPort?.postMessage(message)

let last: Promise<unknown> = Promise.resolve()
parentPort?.on('message', ({ entries, flush }: ToLogWriter) => {
  last = last.then(async () => {
    for (let at = 0; at < entries.length; at += entriesAtOnce) await write(entries.slice(at, at + entriesAtOnce))
    if (flush !== undefined) say({ done: 0, flushed: flush })
  })
})
setInterval(() => {
  // What cannot be deleted now can be in a minute.
  last = last.then(() => writer.sweep(Date.now())).catch(() => undefined)
}, sweepEveryMs)
if (place.databaseUrl === undefined)
  setInterval(() => {
    // Who writes is behind nobody for long.
    last = last.then(() => copyWal(database.db)).catch(() => undefined)
  }, copyEveryMs)

async function write(entries: readonly LogEntry[]): Promise<void> {
  for (let left = tries; ; left--)
    try {
      await writer.write(entries)
      return say({ done: entries.length })
    } catch (error) {
      if (left === 1) return say({ done: entries.length, why: String(error) })
      await pause(tryAgainMs)
    }
}
