import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { onEachStore, temporaryStorage } from '../../test/stores.ts'
import { noUsage } from '../completion/usage.ts'
import type { Storage } from '../storage/storage.ts'
import { entriesOf, verifyLedger } from './audit.ts'
import type { Order } from './book.ts'
import { openWriter, type ToWriter, type Writer } from './writer.ts'

/** Whatever is ordered in whatever batches on whatever store, what comes of it is the same. */

const day = 24 * 3_600_000
const tenants = ['a', 'b', 'nobody'] as const
const price = { id: 'p', model: 'm', currency: 'USD', valid_from: 0, input: 1e6, cached_input: 5e5, output: 2e6 }

const limits = fc.record(
  {
    concurrency: fc.integer({ min: 1, max: 3 }),
    userConcurrency: fc.integer({ min: 1, max: 2 }),
    requestsPerMinute: fc.integer({ min: 1, max: 4 }),
    tokensPerMinute: fc.integer({ min: 1, max: 60 }),
    budget: fc.record(
      { day: fc.constant('0.000150'), month: fc.constant('0.000300'), total: fc.constant('0.000400') },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: [] },
)
const request = fc.nat(9).map((n) => `r${n}`)
const at = fc.nat(5).map((n) => 40 * day + n * 10 * 60_000 + n * 7 * day)
const usage = fc
  .record({ promptTokens: fc.nat(20), completionTokens: fc.nat(20) })
  .map((some) => ({ ...noUsage, ...some }))
const order: fc.Arbitrary<Order> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .record({
        type: fc.constant('hold' as const),
        request,
        tenant: fc.constantFrom(...tenants),
        key: fc.nat(1).map((n) => `key${n}`),
        project: fc
          .constantFrom(undefined, 'one', 'two')
          .chain((id) => (id ? fc.record({ id: fc.constant(id), limits }) : fc.constant(undefined))),
        user: fc.constantFrom(null, 'u', 'v'),
        model: fc.constant('m'),
        at,
        node: fc.constantFrom('n1', 'n2'),
        price: fc.constantFrom('p', 'p', null, 'unknown'),
        promptTokensMax: fc.nat(20),
        maxTokens: fc.integer({ min: 1, max: 20 }),
        leastTokens: fc.integer({ min: 1, max: 20 }),
        limits,
      })
      .map(({ project, ...rest }) => ({ ...rest, ...(project && { project }) })),
  },
  {
    weight: 4,
    arbitrary: fc.record({ type: fc.constant('settle' as const), request, at, usage, outcome: fc.constant('stop') }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('progress' as const),
      counts: fc.array(fc.tuple(request, usage), { maxLength: 3 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('top-up' as const),
      tenant: fc.constantFrom(...tenants),
      at,
      amount: fc.bigInt({ min: 0n, max: 300n }),
      note: fc.constant(''),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('recover' as const), node: fc.constant('n2'), at }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('sweep' as const), at }) },
)

/** The same for every test: two tenants, one of which is prepaid and limited as a whole. */
async function opened(): Promise<{ storage: Storage; writer: Writer; clear(): Promise<void> }> {
  const { place, open } = await temporaryStorage()
  const storage = await open()
  const writer = await openWriter({ place, node: 'writer' })
  onTestFinished(() => writer.end())
  await storage.db.insertInto('prices').values(price).execute()
  const ids = ['a', 'b'].map((id) => ({ id, name: id, created_at: 0 }))
  await storage.db.insertInto('tenants').values(ids).execute()
  const clear = async () => {
    for (const table of ['ledger', 'holds', 'counters', 'accounts'] as const)
      await storage.db.deleteFrom(table).execute()
    const account = { tenant: 'b', prepaid: 1, currency: 'USD', balance: 0, held: 0, last_seq: 0, head: null }
    const together = JSON.stringify({ concurrency: 4, tokensPerMinute: 80, budget: { month: '0.000500' } })
    await storage.db
      .insertInto('accounts')
      .values({ ...account, limits: together })
      .execute()
  }
  return { storage, writer, clear }
}

async function stateOf({ db }: Storage) {
  const holds = await db.selectFrom('holds').selectAll().orderBy('request').execute()
  const counters = await db.selectFrom('counters').selectAll().orderBy('scope').orderBy('window').execute()
  const accounts = await db.selectFrom('accounts').selectAll().orderBy('tenant').execute()
  return { holds, counters, accounts: accounts.map((one) => ({ ...one, head: one.head && Buffer.from(one.head) })) }
}

/** What sweeps is alone, as it is from the writer's own clock. */
function inBatches(orders: readonly ToWriter[], sizes: readonly number[]): readonly (readonly ToWriter[])[] {
  const batches: ToWriter[][] = []
  for (const one of orders) {
    const last = batches.at(-1)
    const full = !last || last.length >= (sizes[batches.length % sizes.length] ?? 1)
    if (full || one.order.type === 'sweep' || last[0]?.order.type === 'sweep') batches.push([one])
    else last.push(one)
  }
  return batches
}

async function carriedOut(
  { storage, writer, clear }: Awaited<ReturnType<typeof opened>>,
  batches: ReturnType<typeof inBatches>,
) {
  await clear()
  const answers = []
  for (const batch of batches) answers.push(...(await writer.write(batch)))
  expect((await verifyLedger(storage)).problems).toEqual([])
  const entries = await Array.fromAsync(entriesOf(storage), ({ entry, hash }) => ({ entry, hash: Buffer.from(hash) }))
  // Each store says in its own words why it could not.
  return {
    answers: answers.map(({ error, ...rest }) => ({ ...rest, failed: error !== undefined })),
    entries,
    ...(await stateOf(storage)),
  }
}

/** By the number of the run: what came of it on the store that went first. */
const first: unknown[] = []

onEachStore((store) => {
  test('one after the other or all at once, on one store or the other: the same answers, entries, holds and counters', async () => {
    const place = await opened()
    let run = 0
    await fc.assert(
      fc.asyncProperty(
        fc.array(order, { minLength: 1, maxLength: 30 }),
        fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 4 }),
        async (orders, sizes) => {
          const numbered = orders.map((one, id) => ({ id, order: one }))
          const alone = await carriedOut(place, inBatches(numbered, [1]))
          expect(await carriedOut(place, inBatches(numbered, sizes))).toEqual(alone)
          if (store === 'sqlite') first.push(alone)
          else expect(alone).toEqual(first[run++])
        },
      ),
      // The same orders on both; nothing to shrink to, since runs are compared by their number.
      { numRuns: 60, seed: 20_261_129, endOnFailure: true },
    )
  }, 120_000)

  test('what only the database refuses fails that order alone', async () => {
    const { storage, writer, clear } = await opened()
    await clear()
    const topUp = { type: 'top-up', at: day, note: '' } as const
    const orders: Order[] = [
      { ...topUp, tenant: 'a', amount: 5n },
      // No column has room for it.
      { ...topUp, tenant: 'a', amount: 2n ** 63n },
      { ...topUp, tenant: 'b', amount: 7n },
    ]
    const answers = await writer.write(orders.map((one, id) => ({ id, order: one })))
    expect(answers.map(({ id, error }) => [id, error !== undefined])).toEqual([
      [0, false],
      [1, true],
      [2, false],
    ])
    expect((await stateOf(storage)).accounts).toMatchObject([{ balance: 5 }, { balance: 7 }])
    // And it goes on from there.
    const [more] = await writer.write([{ id: 3, order: { ...topUp, tenant: 'a', amount: 1n } }])
    expect(more?.outcome).toEqual({ balance: 6n })
    expect((await verifyLedger(storage)).problems).toEqual([])
  })
})
