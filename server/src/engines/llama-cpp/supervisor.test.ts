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
  let losses = 0
  const supervisor = new Supervisor({
    id: 'x',
    model: { path: '/models/some.gguf', gpu: false, prefillTokens: 64 },
    log: { info: () => {}, warn: () => {}, error: () => {} },
    onStep: () => {},
    onLost: () => losses++,
    launch: (hear, onDeath) => {
      const die = () => onDeath(death)
      children.push({ hear, die })
      return { pid: children.length, send: () => {}, kill: async () => die() }
    },
  })
  return { supervisor, children, losses: () => losses }
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
