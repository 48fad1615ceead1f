import fc from 'fast-check'
import { expect, test } from 'vitest'
import { onEachStore, temporaryStorage } from '../../test/stores.ts'
import { migrations } from '../storage/migrations.ts'
import { openAuditTrail } from '../tenancy/people/audit-trail.ts'
import type { LogEntry } from './entry.ts'
import { bucketOf, percentileOf } from './first-token.ts'
import { day, entryOf, hour } from './log-fixture.ts'
import { recordingsOf } from './recording.ts'
import { openRequestLog } from './request-log.ts'
import { findRequest, type LoggedRequest, listRequests } from './requests.ts'
import { timesOf, type UsageFilters, usageSeries, usageTable, usageTotals } from './usage.ts'
import { openLogWriter } from './writer.ts'

const ms = 24 * hour
const keptFor = { requestsMs: 30 * ms, recordingsMs: 7 * ms, auditMs: 50 * ms, sumsMs: 100 * ms }

async function openTestLog() {
  const { open } = await temporaryStorage()
  const storage = await open()
  const recordings = recordingsOf(storage.secret)
  return { ...storage, recordings, writer: openLogWriter(storage.db, keptFor, recordings.seal) }
}

const whole: UsageFilters = { from: day - 400 * ms, to: day + 400 * ms }

onEachStore(() => {
  test('the newest request stands first, pages follow one another, and what came since is had by its number', async () => {
    const { read, writer } = await openTestLog()
    const entries = Array.from({ length: 7 }, (_, i) => entryOf({ at: day + i }))
    await writer.write(entries.slice(0, 5))
    const first = await listRequests(read, { limit: 3 })
    expect(first.map(({ id }) => id)).toEqual(
      entries
        .slice(2, 5)
        .map(({ id }) => id)
        .reverse(),
    )
    const second = await listRequests(read, { limit: 3, before: first.at(-1) })
    expect(second.map(({ id }) => id)).toEqual(
      entries
        .slice(0, 2)
        .map(({ id }) => id)
        .reverse(),
    )
    await writer.write(entries.slice(5))
    const since = await listRequests(read, { limit: 3, after: first[0] })
    expect(since.map(({ id }) => id)).toEqual(
      entries
        .slice(5)
        .map(({ id }) => id)
        .reverse(),
    )
    const all = await listRequests(read, { limit: 10, oldestFirst: true })
    expect(all.map(({ id }) => id)).toEqual(entries.map(({ id }) => id))
  })

  test('pages leave nobody out, also where two writers gave the same number', async () => {
    const { db, read, recordings } = await openTestLog()
    for (let writers = 0; writers < 2; writers++) {
      const writer = openLogWriter(db, keptFor, recordings.seal, () => day)
      await writer.write(Array.from({ length: 10 }, () => entryOf()))
    }
    for (const oldestFirst of [true, false]) {
      const seen = new Set<string>()
      for (let last: LoggedRequest | undefined; ; ) {
        const page = await listRequests(read, { limit: 3, oldestFirst, [oldestFirst ? 'after' : 'before']: last })
        for (const { id } of page) seen.add(id)
        last = page.at(-1)
        if (!last) break
      }
      expect(seen.size).toBe(20)
    }
  })

  test.each<[string, Partial<LogEntry>, object]>([
    ['tenant', { tenant: 'acme' }, { tenant: 'acme' }],
    ['model', { model: 'other' }, { model: 'other' }],
    ['key', { key: 'key_2' }, { key: 'key_2' }],
    ['user', { userId: 'anna' }, { user: 'anna' }],
    ['engine', { engine: 'two' }, { engine: 'two' }],
    ['outcome', { outcome: 'length' }, { outcome: 'length' }],
    ['failed', { failed: true }, { failed: true }],
    ['hungUp', { failed: true, status: 499 }, { failed: true, hungUp: true }],
    ['streamed', { streamed: false }, { streamed: false }],
    ['slowerThanMs', { durationMs: 5_000 }, { slowerThanMs: 5_000 }],
    ['from', { at: day + 2 * ms }, { from: day + ms }],
    ['to', { at: day - 2 * ms }, { to: day - ms }],
    ['search', { id: 'req_abcdef' }, { search: 'req_abc' }],
  ])('a filter by %s', async (_name, entry, filter) => {
    const { db, read } = await openTestLog()
    let now = 0
    const writer = openLogWriter(
      db,
      keptFor,
      () => Buffer.alloc(0),
      () => now,
    )
    const wanted = entryOf(entry)
    // Each is written down when it has ended.
    for (const one of [wanted, entryOf(), entryOf()].toSorted((a, b) => a.at - b.at)) {
      now = one.at + one.durationMs
      await writer.write([one])
    }
    expect((await listRequests(read, { limit: 10, ...filter })).map(({ id }) => id)).toEqual([wanted.id])
  })

  test('one request with its detail and what was said, and only for its own tenant', async () => {
    const { read, writer, recordings } = await openTestLog()
    const said = { prompt: { messages: [] }, answer: { reasoning: 'r', text: 't', toolCalls: [] } }
    const tries = [{ engine: 'one', why: 'only' as const, beganMs: 1, endedMs: 3, outcome: 'ok' }]
    const entry = entryOf({ said, detail: { ...entryOf().detail, tries } })
    await writer.write([entry])
    const found = await findRequest(read, entry.id, 'default')
    expect(found).toMatchObject({ id: entry.id, cost: 40n, attempts: 1, recorded: true, detail: entry.detail })
    expect(Buffer.from(found?.sealed ?? []).includes('messages')).toBe(false)
    expect(recordings.unseal(entry.id, found?.sealed ?? Buffer.alloc(0))).toEqual(said)
    expect(recordings.unseal('another', found?.sealed ?? Buffer.alloc(0))).toBeUndefined()
    expect(await findRequest(read, entry.id, 'acme')).toBeUndefined()
  })

  test('percentiles are at most 10 % off', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 600_000 }), { minLength: 1 }), (times) => {
        const counts = new Map<number, number>()
        for (const time of times) counts.set(bucketOf(time), (counts.get(bucketOf(time)) ?? 0) + 1)
        const exact = times.toSorted((a, b) => a - b)[Math.ceil(0.95 * times.length) - 1] ?? 0
        const told = percentileOf(counts, 0.95) ?? 0
        expect(Math.abs(told - exact)).toBeLessThanOrEqual(Math.max(1, 0.1 * exact))
      }),
    )
    expect(percentileOf(new Map(), 0.5)).toBeNull()
  })

  test('steps begin where hours, days and months do', () => {
    const from = Date.UTC(2026, 0, 31, 23, 30)
    const to = Date.UTC(2026, 2, 1, 0, 30)
    expect(timesOf('month', from, to).map((at) => new Date(at).toISOString().slice(0, 10))).toEqual([
      '2026-01-01',
      '2026-02-01',
      '2026-03-01',
    ])
    expect(timesOf('day', from, to)).toHaveLength(30)
    expect(timesOf('hour', from, from + 2 * hour)).toHaveLength(3)
    expect(timesOf('all', from, to)).toEqual([from])
  })

  test('the largest groups have a series each, and the others one together', async () => {
    const { read, writer } = await openTestLog()
    const users = ['a', 'a', 'a', 'b', 'b', 'c', null]
    const failure = { failed: true, outcome: 'engine-lost' }
    await writer.write(
      users.map((userId, i) => entryOf({ userId, at: day + i * ms, ...(i === 1 || i === 5 ? failure : {}) })),
    )
    const question = { from: day, to: day + 7 * ms, step: 'day' as const, by: ['user' as const], top: 2 }
    const [a, b, rest, ...none] = await usageSeries(read, question)
    expect(none).toEqual([])
    expect(a).toMatchObject({
      group: { user: 'a' },
      rest: false,
      total: { requests: 3, cost: 120n, firstTokenP50: 108, errorCodes: { 'engine-lost': 1 } },
    })
    expect(a?.points.map(({ errorCodes }) => errorCodes['engine-lost'] ?? 0)).toEqual([0, 1, 0, 0, 0, 0, 0])
    expect(a?.points.map(({ requests }) => requests)).toEqual([1, 1, 1, 0, 0, 0, 0])
    expect(b).toMatchObject({ group: { user: 'b' }, total: { requests: 2 } })
    expect(rest).toMatchObject({ rest: true, total: { requests: 2, cost: 80n, firstTokenP95: null } })
    expect(rest?.total.errorCodes).toEqual({ 'engine-lost': 1 })
    expect(b?.total.errorCodes).toEqual({})
    expect(rest?.points.map(({ requests }) => requests)).toEqual([0, 0, 0, 0, 0, 1, 1])
    const hours = await usageTable(read, { from: day, to: day + 7 * ms }, 'hour', ['user'])
    expect(hours.map(({ start, group, requests }) => [(start - day) / ms, group.user, requests])).toEqual(
      users.map((user, i) => [i, user, 1]),
    )
    const totals = await usageTotals(read, { from: day, to: day + 7 * ms }, ['user'])
    expect(totals.map(({ group, requests }) => [group.user, requests])).toEqual([
      ['a', 3],
      ['b', 2],
      ['c', 1],
      [null, 1],
    ])
  })

  const entries = fc.record({
    at: fc.integer({ min: 0, max: 80 }).map((hours) => day + hours * hour + 7),
    tenant: fc.constantFrom('default', 'acme'),
    userId: fc.constantFrom(null, 'anna', 'bert'),
    failed: fc.boolean(),
    outcome: fc.constantFrom('rate-limited', 'engine-lost'),
    cost: fc.bigInt({ min: 0n, max: 10n ** 12n }),
    firstTokenMs: fc.option(fc.integer({ min: 0, max: 300 })),
  })
  const acts = fc.oneof(
    fc.array(entries, { minLength: 1, maxLength: 5 }).map((some) => ({ type: 'write' as const, some })),
    fc.constant({ type: 'again' as const }),
    fc.constant({ type: 'crash' as const }),
    fc.integer({ min: 0, max: 60 }).map((days) => ({ type: 'sweep' as const, days })),
  )

  test('what keys of a project used is told apart, by days and by the hours of single users', async () => {
    const { db, read, writer } = await openTestLog()
    await db
      .insertInto('projects')
      .values({ id: 'p', tenant: 'default', name: 'p', limits: '{}', created_at: 0 })
      .execute()
    const key = { tenant: 'default', name: '', prefix: '', last_four: '', settings: '{}', created_at: 0 }
    const keys = [
      { ...key, id: 'key_1', hash: Buffer.from('1'), project: 'p' },
      { ...key, id: 'key_2', hash: Buffer.from('2'), project: 'p' },
    ]
    await db.insertInto('api_keys').values(keys).execute()
    const entries = (['key_1', 'key_2', 'key_3', 'key_2'] as const).map((of, i) =>
      entryOf({ key: of, project: of === 'key_3' ? null : 'p', userId: `u${i}` }),
    )
    await writer.write(entries)
    for (const [step, by] of [
      ['day', ['project']],
      ['hour', ['project', 'user']],
    ] as const) {
      const lines = await usageTable(read, whole, step, by)
      const ofProject = lines.filter(({ group }) => group.project === 'p').map(({ requests }) => requests)
      expect(ofProject.reduce((sum, count) => sum + count, 0)).toBe(3)
      expect(lines.filter(({ group }) => group.project === null)).toMatchObject([{ requests: 1 }])
      expect((await usageTable(read, { ...whole, project: 'p' }, step, [])).map(({ requests }) => requests)).toEqual([
        3,
      ])
    }
    const question = { ...whole, step: 'day', by: ['project'], top: 1 } as const
    const [largest, others] = await usageSeries(read, question)
    expect([largest?.group, largest?.total.requests, others?.total.requests]).toEqual([{ project: 'p' }, 3, 1])
    expect(await listRequests(read, { project: 'p', limit: 9 })).toHaveLength(3)
    expect((await listRequests(read, { limit: 9 })).map(({ project }) => project)).toEqual(['p', null, 'p', 'p'])
  })

  test('sums are those of all requests that were ever written, whatever is swept, written twice or broken off', async () => {
    const { db, read, writer } = await openTestLog()
    await fc.assert(
      fc.asyncProperty(fc.array(acts, { maxLength: 12 }), async (steps) => {
        for (const table of ['requests', 'recordings', 'usage_sums', 'first_tokens', 'error_codes'] as const)
          await db.deleteFrom(table).execute()
        const broken = openLogWriter(db, keptFor, () => {
          throw new Error('the process dies')
        })
        const written: LogEntry[] = []
        let latest: LogEntry[] = []
        for (const step of steps) {
          if (step.type === 'sweep') {
            await writer.sweep(day + step.days * ms)
            // Nothing is tried again for so long.
            latest = []
          }
          if (step.type === 'again' && latest.length > 0) await writer.write(latest)
          if (step.type === 'crash') {
            const said = { prompt: null, answer: { reasoning: '', text: '', toolCalls: [] } }
            await expect(broken.write([entryOf(), entryOf({ said })])).rejects.toThrow('the process dies')
          }
          if (step.type !== 'write') continue
          const some = step.some.map(entryOf)
          await writer.write(some)
          written.push(...some)
          latest = some
        }
        for (const one of ['hour', 'day', 'month', 'all'] as const) {
          // The hours of single users are read from requests, which may be gone.
          const lines = await usageTable(read, whole, one, one === 'hour' ? ['tenant'] : ['tenant', 'user'])
          expect(lines.reduce((sum, { requests }) => sum + requests, 0)).toBe(written.length)
          expect(lines.reduce((sum, { cost }) => sum + cost, 0n)).toBe(written.reduce((a, { cost }) => a + cost, 0n))
          expect(lines.reduce((sum, { errors }) => sum + errors, 0)).toBe(written.filter(({ failed }) => failed).length)
          for (const code of ['rate-limited', 'engine-lost'])
            expect(lines.reduce((sum, { errorCodes }) => sum + (errorCodes[code] ?? 0), 0)).toBe(
              written.filter(({ failed, outcome }) => failed && outcome === code).length,
            )
        }
        const anna = await usageTotals(read, { ...whole, user: 'anna' }, ['tenant'])
        expect(anna.reduce((sum, { requests }) => sum + requests, 0)).toBe(
          written.filter(({ userId }) => userId === 'anna').length,
        )
      }),
      { numRuns: 25 },
    )
  })

  // Of a time that is over: nothing has ended after now.
  const then = day - 30 * ms
  const moment = fc.integer({ min: -30, max: 110 }).map((hours) => then + hours * hour + 20 * 60_000)
  test('whatever time is asked for, sums are those of the hours in it, and days are only a shorter way to them', async () => {
    const { db, read, writer } = await openTestLog()
    await fc.assert(
      fc.asyncProperty(
        fc.array(entries, { minLength: 1, maxLength: 20 }),
        fc.tuple(moment, moment),
        fc.constantFrom('day', 'month', 'all' as const),
        async (some, moments, step) => {
          for (const table of ['requests', 'usage_sums', 'first_tokens', 'error_codes'] as const)
            await db.deleteFrom(table).execute()
          const written = some.map((one) => entryOf({ ...one, at: one.at - day + then }))
          await writer.write(written)
          const [from = 0, to = 0] = moments.toSorted((a, b) => a - b)
          const hours = await usageTable(read, { from, to }, 'hour', ['tenant'])
          const lines = await usageTable(read, { from, to }, step, ['tenant'])
          const inIt = written.filter(({ at, durationMs }) => {
            const begin = Math.floor((at + durationMs) / hour) * hour
            return begin >= Math.floor(from / hour) * hour && begin < to
          })
          for (const tenant of ['default', 'acme']) {
            const of = (all: typeof lines) =>
              all.filter(({ group }) => group.tenant === tenant).reduce((sum, { requests }) => sum + requests, 0)
            expect(of(lines)).toBe(inIt.filter((one) => one.tenant === tenant).length)
            expect(of(hours)).toBe(of(lines))
          }
        },
      ),
      { numRuns: 40 },
    )
  })

  test('codes of errors that were logged before they were counted are counted once the database is brought up to date', async () => {
    const { db, writer } = await openTestLog()
    const failure = { failed: true, outcome: 'engine-lost' }
    await writer.write([entryOf(failure), entryOf({ ...failure, userId: 'anna' }), entryOf()])
    const counted = async () =>
      (await db.selectFrom('error_codes').selectAll().execute()).map((row) => JSON.stringify(row)).toSorted()
    const before = await counted()
    await db.schema.dropTable('error_codes').execute()
    await db.schema.dropIndex('requests_by_user').execute()
    await migrations['0014-error-codes']?.up(db)
    expect(await counted()).toEqual(before)
    expect(before).toHaveLength(4)
  })

  test('old requests and recordings are deleted, a few at a time, and sums stay', async () => {
    const { read, writer, db } = await openTestLog()
    const said = { prompt: null, answer: { reasoning: '', text: '', toolCalls: [] } }
    await writer.write(Array.from({ length: 700 }, () => entryOf({ said, at: Date.now() })))
    await writer.sweep(Date.now() + 8 * ms)
    expect(await db.selectFrom('recordings').selectAll().execute()).toEqual([])
    expect(await listRequests(read, { limit: 1000 })).toHaveLength(700)
    await writer.sweep(Date.now() + 31 * ms)
    expect(await listRequests(read, { limit: 1000 })).toEqual([])
    expect((await usageTable(read, { from: 0, to: Date.now() + ms }, 'all', []))[0]?.requests).toBe(700)
  })

  test('the trail of who changed what is swept along', async () => {
    const { db, read, writer } = await openTestLog()
    const line = {
      operation: 'createKey',
      tenant: null,
      subject: null,
      outcome: 'done',
      detail: {},
      address: null,
    } as const
    const actor = { kind: 'person', id: 'p', name: 'ada' } as const
    for (const daysAgo of [60, 51, 49])
      await openAuditTrail({ db, read }, () => day - daysAgo * ms).add({ actor, ...line })
    await writer.sweep(day)
    const left = await openAuditTrail({ db, read }).list({ limit: 10 })
    expect(left.map(({ at }) => (day - at) / ms)).toEqual([49])
  })

  test('the log is written in a thread; what cannot be written is counted', async () => {
    const { place, secret, read } = await openTestLog()
    const lost: number[] = []
    const log = openRequestLog(
      { place, secret },
      { retentionDays: 30, recordRetentionDays: 7, auditRetentionDays: 365 },
      (count) => lost.push(count),
    )
    const entry = entryOf()
    log.add(entry)
    await log.flush()
    expect(await listRequests(read, { limit: 5 })).toMatchObject([{ id: entry.id, cost: 40n }])
    expect(lost).toEqual([])
    await log.close()
    log.add(entryOf())
    expect([lost, log.lost()]).toEqual([[1], 1])
  })
})
