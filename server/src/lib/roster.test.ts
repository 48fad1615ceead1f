import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { Roster } from './roster.ts'

test('who entered is there until it leaves, and its place goes to the next one', () => {
  const roster = new Roster<{ name: string }>()
  const [a, b] = [roster.enter({ name: 'a' }), roster.enter({ name: 'b' })]
  expect([...roster].map(({ name }) => name)).toEqual(['a', 'b'])
  expect(roster.leave(a)?.name).toBe('a')
  expect(roster.leave(a)).toBeUndefined()
  expect(roster.size).toBe(1)
  expect(roster.enter({ name: 'c' })).toBe(a)
  expect([...roster].map(({ name }) => name)).toEqual(['c', 'b'])
  roster.leave(b)
  roster.leave(99)
  expect(roster.size).toBe(1)
})

test('whoever leaves while others are looked at is not met any more', () => {
  const roster = new Roster<{ name: string }>()
  const places = ['a', 'b', 'c'].map((name) => roster.enter({ name }))
  const met: string[] = []
  for (const { name } of roster) {
    met.push(name)
    roster.leave(places[1] ?? -1)
  }
  expect(met).toEqual(['a', 'c'])
})

test('what has left does not live on in tables that were given up', { retry: 0 }, () => {
  setFlagsFromString('--expose-gc')
  const gc = runInNewContext('gc') as (how: { type: 'minor' }) => void
  const collectYoung = () => gc({ type: 'minor' })
  const roster = new Roster<object>()
  // What is there for long becomes old, and with it what it stands in.
  roster.enter({})
  for (let i = 0; i < 3; i++) collectYoung()
  const before = process.memoryUsage().heapUsed
  const places: number[] = []
  const membersMb = 40
  for (let i = 0; i < 5_000; i++) {
    places.push(roster.enter({ what: Array.from({ length: 1_000 }, () => i) }))
    if (places.length > 3) roster.leave(places.shift() ?? -1)
    if (i % 50 === 49) collectYoung()
  }
  const grownMb = (process.memoryUsage().heapUsed - before) / 1e6
  expect(grownMb).toBeLessThan(membersMb / 4)
})
