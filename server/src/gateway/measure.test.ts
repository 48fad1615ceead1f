import { expect, test } from 'vitest'
import { answering, callOf, catalogOf, finished, replicaOf, requestOf, telling, told } from '../../test/replicas.ts'
import { type Failure, type FailureCode, ServeError } from '../completion/failure.ts'
import type { Call } from '../completion/serve.ts'
import type { Replica } from '../engines/catalog.ts'
import { measure } from './measure.ts'

const tooLong: Failure = { code: 'context-too-long', message: 'Too long.', param: 'messages' }

const through = (replicas: readonly Replica[], call: Partial<Call> = {}, keepaliveMs = 60_000) =>
  told(measure(catalogOf(...replicas), { keepaliveMs })(answering(finished)), requestOf(), callOf(call))
const measuring = (fits: NonNullable<Replica['fits']>, ready = true): Replica => ({
  ...replicaOf('a', answering(), { ready: () => ready, places: 1 }),
  fits,
})
const throwing = (error: Error) => measuring(() => Promise.reject(error))

test('what fits goes on, what does not ends here', async () => {
  expect(await through([measuring(async () => undefined)])).toEqual([finished])
  expect(await through([measuring(async () => tooLong)])).toEqual([{ type: 'failed', failure: tooLong }])
})

test('a replica is asked while all its places are taken', async () => {
  const replica = measuring(async () => tooLong)
  await replica.queue.enter('key', 'user', new AbortController().signal)
  expect(await through([replica])).toEqual([{ type: 'failed', failure: tooLong }])
})

test('where nobody is ready, or nobody can tell, the request goes on', async () => {
  expect(await through([measuring(async () => tooLong, false)])).toEqual([finished])
  expect(await through([replicaOf('chat', answering())])).toEqual([finished])
})

test.each<FailureCode>(['engine-lost', 'engine-unavailable', 'engine-protocol', 'cancelled'])(
  'an engine that cannot tell because of %s refuses nothing',
  async (code) => {
    expect(await through([throwing(new ServeError({ code, message: code }))])).toEqual([finished])
  },
)

test('a request of which no prompt can be made, and a defect, come out', async () => {
  const refused = { code: 'invalid-request', message: 'The template does not accept it.' } as const
  await expect(through([throwing(new ServeError(refused))])).rejects.toMatchObject({ failure: refused })
  await expect(through([throwing(new TypeError('x'))])).rejects.toThrow(TypeError)
})

test('after the first heartbeat nobody waits for the check, nor once the caller has left', async () => {
  const stalling = measuring(
    (_, { signal }) =>
      new Promise((_resolve, reject) => {
        const onAbort = () => reject(new ServeError({ code: 'cancelled', message: 'Cancelled.' }))
        signal.addEventListener('abort', onAbort)
        if (signal.aborted) onAbort()
      }),
  )
  expect(await through([stalling], {}, 1)).toEqual([finished])
  expect(await through([stalling], { signal: AbortSignal.abort() })).toEqual([finished])
})

test('the bound of a prompt is that of whoever writes the longest one, each way of writing asked once', async () => {
  const seen: Call[] = []
  const asked: string[] = []
  const sized = (engine: string, size: { bound?: number; count?: number; writer?: string }): Replica => ({
    ...replicaOf(engine, answering()),
    ...(size.writer !== undefined && { promptWriter: size.writer }),
    ...(size.bound !== undefined && {
      promptTokensMax: () => {
        asked.push(engine)
        return size.bound ?? 0
      },
    }),
    ...(size.count !== undefined && { countPrompt: async () => size.count }),
  })
  const boundsOf = async (...replicas: readonly Replica[]) => {
    const serve = measure(catalogOf(...replicas), { keepaliveMs: 60_000 })(
      telling(async function* (_, call) {
        seen.push(call)
        yield finished
      }),
    )
    await told(serve, requestOf(), callOf())
    const call = seen.at(-1)
    return [call?.promptTokensMax, await call?.countPrompt?.()]
  }
  const a = { bound: 90, count: 20, writer: 'w' }
  expect(await boundsOf(sized('a', a))).toEqual([90, 20])
  asked.length = 0
  expect(await boundsOf(sized('a', a), sized('b', a))).toEqual([90, 20])
  expect(asked).toHaveLength(1)
  expect(await boundsOf(sized('a', a), sized('b', { bound: 120, count: 30, writer: 'v' }))).toEqual([120, 30])
  // A chat API counts nothing: what it writes at most is what its count can be.
  expect(await boundsOf(sized('a', a), sized('b', { bound: 70 }))).toEqual([90, 70])
  expect(await boundsOf(sized('a', a), sized('b', {}))).toEqual([undefined, undefined])
})
