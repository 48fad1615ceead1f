/** A database as it stands at one moment, to be read from one end to the other while others go on writing. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { CompiledQuery, Kysely } from 'kysely'
import { messageOf, OperatorError } from '../../lib/operator-error.ts'
import { patientPool, postgresDialect } from '../postgres.ts'
import { busyMs } from '../sqlite.ts'

type Value = null | number | bigint | string | Uint8Array
/** By the names of its columns; whole numbers are exact, however large. */
export type Row = Readonly<Record<string, Value>>

export interface Source {
  /** The names of the steps that made its tables, in their order. */
  readonly migrations: readonly string[]
  tables(): Promise<readonly string[]>
  count(table: string): Promise<number>
  /** A few at a time: however many there are, few are in memory. */
  rows(table: string): AsyncIterable<readonly Row[]>
  close(): Promise<void>
}

const rowsAtOnce = 1_000
/** Rows may be megabytes where texts of people are kept. */
const bytesAtOnce = 4_000_000

/** @throws OperatorError where there is none */
export async function openSqliteSource(folder: string): Promise<Source> {
  const path = join(folder, 'tidegate.db')
  if (!existsSync(path)) throw new OperatorError(`There is no database in ${folder}.`)
  // Whoever opens it only to read cannot take away the side files that a database needs while it is open.
  const database = new DatabaseSync(path, { timeout: busyMs })
  try {
    database.exec('pragma query_only = on; begin')
    const migrations = database.prepare('select name from kysely_migration order by name').all()
    return {
      migrations: migrations.map(({ name }) => String(name)),
      tables: async () =>
        database
          .prepare(`select name from sqlite_schema where type = 'table'`)
          .all()
          .map(({ name }) => String(name)),
      count: async (table) => Number(database.prepare(`select count(*) as n from "${table}"`).get()?.n),
      async *rows(table) {
        const statement = database.prepare(`select * from "${table}"`)
        statement.setReadBigInts(true)
        let batch: Row[] = []
        let bytes = 0
        for (const row of statement.iterate() as Iterable<Row>) {
          batch.push(row)
          for (const value of Object.values(row))
            if (typeof value === 'string' || value instanceof Uint8Array) bytes += value.length
          if (batch.length < rowsAtOnce && bytes < bytesAtOnce) continue
          yield batch
          batch = []
          bytes = 0
        }
        if (batch.length > 0) yield batch
      },
      close: async () => database.close(),
    }
  } catch (error) {
    database.close()
    throw new OperatorError(`${path} cannot be read: ${messageOf(error)}.`, { cause: error })
  }
}

export async function openPostgresSource(url: string): Promise<Source> {
  const db = new Kysely<Record<string, Row>>({ dialect: postgresDialect(patientPool(url, BigInt)) })
  try {
    return await snapshotOf(db)
  } catch (error) {
    await db.destroy()
    throw error
  }
}

async function snapshotOf(db: Kysely<Record<string, Row>>): Promise<Source> {
  const snapshot = await db.startTransaction().setIsolationLevel('repeatable read').setAccessMode('read only').execute()
  const close = async () => {
    await snapshot.rollback().execute()
    await db.destroy()
  }
  const ask = async (text: string) => (await snapshot.executeQuery<Row>(CompiledQuery.raw(text))).rows
  const migrations = await ask('select name from kysely_migration order by name').catch(async (error: unknown) => {
    await snapshot.rollback().execute()
    throw error
  })
  return {
    migrations: migrations.map(({ name }) => String(name)),
    tables: async () =>
      (await ask('select tablename as name from pg_tables where schemaname = current_schema()')).map(({ name }) =>
        String(name),
      ),
    count: async (table) => Number((await ask(`select count(*) as n from "${table}"`))[0]?.n),
    async *rows(table) {
      // How large its rows are is known to the server: on the average they have the bytes above.
      const [size] = await ask(
        `select (pg_table_size('"${table}"') / greatest(count(*), 1))::int8 as bytes from "${table}"`,
      )
      const atOnce = Math.max(1, Math.min(rowsAtOnce, Math.floor(bytesAtOnce / Number(size?.bytes || 1))))
      await ask(`declare rows no scroll cursor for select * from "${table}"`)
      for (;;) {
        const batch = await ask(`fetch ${atOnce} from rows`)
        if (batch.length === 0) break
        yield batch
      }
      await ask('close rows')
    },
    close,
  }
}
