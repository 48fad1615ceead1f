import { describe, expect, test } from 'vitest'
import { onEachStore, temporaryStorage } from '../../test/stores.ts'
import type { Message } from '../completion/request.ts'
import { noReasoningMemory, openReasoningMemory } from './reasoning-memory.ts'

const turn = (callId: string, reasoning?: string): Message => ({
  role: 'assistant',
  content: '',
  toolCalls: [
    { id: callId, name: 'f', arguments: '{}' },
    { id: `${callId}-second`, name: 'f', arguments: '{}' },
  ],
  prefix: false,
  ...(reasoning !== undefined && { reasoning }),
})
const question: Message = { role: 'user', content: 'hi' }
const alice = { tenant: 'acme', userId: 'alice' }

/** The reasoning of each message after restoring, `-` where there is none. */
const reasonings = (messages: readonly Message[]) =>
  messages.map((message) => (message.role === 'assistant' ? (message.reasoning ?? '-') : ''))

async function memoryWith(bounds: object = {}) {
  let now = 1_000_000
  const storage = await (await temporaryStorage()).open()
  const memory = openReasoningMemory(storage, { ttlMs: 1_000_000, ...bounds }, () => now)
  const pass = (ms: number) => {
    now += ms
  }
  const kept = async () => (await storage.db.selectFrom('kept_reasoning').selectAll().execute()).length
  return { memory, storage, pass, kept }
}

onEachStore(() => {
  describe('C38: the reasoning of a turn with tool calls', () => {
    test('is put back where the client left it out, and the rest of the messages is not touched', async () => {
      const { memory } = await memoryWith()
      await memory.remember(alice, 'call_1', 'because 😀')
      const before = [question, turn('call_1'), { role: 'tool', content: '1', toolCallId: 'call_1' } as const, question]
      const after = await memory.restore(alice, before)
      expect(reasonings(after)).toEqual(['', 'because 😀', '', ''])
      expect(after.map(({ role }) => role)).toEqual(before.map(({ role }) => role))
      expect(reasonings(before)).toEqual(['', '-', '', ''])
    })

    test('T58: is another owner’s and another user’s secret', async () => {
      const { memory } = await memoryWith()
      await memory.remember(alice, 'call_1', 'because')
      for (const other of [{ ...alice, tenant: 'other' }, { ...alice, userId: 'bob' }, { tenant: 'acme' }])
        expect(reasonings(await memory.restore(other, [turn('call_1')]))).toEqual(['-'])
      await memory.remember({ tenant: 'acme' }, 'call_2', 'nobody’s')
      expect(reasonings(await memory.restore({ tenant: 'acme' }, [turn('call_2')]))).toEqual(['nobody’s'])
      expect(reasonings(await memory.restore(alice, [turn('call_2')]))).toEqual(['-'])
    })

    test('never replaces what the client sent, also not the empty text', async () => {
      const { memory } = await memoryWith()
      await memory.remember(alice, 'call_1', 'because')
      expect(reasonings(await memory.restore(alice, [turn('call_1', ''), turn('call_1', 'mine')]))).toEqual([
        '',
        'mine',
      ])
    })

    test('stays absent when it is unknown, and hundreds of turns are looked up', async () => {
      const { memory } = await memoryWith()
      await memory.remember(alice, 'call_777', 'late')
      const turns = Array.from({ length: 1200 }, (_, index) => turn(`call_${index}`))
      const found = reasonings(await memory.restore(alice, turns))
      expect(found.filter((text) => text !== '-')).toEqual(['late'])
      expect(found[777]).toBe('late')
    })

    test('is replaced when the same call comes again', async () => {
      const { memory, kept } = await memoryWith()
      await memory.remember(alice, 'call_1', 'one')
      await memory.remember(alice, 'call_1', 'two')
      expect(reasonings(await memory.restore(alice, [turn('call_1')]))).toEqual(['two'])
      expect(await kept()).toBe(1)
    })
  })

  describe('what is kept', () => {
    test('is forgotten when its time is over, and then removed', async () => {
      const { memory, pass, kept } = await memoryWith({ ttlMs: 100_000 })
      await memory.remember(alice, 'call_1', 'because')
      pass(99_999)
      expect(reasonings(await memory.restore(alice, [turn('call_1')]))).toEqual(['because'])
      pass(1)
      expect(reasonings(await memory.restore(alice, [turn('call_1')]))).toEqual(['-'])
      pass(60_000)
      await memory.remember(alice, 'call_2', 'new')
      expect(await kept()).toBe(1)
    })

    test('makes room for the new by leaving out the oldest, by size and by number', async () => {
      for (const bounds of [{ totalBytes: 1_000 }, { entries: 3 }]) {
        const { memory, pass, kept } = await memoryWith(bounds)
        for (let i = 0; i < 10; i++) {
          pass(60_000)
          await memory.remember(alice, `call_${i}`, 'x'.repeat(300))
        }
        expect(await kept()).toBe(4)
        const turns = Array.from({ length: 10 }, (_, index) => turn(`call_${index}`))
        const found = reasonings(await memory.restore(alice, turns))
        expect(found.map((text) => text !== '-').lastIndexOf(false)).toBe(5)
      }
    })

    test('is never huge and never empty', async () => {
      const { memory, kept } = await memoryWith({ entryBytes: 10 })
      await memory.remember(alice, 'call_1', 'é'.repeat(6))
      await memory.remember(alice, 'call_2', '')
      expect(await kept()).toBe(0)
    })

    test('of a long talk is all put back, and others get their turn meanwhile', async () => {
      const { memory } = await memoryWith()
      const ids = Array.from({ length: 1_700 }, (_, i) => `call_${i}`)
      for (const id of ['call_0', 'call_499', 'call_500', 'call_1699']) await memory.remember(alice, id, `of ${id}`)
      let turns = 0
      const count = () => {
        turns++
        timer = setImmediate(count)
      }
      let timer = setImmediate(count)
      const messages = await memory.restore(
        alice,
        ids.map((id) => turn(id)),
      )
      clearImmediate(timer)
      expect(reasonings(messages).flatMap((text, i) => (text === '-' ? [] : [[ids[i], text]]))).toEqual(
        ['call_0', 'call_499', 'call_500', 'call_1699'].map((id) => [id, `of ${id}`]),
      )
      // Between the four pieces, and behind them.
      expect(turns).toBeGreaterThanOrEqual(4)
    })

    test('is unreadable on disk, tells nobody whose it is, and cannot be moved to another call', async () => {
      const { memory, storage } = await memoryWith()
      await memory.remember(alice, 'call_1', 'because of the secret plan')
      await memory.remember(alice, 'call_2', 'another thought')
      const rows = await storage.db.selectFrom('kept_reasoning').selectAll().execute()
      const bytes = Buffer.concat(rows.flatMap((row) => [Buffer.from(row.lookup), Buffer.from(row.sealed)]))
      for (const text of ['because', 'secret plan', 'alice', 'acme', 'call_1']) expect(bytes.includes(text)).toBe(false)

      const [first, second] = rows
      if (!first || !second) throw new Error('two rows are expected')
      await storage.db
        .updateTable('kept_reasoning')
        .set({ sealed: second.sealed })
        .where('lookup', '=', first.lookup)
        .execute()
      const found = reasonings(await memory.restore(alice, [turn('call_1'), turn('call_2')]))
      expect(found.filter((text) => text === '-')).toHaveLength(1)
    })
  })

  test('switched off, nothing is kept and nothing is changed', async () => {
    await noReasoningMemory.remember(alice, 'call_1', 'because')
    const messages = [turn('call_1')]
    expect(await noReasoningMemory.restore(alice, messages)).toBe(messages)
  })
})
