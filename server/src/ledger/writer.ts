/**
 * The ledger's only writer of a process. Orders that came while the last transaction was being written are one transaction, so that
 * many answers share one flush of the disk.
 */
import type { Place } from '../storage/storage.ts'
import type { Order } from './book.ts'
import { openPostgresWriter } from './postgres-writer.ts'
import { openSqliteWriter } from './sqlite-writer.ts'

export interface ToWriter {
  readonly id: number
  readonly order: Order
}

export interface FromWriter {
  readonly id: number
  readonly outcome?: unknown
  /** Why it was not done; nothing of it was written. For the log, and never for a client. */
  readonly error?: string
  /** Nobody knows whether it was written after all. */
  readonly perhapsWritten?: true
}

export interface WriterStart {
  readonly place: Place
  readonly node: string
}

/** One call at a time. */
export interface Writer {
  /** One transaction, on disk when it resolves; an order that fails takes nothing of the others with it. */
  write(orders: readonly ToWriter[]): Promise<readonly FromWriter[]>
  /** Charges what processes left open that have died. */
  recover(): Promise<void>
  /** Takes out what was counted of times that are over. */
  sweep(): Promise<void>
  end(): Promise<void>
}

/** @param now milliseconds of a clock that never jumps */
export async function openWriter(start: WriterStart, now: () => number = () => performance.now()): Promise<Writer> {
  const { place, node } = start
  return place.databaseUrl === undefined
    ? openSqliteWriter(place.data, node, now)
    : openPostgresWriter(place.databaseUrl, node, now)
}
