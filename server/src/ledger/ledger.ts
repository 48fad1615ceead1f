/** The ledger of this process: orders go to its writer, and are on disk when they are answered. */
import { randomBytes } from 'node:crypto'
import { noUsage, type Usage } from '../completion/usage.ts'
import { Roster } from '../lib/roster.ts'
import type { Place } from '../storage/storage.ts'
import type { HoldOrder, Order, Outcome, SettleOrder, TopUpOrder } from './book.ts'
import { comeAlive } from './liveness.ts'
import type { Micro } from './money.ts'
import { takePulse } from './pulse.ts'
import type { WriterStart } from './writer.ts'
import { LedgerError, type Line, toThread } from './writer-line.ts'

/** Open answers tell how far they are at most so often, what could not be settled is tried again, and the pulse is felt. */
const tellMs = 1_000
/** How often it is made sure that this process is known to be alive. */
const aliveMs = 5_000

export interface Ledger {
  /** This process among those that share the data folder. */
  readonly node: string
  /** Whether it can be written, as far as anybody knows. */
  isWell(): boolean
  /** @throws LedgerError when it cannot be written; then nothing may be served on it */
  hold(order: Omit<HoldOrder, 'type' | 'node'>): Promise<Outcome['hold']>
  /**
   * Once: whoever settles again gets the first charge.
   * @throws LedgerError; it is then settled as soon as that can be written, unless others have closed it
   */
  settle(order: Omit<SettleOrder, 'type'>): Promise<Micro | null>
  /**
   * Where to ask what an open answer has come to: once a second it is written down with all others, for when this process dies.
   * @returns how to stop that, before it is settled
   */
  follow(request: string, usage: () => Usage): () => void
  topUp(order: Omit<TopUpOrder, 'type'>): Promise<Outcome['top-up']>
  /** Writes what waits, and lets go of the database. */
  close(): Promise<void>
}

/** An open answer, and how many tokens it had when that was written last. */
interface Followed {
  readonly request: string
  readonly usage: () => Usage
  told: number
}

/** @param place its database has been opened once, and so has all tables */
export async function openLedger(
  place: Place,
  lineTo: (start: WriterStart) => Promise<Line> = toThread,
): Promise<Ledger> {
  const node = randomBytes(8).toString('hex')
  // Over machines the writer says so, in the database.
  const alive = place.databaseUrl === undefined ? comeAlive(place.data, node) : undefined
  const line = await lineTo({ place, node }).catch((error: unknown) => {
    alive?.end()
    throw error
  })
  const send = <O extends Order>(order: O) => line.send(order) as Promise<Outcome[O['type']]>

  const pulse = takePulse(() => send({ type: 'probe', at: Date.now() }))

  const followed = new Roster<Followed>()
  /** What has ended and is not written down: a hold that nobody settles would take money and a place for as long as this process lives. */
  const owed = new Map<string, SettleOrder>()
  let paying: Promise<unknown> | undefined
  const pay = async () => {
    await Promise.allSettled(
      [...owed.values()].map(async (order) => {
        await send(order)
        owed.delete(order.request)
      }),
    )
    paying = undefined
  }
  const tell = () => {
    pulse.feel()
    if (owed.size > 0) paying ??= pay()
    const grown: Followed[] = []
    const counts: [string, Usage][] = []
    for (const one of followed) {
      const usage = one.usage()
      const tokens = usage.promptTokens + usage.completionTokens
      if (tokens === one.told) continue
      one.told = tokens
      grown.push(one)
      counts.push([one.request, usage])
    }
    if (counts.length === 0) return
    send({ type: 'progress', counts }).catch(() => {
      for (const one of grown) one.told = 0
    })
  }
  const telling = setInterval(tell, tellMs).unref()
  const living = setInterval(() => alive?.stay(), aliveMs).unref()

  return {
    node,
    isWell: pulse.isWell,
    async hold(order) {
      try {
        return await send({ type: 'hold', node, ...order })
      } catch (error) {
        pulse.doubt()
        const { request, at } = order
        if (error instanceof LedgerError && error.perhapsWritten)
          owed.set(request, { type: 'settle', request, at, usage: noUsage, outcome: 'abandoned' })
        throw error
      }
    },
    async settle(order) {
      const settling: SettleOrder = { type: 'settle', ...order }
      const charge = await send(settling).catch((error: unknown) => {
        pulse.doubt()
        owed.set(order.request, settling)
        throw error
      })
      // Nobody may see the end of an answer that is not in the ledger as it was; trying again would not change that.
      if (charge === 'lost') throw new LedgerError('This process was taken for dead, and its answers were closed.')
      return charge
    },
    follow(request, usage) {
      const place = followed.enter({ request, usage, told: 0 })
      return () => void followed.leave(place)
    },
    topUp: (order) => send({ type: 'top-up', ...order }),
    async close() {
      clearInterval(telling)
      clearInterval(living)
      await paying
      await pay()
      await line.end()
      alive?.end()
    },
  }
}
