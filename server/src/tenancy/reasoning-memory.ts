/**
 * Remembers the reasoning of turns that ended in tool calls, for clients that do not send it back (contract C37–C39). It lies
 * encrypted under a key of its own, is found only by who knows tenant, user and call id, and never outlives its time or its share
 * of the disk.
 */
import { createHmac } from 'node:crypto'
import type { Message } from '../completion/request.ts'
import { ownTurn } from '../lib/own-turn.ts'
import { sweeperOf } from '../storage/kept.ts'
import { seal, unseal } from '../storage/sealing.ts'
import { subkey } from '../storage/secret.ts'
import type { Storage } from '../storage/storage.ts'

/** The owner and the end user that a memory belongs to; `Call` has this shape. */
interface Rememberer {
  readonly tenant: string
  readonly userId?: string
}

export interface ReasoningMemory {
  /** Empty reasoning, and one beyond `entryBytes`, is not kept. */
  remember(of: Rememberer, firstToolCallId: string, reasoning: string): Promise<void>
  /** @returns the messages, with what is known put into assistant turns that have calls and no reasoning; what the client sent wins */
  restore(of: Rememberer, messages: readonly Message[]): Promise<readonly Message[]>
}

export interface MemoryBounds {
  /** How long a memory lasts. */
  readonly ttlMs: number
  /** All memories together. */
  readonly totalBytes?: number
  /** How many memories. */
  readonly entries?: number
  /** One memory. */
  readonly entryBytes?: number
}

/** SQLite takes a limited number of values in one statement, and who streams waits no longer than for so many. */
const lookupsAtOnce = 500
/** From so many on, it is asked first whether anything is kept at all: each look-up takes 3 µs before the database is asked. */
const worthALook = 50

/** A memory that keeps nothing, for operators who switched it off. */
export const noReasoningMemory: ReasoningMemory = {
  remember: async () => {},
  restore: async (_of, messages) => messages,
}

/** @param now milliseconds since 1970 */
export function openReasoningMemory(
  { db, secret }: Storage,
  { ttlMs, totalBytes = 256 * 1024 * 1024, entries = 100_000, entryBytes = 2 * 1024 * 1024 }: MemoryBounds,
  now: () => number = Date.now,
): ReasoningMemory {
  const sealKey = subkey(secret, 'kept reasoning')
  const lookupKey = subkey(secret, 'kept reasoning look-up')
  const lookupOf = ({ tenant, userId }: Rememberer, callId: string) =>
    createHmac('sha256', lookupKey)
      .update(JSON.stringify([tenant, userId ?? null, callId]))
      .digest()
  const sweep = sweeperOf(db, 'kept_reasoning', { ttlMs, totalBytes, entries }, now)
  const isAnythingKept = async (): Promise<boolean> =>
    (await db.selectFrom('kept_reasoning').select('created_at').limit(1).execute()).length > 0

  return {
    async remember(of, firstToolCallId, reasoning) {
      if (reasoning === '' || ttlMs === 0 || Buffer.byteLength(reasoning) > entryBytes) return
      await sweep()
      const lookup = lookupOf(of, firstToolCallId)
      const values = { sealed: seal(sealKey, lookup, reasoning), created_at: now() }
      await db
        .insertInto('kept_reasoning')
        .values({ lookup, ...values })
        .onConflict((conflict) => conflict.column('lookup').doUpdateSet(values))
        .execute()
    },

    async restore(of, messages) {
      const missing = messages.flatMap((message) => {
        const first = message.role === 'assistant' && message.reasoning === undefined ? message.toolCalls[0] : undefined
        return first ? [{ message, callId: first.id }] : []
      })
      if (missing.length === 0) return messages
      await sweep()
      if (missing.length > worthALook && !(await isAnythingKept())) return messages
      const reasonings = new Map<Message, string>()
      for (let start = 0; start < missing.length; start += lookupsAtOnce) {
        if (start > 0) await ownTurn()
        const asked = missing.slice(start, start + lookupsAtOnce).map(({ message, callId }) => {
          return { message, lookup: lookupOf(of, callId) }
        })
        const rows = await db
          .selectFrom('kept_reasoning')
          .select(['lookup', 'sealed'])
          .where(
            'lookup',
            'in',
            asked.map(({ lookup }) => lookup),
          )
          .where('created_at', '>', now() - ttlMs)
          .execute()
        const known = new Map(rows.map((row) => [Buffer.from(row.lookup).toString('hex'), row.sealed]))
        for (const { message, lookup } of asked) {
          const sealed = known.get(lookup.toString('hex'))
          // Lost reasoning is the lesser harm.
          const reasoning = sealed && unseal(sealKey, lookup, sealed)
          if (reasoning !== undefined) reasonings.set(message, reasoning)
        }
      }
      // What comes next of so long a talk begins afresh.
      if (missing.length > lookupsAtOnce) await ownTurn()
      if (reasonings.size === 0) return messages
      return messages.map((message) => {
        const reasoning = reasonings.get(message)
        return reasoning === undefined || message.role !== 'assistant' ? message : { ...message, reasoning }
      })
    },
  }
}
