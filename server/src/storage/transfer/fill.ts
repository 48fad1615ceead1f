/** Puts all rows of a source into an empty database: all of them, or nothing is there afterwards. */
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
} from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { CompiledQuery, Kysely } from 'kysely'
import { messageOf, OperatorError } from '../../lib/operator-error.ts'
import { migrate, migrateTo } from '../migrate.ts'
import { patientPool, postgresDialect } from '../postgres.ts'
import type { Schema } from '../schema.ts'
import { sqliteDialect } from '../sqlite.ts'
import { openSqlite } from '../sqlite-database.ts'
import type { Row, Source } from './source.ts'
import { copiedTables } from './tables.ts'

export interface Filling {
  readonly source: Source
  /** Looks at all that was copied before anybody can use it. @throws when it is not whole */
  check(read: Kysely<Schema>): Promise<void>
  /** How many rows were copied, of how many. */
  onProgress(done: number, total: number): void
}

interface Target {
  readonly db: Kysely<Schema>
  write(table: string, rows: readonly Row[]): Promise<void>
  count(table: string): Promise<number>
}

/** Its tables are made as those of the source are, and brought up to date when the rows are in them, as on any start. */
async function copyAll({ db, write, count }: Target, { source, onProgress }: Filling): Promise<void> {
  const there = new Set(await source.tables())
  const tables = copiedTables.filter((table) => there.has(table))
  const counts = new Map<string, number>()
  for (const table of tables) counts.set(table, await source.count(table))
  const total = counts.values().reduce((sum, rows) => sum + rows, 0)

  await migrateTo(db, source.migrations)
  // Some rows are made with their tables.
  for (const table of tables.toReversed()) await db.deleteFrom(table).execute()
  let done = 0
  for (const table of tables)
    try {
      for await (const rows of source.rows(table)) {
        await write(table, rows)
        done += rows.length
        onProgress(done, total)
      }
    } catch (error) {
      throw new OperatorError(`The table '${table}' could not be copied: ${messageOf(error)}.`, { cause: error })
    }
  for (const [table, rows] of counts) {
    const copied = await count(table)
    if (copied !== rows) throw new OperatorError(`The table '${table}' has ${rows} rows, and ${copied} arrived.`)
  }
}

/**
 * Makes `tidegate.db` in this folder.
 * @throws OperatorError where there is one already, and when it cannot be filled
 */
export async function fillSqlite(folder: string, filling: Filling): Promise<void> {
  const path = join(folder, 'tidegate.db')
  const refuse = () => {
    throw new OperatorError(`${path} is there already. Only an empty data folder is filled.`)
  }
  if (existsSync(path)) refuse()
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const aside = mkdtempSync(join(folder, 'filling-'))
  try {
    const database = new DatabaseSync(join(aside, 'tidegate.db'))
    chmodSync(join(aside, 'tidegate.db'), 0o600)
    // Nobody will use it if it is not finished: nothing of it must outlive a crash before its end.
    database.exec('pragma journal_mode = off; pragma synchronous = off; pragma foreign_keys = off')
    const db = new Kysely<Schema>({ dialect: sqliteDialect(database) })
    try {
      await copyAll(sqliteTarget(database, db), filling)
    } finally {
      await db.destroy()
      if (database.isOpen) database.close()
    }
    const made = await openSqlite(aside)
    try {
      await filling.check(made.read)
    } finally {
      await made.close()
    }
    for (const one of [join(aside, 'tidegate.db'), aside]) sync(one)
    try {
      // Only where nothing has this name.
      linkSync(join(aside, 'tidegate.db'), path)
    } catch (error) {
      if (existsSync(path)) refuse()
      throw error
    }
    sync(folder)
  } finally {
    rmSync(aside, { recursive: true, force: true })
  }
}

function sqliteTarget(database: DatabaseSync, db: Kysely<Schema>): Target {
  return {
    db,
    async write(table, rows) {
      const columns = Object.keys(rows[0] ?? {})
      const insert = database.prepare(
        `insert into "${table}" (${namesOf(columns)}) values (${columns.map(() => '?').join()})`,
      )
      database.exec('begin')
      for (const row of rows) insert.run(...columns.map((column) => row[column] ?? null))
      database.exec('commit')
    },
    count: async (table) => Number(database.prepare(`select count(*) as n from "${table}"`).get()?.n),
  }
}

/** All in one transaction. @throws OperatorError for a database that has tables, and when it cannot be filled */
export async function fillPostgres(url: string, filling: Filling): Promise<void> {
  const db = new Kysely<Schema>({ dialect: postgresDialect(patientPool(url)) })
  try {
    await db.transaction().execute(async (trx) => {
      const tables = await trx.introspection.getTables({ withInternalKyselyTables: true })
      if (tables.length > 0)
        throw new OperatorError(
          `The database has tables already ('${tables[0]?.name}' …). Only an empty one is filled: make another with createdb.`,
        )
      await copyAll(postgresTarget(trx), filling)
      await migrate(trx)
      await filling.check(trx)
    })
  } catch (error) {
    if (error instanceof OperatorError) throw error
    throw new OperatorError(`The database of TIDEGATE_DATABASE_URL could not be filled: ${messageOf(error)}.`, {
      cause: error,
    })
  } finally {
    await db.destroy()
  }
}

function postgresTarget(db: Kysely<Schema>): Target {
  const ask = async (text: string, values: readonly unknown[] = []) =>
    (await db.executeQuery<Row>(CompiledQuery.raw(text, [...values]))).rows
  const typesOf = new Map<string, ReadonlyMap<string, string>>()
  const typesIn = async (table: string) => {
    const known = typesOf.get(table)
    if (known) return known
    const rows = await ask(
      `select attname, format_type(atttypid, atttypmod) as type from pg_attribute
        where attrelid = '"${table}"'::regclass and attnum > 0 and not attisdropped`,
    )
    const types = new Map(rows.map(({ attname, type }) => [String(attname), String(type)]))
    typesOf.set(table, types)
    return types
  }
  return {
    db,
    async write(table, rows) {
      const types = await typesIn(table)
      const columns = Object.keys(rows[0] ?? {})
      const places = columns.map((column, index) => `$${index + 1}::${types.get(column)}[]`)
      await ask(
        `insert into "${table}" (${namesOf(columns)}) select * from unnest(${places.join()})`,
        columns.map((column) => rows.map((row) => row[column])),
      )
    },
    count: async (table) => Number((await ask(`select count(*) as n from "${table}"`))[0]?.n),
  }
}

const namesOf = (columns: readonly string[]) => columns.map((column) => `"${column}"`).join()

function sync(path: string): void {
  const file = openSync(path, 'r')
  fsyncSync(file)
  closeSync(file)
}
