import { expect, test } from 'vitest'
import { jam, onEachStore, temporaryStorage } from '../../test/stores.ts'
import type { CompletionEvent, Ending, Finished } from '../completion/event.ts'
import type { KeptAnswer } from '../completion/serve.ts'
import { noUsage } from '../completion/usage.ts'
import type { Storage } from '../storage/storage.ts'
import { openKeptAnswers } from '../tenancy/kept-answers.ts'
import { createOnce, type Told } from './once.ts'

const finished: Finished = { type: 'finished', reason: 'stop', matchedStop: null, usage: noUsage }
const fail = (error: unknown) => {
  throw error
}

async function all({ answer }: Told<object>): Promise<CompletionEvent[]> {
  const events: CompletionEvent[] = []
  const ending = await answer(
    (piece) => void events.push(piece),
    () => undefined,
  )
  return [...events, ending]
}

/** As the ledger does. */
const write = ({ db }: Storage, { lookup, sealed }: KeptAnswer) =>
  db.updateTable('kept_answers').set({ sealed }).where('lookup', '=', lookup).execute()

onEachStore(() => {
  test('two processes make one answer, and the second one tells what the first has made', async () => {
    const { open } = await temporaryStorage()
    const storage = await open()
    const processOf = async (node: string) =>
      createOnce(openKeptAnswers(await open(), node, { ttlMs: 1_000_000 }), { idempotencyGraceMs: 1_000 }, fail)
    const [here, there] = [await processOf('a'), await processOf('b')]
    const gate = Promise.withResolvers<void>()
    let runs = 0
    const ask = (once: typeof here, id: number) =>
      once(
        { tenant: 't', key: 'k', body: 'b', signal: new AbortController().signal },
        { id },
        async (_, tell, keep) => {
          runs++
          tell({ type: 'text', text: 'Hello', tokens: 1 })
          await gate.promise
          await write(storage, keep(finished))
          return finished
        },
      )
    const first = await ask(here, 1)
    const events = all(first)
    const second = ask(there, 2)
    gate.resolve()
    const told = await second
    expect([told.head, told.replayed]).toEqual([{ id: 1 }, true])
    expect(await all(told)).toEqual(await events)
    expect(runs).toBe(1)
  })

  test('who comes back while an unheard answer is being given up waits for its end, and gets one of its own', async () => {
    const storage = await (await temporaryStorage()).open()
    const kept = openKeptAnswers(storage, 'a', { ttlMs: 1_000_000 })
    const once = createOnce(kept, { idempotencyGraceMs: 1 }, fail)
    const stopped = Promise.withResolvers<void>()
    const charged = Promise.withResolvers<void>()
    let runs = 0
    const ask = (signal: AbortSignal) =>
      once({ tenant: 't', key: 'k', body: 'b', signal }, {}, async (stop, tell, keep): Promise<Ending> => {
        tell({ type: 'text', text: `try ${++runs}`, tokens: 1 })
        if (runs === 1) {
          stop.addEventListener('abort', () => stopped.resolve())
          await charged.promise
          return { type: 'failed', failure: { code: 'cancelled', message: '' } }
        }
        await write(storage, keep(finished))
        return finished
      })
    const leaving = new AbortController()
    const first = all(await ask(leaving.signal)).catch(() => undefined)
    leaving.abort()
    await Promise.all([first, stopped.promise])
    const again = ask(new AbortController().signal)
    const gone = new AbortController()
    const left = ask(gone.signal)
    left.catch(() => undefined)
    gone.abort()
    charged.resolve()
    await expect(left).rejects.toMatchObject({ failure: { code: 'cancelled' } })
    expect(await all(await again)).toEqual([{ type: 'text', text: 'try 2', tokens: 1 }, finished])
  })

  test('what was kept lies encrypted, and is forgotten in time', async () => {
    let now = 1_000
    const storage = await (await temporaryStorage()).open()
    const kept = openKeptAnswers(storage, 'a', { ttlMs: 100_000 }, () => now)
    expect(await kept.begin('t', 'k', 'body')).toBe('mine')
    expect(await kept.begin('t', 'k', 'body')).toBe('elsewhere')
    expect(await kept.begin('t', 'k', 'other')).toBe('conflict')
    await write(storage, kept.sealed('t', 'k', { text: 'a secret word' }))
    const rows = await storage.db.selectFrom('kept_answers').selectAll().execute()
    expect(Buffer.from(rows[0]?.sealed ?? []).includes('secret')).toBe(false)
    expect(await kept.begin('t', 'k', 'body')).toEqual({ text: 'a secret word' })
    now += 200_000
    expect(await kept.begin('t', 'k', 'other')).toBe('mine')
  })

  test('of what was kept the oldest goes first, when all of it is too much', async () => {
    let now = 1_000
    const storage = await (await temporaryStorage()).open()
    const kept = openKeptAnswers(storage, 'a', { ttlMs: 10_000_000, totalBytes: 3_500 }, () => now)
    const begin = (key: string) => kept.begin('t', key, 'body')
    for (const key of ['1', '2', '3', '4', '5']) {
      now += 70_000
      expect(await begin(key)).toBe('mine')
      await write(storage, kept.sealed('t', key, { text: 'x'.repeat(970) }))
    }
    now += 70_000
    expect(await begin('5')).toMatchObject({ text: expect.any(String) })
    expect(await begin('3')).toMatchObject({ text: expect.any(String) })
    expect(await begin('2')).toBe('mine')
  })

  test('a database that is gone refuses clearly; a claim that could not be given back is given back later', async () => {
    const storage = await (await temporaryStorage()).open()
    const defects: unknown[] = []
    const kept = openKeptAnswers(storage, 'a', { ttlMs: 1_000_000 })
    const once = createOnce(kept, { idempotencyGraceMs: 1_000 }, (error) => defects.push(error))
    const ask = (end: Ending) =>
      once({ tenant: 't', key: 'k', body: 'b', signal: new AbortController().signal }, {}, async () => end)
    const failing: Ending = { type: 'failed', failure: { code: 'engine-failed', message: '' } }
    const noMore = await jam(storage, 'insert', 'kept_answers')
    await expect(ask(finished)).rejects.toMatchObject({ failure: { code: 'engine-unavailable', retryAfterSeconds: 5 } })
    await noMore()
    const noLess = await jam(storage, 'delete', 'kept_answers')
    expect(await all(await ask(failing))).toEqual([failing])
    await noLess()
    const again = await ask(finished)
    expect([await all(again), again.replayed]).toEqual([[finished], false])
    expect(defects).toHaveLength(2)
  })
})
