import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Blame, CircuitBreaker, type OpenCause } from './circuit-breaker.ts'

/** A breaker on a clock of its own; without jitter. */
function breakerOf(random = 1) {
  const clock = { now: 0 }
  const changes: (OpenCause | undefined)[] = []
  const breaker = new CircuitBreaker({
    now: () => clock.now,
    random: () => random,
    onChange: (cause) => changes.push(cause),
  })
  const fail = (blame?: Blame, retryAfterMs?: number) => breaker.enter()?.ended(blame, retryAfterMs)
  return { breaker, clock, changes, fail }
}

test('what cannot be reached is left alone at once, ever longer, and never for more than half a minute', () => {
  const { breaker, clock, fail } = breakerOf()
  const pauses: number[] = []
  for (let round = 0; round < 8; round++) {
    fail('away')
    pauses.push(breaker.waitMs())
    expect(breaker.state).toBe('open')
    expect(breaker.enter()).toBeUndefined()
    clock.now += breaker.waitMs()
    expect(breaker.state).toBe('half-open')
  }
  expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000])
  fail()
  expect(breaker.state).toBe('closed')
  fail('away')
  expect(breaker.waitMs()).toBe(1_000)
})

test('pauses are spread over their second half', () => {
  for (const [random, ms] of [
    [0, 500],
    [0.5, 750],
  ] as const) {
    const { breaker, fail } = breakerOf(random)
    fail('away')
    expect(breaker.waitMs()).toBe(ms)
  }
})

test('failed work takes three in a row, and one that goes well starts the count anew', () => {
  const { breaker, fail } = breakerOf()
  for (const blame of ['sick', 'sick', undefined, 'sick', 'sick'] as const) fail(blame)
  expect(breaker.state).toBe('closed')
  fail('sick')
  expect(breaker.state).toBe('open')
})

test('half-open, one may try at a time; its first word takes the place back', () => {
  const { breaker, clock, changes, fail } = breakerOf()
  fail('away')
  clock.now += 1_000
  const probe = breaker.enter()
  expect([breaker.probing, breaker.enter()]).toEqual([true, undefined])
  probe?.worked()
  expect([breaker.state, breaker.probing]).toEqual(['closed', false])
  expect(breaker.enter()).toBeDefined()
  // On probation: what breaks off now has not been well.
  probe?.ended('sick')
  expect([breaker.state, breaker.waitMs()]).toEqual(['open', 2_000])
  expect(changes).toEqual(['away', undefined, 'sick'])
})

test('a probe that says nothing about the place leaves it to the next', () => {
  const { breaker, clock, fail } = breakerOf()
  fail('away')
  clock.now += 1_000
  fail('nobody')
  expect([breaker.state, breaker.probing]).toEqual(['half-open', false])
})

test('a place that serves others is slow and not sick', () => {
  const { breaker, clock } = breakerOf()
  const slowOnes = Array.from({ length: 5 }, () => breaker.enter())
  clock.now += 10
  breaker.enter()?.worked()
  clock.now += 10
  for (const slow of slowOnes) slow?.ended('slow')
  expect(breaker.state).toBe('closed')
  const stalled = Array.from({ length: 3 }, () => breaker.enter())
  clock.now += 10
  for (const slow of stalled) slow?.ended('slow')
  expect(breaker.state).toBe('open')
})

test('a place that served everybody until it stood still is sick', () => {
  const { breaker, clock } = breakerOf()
  const stopped = Array.from({ length: 3 }, () => breaker.enter())
  for (const one of stopped) one?.worked()
  clock.now += 2_500
  for (const one of stopped) one?.ended('slow')
  expect(breaker.state).toBe('open')
})

test('a busy place is left alone for as long as it says, not a moment less, and a longer time counts', () => {
  const { breaker, clock, fail } = breakerOf(0)
  const other = breaker.enter()
  fail('busy', 7_000)
  clock.now += 1_000
  other?.ended('busy', 9_000)
  expect([breaker.waitMs(), breaker.waitMs(true)]).toEqual([9_000, 9_000])
  breaker.probed('alive')
  expect(breaker.waitMs()).toBe(9_000)
  clock.now += 9_000
  expect(breaker.state).toBe('closed')
  expect([breaker.enter(), breaker.enter()]).not.toContain(undefined)
  fail('busy', 1_000)
  clock.now += 1_000
  breaker.probed('away')
  expect(breaker.state).toBe('open')
})

test('one that denies us is asked ever more rarely, not by probes either, and said once', () => {
  const { breaker, clock, changes, fail } = breakerOf()
  const pauses: number[] = []
  for (let round = 0; round < 6; round++) {
    fail('denied', 1_000)
    pauses.push(breaker.waitMs(true))
    breaker.probed('alive')
    clock.now += breaker.waitMs()
  }
  expect(pauses).toEqual([5_000, 10_000, 20_000, 40_000, 60_000, 60_000])
  expect(changes).toEqual(['denied'])
})

test('many that fail together are one failure', () => {
  const { breaker, fail } = breakerOf()
  const all = Array.from({ length: 50 }, () => breaker.enter())
  for (const one of all) one?.ended('away')
  expect(breaker.waitMs()).toBe(1_000)
  expect(fail('away')).toBeUndefined()
})

test('as the last resort one in trouble is tried a second after it failed, one at a time', () => {
  const { breaker, clock, fail } = breakerOf()
  for (let round = 0; round < 6; round++) {
    fail('away')
    clock.now += round < 5 ? breaker.waitMs() : 999
  }
  expect(breaker.enter(true)).toBeUndefined()
  clock.now += 1
  expect(breaker.enter()).toBeUndefined()
  const probe = breaker.enter(true)
  expect(probe).toBeDefined()
  expect(breaker.enter(true)).toBeUndefined()
  probe?.ended('away')
  expect(breaker.waitMs(true)).toBe(1_000)
})

test('being found away when it is asked puts the last resort off no further', () => {
  const { breaker, clock, fail } = breakerOf()
  fail('away')
  for (let asked = 0; asked < 4; asked++) {
    clock.now += 250
    breaker.probed('away')
  }
  expect(breaker.waitMs()).toBeGreaterThan(0)
  expect(breaker.waitMs(true)).toBe(0)
  expect(breaker.enter(true)).toBeDefined()
})

test('asking the place: one that is away is left alone, one that is back may be tried, three silences are one failure', () => {
  const { breaker, clock, fail } = breakerOf()
  breaker.probed('away')
  expect(breaker.state).toBe('open')
  breaker.probed('alive')
  expect(breaker.state).toBe('half-open')
  fail()
  expect(breaker.state).toBe('closed')
  for (const state of ['closed', 'closed', 'open']) {
    breaker.probed('silent')
    expect(breaker.state).toBe(state)
  }
  breaker.probed('alive')
  expect(breaker.state).toBe('half-open')
  // What fails at its work may answer such questions all the time.
  fail('sick')
  breaker.probed('alive')
  expect(breaker.state).toBe('open')
  clock.now += breaker.waitMs()
  expect(breaker.state).toBe('half-open')
})

test('whatever happens: never two probes at once, no harm from what is nobody’s fault, and back within the longest pause', () => {
  const blames = ['away', 'sick', 'slow', 'busy', 'denied', 'nobody', undefined] as const
  const step = fc.record({
    waitMs: fc.nat(5_000),
    blame: fc.constantFrom<Blame | undefined>(...blames),
    works: fc.boolean(),
    lasts: fc.boolean(),
    lastResort: fc.boolean(),
    found: fc.constantFrom('alive', 'away', 'silent', undefined),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.double({ min: 0, max: 1, noNaN: true }), (steps, random) => {
      const { breaker, clock } = breakerOf(random)
      const underWay: (() => void)[] = []
      for (const { waitMs, blame, works, lasts, lastResort, found } of steps) {
        clock.now += waitMs
        const wasClosed = breaker.state === 'closed'
        const wasProbing = breaker.probing
        const attempt = breaker.enter(lastResort)
        if (wasProbing) expect(attempt).toBeUndefined()
        if (wasClosed) expect(attempt).toBeDefined()
        if (works) attempt?.worked()
        const before = breaker.state
        if (lasts) underWay.push(() => attempt?.ended(blame))
        else attempt?.ended(blame)
        if (blame === 'nobody' && !lasts) expect(breaker.state).toBe(before)
        if (found) breaker.probed(found)
      }
      for (const end of underWay) end()
      clock.now += 60_000
      breaker.enter()?.ended()
      expect([breaker.state, breaker.waitMs(), breaker.probing]).toEqual(['closed', 0, false])
    }),
    { numRuns: 2_000, seed: 16 },
  )
})
