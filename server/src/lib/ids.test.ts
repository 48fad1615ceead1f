import { expect, test, vi } from 'vitest'
import { hexId, timedId } from './ids.ts'

test('an id has the digits that were asked for, and no two are the same', () => {
  const ids = Array.from({ length: 10_000 }, () => hexId('chatcmpl-', 32))
  for (const id of ids) expect(id).toMatch(/^chatcmpl-[0-9a-f]{32}$/)
  expect(new Set(ids).size).toBe(ids.length)
})

test('ids with a time are ordered by it, and different within a millisecond', () => {
  const now = vi.spyOn(Date, 'now')
  const ids = [1_796_022_994_234, 1_796_022_994_235, 281_474_976_710_655].flatMap((at) => {
    now.mockReturnValue(at)
    return Array.from({ length: 1_000 }, () => timedId('req_'))
  })
  now.mockRestore()
  for (const id of ids) expect(id).toMatch(/^req_[0-9a-f]{24}$/)
  expect(new Set(ids).size).toBe(ids.length)
  const times = ids.map((id) => id.slice(0, 16))
  expect(times).toEqual(times.toSorted())
})
