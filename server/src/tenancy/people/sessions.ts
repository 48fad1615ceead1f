/** Sessions of people who signed in. Only a hash of what the browser keeps is stored. */
import { createHmac, randomBytes } from 'node:crypto'
import { subkey } from '../../storage/secret.ts'
import type { Storage } from '../../storage/storage.ts'
import type { Passwords } from './passwords.ts'
import { type Person, personOf } from './people.ts'
import { createThrottle } from './sign-in-throttle.ts'

/** A session ends when nobody used it for so long, and in any case after `lifeMs`. */
const idleMs = 24 * 60 * 60_000
export const lifeMs = 14 * 24 * 60 * 60_000
/** That it was used is written at most so often. */
const noteEveryMs = 60_000

export interface Session {
  /** Names it in the database; tells nothing. */
  readonly hash: string
  readonly person: Person
  /** Milliseconds since 1970. */
  readonly expiresAt: number
}

export type SignIn =
  | { readonly session: Session; readonly token: string }
  /** Whether the name or the password was wrong is not told. `known`: whose name it was. */
  | { readonly refused: 'wrong'; readonly known?: Person }
  | { readonly refused: 'throttled'; readonly waitMs: number }

export interface Sessions {
  /** @param address of the client; guesses are counted by it, and by the name  @throws TooMany */
  signIn(name: string, password: string, address: string): Promise<SignIn>
  /** @returns undefined for one that has ended, or whose person may not sign in any more */
  find(token: string): Promise<Session | undefined>
  end(session: Session): Promise<void>
  endAllOf(personId: string): Promise<void>
  /** Whether this is the person's password now. Counts as a try to sign in. */
  confirm(person: Person, password: string, address: string): Promise<true | Extract<SignIn, { refused: string }>>
}

/** @param now milliseconds since 1970 */
export function openSessions(
  { db, read, secret }: Pick<Storage, 'db' | 'read' | 'secret'>,
  passwords: Passwords,
  now: () => number = Date.now,
): Sessions {
  const hashKey = subkey(secret, 'sessions')
  const hashOf = (token: string) => createHmac('sha256', hashKey).update(token).digest('hex')
  const throttle = createThrottle(db, now)
  const endsAt = (createdAt: number, lastUsedAt: number) => Math.min(createdAt + lifeMs, lastUsedAt + idleMs)

  async function judge(name: string, password: string, address: string) {
    const waitMs = await throttle.begin(name, address)
    if (waitMs > 0) return { refused: 'throttled', waitMs } as const
    const row = await read.selectFrom('people').selectAll().where('name', '=', name).executeTakeFirst()
    const right = await passwords.matches(password, row?.password)
    if (!row || !right || Number(row.disabled) === 1)
      return { refused: 'wrong', ...(row && { known: personOf(row) }) } as const
    await throttle.succeeded(name, address)
    return personOf(row)
  }

  return {
    async signIn(name, password, address) {
      const person = await judge(name.toLowerCase(), password, address)
      if ('refused' in person) return person
      const at = now()
      const token = randomBytes(32).toString('base64url')
      const hash = hashOf(token)
      await db.transaction().execute(async (trx) => {
        await trx
          .deleteFrom('sessions')
          .where((eb) => eb.or([eb('created_at', '<=', at - lifeMs), eb('last_used_at', '<=', at - idleMs)]))
          .execute()
        await trx.insertInto('sessions').values({ hash, person: person.id, created_at: at, last_used_at: at }).execute()
        await trx.updateTable('people').set({ last_sign_in_at: at }).where('id', '=', person.id).execute()
      })
      return { token, session: { hash, person, expiresAt: endsAt(at, at) } }
    },

    async find(token) {
      const hash = hashOf(token)
      const row = await read
        .selectFrom('sessions')
        .innerJoin('people', 'people.id', 'sessions.person')
        .selectAll('people')
        .select(['sessions.created_at as began', 'sessions.last_used_at'])
        .where('sessions.hash', '=', hash)
        .where('people.disabled', '=', 0)
        .executeTakeFirst()
      const at = now()
      if (!row || endsAt(Number(row.began), Number(row.last_used_at)) <= at) return undefined
      if (at - Number(row.last_used_at) >= noteEveryMs)
        await db.updateTable('sessions').set({ last_used_at: at }).where('hash', '=', hash).execute()
      return { hash, person: personOf(row), expiresAt: endsAt(Number(row.began), at) }
    },

    async end({ hash }) {
      await db.deleteFrom('sessions').where('hash', '=', hash).execute()
    },

    async endAllOf(personId) {
      await db.deleteFrom('sessions').where('person', '=', personId).execute()
    },

    async confirm(person, password, address) {
      const found = await judge(person.name, password, address)
      return 'refused' in found ? found : true
    },
  }
}
