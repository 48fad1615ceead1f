/**
 * Answers to requests that carry an Idempotency-Key, kept so that asking again costs nothing. They lie encrypted, are found only by
 * who knows tenant and key, and never outlive their time or their share of the disk.
 */
import { createHmac } from 'node:crypto'
import type { KeptAnswer } from '../completion/serve.ts'
import { sweeperOf } from '../storage/kept.ts'
import { seal, unseal } from '../storage/sealing.ts'
import { subkey } from '../storage/secret.ts'
import type { Storage } from '../storage/storage.ts'

export interface KeptAnswers {
  /**
   * Claims the making of an answer.
   * @returns `mine`: nobody has it; `elsewhere`: another process is at it; `conflict`: the key belongs to another body; else the answer
   */
  begin(tenant: string, key: string, body: string): Promise<'mine' | 'elsewhere' | 'conflict' | object>
  /** What is to be written to the claimed place, by the ledger: in one transaction with the charge. */
  sealed(tenant: string, key: string, answer: object): KeptAnswer
  /** Gives a claim of this process back; no other, and nothing that was kept. */
  forget(tenant: string, key: string): Promise<void>
}

export interface AnswerBounds {
  readonly ttlMs: number
  /** All of them together. */
  readonly totalBytes?: number
}

/** @param node this process  @param now milliseconds since 1970 */
export function openKeptAnswers(
  { db, secret }: Storage,
  node: string,
  { ttlMs, totalBytes = 512 * 1024 * 1024 }: AnswerBounds,
  now: () => number = Date.now,
): KeptAnswers {
  const sealKey = subkey(secret, 'kept answers')
  const lookupKey = subkey(secret, 'kept answers look-up')
  const hmac = (text: string) => createHmac('sha256', lookupKey).update(text).digest()
  const lookupOf = (tenant: string, key: string) => hmac(JSON.stringify([tenant, key]))
  const sweep = sweeperOf(db, 'kept_answers', { ttlMs, totalBytes }, now)

  return {
    async begin(tenant, key, body) {
      await sweep()
      const lookup = lookupOf(tenant, key)
      const row = { lookup, body: hmac(body), node, sealed: null, created_at: now() }
      const { numInsertedOrUpdatedRows } = await db
        .insertInto('kept_answers')
        .values(row)
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst()
      if ((numInsertedOrUpdatedRows ?? 0n) > 0n) return 'mine'
      const found = await db.selectFrom('kept_answers').selectAll().where('lookup', '=', lookup).executeTakeFirst()
      // Gone since: the next look claims it.
      if (!found) return 'elsewhere'
      if (Buffer.compare(found.body, row.body) !== 0) return 'conflict'
      if (found.sealed === null) return 'elsewhere'
      const text = unseal(sealKey, lookup, found.sealed)
      if (text !== undefined) return JSON.parse(text) as object
      await db.deleteFrom('kept_answers').where('lookup', '=', lookup).execute()
      return 'elsewhere'
    },

    sealed(tenant, key, answer) {
      const lookup = lookupOf(tenant, key)
      return { lookup, sealed: seal(sealKey, lookup, JSON.stringify(answer)) }
    },

    async forget(tenant, key) {
      await db
        .deleteFrom('kept_answers')
        .where('lookup', '=', lookupOf(tenant, key))
        .where('node', '=', node)
        .where('sealed', 'is', null)
        .execute()
    },
  }
}
