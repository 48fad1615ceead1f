import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { startWatch } from '../deadlines.ts'
import type { EventEar } from './connection.ts'
import { listen } from './listen.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const after = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
const word = (text: string) => ({ type: 'text', text })
type Word = ReturnType<typeof word>
type Turn = readonly [ms: number, came: readonly Word[] | Error]

type Heard = Word | 'silence'

function heard(turns: readonly Turn[], { waits = false, enough = Infinity, mayBreakOff = false } = {}) {
  let closed = 0
  const ask = async (signal: AbortSignal, ear: EventEar<Word>) => {
    signal.addEventListener('abort', () => closed++)
    for (const [ms, came] of turns) {
      await after(ms)
      if (came instanceof Error) throw came
      if (ear(came) === 'enough') return
    }
  }
  const limits = { firstTokenMs: 1_000, interTokenMs: 500, abortMs: 100 }
  const all: Heard[] = []
  const hear = (one: Heard) => (all.push(one) >= enough ? 'enough' : undefined)
  const found = listen(ask, {
    watch: startWatch(new AbortController().signal, limits),
    paceOf: () => 'token',
    hear,
    silence: { ms: 100, matters: () => waits, heard: () => hear('silence') },
    mayBreakOff: () => mayBreakOff,
  })
  return { all, found, closed: () => closed }
}

async function told(...args: Parameters<typeof heard>) {
  const { all, found } = heard(...args)
  await vi.runAllTimersAsync()
  expect(await found).toBeUndefined()
  return all
}

const slow: Turn[] = [
  [0, [word('a')]],
  [250, [word('b'), word('c')]],
  [50, [word('d')]],
]

test('a silence is told once, and only to who waits for one', async () => {
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map(word)
  expect(await told(slow, { waits: true })).toEqual([a, 'silence', b, c, d])
  expect(await told(slow)).toEqual([a, b, c, d])
})

test('a failure comes through, unless all that counts was said', async () => {
  const broken: Turn[] = [
    [0, [word('a')]],
    [200, new Error('gone')],
  ]
  const { found } = heard(broken, { waits: true })
  await Promise.all([expect(found).rejects.toThrow('gone'), vi.runAllTimersAsync()])
  expect(await told(broken, { mayBreakOff: true })).toEqual([word('a')])
})

test('one that is silent for too long has failed, counted from its last word', async () => {
  const began = Date.now()
  const stalled: Turn[] = [
    [900, [word('a')]],
    [450, [word('b')]],
    [10_000, [word('c')]],
  ]
  const { found, closed } = heard(stalled)
  const failing = found.finally(() => expect(Date.now() - began).toBe(900 + 450 + 500))
  await Promise.all([
    expect(failing).rejects.toMatchObject({ failure: { code: 'engine-timeout' } }),
    vi.runAllTimersAsync(),
  ])
  expect(closed()).toBe(1)
})

test('who has heard enough closes the connection', async () => {
  const { all, found, closed } = heard([[0, [word('a'), word('b')]]], { enough: 1 })
  await vi.runAllTimersAsync()
  expect([await found, all, closed()]).toEqual(['enough', [word('a')], 1])
})
