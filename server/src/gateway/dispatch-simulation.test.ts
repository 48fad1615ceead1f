import fc from 'fast-check'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { callOf, catalogOf, finished, replicaOf, requestOf, started, telling, text, told } from '../../test/replicas.ts'
import type { CompletionEvent } from '../completion/event.ts'
import type { Failure } from '../completion/failure.ts'
import { sealed } from '../completion/sealed.ts'
import type { Serve } from '../completion/serve.ts'
import type { Replica } from '../engines/catalog.ts'
import { CircuitBreaker } from '../lib/circuit-breaker.ts'
import { createMetrics } from '../lib/metrics.ts'
import { dispatch } from './dispatch.ts'

/** Many requests, replicas that come and go, a virtual clock: whatever happens, these things hold. */

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const failures = {
  refused: { code: 'engine-unavailable', message: 'x', retryAfterSeconds: 5 },
  lost: { code: 'engine-lost', message: 'x' },
  failed: { code: 'engine-failed', message: 'x' },
  silent: { code: 'engine-timeout', message: 'x' },
  busy: { code: 'engine-busy', message: 'x', retryAfterSeconds: 7, elsewhere: true },
  denied: { code: 'engine-denied', message: 'x', elsewhere: true },
} as const satisfies Record<string, Failure>
type Mood = 'well' | keyof typeof failures
const moods: readonly Mood[] = ['well', 'refused', 'lost', 'failed', 'silent', 'busy', 'denied']

/** What is wrong with the request itself, wherever it goes. */
const faults = {
  none: undefined,
  refused: { code: 'engine-refused', message: 'x', elsewhere: true, shouldRetry: false },
  overflow: { code: 'context-too-long', message: 'x' },
} as const satisfies Record<string, Failure | undefined>

const limits = { interTokenMs: 30_000, maxAttempts: 3, queueMs: 60_000, restartMs: 2_000, queueLength: 50 }
const longestPauseMs = 60_000

const sleep = (ms: number, signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms)
    const onAbort = () => {
      clearTimeout(timer)
      resolve()
    }
    signal.addEventListener('abort', onAbort, { once: true })
  })

/** An engine whose mood changes, and what was seen of it. */
function engineOf(name: string, random: () => number) {
  const seen = { served: 0, probes: 0, probesAtOnce: 0 }
  const engine = { mood: 'well' as Mood, workMs: 10 }
  const attempts = new Map<string, number>()
  const breaker = new CircuitBreaker({ random })
  const serve: Serve = telling(async function* (request, call) {
    attempts.set(call.id, (attempts.get(call.id) ?? 0) + 1)
    const isProbe = breaker.state !== 'closed'
    if (isProbe) seen.probesAtOnce = Math.max(seen.probesAtOnce, ++seen.probes)
    const { mood } = engine
    try {
      await sleep(mood === 'silent' ? 1_000 : engine.workMs, call.signal)
      if (call.signal.aborted) return yield failing({ code: 'cancelled', message: 'x' })
      const failure = mood === 'well' ? faults[request.model as keyof typeof faults] : failures[mood]
      if (failure) return yield failing(failure)
    } finally {
      if (isProbe) seen.probes--
    }
    yield started
    yield text('Hi')
    await sleep(engine.workMs, call.signal)
    seen.served++
    yield finished
  })
  const replica: Replica = { ...replicaOf(name, serve, { places: 4 }), breaker }
  return { engine, seen, attempts, replica }
}

const failing = (failure: Failure): CompletionEvent => ({ type: 'failed', failure })

const mood = fc.constantFrom(...moods)
const step = fc.oneof(
  { weight: 1, arbitrary: fc.record({ engine: fc.nat(2), mood }) },
  {
    weight: 3,
    arbitrary: fc.record({
      user: fc.nat(20),
      fault: fc.constantFrom<keyof typeof faults>('none', 'none', 'none', 'refused', 'overflow'),
      leavesAfterMs: fc.option(fc.nat(50), { freq: 5 }),
    }),
  },
)
const story = fc.record({
  engines: fc.integer({ min: 1, max: 3 }),
  steps: fc.array(fc.tuple(step, fc.nat(400)), { maxLength: 40 }),
  chances: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 7 }),
})

test('many requests over replicas that come and go', async () => {
  await fc.assert(
    fc.asyncProperty(story, async ({ engines, steps, chances }) => {
      let chance = 0
      const random = () => chances[chance++ % chances.length] ?? 0
      const all = Array.from({ length: engines }, (_, index) => engineOf(`engine ${index}`, random))
      // The first one is always well: it must be found, and nothing that others do may be held against it.
      const [steady] = all
      if (!steady) return
      const catalog = catalogOf(...all.map(({ replica }) => replica))
      const [model] = catalog.models
      const serve = sealed(() => undefined)(
        // Each fault of a request is a name of the one model.
        dispatch({ ...catalog, find: () => (model ? { model } : undefined) }, limits, createMetrics()),
      )
      const endings: Promise<void>[] = []
      const request = async (id: string, user: number, fault: keyof typeof faults, leavesAfterMs: number | null) => {
        const leaving = new AbortController()
        if (leavesAfterMs !== null) setTimeout(() => leaving.abort(), leavesAfterMs)
        const call = callOf({ id, namespace: `user ${user}`, signal: leaving.signal })
        const events = await told(serve, requestOf({ model: fault }), call)
        const last = events.at(-1)
        const tries = all.map(({ attempts }) => attempts.get(id) ?? 0)
        expect(tries.reduce((sum, one) => sum + one, 0)).toBeLessThanOrEqual(limits.maxAttempts)
        expect(events.filter(({ type }) => type === 'finished' || type === 'failed')).toHaveLength(1)
        if (last?.type === 'finished' || leaving.signal.aborted) return
        // Somebody is always well: only the request itself, or two engines that died over it, can end it.
        const code = last?.type === 'failed' ? last.failure.code : undefined
        if (fault === 'none') expect([code, tries.length]).toEqual(['internal', 3])
        else if (fault === 'overflow') expect(code).toBeOneOf(['context-too-long', 'internal'])
        // Those that did not refuse it were in trouble: they may take it later.
        else expect(code).toBeOneOf(['internal', 'engine-unavailable'])
      }
      for (const [index, [one, waitMs]] of steps.entries()) {
        if ('mood' in one) {
          const target = all[one.engine]
          if (target && target !== steady) target.engine.mood = one.mood
        } else {
          const ending = request(`req ${index}`, one.user, one.fault, one.leavesAfterMs)
          // Looked at in the end.
          ending.catch(() => undefined)
          endings.push(ending)
        }
        await vi.advanceTimersByTimeAsync(waitMs)
        expect(steady.replica.breaker.state).toBe('closed')
      }
      await vi.runAllTimersAsync()
      await Promise.all(endings)

      // All are well again: within the longest pause each of them serves.
      for (const { engine, seen } of all) {
        engine.mood = 'well'
        seen.served = 0
      }
      await vi.advanceTimersByTimeAsync(longestPauseMs)
      const later = Array.from({ length: 12 }, (_, user) => request(`later ${user}`, user, 'none', null))
      await vi.runAllTimersAsync()
      await Promise.all(later)
      for (const { replica, seen } of all) {
        expect(replica.breaker.state).toBe('closed')
        expect(seen.served).toBeGreaterThan(0)
        expect(seen.probesAtOnce).toBeLessThanOrEqual(1)
        expect([replica.queue.taken, replica.queue.waiting]).toEqual([0, 0])
      }
    }),
    { numRuns: 400, seed: 8 },
  )
}, 60_000)

test('with nobody well for a time, the first request after the recovery is served, and asks are few meanwhile', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom<Mood>('refused', 'failed', 'silent'),
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 1_000, max: 120_000 }),
      async (mood, engines, downMs) => {
        const all = Array.from({ length: engines }, (_, index) => engineOf(`engine ${index}`, () => 1))
        for (const { engine } of all) engine.mood = mood
        const catalog = catalogOf(...all.map(({ replica }) => replica))
        const serve = sealed(() => undefined)(dispatch(catalog, limits, createMetrics()))
        const ask = (id: string) => told(serve, requestOf(), callOf({ id, namespace: id }))
        const endings: Promise<CompletionEvent[]>[] = []
        const until = Date.now() + downMs
        for (let index = 0; Date.now() < until; index++) {
          endings.push(ask(`req ${index}`))
          await vi.advanceTimersByTimeAsync(250)
        }
        const asked = all.map(({ attempts }) => [...attempts.values()].reduce((sum, one) => sum + one, 0))
        // At first as many as it takes to know, then one a second.
        for (const count of asked) expect(count).toBeLessThan(20 + downMs / 1_000)
        for (const { engine } of all) engine.mood = 'well'
        const last = ask('last')
        await vi.runAllTimersAsync()
        expect((await last).at(-1)).toEqual(finished)
        for (const ending of await Promise.all(endings)) expect(ending.at(-1)?.type).toBeOneOf(['finished', 'failed'])
      },
    ),
    { numRuns: 15, seed: 9 },
  )
}, 60_000)
