import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { onEachStore, temporaryStorage } from '../../test/stores.ts'
import { noUsage } from '../completion/usage.ts'
import { openAccounts } from './accounts.ts'
import { type Ledger, openLedger } from './ledger.ts'

/** Tokens a minute: reserved when an answer begins, corrected when it ends; over processes, and for a key and its tenant at once. */

const minute = 60_000

async function opened(count: number) {
  const { place, open } = await temporaryStorage()
  const storage = await open()
  const ledgers: Ledger[] = []
  for (let i = 0; i < count; i++) {
    const ledger = await openLedger(place)
    onTestFinished(() => ledger.close())
    ledgers.push(ledger)
  }
  return { storage, ledgers, ledger: ledgers[0] as Ledger, ...openAccounts(storage) }
}

const order = (request: string, more: object) => ({
  ...{ request, tenant: 'default', key: 'k', user: null, model: 'm', price: null, at: minute },
  ...{ promptTokensMax: 10, maxTokens: 50, limits: {}, ...more },
})
const ended = (request: string, prompt: number, completion: number, at = minute) => ({
  ...{ request, at, outcome: 'stop' },
  usage: { ...noUsage, promptTokens: prompt, completionTokens: completion },
})

/** What is used and reserved of answers begun in a minute, and what of it is over. */
interface Answer {
  readonly request: string
  readonly key: string
  readonly minute: number
  readonly prompt: number
  readonly granted: number
  /** Undefined while it is open. */
  used?: number
}

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('hold' as const),
      key: fc.nat(1),
      prompt: fc.nat(40),
      limit: fc.integer({ min: 1, max: 60 }),
      byDefault: fc.boolean(),
    }),
  },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('end' as const), which: fc.nat(8), share: fc.nat(100) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.nat(50_000) }) },
)

onEachStore(() => {
  test('any order of beginnings and ends over two processes: never more than the limits, never refused while there is room', async () => {
    const { storage, ledgers, changeLimits } = await opened(2)
    let tenants = 0
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 30 }),
        fc.array(fc.nat(1), { minLength: 30, maxLength: 30 }),
        fc.tuple(
          ...[30, 30, 60].map((min) => fc.option(fc.integer({ min, max: 3 * min }), { nil: undefined, freq: 4 })),
        ),
        async (steps, whom, [first, second, together]) => {
          const tenant = `t${++tenants}`
          await storage.db.insertInto('tenants').values({ id: tenant, name: tenant, created_at: 0 }).execute()
          await changeLimits(tenant, () => (together === undefined ? {} : { tokensPerMinute: together }))
          const limitOf: Record<string, number | undefined> = { k0: first, k1: second }
          let now = 100 * minute
          const answers: Answer[] = []
          /** @param counts what of an answer counts */
          const sum = (key: string | undefined, counts: (answer: Answer) => number) =>
            answers
              .filter((one) => one.minute === Math.floor(now / minute) && (key === undefined || one.key === key))
              .reduce((all, one) => all + counts(one), 0)
          const taken = (one: Answer) => one.used ?? one.prompt + one.granted
          for (const [i, one] of steps.entries()) {
            const at = ledgers[whom[i] ?? 0] as Ledger
            if (one.do === 'wait') now += one.ms
            else if (one.do === 'end') {
              const open = answers.filter(({ used }) => used === undefined)
              const answer = open[one.which % open.length]
              if (!answer) continue
              const completion = Math.floor((answer.granted * one.share) / 100)
              const prompt = Math.floor((answer.prompt * one.share) / 100)
              await at.settle(ended(answer.request, prompt, completion, now))
              answer.used = prompt + completion
            } else {
              const key = `k${one.key}`
              const limits = [
                [key, limitOf[key]],
                [undefined, together],
              ] as const
              const set = limits.flatMap(([of, limit]) => (limit === undefined ? [] : [{ of, limit }]))
              const rooms = set.map(({ of, limit }) => limit - one.prompt - sum(of, taken))
              const wholes = set.map(({ limit }) => limit - one.prompt)
              const least = Math.min(one.byDefault ? Math.ceil(one.limit / 8) : one.limit, ...wholes)
              const request = `${tenant}-${i}`
              const hold = await at.hold({
                ...order(request, { tenant, key: `${tenant}${key}`, at: now, promptTokensMax: one.prompt }),
                maxTokens: one.limit,
                ...(one.byDefault && { leastTokens: Math.ceil(one.limit / 8) }),
                limits: limitOf[key] === undefined ? {} : { tokensPerMinute: limitOf[key] },
              })
              if (wholes.some((whole) => whole < 1)) expect(hold).toMatchObject({ granted: false, why: 'size' })
              else if (rooms.some((room) => room < least)) {
                expect(hold).toMatchObject({ granted: false, why: 'rate' })
                // Where everybody who is at it now may end with nothing used, it is worth asking soon.
                const refusing = set.find((_, n) => (rooms[n] ?? 0) < least)
                const settled = sum(refusing?.of, (answer) => answer.used ?? 0)
                const soon = settled + one.prompt + least <= (refusing?.limit ?? 0)
                const border = minute - (now % minute)
                expect(hold).toMatchObject({ waitMs: soon ? Math.min(2_000, border) : border })
              } else {
                const granted = Math.min(one.limit, ...rooms)
                expect(hold).toMatchObject({ granted: true, maxTokens: granted })
                answers.push({ request, key, minute: Math.floor(now / minute), prompt: one.prompt, granted })
              }
              const told = set.map(({ of, limit }) => Math.max(0, limit - sum(of, taken)))
              expect(hold.tokens?.remaining).toBe(told.length === 0 ? undefined : Math.min(...told))
            }
            for (const [of, limit = Infinity] of [...Object.entries(limitOf), [undefined, together] as const])
              expect(sum(of, taken)).toBeLessThanOrEqual(limit)
          }
        },
      ),
      { numRuns: 60 },
    )
  })

  test('many that begin at once in three processes get together what the limit has, and not a token more', async () => {
    const { ledgers } = await opened(3)
    const limits = { tokensPerMinute: 1_000 }
    const asked = await Promise.all(
      Array.from({ length: 60 }, (_, i) =>
        (ledgers[i % 3] as Ledger).hold(order(`r${i}`, { promptTokensMax: 20, maxTokens: 70, limits })),
      ),
    )
    expect(asked.filter(({ granted }) => granted)).toHaveLength(11)
    expect(asked.find(({ granted }) => !granted)).toMatchObject({ why: 'rate', whose: 'key', waitMs: 2_000 })
  })

  test('what an answer did not use is there again for the next one, in its own minute; an error costs nothing', async () => {
    const { ledger } = await opened(1)
    const limits = { tokensPerMinute: 100 }
    const hold = (request: string, more: object = {}) => ledger.hold(order(request, { limits, ...more }))
    expect(await hold('a')).toMatchObject({ maxTokens: 50, tokens: { limit: 100, remaining: 40, resetMs: minute } })
    expect(await hold('b')).toMatchObject({ granted: false, why: 'rate', waitMs: 2_000, tokens: { remaining: 40 } })
    await ledger.settle(ended('a', 4, 16))
    expect(await hold('b')).toMatchObject({ maxTokens: 50, tokens: { remaining: 20 } })
    await ledger.settle(ended('b', 0, 0))
    expect(await hold('c')).toMatchObject({ maxTokens: 50, tokens: { remaining: 20 } })
    // It ends in another minute: nothing of that is the other minute's.
    await ledger.settle(ended('c', 10, 20, 2 * minute))
    expect(await hold('e', { at: minute + 1 })).toMatchObject({ waitMs: minute - 1, tokens: { remaining: 50 } })
    expect(await hold('d', { at: 2 * minute })).toMatchObject({ tokens: { remaining: 40 } })
  })

  test('a limit that comes or goes while answers are open counts those that began under it, and no others', async () => {
    const { ledger } = await opened(1)
    const limits = { tokensPerMinute: 100 }
    await ledger.hold(order('before', {}))
    expect(await ledger.hold(order('a', { limits }))).toMatchObject({ tokens: { remaining: 40 } })
    await ledger.settle(ended('before', 10, 5))
    expect(await ledger.hold(order('b', { limits, maxTokens: 30 }))).toMatchObject({ tokens: { remaining: 0 } })
    await ledger.settle(ended('a', 10, 40))
    expect(await ledger.hold(order('c', { limits, maxTokens: 1 }))).toMatchObject({
      granted: false,
      tokens: { remaining: 10 },
    })
  })

  test('what no minute has is not waited for: the answer is lowered to a whole minute, and a prompt beyond it refused', async () => {
    const { ledger } = await opened(1)
    const hold = (request: string, more: object) =>
      ledger.hold(order(request, { limits: { tokensPerMinute: 100 }, ...more }))
    expect(await hold('a', { maxTokens: 500 })).toMatchObject({ maxTokens: 90, tokens: { remaining: 0 } })
    expect(await hold('b', { promptTokensMax: 100 })).toMatchObject({ granted: false, why: 'size', limit: 100 })
    await ledger.settle(ended('a', 10, 20))
    // Who named its limit waits for it; who did not begins with less.
    expect(await hold('c', { maxTokens: 500 })).toMatchObject({ granted: false, why: 'rate', waitMs: minute })
    expect(await hold('d', { maxTokens: 500, leastTokens: 60 })).toMatchObject({ granted: true, maxTokens: 60 })
  })

  test('a bound that its caller can make better is refused as coarse where a better one would help, and only there', async () => {
    const { storage, ledger } = await opened(1)
    const limits = { tokensPerMinute: 100 }
    const hold = (request: string, more: object) => ledger.hold(order(request, { limits, coarse: true, ...more }))
    expect(await hold('a', { promptTokensMax: 60 })).toMatchObject({ granted: false, why: 'coarse' })
    expect(await hold('a', { promptTokensMax: 600 })).toMatchObject({ granted: false, why: 'coarse' })
    expect(await hold('a', { promptTokensMax: 50 })).toMatchObject({ granted: true, maxTokens: 50 })
    expect(await hold('b', { promptTokensMax: 50 })).toMatchObject({ granted: false, why: 'rate' })
    // That it never fits is said of a count alone.
    expect(await hold('b', { promptTokensMax: 600 })).toMatchObject({ granted: false, why: 'coarse' })
    // Nobody without money is made to wait for a count.
    await storage.db
      .insertInto('prices')
      .values({ id: 'p', model: 'm', currency: 'USD', valid_from: 0, input: 1e6, cached_input: 1e6, output: 1e6 })
      .execute()
    await storage.db.updateTable('accounts').set({ prepaid: 1 }).execute()
    const priced = { price: 'p', limits: {} }
    expect(await hold('c', priced)).toMatchObject({ granted: false, why: 'money' })
    await ledger.topUp({ tenant: 'default', at: 1, amount: 30n, note: '' })
    expect(await hold('c', { ...priced, promptTokensMax: 40 })).toMatchObject({ granted: false, why: 'coarse' })
    expect(await hold('c', { ...priced, promptTokensMax: 9, coarse: undefined })).toMatchObject({ maxTokens: 21 })
  })
})
