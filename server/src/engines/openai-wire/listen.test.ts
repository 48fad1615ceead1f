import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { startWatch } from '../deadlines.ts'
import type { EventReader } from './connection.ts'
import { type Listening, listen } from './listen.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const after = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
const word = (text: string) => ({ type: 'text', text })
type Word = ReturnType<typeof word>
type Turn = readonly [ms: number, came: readonly Word[] | Error]

function heard(turns: readonly Turn[], listening: Partial<Listening<Word>> = {}) {
  const waiting = [...turns]
  let closed = 0
  const reader: EventReader<Word> = {
    async next() {
      const [ms, came] = waiting.shift() ?? [0, undefined]
      await after(ms)
      if (came instanceof Error) throw came
      return came
    },
    close: () => void closed++,
  }
  const limits = { firstTokenMs: 1_000, interTokenMs: 500, abortMs: 100 }
  const events = listen(async () => reader, {
    watch: startWatch(new AbortController().signal, limits),
    paceOf: () => 'token',
    pauseMs: 100,
    waits: () => false,
    mayBreakOff: () => false,
    ...listening,
  })
  return { events, closed: () => closed }
}

async function told(...args: Parameters<typeof heard>) {
  const reading = Array.fromAsync(heard(...args).events)
  await vi.runAllTimersAsync()
  return reading
}

const slow: Turn[] = [
  [0, [word('a')]],
  [250, [word('b'), word('c')]],
  [50, [word('d')]],
]

test('a silence is told once, and only to who waits for one', async () => {
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map(word)
  expect(await told(slow, { waits: () => true })).toEqual([a, { type: 'pause' }, b, c, d])
  expect(await told(slow)).toEqual([a, b, c, d])
})

test('a failure comes through, unless all that counts was said', async () => {
  const broken: Turn[] = [
    [0, [word('a')]],
    [200, new Error('gone')],
  ]
  const failing = Array.fromAsync(heard(broken, { waits: () => true }).events)
  await Promise.all([expect(failing).rejects.toThrow('gone'), vi.runAllTimersAsync()])
  expect(await told(broken, { mayBreakOff: () => true })).toEqual([word('a')])
})

test('one that is silent for too long has failed, counted from its last word', async () => {
  const began = Date.now()
  const stalled: Turn[] = [
    [900, [word('a')]],
    [450, [word('b')]],
    [10_000, [word('c')]],
  ]
  const { events, closed } = heard(stalled)
  const failing = Array.fromAsync(events).finally(() => expect(Date.now() - began).toBe(900 + 450 + 500))
  await Promise.all([
    expect(failing).rejects.toMatchObject({ failure: { code: 'engine-timeout' } }),
    vi.runAllTimersAsync(),
  ])
  expect(closed()).toBe(1)
})

test('who stops reading closes the connection', async () => {
  const { events, closed } = heard([[0, [word('a'), word('b')]]])
  const reading = (async () => {
    for await (const _ of events) break
  })()
  await vi.runAllTimersAsync()
  await reading
  expect(closed()).toBe(1)
})
