/** Slows down who guesses passwords. Kept in the database: it counts for all processes, and a restart forgets nothing. */
import type { Kysely } from 'kysely'
import type { Schema } from '../../storage/schema.ts'

/** How many tries are free, then how long the next one has to wait: twice as long each time, up to `maxMs`. */
interface Patience {
  readonly free: number
  readonly maxMs: number
}

/**
 * Guesses come from somewhere: an address is made to wait for long. A name only for a minute: else anybody could keep its owner out,
 * and with one guess a minute twelve characters last for ever.
 */
const patience = {
  name: { free: 10, maxMs: 60_000 },
  address: { free: 20, maxMs: 15 * 60_000 },
} as const satisfies Record<string, Patience>

const firstMs = 1_000
/** After so long without a try, all is forgotten. */
const forgetMs = 60 * 60_000

export interface Throttle {
  /**
   * Counts a try before it is known how it ends, so that many at once count, too.
   * @returns how long to wait instead; such a try is not counted
   */
  begin(name: string, address: string): Promise<number>
  /** It ended well: the name starts anew; the address gets this try back. */
  succeeded(name: string, address: string): Promise<void>
}

/** @param now milliseconds since 1970 */
export function createThrottle(db: Kysely<Schema>, now: () => number): Throttle {
  const subjectsOf = (name: string, address: string) =>
    [
      { subject: `name:${name}`, ...patience.name },
      { subject: `address:${address}`, ...patience.address },
    ] as const

  return {
    begin: (name, address) =>
      db.transaction().execute(async (trx) => {
        const at = now()
        await trx
          .deleteFrom('sign_in_tries')
          .where('last_at', '<', at - forgetMs)
          .execute()
        const subjects = subjectsOf(name, address)
        // There to be locked: of tries at once one after the other sees what the one before has counted.
        await trx
          .insertInto('sign_in_tries')
          .values(subjects.map(({ subject }) => ({ subject, count: 0, last_at: at })))
          .onConflict((conflict) => conflict.doNothing())
          .execute()
        let waitMs = 0
        for (const { subject, ...how } of subjects) {
          const tries = await trx
            .selectFrom('sign_in_tries')
            .select(['count', 'last_at'])
            .where('subject', '=', subject)
            .forUpdate()
            .executeTakeFirst()
          if (tries) waitMs = Math.max(waitMs, tries.last_at + pauseAfter(tries.count, how) - at)
        }
        if (waitMs > 0) return waitMs
        for (const { subject } of subjects)
          await trx
            .updateTable('sign_in_tries')
            .set((eb) => ({ count: eb('count', '+', 1), last_at: at }))
            .where('subject', '=', subject)
            .execute()
        return 0
      }),

    async succeeded(name, address) {
      const [ofName, ofAddress] = subjectsOf(name, address)
      await db.deleteFrom('sign_in_tries').where('subject', '=', ofName.subject).execute()
      await db
        .updateTable('sign_in_tries')
        .set((eb) => ({ count: eb('count', '-', 1) }))
        .where('subject', '=', ofAddress.subject)
        .where('count', '>', 0)
        .execute()
    },
  }
}

const pauseAfter = (count: number, { free, maxMs }: Patience): number =>
  count < free ? 0 : Math.min(maxMs, firstMs * 2 ** Math.min(count - free, 20))
