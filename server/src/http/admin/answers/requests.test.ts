import { expect, test } from 'vitest'
import { onEachStore, temporaryStorage } from '../../../../test/stores.ts'
import type { LogEntry } from '../../../request-log/entry.ts'
import { day, entryOf } from '../../../request-log/log-fixture.ts'
import { recordingsOf } from '../../../request-log/recording.ts'
import type { RequestFilters } from '../../../request-log/requests.ts'
import { openLogWriter } from '../../../request-log/writer.ts'
import type { AnswerOf } from '../contract.ts'
import { cursorIn } from '../paging.ts'
import { requestAnswers } from './requests.ts'

const keptFor = { requestsMs: Infinity, recordingsMs: Infinity, auditMs: Infinity, sumsMs: Infinity }

async function openTestLog(lookedAtMax: number) {
  const { open } = await temporaryStorage()
  const { db, read, secret } = await open()
  const recordings = recordingsOf(secret)
  const writer = openLogWriter(db, keptFor, recordings.seal, () => day)
  const answers = requestAnswers(read, recordings, lookedAtMax)
  const markIn = (text: string | null | undefined) => {
    const [seq, id] = cursorIn(text ?? undefined, ['number', 'string']) ?? []
    return seq === undefined || id === undefined ? undefined : { seq, id }
  }
  return {
    write: (...entries: readonly Partial<LogEntry>[]) => writer.write(entries.map(entryOf)),
    async ask(filters: RequestFilters, { cursor, after }: { cursor?: string | null; after?: string | null } = {}) {
      const question = { filters, before: markIn(cursor), after: markIn(after), limit: 2, currency: 'USD' }
      const { items, next, newest } = JSON.parse(
        Buffer.from(await answers.requests(question)).toString(),
      ) as AnswerOf<'GET /admin/requests'>
      return { ids: items.map(({ id }) => id), next, newest }
    },
  }
}

onEachStore(() => {
  test('one question looks at so many requests at most, and the next one goes on behind them', async () => {
    const { write, ask } = await openTestLog(4)
    const ids = Array.from({ length: 14 }, (_, i) => `req_${i}`)
    await write(...ids.map((id, i) => ({ id, failed: [1, 7, 8, 13].includes(i), userId: i % 2 === 1 ? 'odd' : null })))
    const pages = async (filters: RequestFilters) => {
      const found: (readonly string[])[] = []
      for (let cursor: string | null = null; ; ) {
        const page = await ask(filters, { cursor })
        found.push(page.ids)
        cursor = page.next
        if (cursor === null) return found
      }
    }
    expect(await pages({ failed: true })).toEqual([['req_13'], ['req_8', 'req_7'], [], ['req_1']])
    // Of one user's requests it is four, too.
    expect(await pages({ failed: true, user: 'odd' })).toEqual([['req_13', 'req_7'], ['req_1']])
    // Whose they are says an index: all that is looked at is found.
    expect(await pages({ user: 'odd' })).toEqual([
      ['req_13', 'req_11'],
      ['req_9', 'req_7'],
      ['req_5', 'req_3'],
      ['req_1'],
    ])
  })

  test('whoever searches for a whole id finds it, however old it is', async () => {
    const { write, ask } = await openTestLog(3)
    await write(...Array.from({ length: 9 }, (_, i) => ({ id: `req_${i}`, tenant: i < 5 ? 'default' : 'acme' })))
    expect(await ask({ search: 'req_1' })).toMatchObject({ ids: ['req_1'], next: null })
    expect(await ask({ search: 'req_1', tenant: 'acme' })).toMatchObject({ ids: [] })
    expect((await ask({ search: 'req_' })).ids).toEqual(['req_8', 'req_7'])
  })

  test('who follows what nothing matches does not look at it again', async () => {
    const { write, ask } = await openTestLog(100)
    expect(await ask({ failed: true })).toEqual({ ids: [], next: null, newest: null })
    await write({ id: 'req_1' })
    const first = await ask({ failed: true })
    const all = await ask({})
    expect(first).toEqual({ ids: [], next: null, newest: all.newest })
    await write({ id: 'req_2' }, { id: 'req_3', failed: true }, { id: 'req_4' })
    const second = await ask({ failed: true }, { after: first.newest })
    expect(second.ids).toEqual(['req_3'])
    const third = await ask({ failed: true }, { after: second.newest })
    expect(third).toEqual({ ids: [], next: null, newest: (await ask({})).newest })
    // Of another tenant nothing is told, not even that there is something.
    expect(await ask({ tenant: 'acme' })).toEqual({ ids: [], next: null, newest: null })
  })
})
