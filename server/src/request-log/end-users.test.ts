import { expect, test } from 'vitest'
import { onEachStore, temporaryStorage } from '../../test/stores.ts'
import { type EndUsersQuestion, endUsersOf } from './end-users.ts'
import { day, entryOf, hour } from './log-fixture.ts'
import { recordingsOf } from './recording.ts'
import { openLogWriter } from './writer.ts'

const dayMs = 24 * hour
const keptFor = { requestsMs: 5 * dayMs, recordingsMs: dayMs, auditMs: dayMs, sumsMs: 100 * dayMs }

async function openTestLog() {
  const { open } = await temporaryStorage()
  const { db, read, secret } = await open()
  let at = day
  const writer = openLogWriter(db, keptFor, recordingsOf(secret).seal, () => at)
  return {
    db,
    writer,
    /** A request of so many tokens in, and none out. */
    async ask(when: number, userId: string | null, tokens: number, more: Parameters<typeof entryOf>[0] = {}) {
      at = when + 300
      const usage = { promptTokens: tokens, cachedTokens: 0, completionTokens: 0, reasoningTokens: 0 }
      await writer.write([entryOf({ at: when, userId, usage, ...more })])
    },
    async users(question: Partial<EndUsersQuestion> = {}) {
      const found = await endUsersOf(read, { since: day - 2 * dayMs + 5 * hour, ...question })
      return found.map(({ tenant, name, requests, promptTokens }) => [tenant, name, requests, promptTokens])
    },
    async lastAt(name: string, tenant = 'default') {
      return (await endUsersOf(read, { since: 0, tenant, names: [name] })).map(({ lastAt }) => lastAt)
    },
  }
}

onEachStore(() => {
  test('whoever used most stands first, over keys, models and days; who named no user is none', async () => {
    const { ask, users } = await openTestLog()
    await ask(day - 3 * dayMs, 'long-ago', 1_000)
    // The day in which the time begins counts whole.
    await ask(day - 2 * dayMs, 'anna', 10)
    await ask(day, 'anna', 20, { key: 'key_2' })
    await ask(day, 'anna', 30, { model: 'other' })
    await ask(day, 'ben', 40)
    await ask(day, 'ben', 50, { tenant: 'acme' })
    await ask(day, null, 5_000)
    expect(await users()).toEqual([
      ['default', 'anna', 3, 60],
      ['acme', 'ben', 1, 50],
      ['default', 'ben', 1, 40],
    ])
  })

  test('those of one tenant, by the beginning of their names, in pages, without the blocked', async () => {
    const { db, ask, users } = await openTestLog()
    for (const [i, name] of ['u-1', 'u-2', 'u-3', 'v-1'].entries()) await ask(day, name, 10 * (9 - i))
    await ask(day, 'u-2', 5, { tenant: 'acme' })
    const blocked = { tenant: 'default', user_id: 'u-2', blocked_at: day }
    await db.insertInto('blocked_users').values(blocked).execute()
    const names = async (question: Partial<EndUsersQuestion>) => (await users(question)).map(([, name]) => name)
    expect(await names({ tenant: 'default' })).toEqual(['u-1', 'u-2', 'u-3', 'v-1'])
    expect(await names({ tenant: 'default', prefix: 'u-' })).toEqual(['u-1', 'u-2', 'u-3'])
    expect(await names({ tenant: 'default', skip: 1, limit: 2 })).toEqual(['u-2', 'u-3'])
    expect(await names({ names: ['v-1', 'nobody'] })).toEqual(['v-1'])
    expect(await names({ names: [] })).toEqual([])
    // Of another tenant the same name is somebody else.
    expect(await users({ unblocked: true, prefix: 'u-' })).toEqual([
      ['default', 'u-1', 1, 90],
      ['default', 'u-3', 1, 70],
      ['acme', 'u-2', 1, 5],
    ])
  })

  test('the last use is told by the moment, and by the day when the request is not kept any more', async () => {
    const { ask, lastAt, writer } = await openTestLog()
    await ask(day - 6 * dayMs + 7 * hour, 'gone', 1)
    await ask(day + hour, 'here', 1)
    await ask(day + 2 * hour, 'here', 1)
    await ask(day + 3 * hour, 'here', 1, { tenant: 'acme' })
    expect(await lastAt('gone')).toEqual([day - 6 * dayMs + 7 * hour])
    await writer.sweep(day)
    expect(await lastAt('gone')).toEqual([day - 6 * dayMs])
    expect(await lastAt('here')).toEqual([day + 2 * hour])
    expect(await lastAt('here', 'acme')).toEqual([day + 3 * hour])
  })
})
