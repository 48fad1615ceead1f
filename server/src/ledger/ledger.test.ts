import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Worker } from 'node:worker_threads'
import fc from 'fast-check'
import { sql } from 'kysely'
import { expect, onTestFinished, test } from 'vitest'
import { opened } from '../../test/ledgers.ts'
import { jam, onEachStore } from '../../test/stores.ts'
import type { Usage } from '../completion/usage.ts'
import type { UseLimits } from '../completion/use-limits.ts'
import type { Place, Storage } from '../storage/storage.ts'
import { openAccounts } from './accounts.ts'
import { entriesOf, verifyLedger } from './audit.ts'
import type { Ledger } from './ledger.ts'
import { openPrices } from './prices.ts'
import { openWriter } from './writer.ts'
import { LedgerError } from './writer-line.ts'

const usage = (prompt: number, completion: number, cached = 0): Usage => ({
  promptTokens: prompt,
  cachedTokens: cached,
  completionTokens: completion,
  reasoningTokens: 0,
})

const order = (request: string, more: object = {}) => ({
  ...{
    request,
    tenant: 'default',
    key: 'k',
    user: null,
    model: 'm',
    price: 'p',
    at: 1,
    promptTokensMax: 100,
    maxTokens: 50,
    limits: {},
  },
  ...more,
})

const accountOf = (storage: Storage, tenant = 'default') =>
  storage.db.selectFrom('accounts').selectAll().where('tenant', '=', tenant).executeTakeFirst()

/** Another process closes what dead ones left open; where it has to watch them for a while first, its clock goes faster. */
async function closeForTheDead(place: Place, storage: Storage) {
  let skipped = 0
  const writer = await openWriter({ place, node: 'coroner' }, () => performance.now() + skipped)
  onTestFinished(() => writer.end())
  const beats = () => storage.db.selectFrom('nodes').select('beat').where('node', '!=', 'coroner').execute()
  await writer.recover()
  if (place.databaseUrl === undefined) return
  // Whoever is alive says so meanwhile.
  const before = JSON.stringify(await beats())
  await expect.poll(async () => JSON.stringify(await beats())).not.toBe(before)
  skipped += 60_000
  await writer.recover()
}

onEachStore(() => {
  test('an answer is held at its ceiling and charged what it came to, once', async () => {
    const { storage, ledger } = await opened()
    expect(await ledger.hold(order('r1'))).toEqual({ granted: true, maxTokens: 50 })
    expect(await accountOf(storage)).toMatchObject({ held: 200, balance: 0 })
    const ended = { request: 'r1', at: 2, usage: usage(40, 10, 20), outcome: 'stop' }
    expect(await ledger.settle(ended)).toBe(50n)
    expect(await ledger.settle({ ...ended, usage: usage(40, 50) })).toBe(50n)
    expect(await accountOf(storage)).toMatchObject({ held: 0, balance: -50 })
    expect((await Array.fromAsync(entriesOf(storage))).map(({ entry }) => entry)).toMatchObject([
      { seq: 1, kind: 'usage', amount: -50n, balance: -50n, request: 'r1', usage: usage(40, 10, 20), note: 'stop' },
    ])
  })

  test('what generated nothing leaves nothing', async () => {
    const { storage, ledger } = await opened()
    await ledger.hold(order('r1'))
    expect(await ledger.settle({ request: 'r1', at: 2, usage: usage(0, 0), outcome: 'rate-limited' })).toBeNull()
    expect(await accountOf(storage)).toMatchObject({ held: 0, balance: 0, last_seq: 0 })
  })

  test('a prepaid tenant gets as many tokens as its balance pays, and none beyond', async () => {
    const { storage, ledger } = await opened()
    await ledger.topUp({ tenant: 'default', at: 1, amount: 250n, note: 'cash' })
    await storage.db.updateTable('accounts').set({ prepaid: 1 }).execute()
    expect(await ledger.hold(order('r1'))).toEqual({ granted: true, maxTokens: 50 })
    expect(await ledger.hold(order('r2', { promptTokensMax: 30 }))).toEqual({ granted: true, maxTokens: 10 })
    expect(await ledger.hold(order('r3', { promptTokensMax: 1 }))).toMatchObject({ granted: false, why: 'concurrency' })
    await ledger.settle({ request: 'r1', at: 2, usage: usage(10, 5), outcome: 'stop' })
    expect(await ledger.hold(order('r3', { promptTokensMax: 1 }))).toEqual({ granted: true, maxTokens: 50 })
  })

  test('any order of holds, ends and top-ups over two processes: never overspent, never refused wrongly, and the books are right', async () => {
    const { storage, ledger, another } = await opened()
    const ledgers = [ledger, await another()]
    const step = fc.oneof(
      {
        weight: 4,
        arbitrary: fc.record({
          do: fc.constant('hold' as const),
          prompt: fc.nat(40),
          limit: fc.integer({ min: 1, max: 40 }),
        }),
      },
      { weight: 4, arbitrary: fc.record({ do: fc.constant('settle' as const), which: fc.nat(8), share: fc.nat(100) }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('top-up' as const), amount: fc.nat(300) }) },
    )
    let tenants = 0
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 25 }),
        fc.array(fc.nat(1), { minLength: 25, maxLength: 25 }),
        async (steps, whom) => {
          const tenant = `t${++tenants}`
          await storage.db.insertInto('tenants').values({ id: tenant, name: tenant, created_at: 0 }).execute()
          await storage.db
            .insertInto('accounts')
            .values({ tenant, prepaid: 1 } as never)
            .execute()
          let balance = 0
          const open: { request: string; prompt: number; granted: number }[] = []
          const heldOf = (one: (typeof open)[number]) => one.prompt + 2 * one.granted
          for (const [i, one] of steps.entries()) {
            const at = ledgers[whom[i] ?? 0] as Ledger
            if (one.do === 'top-up') {
              balance += one.amount
              await at.topUp({ tenant, at: i, amount: BigInt(one.amount), note: '' })
            } else if (one.do === 'hold') {
              const request = `${tenant}-${i}`
              const free = balance - open.reduce((sum, other) => sum + heldOf(other), 0)
              const pays = Math.min(one.limit, Math.floor((free - one.prompt) / 2))
              const hold = await at.hold(order(request, { tenant, promptTokensMax: one.prompt, maxTokens: one.limit }))
              expect(hold).toMatchObject(pays >= 1 ? { granted: true, maxTokens: pays } : { granted: false })
              if (hold.granted) open.push({ request, prompt: one.prompt, granted: hold.maxTokens })
            } else if (open.length > 0) {
              const [ended] = open.splice(one.which % open.length, 1)
              if (!ended) continue
              const used = usage(ended.prompt, Math.floor((ended.granted * one.share) / 100))
              await at.settle({ request: ended.request, at: i, usage: used, outcome: 'stop' })
              balance -= used.promptTokens + 2 * used.completionTokens
            }
            expect(balance).toBeGreaterThanOrEqual(0)
            const account = await accountOf(storage, tenant)
            expect([account?.balance, account?.held]).toEqual([
              balance,
              open.reduce((sum, other) => sum + heldOf(other), 0),
            ])
          }
        },
      ),
      { numRuns: 40 },
    )
    expect((await verifyLedger(storage)).problems).toEqual([])
  })

  test('requests in a minute and answers at once are counted over all processes', async () => {
    const { ledger, another } = await opened()
    const ledgers = [ledger, await another(), await another()]
    const minute = 60_000
    const hold = (i: number, limits: UseLimits, more: object = {}) =>
      (ledgers[i % 3] as Ledger).hold(
        order(`${JSON.stringify(limits)}${i}`, { limits, key: JSON.stringify(limits), ...more }),
      )
    const asked = (limits: UseLimits, count: number, more: object = {}) =>
      Promise.all(Array.from({ length: count }, (_, i) => hold(i, limits, more)))
    const granted = (answers: readonly { granted: boolean }[]) => answers.filter((one) => one.granted).length

    expect(granted(await asked({ concurrency: 4 }, 9))).toBe(4)
    expect(granted(await asked({ userConcurrency: 2 }, 9, { user: 'a' }))).toBe(2)
    expect(await hold(9, { userConcurrency: 2 }, { user: 'b' })).toMatchObject({ granted: true })
    expect(await hold(10, { userConcurrency: 2 })).toMatchObject({ granted: true })

    const rate = { requestsPerMinute: 5 }
    const first = await asked(rate, 9, { at: 10 * minute + 45_000 })
    expect(granted(first)).toBe(5)
    expect(first.find((one) => !one.granted)).toEqual({
      ...{ granted: false, why: 'rate', whose: 'key', waitMs: 15_000 },
      requests: { limit: 5, remaining: 0, resetMs: 15_000 },
    })
    expect(await hold(20, rate, { at: 11 * minute })).toMatchObject({
      granted: true,
      requests: { limit: 5, remaining: 4, resetMs: minute },
    })
  })

  test('a budget of a day, a month or ever counts what is held as spent, and what was spent before it was set', async () => {
    const { storage, ledger, another } = await opened()
    const other = await another()
    const noon = Date.UTC(2026, 10, 29, 12)
    const use = async (request: string, at: number, by: Ledger = ledger) => {
      const hold = await by.hold(order(request, { at, promptTokensMax: 0, limits: { budget } }))
      if (hold.granted) await other.settle({ request, at: at + 1, usage: usage(0, hold.maxTokens), outcome: 'length' })
      return hold.granted ? hold.maxTokens : 0
    }
    let budget: UseLimits['budget']
    await storage.db
      .insertInto('api_keys')
      .values({
        ...{ id: 'k', tenant: 'default', name: '', prefix: '', last_four: '', hash: new Uint8Array(1), settings: '{}' },
        ...{ created_at: 0, expires_at: null, revoked_at: null, last_used_at: null },
      })
      .execute()
    expect(await use('before', noon)).toBe(50)
    budget = { day: '0.000260', month: '0.000500' }
    expect(await use('a', noon)).toBe(50)
    expect(await use('b', noon, other)).toBe(30)
    expect(await use('c', noon)).toBe(0)
    const tomorrow = noon + 24 * 60 * 60_000
    expect(await use('d', tomorrow)).toBe(50)
    expect(await use('e', tomorrow)).toBe(50)
    expect(await use('f', tomorrow)).toBe(20)
    expect(await use('g', Date.UTC(2026, 11, 1))).toBe(50)
    expect((await verifyLedger(storage)).problems).toEqual([])
  })

  test('many answers at once share a transaction, and each is answered for itself', async () => {
    const { storage, ledger } = await opened()
    await Promise.all(Array.from({ length: 300 }, (_, i) => ledger.hold(order(`r${i}`))))
    const twice = ledger.hold(order('r7'))
    const ends = Array.from({ length: 300 }, (_, i) =>
      ledger.settle({ request: `r${i}`, at: 2, usage: usage(1, 1), outcome: 'stop' }),
    )
    await expect(twice).rejects.toThrow(/unique/i)
    expect(new Set(await Promise.all(ends))).toEqual(new Set([3n]))
    expect(await verifyLedger(storage)).toEqual({ entries: 300, tenants: 1, problems: [] })
  })

  test('whatever is changed in the ledger is found', async () => {
    const { storage, ledger } = await opened()
    for (const request of ['a', 'b', 'c', 'd']) {
      await ledger.hold(order(request))
      await ledger.settle({ request, at: 2, usage: usage(5, 5), outcome: 'stop' })
    }
    expect((await verifyLedger(storage)).problems).toEqual([])
    const tampering: [string, RegExp][] = [
      ['update ledger set amount = -1, balance = balance + 14 where seq = 2', /entry 2/],
      ['update ledger set completion_tokens = 4 where seq = 3', /entry 3 was changed/],
      ["update ledger set note = 'length' where seq = 1", /entry 1 was changed/],
      ['delete from ledger where seq = 2', /entry 3 follows number 1/],
      ['delete from ledger where seq = 4', /the last entry is number 4/],
      ['update accounts set balance = 0', /balance/],
    ]
    const run = (text: string) => sql.raw(text).execute(storage.db)
    for (const table of ['ledger', 'accounts']) await run(`create table saved_${table} as select * from ${table}`)
    for (const [tamper, found] of tampering) {
      await run(tamper)
      expect([tamper, (await verifyLedger(storage)).problems.join()]).toEqual([tamper, expect.stringMatching(found)])
      await run('delete from ledger')
      await run('insert into ledger select * from saved_ledger')
      await run('update accounts set balance = (select balance from saved_accounts)')
    }
  })

  test('kill -9 at any moment: what was settled is there once, what was open is recovered with what was known of it', async () => {
    const { place, storage, ledger } = await opened()
    const script = `
    const { openLedger } = await import(${JSON.stringify(join(import.meta.dirname, 'ledger.ts'))})
    const ledger = await openLedger(${JSON.stringify(place)})
    const usage = (n) => ({ promptTokens: 10, cachedTokens: 0, completionTokens: n % 7, reasoningTokens: 0 })
    async function answer(n) {
      const request = process.argv[1] + '-' + n
      await ledger.hold({ request, tenant: 'default', key: 'k', user: null, model: 'm', price: 'p', at: n, promptTokensMax: 10, maxTokens: 9, limits: {} })
      console.log('held ' + request)
      const unfollow = ledger.follow(request, () => usage(3))
      await new Promise((resolve) => setTimeout(resolve, n % 11))
      unfollow()
      await ledger.settle({ request, at: n, usage: usage(n), outcome: 'stop' })
      console.log('settled ' + request)
    }
    for (let n = 0; ; n += 8) await Promise.all(Array.from({ length: 8 }, (_, i) => answer(n + i)))`
    const said = { held: new Set<string>(), settled: new Set<string>() }
    for (const [round, lines] of [5, 40, 23, 111].entries()) {
      const child = spawn(process.execPath, ['--input-type=module', '--eval', script, `round${round}`], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      let seen = 0
      for await (const line of createInterface({ input: child.stdout })) {
        const [what, request = ''] = line.split(' ')
        said[what as keyof typeof said].add(request)
        if (++seen === lines) child.kill('SIGKILL')
      }
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    }
    // The ledger that lives beside all that loses nothing of its own.
    await ledger.hold(order('alive'))
    await closeForTheDead(place, storage)
    const entries = (await Array.fromAsync(entriesOf(storage))).map(({ entry }) => entry)
    const byRequest = new Map(entries.map((entry) => [entry.request ?? '', entry]))
    expect(byRequest.size).toBe(entries.length)
    for (const request of said.settled) expect(byRequest.get(request)?.kind).toBe('usage')
    const recovered = entries.filter(({ kind }) => kind === 'recovered')
    for (const { usage: known } of recovered) expect(known?.estimated).toBe(true)
    // Held and never charged: it died before its progress was written down.
    expect(await accountOf(storage)).toMatchObject({ held: 200 })
    expect((await verifyLedger(storage)).problems).toEqual([])
    expect(await storage.db.selectFrom('holds').select('request').execute()).toEqual([{ request: 'alive' }])
    expect(await ledger.settle({ request: 'alive', at: 3, usage: usage(1, 0), outcome: 'stop' })).toBe(1n)
  })

  test('a charge that could not be written is written as soon as it can be, and holds nothing longer', async () => {
    const { storage, ledger } = await opened()
    await ledger.hold(order('r1'))
    const ended = { request: 'r1', at: 2, usage: usage(40, 10), outcome: 'stop' }
    const mend = await jam(storage, 'insert', 'ledger')
    await expect(ledger.settle(ended)).rejects.toThrow(LedgerError)
    expect(await accountOf(storage)).toMatchObject({ held: 200, balance: 0 })
    await mend()
    await expect.poll(() => accountOf(storage), { timeout: 10_000 }).toMatchObject({ held: 0, balance: -60 })
    expect(await ledger.settle(ended)).toBe(60n)
  })

  test('a writer that dies is replaced: what it was at is refused, nothing stays held, and its process stays alive for others', async () => {
    const writers: Worker[] = []
    const note = (worker: Worker) => void writers.push(worker)
    process.on('worker', note)
    const { storage, ledger, another } = await opened()
    process.off('worker', note)
    await ledger.hold(order('open'))
    const asked = Array.from({ length: 50 }, (_, i) => ledger.hold(order(`r${i}`)).catch((error: unknown) => error))
    await writers[0]?.terminate()
    const refused = (await Promise.all(asked)).filter((one) => one instanceof LedgerError)
    expect(refused.length).toBeGreaterThan(0)
    const other = await another()
    await expect
      .poll(() => ledger.hold(order('again')).catch(() => undefined), { timeout: 10_000 })
      .toMatchObject({
        granted: true,
      })
    const ended = (request: string) => ({ request, at: 2, usage: usage(1, 0), outcome: 'stop' })
    for (const request of ['open', 'again']) expect(await ledger.settle(ended(request))).toBe(1n)
    // Of those that were refused there may be a hold, or none any more.
    await Promise.allSettled(asked.map((_, i) => ledger.settle(ended(`r${i}`))))
    await expect.poll(() => accountOf(storage), { timeout: 10_000 }).toMatchObject({ held: 0 })
    expect(await storage.db.selectFrom('holds').selectAll().execute()).toEqual([])
    const entries = (await Array.fromAsync(entriesOf(storage))).map(({ entry }) => entry)
    expect(entries.filter(({ kind }) => kind !== 'usage')).toEqual([])
    expect((await verifyLedger(storage)).problems).toEqual([])
    await other.topUp({ tenant: 'default', at: 3, amount: 1n, note: '' })
  })

  test('who was taken for dead and lives cannot settle what was closed meanwhile: no answer ends that is not in the ledger', async () => {
    const { place, storage, ledger } = await opened()
    for (const request of ['known', 'unknown', 'settled']) await ledger.hold(order(request))
    ledger.follow('known', () => usage(7, 1))
    const known = () => storage.db.selectFrom('holds').select('prompt_tokens').where('request', '=', 'known').execute()
    await expect.poll(known).toEqual([{ prompt_tokens: 7 }])
    expect(await ledger.settle({ request: 'settled', at: 2, usage: usage(1, 1), outcome: 'stop' })).toBe(3n)
    const writer = await openWriter({ place, node: 'writer' })
    onTestFinished(() => writer.end())
    await writer.write([{ id: 0, order: { type: 'recover', node: ledger.node, at: 3 } }])
    for (const request of ['known', 'unknown'])
      await expect(ledger.settle({ request, at: 4, usage: usage(9, 9), outcome: 'stop' })).rejects.toThrow(LedgerError)
    expect(await ledger.settle({ request: 'settled', at: 4, usage: usage(1, 1), outcome: 'stop' })).toBe(3n)
    const entries = (await Array.fromAsync(entriesOf(storage))).map(({ entry }) => entry)
    expect(entries.map(({ request, kind, amount }) => [request, kind, amount])).toEqual([
      ['settled', 'usage', -3n],
      ['known', 'recovered', -9n],
    ])
    expect(await accountOf(storage)).toMatchObject({ held: 0, balance: -12 })
  })

  test('what was counted of times that are over is taken out', async () => {
    const { place, storage, ledger } = await opened()
    const writer = await openWriter({ place, node: 'writer' })
    onTestFinished(() => writer.end())
    const now = Date.now()
    const limits = { requestsPerMinute: 9, tokensPerMinute: 999, budget: { day: '1', total: '1' } }
    for (const [request, at] of [
      ['old', now - 20 * 24 * 3_600_000],
      ['new', now],
    ] as const) {
      await ledger.hold(order(request, { at, limits }))
      await ledger.settle({ request, at, usage: usage(1, 1), outcome: 'stop' })
    }
    const windows = async () => (await storage.db.selectFrom('counters').selectAll().execute()).length
    expect(await windows()).toBe(7)
    await writer.sweep()
    expect(await windows()).toBe(4)
  })

  test('money that is only held is a reason to wait, not to pay', async () => {
    const { storage, ledger, another } = await opened()
    const other = await another()
    await ledger.topUp({ tenant: 'default', at: 1, amount: 150n, note: '' })
    await storage.db.updateTable('accounts').set({ prepaid: 1 }).execute()
    expect(await ledger.hold(order('r1'))).toMatchObject({ granted: true, maxTokens: 25 })
    const wait = { granted: false, why: 'concurrency', whose: 'tenant', waitMs: 2_000 }
    expect(await other.hold(order('r2'))).toEqual(wait)
    await ledger.settle({ request: 'r1', at: 2, usage: usage(20, 5), outcome: 'stop' })
    const limits = { budget: { total: '0.000140' } }
    expect(await other.hold(order('r2', { limits }))).toMatchObject({ granted: true, maxTokens: 5 })
    expect(await ledger.hold(order('r3', { limits }))).toEqual(wait)
    await ledger.settle({ request: 'r2', at: 2, usage: usage(100, 5), outcome: 'stop' })
    expect(await ledger.hold(order('r3', { limits }))).toMatchObject({ granted: false, why: 'money' })
  })

  test('a model without a price is served to who owes money', async () => {
    const { storage, ledger } = await opened()
    await ledger.topUp({ tenant: 'default', at: 1, amount: -7n, note: 'taken back' })
    await storage.db.updateTable('accounts').set({ prepaid: 1 }).execute()
    expect(await ledger.hold(order('r1'))).toMatchObject({ granted: false, why: 'money' })
    expect(await ledger.hold(order('r2', { price: null }))).toMatchObject({ granted: true, maxTokens: 50 })
  })

  test('accounts are kept in the currency of the prices, and in one only', async () => {
    const { storage, ledger } = await opened()
    const price = (model: string, currency: string) => ({ model, currency, input: 1n, cachedInput: 1n, output: 1n })
    const { balanceOf } = openAccounts(storage)
    await ledger.hold(order('r1', { tenant: 'default' }))
    await openPrices(storage, [price('m', 'CNY'), price('n', 'CNY')], 1)
    const dearer = { ...price('m', 'CNY'), input: 2n }
    for (const clock of [1, 0, 0]) expect((await openPrices(storage, [dearer], clock)).get('m')?.validFrom).toBe(2)
    for (const tenant of ['default', 'nobody']) expect((await balanceOf(tenant)).currency).toBe('CNY')
    await ledger.settle({ request: 'r1', at: 2, usage: usage(1, 1), outcome: 'stop' })
    expect((await Array.fromAsync(entriesOf(storage))).map(({ entry }) => entry.currency)).toEqual(['CNY'])
    await expect(openPrices(storage, [price('m', 'USD')], 2)).rejects.toThrow("'default' is kept in CNY")
    await expect(openPrices(storage, [price('m', 'CNY'), price('n', 'USD')], 2)).rejects.toThrow('in one currency')
  })
})
