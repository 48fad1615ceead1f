import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { generated, generating } from '../../test/generating.ts'
import { withDeadlines } from './deadlines.ts'
import type { Generation, GenerationCall, GenerationEvent, TokenEngine } from './token-engine.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const text: GenerationEvent = { type: 'text', text: 'a', tokens: 1 }
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

function engineOf(generate: (call: GenerationCall) => AsyncIterable<GenerationEvent>): TokenEngine {
  const engine: TokenEngine = {
    id: 'double',
    facts: undefined,
    slots: 1,
    ready: () => true,
    generate: generating((_, call) => generate(call)),
    count: async () => 1,
    close: async () => undefined,
  }
  return withDeadlines(engine, { firstTokenMs: 1_000, interTokenMs: 100, abortMs: 50 })
}

/** Reads to the end and says what came and how it ended, and after how many milliseconds. */
async function run(engine: TokenEngine, signal = new AbortController().signal) {
  const began = Date.now()
  let count = 0
  let ending = 'ended'
  const reading = (async () => {
    try {
      await engine.generate({} as Generation, { id: 'req', namespace: 'n', signal }, () => count++)
    } catch (error) {
      ending = (error as { failure: { code: string } }).failure.code
    }
    return { count, ending, ms: Date.now() - began }
  })()
  await vi.runAllTimersAsync()
  return reading
}

const stalled = new Promise<never>(() => undefined)

test('an engine without a first token has failed by the deadline and is told to stop', async () => {
  let told: AbortSignal | undefined
  const engine = engineOf(async function* (call) {
    told = call.signal
    await stalled
    yield text
  })
  expect(await run(engine)).toEqual({ count: 0, ending: 'engine-timeout', ms: 1_000 })
  expect(told?.aborted).toBe(true)
})

test('a pause between tokens has its own, shorter deadline', async () => {
  const engine = engineOf(async function* () {
    yield text
    await pause(99)
    yield text
    await stalled
  })
  expect(await run(engine)).toEqual({ count: 2, ending: 'engine-timeout', ms: 199 })
})

test('prefill progress starts the first clock anew', async () => {
  const engine = engineOf(async function* () {
    for (let chunk = 0; chunk < 3; chunk++) {
      await pause(900)
      yield { type: 'progress', promptTokensRead: chunk }
    }
    await pause(900)
    yield text
  })
  expect(await run(engine)).toEqual({ count: 4, ending: 'ended', ms: 3_600 })
})

test('an engine that ignores an abort is left behind, one that hears it may say its last word', async () => {
  const deaf = new AbortController()
  setTimeout(() => deaf.abort(), 20)
  const ignoring = engineOf(async function* () {
    yield text
    await stalled
  })
  expect(await run(ignoring, deaf.signal)).toEqual({ count: 1, ending: 'cancelled', ms: 70 })
  const heard = new AbortController()
  setTimeout(() => heard.abort(), 20)
  const obeying = engineOf(async function* (call) {
    yield text
    await new Promise((resolve) => call.signal.addEventListener('abort', resolve))
    yield text
  })
  expect(await run(obeying, heard.signal)).toEqual({ count: 2, ending: 'ended', ms: 20 })
})

test('a reader who takes its time is no silent engine', async () => {
  const engine = engineOf(async function* () {
    yield text
    yield text
    await pause(90)
    yield text
  })
  const reading = (async () => {
    let count = 0
    for await (const _ of generated(engine, {} as Generation, {
      id: 'req',
      namespace: 'n',
      signal: new AbortController().signal,
    })) {
      count++
      await pause(1_000)
    }
    return count
  })()
  await vi.runAllTimersAsync()
  expect(await reading).toBe(3)
})
