import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import {
  answering,
  callOf,
  failing,
  finished,
  modelOf,
  replicaOf,
  requestOf,
  started,
  telling,
  text,
  told,
} from '../../test/replicas.ts'
import type { CompletionEvent } from '../completion/event.ts'
import { defaultLimits } from '../completion/limits.ts'
import { sealed } from '../completion/sealed.ts'
import type { Call, Hedge, Serve } from '../completion/serve.ts'
import { startTrace } from '../completion/trace.ts'
import { createCatalog, type HedgeRule, type Replica } from '../engines/catalog.ts'
import { createMetrics } from '../lib/metrics.ts'
import { dispatch } from './dispatch.ts'

/** A second replica is asked beside one that has no first word, on a virtual clock. */

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const always: HedgeRule = { afterMs: 100, shareMax: 1 }

/** Begins its answer after so long, and tells when it was told to stop. */
function slow(word: string, firstMs: number, { ends = finished }: { ends?: CompletionEvent } = {}) {
  const seen = { asked: 0, stoppedAt: undefined as number | undefined }
  const serve: Serve = telling(async function* (_, { signal }) {
    seen.asked++
    yield started
    const stopped = await new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => resolve(false), firstMs)
      signal.addEventListener('abort', () => {
        clearTimeout(timer)
        seen.stoppedAt = Date.now()
        resolve(true)
      })
    })
    if (stopped) return yield failing('cancelled')
    if (ends.type === 'failed') return yield ends
    yield text(word)
    yield text(`${word}!`)
    yield ends
  })
  return { serve, seen }
}

function gatewayOf(hedge: HedgeRule | undefined, ...replicas: readonly Replica[]) {
  const metrics = createMetrics()
  const model = modelOf('m', replicas, hedge ? { hedge } : {})
  const serve = dispatch(createCatalog([model]), defaultLimits, metrics)
  return {
    metrics,
    async ask(more: Partial<Call> = {}) {
      const drafts: unknown[] = []
      const hedges: Hedge[] = []
      const trace = startTrace()
      const began = Date.now()
      const asked = callOf({
        trace,
        onDraft: (draft) => void drafts.push(draft),
        onHedged: (end) => void hedges.push(end),
        ...more,
      })
      let endedAt = 0
      const reading = (async () => {
        const events = await told(sealed(() => undefined)(serve), requestOf(), asked)
        endedAt = Date.now()
        return events
      })()
      await vi.runAllTimersAsync()
      const events = await reading
      for (const { queue } of replicas) expect([queue.taken, queue.waiting]).toEqual([0, 0])
      const tries = trace.tries.map(({ engine, why, outcome }) => [engine, why, outcome])
      return { events, hedges, drafts: drafts.length, tries, ms: endedAt - began }
    },
    async hedged() {
      return (await metrics.hedges.get()).values.map(({ labels, value }) => [labels.outcome, value])
    },
  }
}

const says = (word: string) => [started, text(word), text(`${word}!`), finished]
/** The first of them is asked first: it has more weight. */
const first = (serve: Serve, name = 'first') => ({ ...replicaOf(name, serve), weight: 1_000 })

test('the second replica’s word is first: its answer is the answer, and the other one is stopped and not blamed', async () => {
  const late = slow('late', 5_000)
  const soon = slow('soon', 20)
  const replica = first(late.serve)
  const gateway = gatewayOf(always, replica, replicaOf('second', soon.serve))
  const began = Date.now()
  const { events, hedges, drafts, tries, ms } = await gateway.ask()
  expect(events).toEqual(says('soon'))
  expect([hedges, drafts, ms]).toEqual([['won'], 2, 120])
  expect(late.seen.stoppedAt).toBe(began + 120)
  expect(tries).toEqual([
    ['first', 'prefix', 'outraced'],
    ['second', 'hedge', 'ok'],
  ])
  expect(await gateway.hedged()).toEqual([['won', 1]])
  for (let round = 0; round < 5; round++) await gateway.ask()
  expect(replica.breaker.state).toBe('closed')
})

test('the first replica’s word is first after all: the second one leaves no trace in the answer', async () => {
  const late = slow('late', 150)
  const later = slow('later', 5_000)
  const gateway = gatewayOf(always, first(late.serve), replicaOf('second', later.serve))
  const { events, hedges, drafts, tries } = await gateway.ask()
  expect(events).toEqual(says('late'))
  expect([hedges, drafts]).toEqual([['lost'], 1])
  expect(later.seen.stoppedAt).toBeDefined()
  expect(tries.map(([engine, , outcome]) => [engine, outcome])).toEqual([
    ['first', 'ok'],
    ['second', 'outraced'],
  ])
})

test('an answer in one piece is decided by its first word, too', async () => {
  const late = slow('late', 5_000)
  const gateway = gatewayOf(always, first(late.serve), replicaOf('second', slow('soon', 20).serve))
  expect((await gateway.ask({ whole: true })).events).toEqual(says('soon'))
})

test('nobody else is asked where the first word comes in time, or where there is no such rule', async () => {
  const other = slow('other', 10)
  const inTime = gatewayOf(always, first(slow('soon', 90).serve), replicaOf('second', other.serve))
  expect((await inTime.ask()).events).toEqual(says('soon'))
  const off = gatewayOf(undefined, first(slow('late', 5_000).serve), replicaOf('second', other.serve))
  expect((await off.ask()).events).toEqual(says('late'))
  expect(other.seen.asked).toBe(0)
})

test('nobody else is asked where nobody has room, or is well', async () => {
  const other = slow('other', 10)
  const full = replicaOf('full', other.serve, { places: 1 })
  const leave = await full.queue.enter('key', 'user', new AbortController().signal)
  const sick = replicaOf('sick', other.serve)
  sick.breaker.enter()?.ended('away')
  const away = replicaOf('away', other.serve, { ready: () => false })
  const gateway = gatewayOf(always, first(slow('late', 300).serve), full, sick, away)
  setTimeout(() => leave?.(), 1_000)
  expect((await gateway.ask()).events).toEqual(says('late'))
  expect(other.seen.asked).toBe(0)
  expect(await gateway.hedged()).toEqual([])
})

test('the first one fails while the second runs, which goes on alone', async () => {
  const dying = slow('', 150, { ends: failing('engine-timeout') })
  const gateway = gatewayOf(always, first(dying.serve), replicaOf('second', slow('second', 500).serve))
  const { events, hedges, tries } = await gateway.ask()
  expect(events).toEqual(says('second'))
  expect(hedges).toEqual(['won'])
  expect(tries).toHaveLength(2)
})

test('both fail: a third one makes the answer, and each failure counts', async () => {
  const dying = (ms: number) => slow('', ms, { ends: failing('engine-failed') }).serve
  const third = { ...replicaOf('third', answering(...says('third'))), weight: 0.001 }
  const gateway = gatewayOf(always, first(dying(150)), replicaOf('second', dying(20)), third)
  const { events, hedges, tries } = await gateway.ask()
  expect(events).toEqual(says('third'))
  expect(hedges).toEqual(['failed'])
  expect(tries.map(([engine, , outcome]) => [engine, outcome])).toEqual([
    ['first', 'engine-failed'],
    ['second', 'engine-failed'],
    ['third', 'ok'],
  ])
})

test('a caller who leaves takes both along', async () => {
  const both = [slow('a', 5_000), slow('b', 5_000)] as const
  const gateway = gatewayOf(always, first(both[0].serve), replicaOf('second', both[1].serve))
  const leaving = new AbortController()
  setTimeout(() => leaving.abort(), 200)
  const { events } = await gateway.ask({ signal: leaving.signal })
  expect(events).toMatchObject([{ type: 'failed', failure: { code: 'cancelled' } }])
  for (const { seen } of both) expect(seen.stoppedAt).toBeDefined()
})

test('no more than their share of requests are hedged', async () => {
  const gateway = gatewayOf(
    { afterMs: 100, shareMax: 0.1 },
    first(slow('late', 500).serve),
    replicaOf('second', slow('soon', 20).serve),
  )
  let hedged = 0
  for (let asked = 1; asked <= 50; asked++) {
    hedged += (await gateway.ask()).hedges.length
    expect(hedged).toBeLessThanOrEqual(asked * 0.1 + 1e-6)
  }
  expect(hedged).toBeGreaterThanOrEqual(4)
})

test('the time after which it is due is learned: what 19 of 20 answers keep', async () => {
  let asked = 0
  const serve: Serve = (...args) => slow('first', asked++ % 20 === 19 ? 3_000 : 200 + (asked % 20)).serve(...args)
  const other = slow('other', 20)
  const gateway = gatewayOf({ afterMs: 'p95', shareMax: 0.5 }, first(serve), replicaOf('second', other.serve))
  for (let round = 0; round < 19; round++) expect((await gateway.ask()).hedges).toEqual([])
  // Nothing is known of the slow end before it was seen.
  expect((await gateway.ask()).ms).toBe(3_000)
  expect(other.seen.asked).toBe(0)
  for (let round = 0; round < 19; round++) await gateway.ask()
  const { ms, hedges } = await gateway.ask()
  expect(hedges).toEqual(['won'])
  expect(ms).toBeGreaterThan(200)
  expect(ms).toBeLessThan(300)
})
