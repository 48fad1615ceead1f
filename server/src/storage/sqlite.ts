/** `node:sqlite` under Kysely: Kysely's own SQLite dialect, given the few methods that it expects of a database. */
import type { DatabaseSync } from 'node:sqlite'
import type { DatabaseConnection, Dialect, SqliteDatabase } from 'kysely'
import { CompiledQuery, SqliteAdapter, SqliteDriver, SqliteIntrospector, SqliteQueryCompiler } from 'kysely'

/** The connection must be Kysely's alone: a statement beside it would land in the middle of Kysely's transactions. */
export function sqliteDialect(database: DatabaseSync): Dialect {
  return {
    createDriver: () => new ImmediateDriver({ database: facadeOf(database) }),
    createQueryCompiler: () => new SqliteQueryCompiler(),
    createAdapter: () => new SqliteAdapter(),
    createIntrospector: (db) => new SqliteIntrospector(db),
  }
}

/**
 * Transactions take the write lock when they begin. One that read first and wrote later would fail at once, without the busy
 * timeout, if another process wrote in between.
 */
class ImmediateDriver extends SqliteDriver {
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'))
  }
}

type Bindable = null | number | bigint | string | Uint8Array

function facadeOf(database: DatabaseSync): SqliteDatabase {
  return {
    close: () => database.close(),
    prepare(sql) {
      const statement = database.prepare(sql)
      return {
        reader: statement.columns().length > 0,
        all: (values) => statement.all(...(values as readonly Bindable[])),
        run: (values) => statement.run(...(values as readonly Bindable[])),
        iterate: (values) => statement.iterate(...(values as readonly Bindable[])),
      }
    },
  }
}
