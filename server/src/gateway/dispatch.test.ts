import { expect, test } from 'vitest'
import {
  answering,
  callOf,
  catalogOf,
  failing,
  finished,
  replicaOf,
  requestOf,
  started,
  text,
} from '../../test/replicas.ts'
import type { CompletionEvent } from '../completion/event.ts'
import type { Serve } from '../completion/serve.ts'
import { dispatch } from './dispatch.ts'

const patience = { maxAttempts: 3, queueMs: 60_000, restartMs: 200 }

const read = (serve: Serve, call = callOf()): Promise<CompletionEvent[]> => Array.fromAsync(serve(requestOf(), call))

/** A serve that plays the scripts one after the other, and counts. */
function inTurn(...scripts: readonly (readonly CompletionEvent[])[]) {
  let runs = 0
  const serve: Serve = async function* () {
    yield* scripts[Math.min(runs++, scripts.length - 1)] ?? []
  }
  return { serve, runs: () => runs }
}

test('T101: a replica that dies before its first word leaves no trace when another answers', async () => {
  const dying = inTurn([started, failing('engine-lost')])
  const serve = dispatch(
    catalogOf(replicaOf('a', dying.serve), replicaOf('b', answering(started, text('Hi'), finished))),
    patience,
  )
  for (let round = 0; round < 4; round++) expect(await read(serve)).toEqual([started, text('Hi'), finished])
})

test('the only replica is tried again after it came back', async () => {
  const engine = inTurn([failing('engine-lost')], [started, text('Hi'), finished])
  let asked = 0
  const restarting = replicaOf('a', engine.serve, { ready: () => engine.runs() === 0 || ++asked > 3 })
  expect(await read(dispatch(catalogOf(restarting), patience))).toEqual([started, text('Hi'), finished])
})

test('T103: what fails after its first word is passed on, and nothing is tried again', async () => {
  const engine = inTurn([started, text('Hi'), failing('engine-lost')])
  const events = await read(dispatch(catalogOf(replicaOf('a', engine.serve)), patience))
  expect(events).toEqual([started, text('Hi'), failing('engine-lost')])
  expect(engine.runs()).toBe(1)
})

test('T102: without any replica the answer is 503 with a time to come back', async () => {
  const down = replicaOf('a', answering(finished), { ready: () => false })
  expect(await read(dispatch(catalogOf(down), patience))).toMatchObject([
    { type: 'failed', failure: { code: 'engine-unavailable', retryAfterSeconds: 5 } },
  ])
})

test('two engines that die over one prompt end it: the client is told not to repeat it', async () => {
  const engine = inTurn([failing('engine-lost')])
  const events = await read(dispatch(catalogOf(replicaOf('a', engine.serve), replicaOf('b', engine.serve)), patience))
  expect(events).toMatchObject([{ type: 'failed', failure: { code: 'internal', shouldRetry: false } }])
  expect(engine.runs()).toBe(2)
})

test('a silent engine is replaced up to the number of attempts', async () => {
  const engine = inTurn([failing('engine-timeout')])
  const events = await read(dispatch(catalogOf(replicaOf('a', engine.serve)), patience))
  expect(events).toMatchObject([{ type: 'failed', failure: { code: 'engine-unavailable' } }])
  expect(engine.runs()).toBe(3)
})

test('what is the caller’s own fault is not tried elsewhere', async () => {
  const engine = inTurn([failing('context-too-long')])
  const events = await read(dispatch(catalogOf(replicaOf('a', engine.serve)), patience))
  expect(events).toEqual([failing('context-too-long')])
  expect(engine.runs()).toBe(1)
})

test('whoever waits longer than queue_ms for a first word gets 503, and the engine is told to stop', async () => {
  let stopped = false
  const endless: Serve = async function* (_, call) {
    yield started
    await new Promise((resolve) => call.signal.addEventListener('abort', resolve))
    stopped = true
    yield failing('cancelled')
  }
  const events = await read(dispatch(catalogOf(replicaOf('a', endless)), { ...patience, queueMs: 30 }))
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
    async function* () {
      await gate
      yield text('Hi')
      yield finished
    },
    { places: 1 },
  )
  const serve = dispatch(catalogOf(replica), patience)
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
  const events = await read(dispatch(catalogOf(replicaOf('a', unwilling.serve)), patience))
  expect(events).toMatchObject([{ type: 'failed', failure: { code: 'engine-unavailable', retryAfterSeconds: 7 } }])
  expect(unwilling.runs()).toBe(1)
  const other = replicaOf('b', answering(started, text('Hi'), finished))
  for (let round = 0; round < 3; round++)
    expect(await read(dispatch(catalogOf(replicaOf('a', unwilling.serve), other), patience))).toContainEqual(text('Hi'))
})

test('what all engines refuse is a fault of ours that no repetition mends', async () => {
  const failure = { code: 'engine-protocol', message: 'x', elsewhere: true, shouldRetry: false } as const
  const refusing = inTurn([{ type: 'failed', failure }])
  const both = catalogOf(replicaOf('a', refusing.serve), replicaOf('b', refusing.serve))
  expect(await read(dispatch(both, patience))).toMatchObject([
    { type: 'failed', failure: { code: 'internal', shouldRetry: false } },
  ])
  expect(refusing.runs()).toBe(2)
})
