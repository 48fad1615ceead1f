import fc from 'fast-check'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { opened } from '../../test/ledgers.ts'
import { onEachStore } from '../../test/stores.ts'
import { noUsage } from '../completion/usage.ts'
import type { UseLimits } from '../completion/use-limits.ts'
import { openAccounts } from './accounts.ts'
import { entriesOf, verifyLedger } from './audit.ts'
import { type Entry, genesis, hashOf } from './entry.ts'
import type { Ledger } from './ledger.ts'
import { sumUsage } from './usage-sums.ts'

/** Keys of one project are counted together, beside each key for itself and the tenant as a whole. */

async function twoOpened() {
  const { storage, ledger, another } = await opened()
  return { storage, ledgers: [ledger, await another()] as const }
}

const minute = 60_000
const order = (request: string, more: object = {}) => ({
  ...{ request, tenant: 'default', key: 'k', user: null, model: 'm', price: 'p', at: minute },
  ...{ promptTokensMax: 0, maxTokens: 50, limits: {}, ...more },
})
const ended = (request: string, prompt: number, completion: number, at = minute) => ({
  ...{ request, at, outcome: 'stop' },
  usage: { ...noUsage, promptTokens: prompt, completionTokens: completion },
})
const inProject = (id: string, limits: UseLimits = {}) => ({ project: { id, limits } })

/** Who a key belongs to. */
const projectOf = { a: 'one', b: 'one', c: 'two', d: undefined } as const
type KeyName = keyof typeof projectOf
const keys = Object.keys(projectOf) as KeyName[]

const budget = fc.integer({ min: 50, max: 500 })
const limits = fc.record(
  { budget, concurrency: fc.integer({ min: 1, max: 3 }), requestsPerMinute: fc.integer({ min: 1, max: 8 }) },
  { requiredKeys: [] },
)
type Limits = typeof limits extends fc.Arbitrary<infer One> ? One : never
const use = ({ budget: total, ...rest }: Limits = {}): UseLimits => ({
  ...rest,
  ...(total !== undefined && { budget: { total: (total / 1e6).toFixed(6) } }),
})

const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('hold' as const),
      key: fc.constantFrom(...keys),
      prompt: fc.nat(40),
      limit: fc.integer({ min: 1, max: 40 }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('settle' as const), which: fc.nat(8), share: fc.nat(100) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('top-up' as const), amount: fc.nat(300) }) },
)

/** What the ledger has to say, worked out from a list of all answers. */
interface Answer {
  readonly request: string
  readonly key: KeyName
  readonly prompt: number
  readonly granted: number
  /** Undefined while it is open. */
  cost?: number
}
const heldOf = ({ prompt, granted, cost }: Answer) => (cost === undefined ? prompt + 2 * granted : 0)
const sumOf = (answers: readonly Answer[], part: (one: Answer) => number) =>
  answers.reduce((sum, one) => sum + part(one), 0)

interface Scoped {
  readonly type: 'key' | 'project' | 'tenant'
  readonly limits: Limits
  readonly answers: readonly Answer[]
}

function expected(scopes: readonly Scoped[], balance: number, { prompt, limit }: { prompt: number; limit: number }) {
  const tenant = scopes.at(-1)?.answers ?? []
  const purses = [
    { whose: 'tenant', spent: 'balance', left: balance - sumOf(tenant, heldOf), held: sumOf(tenant, heldOf) },
    ...scopes.flatMap(({ type: whose, limits: { budget: most }, answers }) => {
      const held = sumOf(answers, heldOf)
      const left = most === undefined ? undefined : most - held - sumOf(answers, ({ cost = 0 }) => cost)
      return left === undefined ? [] : [{ whose, spent: 'budget', left, held }]
    }),
  ]
  const pays = (amount: number) => Math.floor((amount - prompt) / 2)
  const poor = purses.find(({ left, held }) => pays(left + held) < 1)
  if (poor) return { granted: false, why: 'money', whose: poor.whose, spent: poor.spent }
  const waiting = purses.find(({ left }) => pays(left) < 1)
  if (waiting) return { granted: false, why: 'concurrency', whose: waiting.whose }
  const open = (answers: readonly Answer[]) => answers.filter(({ cost }) => cost === undefined).length
  const full = scopes.find(({ limits: { concurrency = Infinity }, answers }) => open(answers) >= concurrency)
  if (full) return { granted: false, why: 'concurrency', whose: full.type }
  const fast = scopes.find(
    ({ limits: { requestsPerMinute = Infinity }, answers }) => answers.length >= requestsPerMinute,
  )
  if (fast) return { granted: false, why: 'rate', whose: fast.type }
  return { granted: true, maxTokens: Math.min(limit, ...purses.map(({ left }) => pays(left))) }
}

onEachStore(() => {
  test('any order of beginnings, ends and top-ups over two processes: key, project and tenant are each kept to, and whoever refuses is named', async () => {
    const { storage, ledgers } = await twoOpened()
    const { changeLimits, setPrepaid } = openAccounts(storage)
    let runs = 0
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 5, maxLength: 30 }),
        fc.nat(1_500),
        fc.record({ a: limits, b: limits, c: limits, d: limits, one: limits, two: limits, tenant: limits }),
        async (steps, paidIn, limitsOf) => {
          const tenant = `t${++runs}`
          await storage.db.insertInto('tenants').values({ id: tenant, name: tenant, created_at: 0 }).execute()
          await changeLimits(tenant, () => use(limitsOf.tenant))
          await setPrepaid(tenant, true)
          let balance = paidIn
          await ledgers[0].topUp({ tenant, at: 0, amount: BigInt(paidIn), note: '' })
          const answers: Answer[] = []
          const scopesOf = (key: KeyName): readonly Scoped[] => {
            const project = projectOf[key]
            const of = (chosen: (one: Answer) => boolean) => answers.filter(chosen)
            return [
              { type: 'key', limits: limitsOf[key], answers: of((one) => one.key === key) },
              ...(project
                ? [
                    {
                      type: 'project' as const,
                      limits: limitsOf[project],
                      answers: of((one) => projectOf[one.key] === project),
                    },
                  ]
                : []),
              { type: 'tenant', limits: limitsOf.tenant, answers },
            ]
          }
          for (const [i, one] of steps.entries()) {
            const ledger = ledgers[i % 2] as Ledger
            if (one.do === 'top-up') {
              balance += one.amount
              await ledger.topUp({ tenant, at: i, amount: BigInt(one.amount), note: '' })
            } else if (one.do === 'hold') {
              const request = `${tenant}-${i}`
              const project = projectOf[one.key]
              const hold = await ledger.hold(
                order(request, {
                  ...{ tenant, key: `${tenant}-${one.key}`, promptTokensMax: one.prompt, maxTokens: one.limit },
                  limits: use(limitsOf[one.key]),
                  ...(project && inProject(`${tenant}-${project}`, use(limitsOf[project]))),
                }),
              )
              expect(hold).toMatchObject(expected(scopesOf(one.key), balance, one))
              if (hold.granted) answers.push({ request, key: one.key, prompt: one.prompt, granted: hold.maxTokens })
            } else {
              const open = answers.filter(({ cost }) => cost === undefined)
              const answer = open[one.which % open.length]
              if (!answer) continue
              const completion = Math.floor((answer.granted * one.share) / 100)
              await ledger.settle(ended(answer.request, answer.prompt, completion))
              answer.cost = answer.prompt + 2 * completion
              balance -= answer.cost
            }
          }
          const entries = await Array.fromAsync(entriesOf(storage, tenant), ({ entry }) => entry)
          const charged = answers.filter(({ cost = 0 }) => cost > 0)
          const said = entries.flatMap(({ request, project, amount }) => (request ? [[request, project, -amount]] : []))
          expect(said.toSorted()).toEqual(
            charged
              .map(({ request, key, cost = 0 }) => {
                const project = projectOf[key]
                return [request, project ? `${tenant}-${project}` : null, BigInt(cost)]
              })
              .toSorted(),
          )
        },
      ),
      { numRuns: 60 },
    )
    expect((await verifyLedger(storage)).problems).toEqual([])
  }, 120_000)

  test('a budget that a project is given later counts what all of its keys have spent and hold', async () => {
    const { ledgers } = await twoOpened()
    const [ledger, other] = ledgers
    await ledger.hold(order('r1', { key: 'a', ...inProject('one') }))
    await ledger.settle(ended('r1', 0, 50))
    await other.hold(order('r2', { key: 'b', maxTokens: 20, ...inProject('one') }))
    await other.hold(order('r3', { key: 'c' }))
    const limited = inProject('one', { budget: { month: '0.000170' } })
    expect(await ledger.hold(order('r4', { key: 'b', ...limited }))).toMatchObject({ granted: true, maxTokens: 15 })
    const refused = { granted: false, why: 'concurrency', whose: 'project', waitMs: 2_000 }
    expect(await other.hold(order('r5', { key: 'a', ...limited }))).toEqual(refused)
    await ledger.settle(ended('r2', 0, 20))
    await ledger.settle(ended('r4', 0, 15))
    expect(await other.hold(order('r5', { key: 'a', ...limited }))).toMatchObject({
      ...{ granted: false, why: 'money', whose: 'project', spent: 'budget' },
    })
    expect(await other.hold(order('r6', { key: 'c' }))).toMatchObject({ granted: true })
  })

  test('the headers tell of the nearest limit, whoever it is that has it', async () => {
    const { ledgers } = await twoOpened()
    const limited = inProject('one', { requestsPerMinute: 3 })
    const hold = (request: string, key: string) =>
      ledgers[0].hold(order(request, { key, limits: { requestsPerMinute: 5 }, ...limited }))
    expect(await hold('r1', 'a')).toMatchObject({ requests: { limit: 3, remaining: 2 } })
    expect(await hold('r2', 'b')).toMatchObject({ requests: { limit: 3, remaining: 1 } })
    expect(await hold('r3', 'b')).toMatchObject({ requests: { limit: 3, remaining: 0 } })
    expect(await hold('r4', 'a')).toMatchObject({ granted: false, why: 'rate', whose: 'project' })
  })

  test('what a project used is told apart, and an entry cannot change its project unseen', async () => {
    const { storage, ledgers } = await twoOpened()
    for (const [i, project] of ['one', undefined, 'two', 'one'].entries()) {
      await ledgers[0].hold(order(`r${i}`, project ? inProject(project) : {}))
      await ledgers[0].settle(ended(`r${i}`, 0, 10 + i))
    }
    const question = { tenant: 'default', from: 0, to: 2 * minute, by: ['project'] as const }
    const rows = (await sumUsage(storage.read, question)).map(({ by, completionTokens }) => [
      by.project,
      completionTokens,
    ])
    expect(rows).toEqual([
      [null, 11],
      ['one', 23],
      ['two', 12],
    ])
    expect(await sumUsage(storage.read, { ...question, project: 'one', by: [] })).toMatchObject([
      { requests: 2, cost: 46n },
    ])
    for (const change of [
      "project = 'two' where seq = 1",
      'project = null where seq = 3',
      "project = 'one' where seq = 2",
    ]) {
      await sql.raw('create table saved as select * from ledger').execute(storage.db)
      await sql.raw(`update ledger set ${change}`).execute(storage.db)
      expect((await verifyLedger(storage)).problems.join()).toMatch(`entry ${change.at(-1)} was changed`)
      for (const text of ['delete from ledger', 'insert into ledger select * from saved', 'drop table saved'])
        await sql.raw(text).execute(storage.db)
    }
    expect((await verifyLedger(storage)).problems).toEqual([])
  })
})

test('an entry without a project has the hash that it had before there were any', () => {
  const entry: Entry = {
    ...{
      tenant: 't',
      seq: 1,
      at: 1_764_460_800_000,
      began: 1_764_460_799_000,
      kind: 'usage',
      amount: -50n,
      balance: -50n,
    },
    ...{ currency: 'USD', request: 'r', project: null, key: 'k', user: null, model: 'm', price: 'p', note: 'stop' },
    usage: { promptTokens: 40, cachedTokens: 20, completionTokens: 10, reasoningTokens: 3 },
  }
  expect(Buffer.from(hashOf(entry, genesis)).toString('hex')).toBe(
    '7baa61bec4aa01f35e17e01131d6d0acb9243f2cee27eb57c01221a1e26eb917',
  )
})
