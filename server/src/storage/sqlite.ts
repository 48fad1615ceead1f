/** `node:sqlite` under Kysely: Kysely's own SQLite dialect, given the few methods that it expects of a database. */
import type { DatabaseSync } from 'node:sqlite'
import { setTimeout as pause } from 'node:timers/promises'
import type { DatabaseConnection, Dialect, SelectModifierNode, SqliteDatabase } from 'kysely'
import { CompiledQuery, SqliteAdapter, SqliteDriver, SqliteIntrospector, SqliteQueryCompiler } from 'kysely'

/** How long a writer waits for another process's transaction. */
export const busyMs = 5_000

/** The connection must be Kysely's alone: a statement beside it would land in the middle of Kysely's transactions. */
export const sqliteDialect = (database: DatabaseSync): Dialect =>
  dialectOf(new ImmediateDriver({ database: facadeOf(database) }))

/** For a connection that only reads, and begins no transactions. */
export const readingDialect = (database: DatabaseSync): Dialect =>
  dialectOf(new SqliteDriver({ database: facadeOf(database) }))

const dialectOf = (driver: SqliteDriver): Dialect => ({
  createDriver: () => driver,
  createQueryCompiler: () => new LocklessCompiler(),
  createAdapter: () => new SqliteAdapter(),
  createIntrospector: (db) => new SqliteIntrospector(db),
})

/** `forUpdate()` says nothing here: a transaction is alone from its beginning. */
class LocklessCompiler extends SqliteQueryCompiler {
  protected override visitSelectModifier(node: SelectModifierNode): void {
    if (node.modifier !== 'ForUpdate') super.visitSelectModifier(node)
  }
}

/**
 * Transactions take the write lock when they begin. One that read first and wrote later would fail at once, without waiting, if
 * another process wrote in between.
 */
class ImmediateDriver extends SqliteDriver {
  readonly #patience = createPatience()

  override async acquireConnection(): Promise<DatabaseConnection> {
    const connection = await super.acquireConnection()
    return {
      executeQuery: (query) => this.#patience(() => connection.executeQuery(query)),
      streamQuery: (query, chunkSize) => connection.streamQuery(query, chunkSize),
    }
  }

  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'))
  }
}

/**
 * Waits for another process's transaction beside the event loop: SQLite's own busy timeout would hold up every stream meanwhile.
 * A statement that found the lock taken has done nothing, and may be tried again. Statements wait in one line: what comes after
 * one that gave up gives up at once, until the lock has been free again.
 */
function createPatience() {
  let lockedSince: number | undefined
  return async <Result>(run: () => Promise<Result>): Promise<Result> => {
    for (let waitMs = 1; ; waitMs = Math.min(2 * waitMs, 50))
      try {
        const result = await run()
        lockedSince = undefined
        return result
      } catch (error) {
        if (!(error instanceof Error && error.message === 'database is locked')) throw error
        lockedSince ??= performance.now()
        if (performance.now() - lockedSince > busyMs) throw error
        await pause(waitMs)
      }
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
