import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FairQueue, type Release } from './fair-queue.ts'

const never = new AbortController().signal

/** Lets everybody enter in the given order and returns the order in which they got the one place. */
async function served(order: readonly (readonly [group: string, member: string])[]): Promise<string[]> {
  const queue = new FairQueue(1, 1_000)
  const first = await queue.enter('first', 'first', never)
  const names: string[] = []
  const all = order.map(async ([group, member], index) => {
    const release = await queue.enter(group, member, never)
    names.push(`${group}${member}${index}`)
    release?.()
  })
  first?.()
  await Promise.all(all)
  expect(queue.taken).toBe(0)
  expect(queue.waiting).toBe(0)
  return names
}

test('users of one key take turns, and so do keys', async () => {
  expect(
    await served([
      ['a', 'x'],
      ['a', 'x'],
      ['a', 'x'],
      ['a', 'y'],
      ['b', 'z'],
    ]),
  ).toEqual(['ax0', 'bz4', 'ay3', 'ax1', 'ax2'])
})

test('a full line refuses at once', async () => {
  const queue = new FairQueue(1, 1)
  await queue.enter('a', 'x', never)
  const second = queue.enter('a', 'x', never)
  expect(await queue.enter('a', 'x', never)).toBeUndefined()
  expect(queue.waiting).toBe(1)
  void second
})

test('whoever gives up waiting leaves the line, and the place goes to the next', async () => {
  const queue = new FairQueue(1, 10)
  const first = await queue.enter('a', 'x', never)
  const gone = new AbortController()
  const second = queue.enter('a', 'x', gone.signal)
  const third = queue.enter('a', 'x', never)
  gone.abort(new Error('gone'))
  await expect(second).rejects.toThrow('gone')
  first?.()
  expect(await third).toBeTypeOf('function')
  expect(queue.waiting).toBe(0)
})

test('a place is given back once, however often it is released', async () => {
  const queue = new FairQueue(2, 10)
  const release = await queue.enter('a', 'x', never)
  await queue.enter('a', 'x', never)
  release?.()
  release?.()
  expect(queue.taken).toBe(1)
})

test('never more are inside than there are places, and nobody is forgotten', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 4 }),
      fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('x', 'y'), fc.boolean()), { maxLength: 40 }),
      async (places, entries) => {
        const queue = new FairQueue(places, 1_000)
        let inside = 0
        const work = entries.map(async ([group, member, givesUp]) => {
          const signal = givesUp ? AbortSignal.timeout(0) : never
          let release: Release | undefined
          try {
            release = await queue.enter(group, member, signal)
          } catch {
            return
          }
          inside++
          expect(inside).toBeLessThanOrEqual(places)
          await new Promise((resolve) => setImmediate(resolve))
          inside--
          release?.()
        })
        await Promise.all(work)
        expect([queue.taken, queue.waiting]).toEqual([0, 0])
      },
    ),
    { numRuns: 50 },
  )
})
