/** Before all tests: one PostgreSQL for all files of them, begun when the first test asks for it. A file's own costs two seconds. */
import { once } from 'node:events'
import { type AddressInfo, createServer, connect as dial } from 'node:net'
import { text } from 'node:stream/consumers'
import type { TestProject } from 'vitest/node'
import { openPostgres } from '../src/storage/postgres-database.ts'
import { createDatabase, onDatabase, type PostgresServer, startPostgres } from './postgres.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the process that starts the tests tells the URL of a database that has all tables and nothing in them. */
    readonly sharedPostgres: number
  }
}

const teller = createServer()
let server: Promise<PostgresServer> | undefined

export async function setup({ provide }: TestProject): Promise<void> {
  let migrated: Promise<string> | undefined
  teller.on('connection', async (socket) => {
    socket.on('error', () => undefined)
    server ??= startPostgres()
    migrated ??= server.then(createMigrated)
    socket.end(await migrated.catch((error) => `PostgreSQL for tests: ${error}`))
  })
  await once(teller.listen(0, '127.0.0.1'), 'listening')
  provide('sharedPostgres', (teller.address() as AddressInfo).port)
}

export async function teardown(): Promise<void> {
  teller.close()
  await (await server)?.stop()
}

/** It is copied much faster than its tables are made, and knows how to be as it is now again: see `empty`. */
async function createMigrated({ port }: PostgresServer): Promise<string> {
  const url = await createDatabase(port)
  await (await openPostgres(url)).close()
  await onDatabase(url, asMade)
  return url
}

/** Whatever the tables have of rows and of form is kept beside them. */
const asMade = `create schema made;
  do $$ declare t name; begin
    for t in select tablename from pg_tables where schemaname = 'public' loop
      execute format('create table made.%I as table public.%I', t, t);
    end loop;
  end $$;
  create view made.form as select
    (select count(*) from pg_attribute join pg_class on attrelid = pg_class.oid where relnamespace = 'public'::regnamespace) as columns,
    (select count(*) from pg_proc where pronamespace = 'public'::regnamespace) as functions,
    (select count(*) from pg_trigger where not tgisinternal) as triggers;
  create table made.first_form as table made.form`

const emptied = `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid();
  set session_replication_role = replica;
  do $$ declare t name; begin
    for t in select tablename from pg_tables where schemaname = 'public' loop
      execute format('delete from public.%I', t);
      execute format('insert into public.%I table made.%I', t, t);
    end loop;
  end $$`

/**
 * Makes a copy as it was when it was made, which costs a tenth of another copy. Whoever is still connected is sent away.
 * @returns false where a test has changed tables or functions: it must not be used again
 */
export async function empty(url: string): Promise<boolean> {
  const rows = await onDatabase(url, 'table made.form except table made.first_form')
  if (rows.length > 0) return false
  await onDatabase(url, emptied)
  return true
}

/** @param from `inject('sharedPostgres')` */
export async function askForMigrated(from: number): Promise<string> {
  const told = await text(dial(from, '127.0.0.1'))
  if (!told.startsWith('postgres:')) throw new Error(told)
  return told
}
