/**
 * The ledger's writer over PostgreSQL, which writers of other machines share. A transaction locks the accounts that its orders
 * touch; then it reads what they need, decides in memory, and writes it all down: three round trips, however many orders there are.
 */
import { Client, DatabaseError } from 'pg'
import { connectionTo, typesWith } from '../storage/postgres.ts'
import { openBeats } from './beats.ts'
import type { Order } from './book.ts'
import { carryOut, nothingLoaded } from './draft.ts'
import type { Rates } from './money.ts'
import { load, lockAccounts, makeAccounts, statementsOf, type Touched } from './postgres-rows.ts'
import type { FromWriter, ToWriter, Writer } from './writer.ts'

/** Orders behind one that waits wait twice; a refusal should come before a heartbeat (5 s). */
const timeoutMs = 2_000
/** Two transactions that wait for each other, or one that read what another changed: trying again is right. */
const worthAnotherTry = ['40001', '40P01']
const triesMax = 5
/** What one order has that cannot be written (a number that is too large, a second hold): the others are not to suffer from it. */
const isOwnFault = (code = '') => /^(22|23|P0)/.test(code)

/**
 * What is answered is on disk, however the server is set up for others. Every row is found by an index, also when the server plans
 * with what it knew of empty tables.
 */
const settings = `select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') = 'off';
  set enable_seqscan = off; set jit = off`

/** @param now milliseconds of a clock that never jumps */
export async function openPostgresWriter(url: string, node: string, now: () => number): Promise<Writer> {
  let client: Client | undefined
  let committing = false
  const rates = new Map<string, Rates>()

  const connected = async (): Promise<Client> => {
    if (client) return client
    const fresh = new Client({ ...connectionTo(url, timeoutMs), pipeline: true, types: typesWith(BigInt) })
    const forget = () => {
      if (client === fresh) client = undefined
    }
    fresh.on('error', forget).on('end', forget)
    await fresh.connect()
    await fresh.query(settings)
    client = fresh
    return fresh
  }

  /** Nobody knows what became of the connection: the next transaction makes one of its own. */
  const leave = () => {
    const left = client
    client = undefined
    left?.end().catch(() => undefined)
  }

  /** One transaction. @param more tenants that the orders turned out to touch  @param noTenants that are not there */
  const attempt = async (
    orders: readonly ToWriter[],
    more: readonly string[] = [],
    noTenants: ReadonlySet<string> = new Set(),
  ): Promise<readonly FromWriter[]> => {
    committing = false
    const connection = await connected()
    const loaded = nothingLoaded(rates)
    await together([connection.query('begin'), lockAccounts(connection, touchedBy(orders, more), loaded)])
    for (;;) {
      const { draft, answers } = carryOut(orders, loaded, { noTenants })
      const { missing, changes } = draft
      if (missing.accounts.size > 0) {
        // New, or found by what was read: all of them have to be locked before anything else is read.
        await connection.query('rollback')
        const wanted = [...missing.accounts]
        const absent = await makeAccounts(connection, wanted)
        return attempt(orders, [...more, ...wanted], new Set([...noTenants, ...absent]))
      }
      if (Object.values(missing).every(({ size }) => size === 0)) {
        const writing = statementsOf(changes).map((statement) => connection.query(statement))
        committing = true
        await together([...writing, connection.query('commit')])
        for (const [price, known] of loaded.rates) if (known) rates.set(price, known)
        return answers
      }
      await load(connection, missing, loaded)
    }
  }

  const transact = async (orders: readonly ToWriter[]): Promise<readonly FromWriter[]> => {
    for (let tries = 1; ; tries++)
      try {
        return await attempt(orders)
      } catch (error) {
        const code = codeOf(error)
        if (code === undefined) leave()
        const undone =
          code !== undefined &&
          (await client?.query('rollback').then(
            () => true,
            () => false,
          ))
        if (!undone || tries >= triesMax || !worthAnotherTry.includes(code)) throw error
      }
  }

  const write: Writer['write'] = async (orders) => {
    try {
      return await transact(orders)
    } catch (error) {
      const code = codeOf(error)
      if (orders.length > 1 && isOwnFault(code)) {
        const answers: FromWriter[] = []
        for (const one of orders) answers.push(...(await write([one])))
        return answers
      }
      const perhapsWritten = committing && code === undefined
      return orders.map(({ id }) => ({ id, error: String(error), ...(perhapsWritten && { perhapsWritten }) }))
    }
  }

  const beats = openBeats(node, now)

  return {
    write,
    async recover() {
      try {
        for (const { node: dead, bury } of await beats.beat(await connected())) {
          const [answer] = await write([{ id: 0, order: { type: 'recover', node: dead, at: Date.now() } }])
          if (answer?.error === undefined) await bury(await connected())
        }
      } catch {
        // The database is not to be had; the next time comes soon.
      }
    },
    sweep: async () => void (await write([{ id: 0, order: { type: 'sweep', at: Date.now() } }])),
    async end() {
      const last = client
      if (!last) return
      await beats.end(last).catch(() => undefined)
      await last.end()
    },
  }
}

/** The state that an error of the server names, when the connection has outlived it: then nothing was written. */
const codeOf = (error: unknown): string | undefined =>
  error instanceof DatabaseError && error.severity === 'ERROR' ? error.code : undefined

/** Statements that are sent together: the first that fails says why. */
async function together(sent: readonly Promise<unknown>[]): Promise<void> {
  const failed = (await Promise.allSettled(sent)).find((one) => one.status === 'rejected')
  if (failed) throw failed.reason
}

function touchedBy(orders: readonly ToWriter[], more: readonly string[]): Touched {
  const tenants = new Set(more)
  const requests: string[] = []
  const nodes: string[] = []
  for (const { order } of orders) note(order)
  return { tenants: [...tenants], requests, nodes }

  function note(order: Order): void {
    switch (order.type) {
      case 'hold':
      case 'top-up':
        tenants.add(order.tenant)
        return
      case 'settle':
        requests.push(order.request)
        return
      case 'recover':
        nodes.push(order.node)
        return
      case 'progress':
      case 'sweep':
      case 'probe':
        return
      default:
        order satisfies never
    }
  }
}
