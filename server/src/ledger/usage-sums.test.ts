import fc from 'fast-check'
import { sql } from 'kysely'
import { expect, onTestFinished, test } from 'vitest'
import { onEachStore, temporaryStorage } from '../../test/stores.ts'
import { dayMs } from '../lib/utc.ts'
import { migrations } from '../storage/migrations.ts'
import type { Storage } from '../storage/storage.ts'
import { dimensions, sumUsage, type UsageQuestion, type UsageRow } from './usage-sums.ts'
import { openWriter, type ToWriter } from './writer.ts'

const hourMs = dayMs / 24
const begin = Date.UTC(2025, 11, 30)
/** Around the beginnings of hours, days and months, where sums are most easily off by one. */
const at = fc
  .tuple(fc.nat(95), fc.constantFrom(0, 1, 9 * hourMs, dayMs - 1))
  .map(([days, beside]) => begin + days * dayMs + beside)

/** A key belongs to one for ever. */
const projectOf = { k1: 'one', k2: null } as const

const answer = fc.record({
  tenant: fc.constantFrom('a', 'a', 'b'),
  key: fc.constantFrom('k1' as const, 'k2' as const),
  user: fc.constantFrom(null, 'u', 'v'),
  model: fc.constantFrom('m', 'n'),
  price: fc.constantFrom('p', null),
  at,
  usage: fc.record({
    promptTokens: fc.nat(20),
    cachedTokens: fc.constant(0),
    completionTokens: fc.nat(20),
    reasoningTokens: fc.nat(3),
  }),
  /** Its process dies over it. */
  lost: fc.boolean(),
})
const question = fc.record({
  tenant: fc.constantFrom('a', 'b'),
  from: at,
  lengthMs: fc.oneof(
    fc.constantFrom(31 * dayMs, 90 * dayMs),
    at.map((time) => time - begin + 1),
  ),
  project: fc.constantFrom(undefined, undefined, 'one'),
  by: fc.shuffledSubarray([...dimensions]),
})

/** The same from the entries alone, in plain code. */
async function slowly(
  { read }: Storage,
  { tenant, project, from, to, by }: UsageQuestion,
): Promise<readonly UsageRow[]> {
  const entries = await read.selectFrom('ledger').selectAll().where('tenant', '=', tenant).execute()
  const rows = new Map<string, UsageRow>()
  for (const entry of entries) {
    if (!['usage', 'recovered'].includes(entry.kind) || entry.at < from || entry.at >= to) continue
    if (project !== undefined && entry.project !== project) continue
    const time = new Date(entry.at).toISOString()
    const { model, project: of, key, user_id: user } = entry
    const all = { day: time.slice(0, 10), hour: `${time.slice(0, 13)}:00Z`, model, project: of, key, user }
    const group = Object.fromEntries(by.map((name) => [name, all[name]]))
    const name = JSON.stringify([group, entry.currency])
    const row = rows.get(name)
    rows.set(name, {
      by: group,
      currency: entry.currency,
      requests: (row?.requests ?? 0) + 1,
      promptTokens: (row?.promptTokens ?? 0) + (entry.prompt_tokens ?? 0),
      cachedTokens: (row?.cachedTokens ?? 0) + (entry.cached_tokens ?? 0),
      completionTokens: (row?.completionTokens ?? 0) + (entry.completion_tokens ?? 0),
      reasoningTokens: (row?.reasoningTokens ?? 0) + (entry.reasoning_tokens ?? 0),
      cost: (row?.cost ?? 0n) - BigInt(entry.amount),
    })
  }
  return [...rows.values()]
}

const inAnyOrder = (rows: readonly UsageRow[]) =>
  rows.map((row) => JSON.stringify({ ...row, cost: `${row.cost}` }, Object.keys(row.by).concat(keysOfRow))).toSorted()
const keysOfRow = [
  'by',
  'requests',
  'promptTokens',
  'cachedTokens',
  'completionTokens',
  'reasoningTokens',
  'cost',
  'currency',
]

async function opened() {
  const { place, open } = await temporaryStorage()
  const storage = await open()
  const writer = await openWriter({ place, node: 'writer' })
  onTestFinished(() => writer.end())
  const price = { id: 'p', model: 'm', currency: 'USD', valid_from: 0, input: 1e6, cached_input: 5e5, output: 2e6 }
  await storage.db.insertInto('prices').values(price).execute()
  await storage.db
    .insertInto('tenants')
    .values(['a', 'b'].map((id) => ({ id, name: id, created_at: 0 })))
    .execute()
  await storage.db
    .insertInto('projects')
    .values({ id: 'one', tenant: 'a', name: 'one', limits: '{}', created_at: 0 })
    .execute()
  const key = { tenant: 'a', name: '', prefix: '', last_four: '', settings: '{}', created_at: 0 }
  await storage.db
    .insertInto('api_keys')
    .values(Object.entries(projectOf).map(([id, project]) => ({ ...key, id, project, hash: Buffer.from(id) })))
    .execute()
  return { storage, writer }
}

const hold = { type: 'hold', promptTokensMax: 20, maxTokens: 20, limits: {} } as const

onEachStore(() => {
  test('usage is what the entries come to, whatever was charged when and whatever is asked', async () => {
    const { storage, writer } = await opened()
    let requests = 0
    await fc.assert(
      fc.asyncProperty(
        fc.array(answer, { minLength: 1, maxLength: 25 }),
        fc.array(question, { minLength: 3, maxLength: 3 }),
        fc.integer({ min: 1, max: 8 }),
        async (answers, questions, size) => {
          for (const table of ['ledger', 'ledger_sums', 'holds'] as const) await storage.db.deleteFrom(table).execute()
          await storage.db.updateTable('accounts').set({ last_seq: 0, head: null }).execute()
          const orders = answers.flatMap(({ usage, lost, ...held }): ToWriter['order'][] => {
            const request = `r${++requests}`
            const project = projectOf[held.key]
            const node = lost ? `dead${requests}` : 'writer'
            const counts = [[request, usage]] as const
            return [
              { ...hold, ...held, ...(project && { project: { id: project, limits: {} } }), request, node },
              ...(lost
                ? [{ type: 'progress', counts } as const, { type: 'recover', node, at: held.at } as const]
                : [{ type: 'settle', request, at: held.at, usage, outcome: 'stop' } as const]),
            ]
          })
          for (let i = 0; i < orders.length; i += size) {
            const batch = orders.slice(i, i + size).map((order, id) => ({ id, order }))
            for (const { error } of await writer.write(batch)) expect(error).toBeUndefined()
          }
          for (const { lengthMs, ...rest } of questions) {
            const asked = { ...rest, to: rest.from + lengthMs }
            expect(inAnyOrder(await sumUsage(storage.read, asked))).toEqual(inAnyOrder(await slowly(storage, asked)))
          }
          const kept = await sumsIn(storage)
          await sql`drop table ledger_sums`.execute(storage.db)
          await migrations['0012-ledger-sums']?.up(storage.db)
          expect(await sumsIn(storage)).toEqual(kept)
        },
      ),
      { numRuns: 25 },
    )
  })

  test('what is not charged is in no sum: what generated nothing, and money that came in', async () => {
    const { storage, writer } = await opened()
    const held = { ...hold, request: 'r', tenant: 'a', key: 'k', user: null, model: 'm', price: 'p', at: begin }
    const usage = { promptTokens: 0, cachedTokens: 0, completionTokens: 0, reasoningTokens: 0 }
    await writer.write([
      { id: 1, order: { ...held, node: 'writer' } },
      { id: 2, order: { type: 'settle', request: 'r', at: begin, usage, outcome: 'stop' } },
      { id: 3, order: { type: 'top-up', tenant: 'a', at: begin, amount: 5n, note: '' } },
    ])
    expect(await sumsIn(storage)).toEqual([])
  })
})

async function sumsIn({ read }: Storage) {
  const rows = await read.selectFrom('ledger_sums').selectAll().execute()
  return rows.map((row) => JSON.stringify(row)).toSorted()
}
