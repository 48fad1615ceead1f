/** The ledger's writer over SQLite. It blocks its thread until a transaction is on disk. */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { helpOutLate } from '../storage/write-ahead-log.ts'
import { carryOut, type Loaded, nothingLoaded, remember } from './draft.ts'
import { deadNodes, knownNodes } from './liveness.ts'
import { sqliteRows } from './sqlite-rows.ts'
import type { FromWriter, ToWriter, Writer } from './writer.ts'

/** The write lock may be another process's, for milliseconds. Orders behind one that waits wait twice; a refusal should come before a heartbeat (5 s). */
const busyMs = 2_000
/**
 * Who holds something and has no file among the nodes is taken for dead after so long: the database is a restored one, or somebody
 * took the file away, and then whoever lives makes it again much sooner.
 */
const lostMs = 30_000

/** @param folder the data folder  @param now milliseconds of a clock that never jumps */
export function openSqliteWriter(folder: string, node: string, now: () => number): Writer {
  const path = join(folder, 'tidegate.db')
  const identityOf = () => {
    const file = statSync(path)
    return `${file.dev}/${file.ino}`
  }
  // Before it is opened: where there is none, none is made.
  const identity = identityOf()
  const database = new DatabaseSync(path, { timeout: busyMs, enableForeignKeyConstraints: true })
  // The thread that writes the request log copies it long before, and no answer waits for that.
  helpOutLate(database)
  const rows = sqliteRows(database)
  const flushing = flushed(database)
  /** Of what stands, for as long as nobody else writes. */
  let loaded: Loaded = nothingLoaded(new Map())
  const forget = () => {
    loaded = nothingLoaded(loaded.rates)
  }
  /** Another number: somebody else has written to the database, through whatever connection. */
  const dataVersion = database.prepare('pragma data_version')
  let version: unknown
  const holders = database.prepare('select node from holds union select node from kept_answers where sealed is null')
  const lostSince = new Map<string, number>()

  const transact = (orders: readonly ToWriter[]): readonly FromWriter[] => {
    // SQLite would go on writing into a file that has no name any more, and no money would ever be seen of that.
    if (identityOf() !== identity)
      throw new Error('tidegate.db is not the file that was opened: put it back, or restart')
    flushing(orders.some(({ order }) => order.type !== 'hold'))
    database.exec('begin immediate')
    // From here on nobody else writes.
    const { data_version: found } = dataVersion.get() ?? {}
    if (found !== version) forget()
    version = found
    const { draft, answers } = carryOut(orders, loaded, rows)
    rows.write(draft.changes)
    database.exec('commit')
    remember(loaded, draft.changes)
    return answers
  }

  const write = (orders: readonly ToWriter[]): readonly FromWriter[] => {
    try {
      return transact(orders)
    } catch (error) {
      forget()
      // A full disk ends the whole transaction by itself; what one order has that cannot be written does not.
      const isOwnFault = database.isTransaction
      // If not even this can be done, the thread ends, and the next one finds the database as it was.
      if (isOwnFault) database.exec('rollback')
      if (isOwnFault && orders.length > 1) return orders.flatMap((one) => write([one]))
      return orders.map(({ id }) => ({ id, error: String(error) }))
    }
  }

  const recoverOne = (dead: string): boolean =>
    write([{ id: 0, order: { type: 'recover', node: dead, at: Date.now() } }])[0]?.error === undefined

  /** Those who hold something and have been nowhere for `lostMs`. */
  const lostNodes = (): readonly string[] => {
    const known = new Set([node, ...knownNodes(folder)])
    const missing = holders.all().flatMap(({ node: one }) => (known.has(String(one)) ? [] : [String(one)]))
    for (const one of lostSince.keys()) if (!missing.includes(one)) lostSince.delete(one)
    return missing.filter((one) => {
      const since = lostSince.get(one) ?? now()
      lostSince.set(one, since)
      return now() - since >= lostMs
    })
  }

  return {
    write: async (orders) => write(orders),
    async recover() {
      try {
        for (const { node: dead, bury } of deadNodes(folder, node)) if (recoverOne(dead)) bury()
        for (const lost of lostNodes()) recoverOne(lost)
      } catch {
        // The folder or the database is not to be had; the next time comes soon.
      }
    },
    async sweep() {
      write([{ id: 0, order: { type: 'sweep', at: Date.now() } }])
    },
    end: async () => database.close(),
  }
}

/**
 * Says whether the next transactions wait for the disk. Holds alone do not: whoever loses its power has no open answers, and what they came
 * to so far is written within a second, on disk (`progress`). A process that dies takes nothing with it either way.
 */
function flushed(database: DatabaseSync): (waits: boolean) => void {
  let is: boolean | undefined
  return (waits) => {
    if (waits !== is) database.exec(`pragma synchronous = ${waits ? 'full' : 'normal'}`)
    is = waits
  }
}
