import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { CircuitBreaker } from '../lib/circuit-breaker.ts'
import { FairQueue } from '../lib/fair-queue.ts'
import { watchHealth } from './watch-health.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

type Found = 'alive' | 'away' | 'silent'

/** An engine that is asked each second. */
function watched({ load, healthMs = 1_000 }: { load?: () => number | undefined; healthMs?: number } = {}) {
  const asked = { health: 0, load: 0 }
  const state: { found: Found; stalls: boolean; once?: Found | undefined } = { found: 'alive', stalls: false }
  const breaker = new CircuitBreaker({ random: () => 1 })
  const queue = new FairQueue(100, 100)
  const probe = {
    async health(signal: AbortSignal): Promise<Found> {
      asked.health++
      const { once, found } = state
      state.once = undefined
      if (!state.stalls) return once ?? found
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
      return 'silent'
    },
    ...(load && {
      async load() {
        asked.load++
        return load()
      },
    }),
  }
  const watch = watchHealth([{ id: 'a', probe, breaker, queue }], healthMs)
  onTestFinished(() => watch.close())
  return { watch, asked, state, breaker, queue }
}

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)

test('an engine that is idle is asked at once and then each turn; one that answers requests is not', async () => {
  const { asked, breaker } = watched()
  await pass(0)
  expect(asked.health).toBe(1)
  await pass(3_000)
  expect(asked.health).toBe(4)
  for (let second = 0; second < 10; second++) {
    breaker.enter()?.ended()
    await pass(1_000)
  }
  expect(asked.health).toBe(4)
  await pass(6_000)
  expect(asked.health).toBeGreaterThan(4)
})

test('one that works on a long request is asked whether it leaves, and is not left alone for its silence', async () => {
  const { watch, state, breaker, queue } = watched()
  await pass(0)
  const leave = await queue.enter('k', 'u', new AbortController().signal)
  state.stalls = true
  await pass(20_000)
  expect([watch.leaving('a'), breaker.state]).toEqual([false, 'closed'])
  state.stalls = false
  state.found = 'away'
  await pass(3_000)
  expect([watch.leaving('a'), breaker.state]).toEqual([true, 'closed'])
  // Without answers of ours it is one like any other that is away, and not tried in between.
  leave?.()
  await pass(1_000)
  expect([watch.leaving('a'), breaker.cause]).toEqual([false, 'away'])
})

test('one lost question moves no answers elsewhere, and one that takes requests again does not leave', async () => {
  const { watch, state, queue } = watched()
  await pass(0)
  await queue.enter('k', 'u', new AbortController().signal)
  state.once = 'away'
  await pass(1_000)
  expect([state.once, watch.leaving('a')]).toEqual([undefined, false])
  state.found = 'away'
  await pass(1_000)
  expect(watch.leaving('a')).toBe(true)
  state.found = 'alive'
  await pass(1_000)
  expect(watch.leaving('a')).toBe(false)
})

test('one that went away is not ready before a client finds out, and may be tried once it is back', async () => {
  const { state, breaker } = watched()
  await pass(0)
  expect(breaker.state).toBe('closed')
  state.found = 'away'
  await pass(1_000)
  expect(breaker.state).toBe('open')
  await pass(20_000)
  expect(breaker.state).toBe('open')
  state.found = 'alive'
  await pass(1_000)
  expect(breaker.state).toBe('half-open')
})

test('one that says nothing is waited for within bounds, and three times', async () => {
  const { state, breaker, asked } = watched()
  state.stalls = true
  await pass(9_100)
  expect([breaker.state, asked.health]).toEqual(['open', 4])
})

test('others’ requests are what is there beyond ours', async () => {
  let there: number | 'silent' = 5
  const { watch, queue } = watched({
    load() {
      if (there === 'silent') throw new Error('It did not answer.')
      return there
    },
  })
  await pass(0)
  expect(watch.others('a')).toBe(5)
  await queue.enter('k', 'u', new AbortController().signal)
  await queue.enter('k', 'u', new AbortController().signal)
  await pass(1_000)
  expect(watch.others('a')).toBe(3)
  there = 'silent'
  await pass(1_000)
  expect(watch.others('a')).toBe(3)
  there = 1
  await pass(1_000)
  expect(watch.others('a')).toBe(0)
  expect(watch.others('b')).toBe(0)
})

test('one that does not tell its load is rarely asked for it', async () => {
  const { watch, asked } = watched({ load: () => undefined })
  await pass(60_000)
  expect([watch.others('a'), asked.load]).toEqual([0, 1])
  await pass(2_000)
  expect(asked.load).toBe(2)
})

test('nobody is asked when it is switched off, nor after the end', async () => {
  const off = watched({ healthMs: 0 })
  await pass(10_000)
  expect(off.asked.health).toBe(0)
  const { watch, asked, state } = watched()
  state.stalls = true
  await pass(0)
  watch.close()
  await pass(10_000)
  expect(asked.health).toBe(1)
  expect(vi.getTimerCount()).toBe(0)
})
