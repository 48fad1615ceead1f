import { expect, onTestFinished, test, vi } from 'vitest'
import { createFresh } from './fresh.ts'

/** What lies elsewhere, how often it was asked, and whether it can be. */
function elsewhere() {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] })
  onTestFinished(() => void vi.useRealTimers())
  const there = { values: new Map<string, number>(), asked: [] as (readonly string[])[], gone: false }
  const fresh = createFresh<number>(async (ids) => {
    there.asked.push(ids)
    if (there.gone) throw new Error('gone')
    return new Map(ids.flatMap((id) => (there.values.has(id) ? [[id, there.values.get(id) ?? 0]] : [])))
  })
  onTestFinished(() => fresh.close())
  return { there, fresh }
}

test('what is asked for at once is one question, and is known for the next time', async () => {
  const { there, fresh } = elsewhere()
  there.values.set('a', 1).set('b', 2)
  expect(await Promise.all(['a', 'b', 'a', 'c'].map((id) => fresh.get(id)))).toEqual([1, 2, 1, undefined])
  expect(fresh.get('a')).toBe(1)
  expect(there.asked).toEqual([['a', 'b', 'c']])
})

test('what is in use is read again, and a change is seen within a second', async () => {
  const { there, fresh } = elsewhere()
  there.values.set('a', 1)
  await fresh.get('a')
  there.values.set('a', 2)
  let seenAfterMs = 0
  while ((await fresh.get('a')) !== 2) {
    await vi.advanceTimersByTimeAsync(50)
    seenAfterMs += 50
  }
  expect(seenAfterMs).toBeLessThan(1_000)
  expect(there.asked.length).toBeLessThan(4)
})

test('when nothing can be read, old knowledge lasts for less than a second', async () => {
  const { there, fresh } = elsewhere()
  there.values.set('a', 1)
  await fresh.get('a')
  there.gone = true
  await vi.advanceTimersByTimeAsync(850)
  expect(fresh.get('a')).toBe(1)
  await vi.advanceTimersByTimeAsync(100)
  await expect(fresh.get('a')).rejects.toThrow('gone')
  there.gone = false
  expect(await fresh.get('a')).toBe(1)
})

test('what is not there, or not in use, is not read again and again', async () => {
  const { there, fresh } = elsewhere()
  there.values.set('a', 1)
  await Promise.all(['a', 'no'].map((id) => fresh.get(id)))
  await vi.advanceTimersByTimeAsync(2_000)
  expect(there.asked.flat().filter((id) => id === 'no')).toEqual(['no'])
  await vi.advanceTimersByTimeAsync(60_000)
  const asked = there.asked.length
  await vi.advanceTimersByTimeAsync(10_000)
  expect(there.asked.length).toBe(asked)
})

test('what was changed here is seen here at once, also when an older reading is on its way', async () => {
  const { there, fresh } = elsewhere()
  there.values.set('a', 1)
  const old = fresh.get('a')
  await new Promise((resolve) => setImmediate(resolve))
  there.values.set('a', 2)
  fresh.forget()
  await old
  expect(await fresh.get('a')).toBe(2)
})
