/** When each key was last used: noted on the request's path, written beside it. */
import type { Kysely } from 'kysely'
import type { Schema } from '../storage/schema.ts'

/** A key's time is written at most so often. */
const writeEveryMs = 60_000
/** Uses are gathered for so long before one transaction writes them. */
const gatherMs = 1_000

export interface LastUsed {
  note(keyId: string): void
  /** Writes what was noted and not yet written. */
  flush(): Promise<void>
}

/** @param now milliseconds since 1970 */
export function trackLastUsed(db: Kysely<Schema>, now: () => number): LastUsed {
  const writtenAt = new Map<string, number>()
  const noted = new Map<string, number>()
  let timer: NodeJS.Timeout | undefined

  async function flush() {
    clearTimeout(timer)
    timer = undefined
    if (noted.size === 0) return
    // In one order, so that two processes never wait for each other.
    const batch = [...noted].sort(([a], [b]) => (a < b ? -1 : 1))
    noted.clear()
    await db.transaction().execute(async (trx) => {
      for (const [id, at] of batch)
        await trx.updateTable('api_keys').set({ last_used_at: at }).where('id', '=', id).execute()
    })
  }

  return {
    flush,
    note(keyId) {
      const at = now()
      if (at - (writtenAt.get(keyId) ?? Number.NEGATIVE_INFINITY) < writeEveryMs) return
      writtenAt.set(keyId, at)
      noted.set(keyId, at)
      // A database that is busy or gone must not harm a request; the next minute tries again.
      timer ??= setTimeout(() => flush().catch(() => {}), gatherMs).unref()
    },
  }
}
