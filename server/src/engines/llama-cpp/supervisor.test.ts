import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Death } from './child.ts'
import type { FromChild } from './protocol.ts'
import { Supervisor } from './supervisor.ts'

const facts = { contextWindow: 8 } as Extract<FromChild, { type: 'loaded' }>['facts']
const loaded: FromChild = { type: 'loaded', facts, slots: 2 }
const death: Death = { pid: 1, code: null, signal: 'SIGSEGV' }

/** A supervisor whose children do what the test says. */
function supervised() {
  const children: { hear(message: FromChild): void; die(): void }[] = []
  /** The last child's event loop comes round. */
  let lives = true
  let losses = 0
  const work = { open: 0 }
  const supervisor = new Supervisor({
    id: 'x',
    model: { path: '/models/some.gguf', gpu: false, prefillTokens: 64 },
    log: { info: () => {}, warn: () => {}, error: () => {} },
    onStep: () => {},
    onLost: () => losses++,
    drainMs: 10_000,
    isBusy: () => work.open > 0,
    launch: (hear, onDeath) => {
      const die = () => onDeath(death)
      children.push({ hear, die })
      return {
        pid: children.length,
        send: ({ type }) => {
          if (type === 'ping' && lives) hear({ type: 'alive' })
        },
        kill: async () => die(),
      }
    },
  })
  const standStill = () => {
    lives = false
  }
  return { supervisor, children, losses: () => losses, standStill, work }
}

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

test('a process that dies three times while loading is given up, with the reason', async () => {
  const { supervisor, children } = supervised()
  const outcome = supervisor.start().catch((error: Error) => error.message)
  for (let i = 0; i < 3; i++) {
    children[i]?.die()
    await vi.advanceTimersByTimeAsync(60_000)
  }
  expect(await outcome).toBe('The engine process died 3 times while it loaded some.gguf (SIGSEGV).')
  expect(children).toHaveLength(3)
})

test('a file that is refused ends the start at once', async () => {
  const { supervisor, children } = supervised()
  const outcome = supervisor.start().catch((error: Error) => error.message)
  children[0]?.hear({ type: 'refused', message: 'The model x does not exist.' })
  expect(await outcome).toBe('The model x does not exist.')
  await vi.advanceTimersByTimeAsync(60_000)
  expect(children).toHaveLength(1)
})

test('after a crash the next process starts at once, in a crash loop ever later, and it never gives up', async () => {
  const { supervisor, children, losses } = supervised()
  const started = supervisor.start()
  children[0]?.hear(loaded)
  await started
  const waits: number[] = []
  for (let crash = 1; crash <= 8; crash++) {
    const before = Date.now()
    children.at(-1)?.die()
    expect(supervisor.child).toBeUndefined()
    while (children.length === crash) await vi.advanceTimersByTimeAsync(50)
    waits.push(Date.now() - before)
    children.at(-1)?.hear(loaded)
    expect(supervisor.child?.pid).toBe(crash + 1)
  }
  expect(waits[0]).toBeLessThanOrEqual(100)
  expect(waits).toEqual(waits.toSorted((a, b) => a - b))
  expect(waits.at(-1)).toBe(30_000)
  expect(losses()).toBe(8)
  await vi.advanceTimersByTimeAsync(30_000)
  children.at(-1)?.die()
  await vi.advanceTimersByTimeAsync(100)
  expect(children).toHaveLength(10)
})

test('a process that stands still is replaced within half a minute, one that answers never is', async () => {
  const { supervisor, children, losses, standStill } = supervised()
  const started = supervisor.start()
  children[0]?.hear(loaded)
  await started
  await vi.advanceTimersByTimeAsync(600_000)
  expect([children.length, losses()]).toEqual([1, 0])
  standStill()
  await vi.advanceTimersByTimeAsync(30_000)
  expect([children.length, losses()]).toEqual([2, 1])
})

test('who waits gets the child that comes back, or nothing in time', async () => {
  const { supervisor, children } = supervised()
  const started = supervisor.start()
  children[0]?.hear(loaded)
  await started
  children[0]?.die()
  const { signal } = new AbortController()
  const [late, inTime] = [supervisor.childWithin(10, signal), supervisor.childWithin(1_000, signal)]
  await vi.advanceTimersByTimeAsync(100)
  children[1]?.hear(loaded)
  expect(await late).toBeUndefined()
  expect((await inTime)?.pid).toBe(2)
  await supervisor.close()
  expect(await supervisor.childWithin(1_000, signal)).toBeUndefined()
})

test('one that was told to end takes nothing new, finishes what it has, and the next one starts at once', async () => {
  const { supervisor, children, work } = supervised()
  const started = supervisor.start()
  children[0]?.hear(loaded)
  await started
  work.open = 1
  children[0]?.hear({ type: 'leaving' })
  expect([supervisor.isLeaving, supervisor.child]).toEqual([true, undefined])
  const waits = supervisor.childWithin(60_000, new AbortController().signal)
  await vi.advanceTimersByTimeAsync(9_000)
  expect(children).toHaveLength(1)
  supervisor.rested()
  expect([supervisor.isLeaving, children.length]).toEqual([false, 2])
  children[1]?.hear(loaded)
  expect((await waits)?.pid).toBe(2)
  // One without work is not waited for, and one that does not come to its end not for ever. Nobody died of it.
  work.open = 0
  children[1]?.hear({ type: 'leaving' })
  await vi.advanceTimersByTimeAsync(0)
  children[2]?.hear(loaded)
  work.open = 1
  children[2]?.hear({ type: 'leaving' })
  await vi.advanceTimersByTimeAsync(9_999)
  expect(children).toHaveLength(3)
  await vi.advanceTimersByTimeAsync(1)
  expect(children).toHaveLength(4)
  await supervisor.close()
  expect(vi.getTimerCount()).toBe(0)
})

test('where the service itself ends, who was told to end works on', async () => {
  const { supervisor, children, work } = supervised()
  const started = supervisor.start()
  children[0]?.hear(loaded)
  await started
  work.open = 1
  children[0]?.hear({ type: 'leaving' })
  const waits = supervisor.childWithin(1_000, new AbortController().signal)
  supervisor.stay()
  children[0]?.hear({ type: 'leaving' })
  expect((await waits)?.pid).toBe(1)
  supervisor.rested()
  await vi.advanceTimersByTimeAsync(60_000)
  expect([children.length, supervisor.isLeaving]).toEqual([1, false])
})
