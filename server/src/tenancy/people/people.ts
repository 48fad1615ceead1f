/** People who sign in to the console: administrators, and members of a tenant. */
import { type Kysely, type Selectable, sql } from 'kysely'
import { hexId } from '../../lib/ids.ts'
import { OperatorError } from '../../lib/operator-error.ts'
import type { Schema } from '../../storage/schema.ts'
import type { Storage } from '../../storage/storage.ts'
import type { Passwords } from './passwords.ts'
import { makePassword } from './passwords.ts'

export type Role = 'administrator' | 'member'

/** What somebody may see: a member the things of its tenant, an administrator everything. */
export type Standing =
  | { readonly role: 'administrator'; readonly tenant: null }
  | { readonly role: 'member'; readonly tenant: string }

export type Person = Standing & {
  readonly id: string
  readonly name: string
  readonly disabled: boolean
  readonly createdAt: number
  readonly lastSignInAt: number | null
}

export interface People {
  list(): Promise<readonly Person[]>
  /** @returns undefined when the name is taken */
  create(name: string, password: string, standing: Standing): Promise<Person | undefined>
  /**
   * What is absent stays as it is. All sessions end.
   * @returns undefined for an unknown id; `last` when nobody would be left who may do everything
   */
  change(id: string, to: { standing?: Standing; disabled?: boolean }): Promise<Person | 'last' | undefined>
  /** All sessions end, or all but one. @returns false for an unknown id */
  setPassword(id: string, password: string, but?: string): Promise<boolean>
  /**
   * Makes sure that there is somebody.
   * @param password of `admin`; one is made up where it is absent
   * @returns the password that was made up, for the operator to see this once
   */
  ensureFirst(password: string | undefined): Promise<string | undefined>
}

/** The first administrator. */
export const firstName = 'admin'

/** @param now milliseconds since 1970 */
export function openPeople(
  { db, read }: Pick<Storage, 'db' | 'read'>,
  passwords: Passwords,
  now: () => number = Date.now,
): People {
  const endSessions = (trx: Kysely<Schema>, person: string, but = '') =>
    trx.deleteFrom('sessions').where('person', '=', person).where('hash', '!=', but).execute()

  async function create(name: string, password: string, { role, tenant }: Standing): Promise<Person | undefined> {
    const hashed = await passwords.hash(password)
    const row = await db
      .insertInto('people')
      .values({
        id: hexId('person_', 16),
        name: name.toLowerCase(),
        password: hashed,
        role,
        tenant,
        disabled: 0,
        created_at: now(),
        last_sign_in_at: null,
      })
      .onConflict((conflict) => conflict.column('name').doNothing())
      .returningAll()
      .executeTakeFirst()
    return row && personOf(row)
  }

  return {
    create,

    async list() {
      return (await read.selectFrom('people').selectAll().orderBy('name').execute()).map(personOf)
    },

    change: (id, { standing, disabled }) =>
      db
        .transaction()
        .execute(async (trx) => {
          const administrators = () =>
            trx
              .selectFrom('people')
              .select('id')
              .where('role', '=', 'administrator')
              .where('disabled', '=', 0)
              .forUpdate()
              .executeTakeFirst()
          const before = await administrators()
          const row = await trx
            .updateTable('people')
            .set({
              ...(standing && { role: standing.role, tenant: standing.tenant }),
              ...(disabled !== undefined && { disabled: Number(disabled) }),
            })
            .where('id', '=', id)
            .returningAll()
            .executeTakeFirst()
          if (!row) return undefined
          if (before && !(await administrators())) throw new NobodyLeft()
          await endSessions(trx, id)
          return personOf(row)
        })
        .catch((error: unknown) => {
          if (error instanceof NobodyLeft) return 'last' as const
          throw error
        }),

    async setPassword(id, password, but) {
      const hashed = await passwords.hash(password)
      return db.transaction().execute(async (trx) => {
        const { numUpdatedRows } = await trx
          .updateTable('people')
          .set({ password: hashed })
          .where('id', '=', id)
          .executeTakeFirst()
        await endSessions(trx, id, but)
        return numUpdatedRows > 0n
      })
    },

    async ensureFirst(given) {
      if (given !== undefined && !/^[^\p{Cc}]{1,256}$/u.test(given))
        throw new OperatorError('TIDEGATE_ADMIN_PASSWORD must be one line of 1 to 256 characters.')
      const { count } = await db
        .selectFrom('people')
        .select(sql<number>`count(*)`.as('count'))
        .executeTakeFirstOrThrow()
      if (Number(count) > 0) return undefined
      const password = given ?? makePassword()
      // Another process may have been faster.
      const made = await create(firstName, password, { role: 'administrator', tenant: null })
      return made && given === undefined ? password : undefined
    },
  }
}

class NobodyLeft extends Error {}

export function personOf(row: Selectable<Schema['people']>): Person {
  const { id, name, role, tenant } = row
  return {
    ...standingOf(role, tenant),
    id,
    name,
    disabled: Number(row.disabled) === 1,
    createdAt: Number(row.created_at),
    lastSignInAt: row.last_sign_in_at === null ? null : Number(row.last_sign_in_at),
  }
}

/** A row without a tenant that is not an administrator's may see nothing. */
export const standingOf = (role: string, tenant: string | null): Standing =>
  role === 'administrator' ? { role, tenant: null } : { role: 'member', tenant: tenant ?? '' }
