/** `pg` under Kysely, and what every connection of ours has in common. */
import { type DataTypeNode, type Dialect, PostgresDialect, PostgresQueryCompiler } from 'kysely'
import { type ClientConfig, type CustomTypesConfig, Pool, types } from 'pg'

/** `int8` and `numeric`: ours are whole numbers. */
const wholes = [20, 1700]

/** @throws RangeError for a number that JavaScript does not hold, as `node:sqlite` does */
function numberOf(text: string): number {
  const number = Number(text)
  if (!Number.isSafeInteger(number)) throw new RangeError(`${text} is no number that can be read exactly.`)
  return number
}

/** @param whole reads the text of a whole number of 64 bits */
export const typesWith = (whole: (text: string) => number | bigint): CustomTypesConfig => ({
  getTypeParser: ((id: number, format?: 'text') =>
    wholes.includes(id) ? whole : types.getTypeParser(id, format)) as CustomTypesConfig['getTypeParser'],
})

/** How long the server waits for the next statement of a transaction, or for whoever holds a lock. */
const lockMs = 5_000
/** The server gives up a statement first, and says why; who hears nothing for longer than that takes the connection for lost. */
const silenceMs = 1_000

/**
 * A connection that is lost must be noticed by both ends: nobody waits for it much longer than `timeoutMs`, and the server ends a
 * transaction whose client has gone, since others wait for its locks.
 */
export const connectionTo = (url: string, timeoutMs: number): ClientConfig => ({
  connectionString: url,
  application_name: 'tidegate',
  connectionTimeoutMillis: Math.min(timeoutMs, lockMs),
  query_timeout: timeoutMs + silenceMs,
  statement_timeout: timeoutMs,
  lock_timeout: Math.min(timeoutMs, lockMs),
  idle_in_transaction_session_timeout: lockMs,
  keepAlive: true,
  keepAliveInitialDelayMillis: 10_000,
})

/** Connections that are made when they are needed. */
export function poolOf(url: string, { max, timeoutMs }: { readonly max: number; readonly timeoutMs: number }): Pool {
  return heard(new Pool({ ...connectionTo(url, timeoutMs), max, types: typesWith(numberOf) }))
}

/** Longer than any table takes. */
const patienceMs = 24 * 3_600_000

/** One connection, in which everything may take its time. */
export const patientPool = (url: string, whole: (text: string) => number | bigint = numberOf): Pool =>
  heard(
    new Pool({
      ...connectionTo(url, patienceMs),
      idle_in_transaction_session_timeout: patienceMs,
      types: typesWith(whole),
      max: 1,
    }),
  )

function heard(pool: Pool): Pool {
  // An idle connection that breaks is replaced when the next one is needed.
  pool.on('error', () => undefined)
  // Likewise of one that is at work: whoever waits for its answer hears of it, and an event that nobody hears would end the process.
  pool.on('connect', (client) => client.on('error', () => undefined))
  return pool
}

export const postgresDialect = (pool: Pool): Dialect => {
  const dialect = new PostgresDialect({ pool })
  return {
    createDriver: () => dialect.createDriver(),
    createQueryCompiler: () => new BlobCompiler(),
    createAdapter: () => dialect.createAdapter(),
    createIntrospector: (db) => dialect.createIntrospector(db),
  }
}

/** What SQLite calls a blob has another name here. */
class BlobCompiler extends PostgresQueryCompiler {
  protected override visitDataType(node: DataTypeNode): void {
    if (node.dataType === 'blob') this.append('bytea')
    else super.visitDataType(node)
  }
}
