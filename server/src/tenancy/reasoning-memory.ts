/**
 * Remembers the reasoning of turns that ended in tool calls, for clients that do not send it back (contract C37–C39). It lies
 * encrypted under a key of its own, is found only by who knows tenant, user and call id, and never outlives its time or its share
 * of the disk.
 */
import { createCipheriv, createDecipheriv, createHmac, type KeyObject, randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import type { Message } from '../completion/request.ts'
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

/** Old memories are looked for at most so often. */
const sweepEveryMs = 60_000
/** SQLite takes a limited number of values in one statement. */
const lookupsAtOnce = 500

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
  let sweptAt = Number.NEGATIVE_INFINITY

  /** Removes what is too old, then the oldest until the rest has room. Every use asks for it, at most once a minute it happens. */
  async function sweep() {
    if (now() - sweptAt < sweepEveryMs) return
    sweptAt = now()
    const newestFirst = db
      .selectFrom('kept_reasoning')
      .select([
        'created_at',
        sql<number>`sum(length(sealed)) over (order by created_at desc, lookup)`.as('bytes'),
        sql<number>`count(*) over (order by created_at desc, lookup)`.as('entries'),
      ])
    const newestTooMany = db
      .selectFrom(newestFirst.as('kept'))
      .select(({ fn }) => fn.max('created_at').as('created_at'))
      .where(({ eb, or }) => or([eb('bytes', '>', totalBytes), eb('entries', '>', entries)]))
    await db
      .deleteFrom('kept_reasoning')
      .where(({ eb, or }) => or([eb('created_at', '<=', now() - ttlMs), eb('created_at', '<=', newestTooMany)]))
      .execute()
  }

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
        return first ? [{ message, lookup: lookupOf(of, first.id) }] : []
      })
      if (missing.length === 0) return messages
      await sweep()
      const known = new Map<string, Uint8Array>()
      for (let start = 0; start < missing.length; start += lookupsAtOnce) {
        const lookups = missing.slice(start, start + lookupsAtOnce).map((entry) => entry.lookup)
        const rows = await db
          .selectFrom('kept_reasoning')
          .select(['lookup', 'sealed'])
          .where('lookup', 'in', lookups)
          .where('created_at', '>', now() - ttlMs)
          .execute()
        for (const row of rows) known.set(Buffer.from(row.lookup).toString('hex'), row.sealed)
      }
      if (known.size === 0) return messages

      const reasonings = new Map<Message, string>()
      for (const { message, lookup } of missing) {
        const sealed = known.get(lookup.toString('hex'))
        const reasoning = sealed && unseal(sealKey, lookup, sealed)
        if (reasoning !== undefined) reasonings.set(message, reasoning)
      }
      return messages.map((message) => {
        const reasoning = reasonings.get(message)
        return reasoning === undefined || message.role !== 'assistant' ? message : { ...message, reasoning }
      })
    },
  }
}

const nonceBytes = 12
const tagBytes = 16

/** The look-up value is authenticated with the text, so that rows cannot be exchanged. */
function seal(key: KeyObject, lookup: Uint8Array, text: string): Uint8Array {
  const nonce = randomBytes(nonceBytes)
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(lookup)
  const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
  return Buffer.concat([nonce, cipher.getAuthTag(), body])
}

/** @returns undefined for what was tampered with: lost reasoning is the lesser harm */
function unseal(key: KeyObject, lookup: Uint8Array, sealed: Uint8Array): string | undefined {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, nonceBytes), { authTagLength: tagBytes })
      .setAAD(lookup)
      .setAuthTag(sealed.subarray(nonceBytes, nonceBytes + tagBytes))
    return Buffer.concat([decipher.update(sealed.subarray(nonceBytes + tagBytes)), decipher.final()]).toString('utf8')
  } catch {
    return undefined
  }
}
