import { expect, onTestFinished, test, vi } from 'vitest'
import {
  answering,
  callOf,
  catalogOf,
  failing,
  finished,
  replicaOf,
  requestOf,
  started,
  telling,
  text,
  told,
} from '../../test/replicas.ts'
import type { CompletionEvent } from '../completion/event.ts'
import type { Serve } from '../completion/serve.ts'
import type { Catalog } from '../engines/catalog.ts'
import { createMetrics } from '../lib/metrics.ts'
import { dispatch } from './dispatch.ts'

const patience = { interTokenMs: 30_000, maxAttempts: 3, queueMs: 60_000, restartMs: 200, queueLength: 100 }
const dispatchTo = (catalog: Catalog, more: Partial<typeof patience> = {}, metrics = createMetrics()) =>
  dispatch(catalog, { ...patience, ...more }, metrics)

const read = (serve: Serve, call = callOf()): Promise<CompletionEvent[]> => told(serve, requestOf(), call)

/** A serve that plays the scripts one after the other, and counts. */
function inTurn(...scripts: readonly (readonly CompletionEvent[])[]) {
  let runs = 0
  const serve: Serve = telling(async function* () {
    yield* scripts[Math.min(runs++, scripts.length - 1)] ?? []
  })
  return { serve, runs: () => runs }
}

test('T101: a replica that dies before its first word leaves no trace when another answers', async () => {
  const dying = inTurn([started, failing('engine-lost')])
  const serve = dispatchTo(
    catalogOf(replicaOf('a', dying.serve), replicaOf('b', answering(started, text('Hi'), finished))),
  )
  for (let round = 0; round < 4; round++) expect(await read(serve)).toEqual([started, text('Hi'), finished])
})

test('what nobody has seen is made anew elsewhere, where only the one that failed could go on with it', async () => {
  const broken = inTurn([started, text('H'), failing('engine-failed')])
  const a = { ...replicaOf('a', broken.serve), continues: () => true }
  const serve = dispatchTo(catalogOf(a, replicaOf('b', answering(started, text('Hi'), finished))))
  for (let round = 0; round < 6; round++) {
    const before = broken.runs()
    expect((await read(serve, { ...callOf(), whole: true })).at(-1)).toEqual(finished)
    expect(broken.runs() - before).toBeLessThan(2)
  }
  expect(broken.runs()).toBeGreaterThan(0)
})

test('who stands in the line of a replica that begins to leave goes to another one', async () => {
  let leaves = false
  let open: () => void = () => undefined
  const gate = new Promise<void>((resolve) => {
    open = resolve
  })
  const runs = { a: 0, b: 0 }
  const busy = replicaOf(
    'a',
    telling(async function* () {
      runs.a++
      await gate
      yield* [text('Hi'), finished]
    }),
    { places: 1 },
  )
  let there = false
  const late = replicaOf(
    'b',
    telling(async function* () {
      runs.b++
      yield* [text('Ho'), finished]
    }),
    { ready: () => there },
  )
  const serve = dispatchTo(catalogOf({ ...busy, leaving: () => leaves }, late))
  const first = read(serve)
  const second = read(serve)
  await expect.poll(() => busy.queue.waiting).toBe(1)
  leaves = true
  there = true
  open()
  expect([await first, await second]).toEqual([
    [text('Hi'), finished],
    [text('Ho'), finished],
  ])
  expect(runs).toEqual({ a: 1, b: 1 })
  // Nobody else is left: one that leaves is better than none.
  there = false
  expect(await read(serve)).toEqual([text('Hi'), finished])
})

test('the only replica is tried again after it came back', async () => {
  const engine = inTurn([failing('engine-lost')], [started, text('Hi'), finished])
  let asked = 0
  const restarting = replicaOf('a', engine.serve, { ready: () => engine.runs() === 0 || ++asked > 3 })
  expect(await read(dispatchTo(catalogOf(restarting)))).toEqual([started, text('Hi'), finished])
})

test('T103: what fails after its first word is passed on, and nothing is tried again', async () => {
  const engine = inTurn([started, text('Hi'), failing('engine-lost')])
  const events = await read(dispatchTo(catalogOf(replicaOf('a', engine.serve))))
  expect(events).toEqual([started, text('Hi'), failing('engine-lost')])
  expect(engine.runs()).toBe(1)
})

test('T102: without any replica the answer is 503 with a time to come back', async () => {
  const down = replicaOf('a', answering(finished), { ready: () => false })
  expect(await read(dispatchTo(catalogOf(down)))).toMatchObject([
    { type: 'failed', failure: { code: 'engine-unavailable', retryAfterSeconds: 5 } },
  ])
})

test('two engines that die over one prompt end it: the client is told not to repeat it', async () => {
  const engine = inTurn([failing('engine-lost')])
  const events = await read(dispatchTo(catalogOf(replicaOf('a', engine.serve), replicaOf('b', engine.serve))))
  expect(events).toMatchObject([{ type: 'failed', failure: { code: 'internal', shouldRetry: false } }])
  expect(engine.runs()).toBe(2)
})

test('who was read beside others when the engine died is not held to be the reason', async () => {
  const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  let asked = 0
  const dying = (gate: number): Serve =>
    telling(async function* () {
      asked++
      yield started
      await gates[gate]?.promise
      yield failing('engine-lost')
    })
  const well = replicaOf('c', answering(started, text('Hi'), finished), { ready: () => asked === 4 })
  const first = replicaOf('a', dying(0), { ready: () => asked < 2 })
  const second = replicaOf('b', dying(1), { ready: () => asked >= 2 && asked < 4 })
  const serve = dispatchTo(catalogOf(first, second, well))
  const both = Promise.all([read(serve), read(serve)])
  for (const [gate, { resolve }] of gates.entries()) {
    await expect.poll(() => asked).toBe(2 * (gate + 1))
    await new Promise((turn) => setTimeout(turn, 5))
    resolve()
  }
  const whole = [started, text('Hi'), finished]
  expect(await both).toEqual([whole, whole])
})

test('a silent engine is replaced up to the number of attempts', async () => {
  const engine = inTurn([failing('engine-timeout')])
  const events = await read(dispatchTo(catalogOf(replicaOf('a', engine.serve))))
  expect(events).toMatchObject([{ type: 'failed', failure: { code: 'engine-unavailable' } }])
  expect(engine.runs()).toBe(3)
})

test('what is the caller’s own fault is not tried elsewhere', async () => {
  const engine = inTurn([failing('context-too-long')])
  const events = await read(dispatchTo(catalogOf(replicaOf('a', engine.serve))))
  expect(events).toEqual([failing('context-too-long')])
  expect(engine.runs()).toBe(1)
})

test('whoever waits longer than queue_ms for a first word gets 503, and the engine is told to stop', async () => {
  let stopped = false
  const endless: Serve = telling(async function* (_, call) {
    yield started
    await new Promise((resolve) => call.signal.addEventListener('abort', resolve))
    stopped = true
    yield failing('cancelled')
  })
  const events = await read(dispatchTo(catalogOf(replicaOf('a', endless)), { queueMs: 30 }))
  expect(events).toMatchObject([{ type: 'failed', failure: { code: 'engine-unavailable' } }])
  expect(stopped).toBe(true)
})

test('a request waits for a place, and a caller who leaves the line ends as cancelled', async () => {
  let open: () => void = () => undefined
  const gate = new Promise<void>((resolve) => {
    open = resolve
  })
  const replica = replicaOf(
    'a',
    telling(async function* () {
      await gate
      yield text('Hi')
      yield finished
    }),
    { places: 1 },
  )
  const serve = dispatchTo(catalogOf(replica))
  const first = read(serve)
  const leaving = new AbortController()
  const second = read(serve, callOf({ signal: leaving.signal }))
  const third = read(serve)
  await expect.poll(() => replica.queue.waiting).toBe(2)
  leaving.abort()
  await expect(second).rejects.toThrow()
  open()
  expect(await first).toEqual([text('Hi'), finished])
  expect(await third).toEqual([text('Hi'), finished])
  expect([replica.queue.taken, replica.queue.waiting]).toEqual([0, 0])
})

test('an engine that will not take a request is not asked again; the next one is', async () => {
  const failure = { code: 'engine-unavailable', message: 'x', elsewhere: true, retryAfterSeconds: 7 } as const
  const unwilling = inTurn([{ type: 'failed', failure }])
  const events = await read(dispatchTo(catalogOf(replicaOf('a', unwilling.serve))))
  expect(events).toMatchObject([{ type: 'failed', failure: { code: 'engine-unavailable', retryAfterSeconds: 7 } }])
  expect(unwilling.runs()).toBe(1)
  const other = replicaOf('b', answering(started, text('Hi'), finished))
  for (let round = 0; round < 3; round++)
    expect(await read(dispatchTo(catalogOf(replicaOf('a', unwilling.serve), other)))).toContainEqual(text('Hi'))
})

test('what all engines refuse is a fault of ours that no repetition mends', async () => {
  const failure = { code: 'engine-protocol', message: 'x', elsewhere: true, shouldRetry: false } as const
  const refusing = inTurn([{ type: 'failed', failure }])
  const both = catalogOf(replicaOf('a', refusing.serve), replicaOf('b', refusing.serve))
  expect(await read(dispatchTo(both))).toMatchObject([
    { type: 'failed', failure: { code: 'internal', shouldRetry: false } },
  ])
  expect(refusing.runs()).toBe(2)
})

test('no more wait for an engine to come back than may wait in a line', async () => {
  let back = false
  const away = replicaOf('a', answering(started, text('Hi'), finished), { ready: () => back })
  const serve = dispatchTo(catalogOf(away), { restartMs: 60_000, queueLength: 2 })
  const waiting = [read(serve), read(serve)]
  expect(await read(serve)).toMatchObject([{ type: 'failed', failure: { code: 'engine-unavailable' } }])
  back = true
  for (const events of await Promise.all(waiting)) expect(events).toContainEqual(text('Hi'))
  expect(await read(serve)).toContainEqual(text('Hi'))
})

test('a request whose engine failed while it stood in the line goes elsewhere, and that is no attempt', async () => {
  const gate = Promise.withResolvers<void>()
  const failed: CompletionEvent = { type: 'failed', failure: { code: 'engine-unavailable', message: 'x' } }
  const failing = replicaOf(
    'a',
    telling(async function* () {
      await gate.promise
      yield failed
    }),
    { places: 1 },
  )
  let isUp = false
  const other = replicaOf('b', answering(started, text('Hi'), finished), { ready: () => isUp })
  const metrics = createMetrics()
  const serve = dispatchTo(catalogOf(failing, other), {}, metrics)
  const all = [read(serve), read(serve), read(serve)]
  await expect.poll(() => failing.queue.waiting).toBe(2)
  isUp = true
  gate.resolve()
  for (const events of await Promise.all(all)) expect(events).toEqual([started, text('Hi'), finished])
  expect((await metrics.retries.get()).values).toMatchObject([{ value: 1 }])
})

test('what one engine has against the request and another against us may pass, at the earliest time that was named', async () => {
  const refusing = { code: 'engine-refused', message: 'x', elsewhere: true, shouldRetry: false } as const
  const busy = (retryAfterSeconds: number) =>
    ({ code: 'engine-busy', message: 'x', elsewhere: true, retryAfterSeconds }) as const
  for (const failures of [
    [refusing, busy(20), busy(40)],
    [busy(40), busy(20), refusing],
  ]) {
    const replicas = failures.map((failure, index) =>
      replicaOf(`engine ${index}`, answering({ type: 'failed', failure })),
    )
    expect(await read(dispatchTo(catalogOf(...replicas)))).toMatchObject([
      { type: 'failed', failure: { code: 'engine-unavailable', retryAfterSeconds: 20 } },
    ])
  }
})

/** An engine that adds a word and is lost, so many times; then it ends the answer. */
function growing(words: number): { readonly serve: Serve; runs(): number } {
  let runs = 0
  return {
    runs: () => runs,
    serve: telling(async function* (_, { draft }) {
      if (runs++ === words) return yield finished
      draft?.tally.add(1)
      yield text(`${runs} `)
      yield failing('engine-lost')
    }),
  }
}
const goingOn = (engine: string, serve: Serve) => ({ ...replicaOf(engine, serve), continues: () => true })
const both = (serve: Serve) => catalogOf(goingOn('a', serve), goingOn('b', serve))

test('C123: an answer that grows between its failures meets more of them than one that does not', async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const readAll = async (serve: Serve) => {
    const events = read(serve)
    await vi.runAllTimersAsync()
    return events
  }
  const mortal = growing(8)
  const events = await readAll(dispatchTo(both(mortal.serve), { restartMs: 10_000 }))
  expect(events.map((event) => (event.type === 'text' ? event.text : event.type)).join('')).toBe(
    '1 2 3 4 5 6 7 8 finished',
  )
  // Not for ever: engines may die of the answer.
  const deadly = growing(Number.POSITIVE_INFINITY)
  expect((await readAll(dispatchTo(both(deadly.serve), { restartMs: 10_000 }))).at(-1)).toEqual(failing('engine-lost'))
  expect(deadly.runs()).toBe(12)
})

test('who could go on, and has too much to do, is asked again when that is over', async () => {
  let runs = 0
  const serve: Serve = telling(async function* (_, { draft }) {
    const run = runs++
    if (run === 0) {
      draft?.tally.add(1)
      yield text('Hi')
      yield failing('engine-lost')
    } else if (run === 1) {
      const failure = { code: 'engine-busy', message: 'x', elsewhere: true, retryAfterSeconds: 0.05 } as const
      yield { type: 'failed', failure }
    } else yield finished
  })
  expect(await read(dispatchTo(catalogOf(goingOn('a', serve))))).toEqual([text('Hi'), finished])
})

test('nobody waits for engines that the operator took out, all of them', async () => {
  const out = { ...replicaOf('a', answering(finished), { ready: () => false }), drained: () => true }
  let isOut = false
  const other = { ...replicaOf('b', answering(finished), { ready: () => false }), drained: () => isOut }
  const serve = dispatchTo(catalogOf(out, other), { restartMs: 60_000 })
  const waiting = read(serve)
  await new Promise((turn) => setTimeout(turn, 50))
  isOut = true
  const refused = { type: 'failed', failure: { code: 'engine-unavailable', retryAfterSeconds: 5 } }
  expect([await waiting, await read(serve)]).toMatchObject([[refused], [refused]])
})
