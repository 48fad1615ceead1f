/** The stores that everything must be the same on, and places for tests in them. */
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeEach, describe, inject, onTestFinished } from 'vitest'
import { openStorage, type Place, type Storage } from '../src/storage/storage.ts'
import { createDatabase, dropDatabase } from './postgres.ts'
import { scratch } from './scratch.ts'
import { askForMigrated, empty } from './shared-postgres.ts'

export type StoreName = 'sqlite' | 'postgres'

let current: StoreName = 'sqlite'
/** A database that has all tables and nothing in them. */
let migrated: Promise<string> | undefined
/** Databases whose test is over, as good as new. */
const spare: string[] = []

/** Runs the same tests on each store: `temporaryPlace` gives a place in it. */
export function onEachStore(tests: (store: StoreName) => void): void {
  describe.each(['sqlite', 'postgres'] as const)('on %s', (store) => {
    beforeEach(() => {
      current = store
      return () => {
        current = 'sqlite'
      }
    })
    afterAll(() => Promise.all(spare.splice(0).map(dropDatabase)))
    tests(store)
  })
}

/**
 * A place in the store of the test, without anything in it; it goes away with the test, after what is opened on it.
 * @param bare it has not even its tables yet
 * @param store another one than that of the test
 */
export async function temporaryPlace({ bare = false, store = current } = {}): Promise<Place> {
  const data = mkdtempSync(join(scratch, 'tidegate-data-'))
  onTestFinished(() => rmSync(data, { recursive: true, force: true }))
  if (store === 'sqlite') {
    if (!bare) copyFileSync(inject('migratedSqlite'), join(data, 'tidegate.db'))
    return { data }
  }
  migrated ??= askForMigrated(inject('sharedPostgres'))
  const template = await migrated
  const again = bare ? undefined : spare.pop()
  const databaseUrl = again ?? (await createDatabase(Number(new URL(template).port), bare ? undefined : template))
  onTestFinished(async ({ task }) => {
    // A test that ran out of time may still be at it.
    const over = task.result?.state !== 'fail'
    if (!bare && over && (await empty(databaseUrl))) spare.push(databaseUrl)
    else await dropDatabase(databaseUrl)
  })
  return { data, databaseUrl }
}

/** As many openings of it as the test wants: each stands for a process. */
export async function temporaryStorage(): Promise<{ readonly place: Place; open(): Promise<Storage> }> {
  const place = await temporaryPlace()
  return {
    place,
    async open() {
      const storage = await openStorage(place)
      onTestFinished(() => storage.close())
      return storage
    },
  }
}

/** A table that takes no rows, or lets go of none, as if the disk were full. @returns ends that */
export async function jam(
  { db, place }: Storage,
  what: 'insert' | 'delete',
  table: string,
): Promise<() => Promise<unknown>> {
  if (place.databaseUrl === undefined) {
    const trigger = `create trigger jam before ${what} on ${table} begin select raise(abort, 'disk is full'); end`
    await sql.raw(trigger).execute(db)
    return () => sql`drop trigger jam`.execute(db)
  }
  await sql`create function jam() returns trigger language plpgsql as
    $$ begin raise exception 'disk is full'; end $$`.execute(db)
  await sql.raw(`create trigger jam before ${what} on ${table} for each row execute function jam()`).execute(db)
  return () => sql`drop function jam cascade`.execute(db)
}
