/** The stores that everything must be the same on, and places for tests in them. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeEach, describe, onTestFinished } from 'vitest'
import { openPostgres } from '../src/storage/postgres-database.ts'
import { openStorage, type Place, type Storage } from '../src/storage/storage.ts'
import { type PostgresServer, startPostgres } from './postgres.ts'

export type StoreName = 'sqlite' | 'postgres'

let current: StoreName = 'sqlite'
/** One for the file of tests that needs it, started by the first test that does. */
let server: Promise<PostgresServer> | undefined
/** A database in it that has all tables and nothing in them: it is copied much faster than its tables are made. */
let migrated: Promise<string> | undefined

/** Runs the same tests on each store: `temporaryPlace` gives a place in it. */
export function onEachStore(tests: (store: StoreName) => void): void {
  describe.each(['sqlite', 'postgres'] as const)('on %s', (store) => {
    beforeEach(() => {
      current = store
      return () => {
        current = 'sqlite'
      }
    })
    afterAll(async () => {
      await (await server)?.stop()
      server = undefined
      migrated = undefined
    })
    tests(store)
  })
}

/**
 * A place in the store of the test, without anything in it; it goes away with the test, after what is opened on it.
 * @param bare a database on a server has not even its tables yet
 */
export async function temporaryPlace({ bare = false } = {}): Promise<Place> {
  const data = mkdtempSync(join(tmpdir(), 'tidegate-data-'))
  onTestFinished(() => rmSync(data, { recursive: true, force: true }))
  if (current === 'sqlite') return { data }
  server ??= startPostgres()
  migrated ??= server.then(createMigrated)
  return { data, databaseUrl: await (await server).createDatabase(bare ? undefined : await migrated) }
}

async function createMigrated(postgres: PostgresServer): Promise<string> {
  const url = await postgres.createDatabase()
  await (await openPostgres(url)).close()
  return url
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
