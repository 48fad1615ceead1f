import { expect, test } from 'vitest'
import type { Order } from './book.ts'
import { carryingOut, LedgerError, type Line, toProcess } from './writer-line.ts'

const settle = (request: string): Order => ({
  type: 'settle',
  request,
  at: 0,
  usage: { promptTokens: 1, cachedTokens: 0, completionTokens: 1, reasoningTokens: 0 },
  outcome: 'stop',
})

test('orders of one turn go to the other process together, and each hears how its own ended', async () => {
  const batches: number[] = []
  const line: Line = {
    send: async (order) => {
      const { request } = order as { request: string }
      if (request === 'refused') throw new LedgerError('No.')
      if (request === 'lost') throw new LedgerError('Gone.', true)
      return request
    },
    end: async () => undefined,
  }
  const carryOut = carryingOut(line)
  const { send, end } = toProcess((orders) => {
    batches.push(orders.length)
    // As between processes: nothing but plain data.
    return carryOut(structuredClone(orders)).then(structuredClone)
  })
  const all = await Promise.allSettled(['a', 'refused', 'b', 'lost'].map((request) => send(settle(request))))
  expect(
    all.map((one) => (one.status === 'fulfilled' ? one.value : [one.reason.message, one.reason.perhapsWritten])),
  ).toEqual(['a', ['No.', false], 'b', ['Gone.', true]])
  expect(await send(settle('c'))).toBe('c')
  expect(batches).toEqual([4, 1])
  await end()
})

test('where the other process cannot be reached, nobody knows what was written', async () => {
  const { send } = toProcess(() => Promise.reject(new Error('It has gone.')))
  await expect(send(settle('a'))).rejects.toMatchObject({ message: 'It has gone.', perhapsWritten: true })
})

test('the end waits for what is on its way', async () => {
  const reached = Promise.withResolvers<readonly { outcome: string }[]>()
  const { send, end } = toProcess(() => reached.promise)
  const sent = send(settle('a'))
  let ended = false
  const ending = end().then(() => {
    ended = true
  })
  await new Promise((resolve) => setImmediate(resolve))
  expect(ended).toBe(false)
  reached.resolve([{ outcome: 'done' }])
  expect(await sent).toBe('done')
  await ending
})
