import type { LlamaModel, Token } from 'node-llama-cpp'
import { beforeEach, expect, test } from 'vitest'
import { RunningGeneration } from './generation.ts'
import type { NativeContext } from './native.ts'
import { AHEAD_MAX, type StepEvent } from './protocol.ts'
import type { Lease } from './sequences.ts'
import type { Vocabulary } from './vocabulary.ts'

const END = 0

/** A model that writes the letters of the alphabet. */
class Sampler {
  applyConfig() {}
  dispose() {}
}
const model = {
  ...{ _llama: { _bindings: { AddonSampler: Sampler } }, _model: {} },
  isEogToken: (token: Token) => token === END,
} as unknown as LlamaModel
const vocabulary = {
  bytes: (token: Token) => Buffer.from(String.fromCharCode(97 + (token % 26))),
} as Vocabulary

let events: StepEvent[]
let drawn: number
beforeEach(() => {
  events = []
  drawn = 0
})

function generating({ maxTokens = 1_000, contextWindow = 4_096, endsAfter = Infinity } = {}) {
  const native = {
    sampleToken: async () => (drawn < endsAfter ? ++drawn : END),
  } as unknown as NativeContext
  const sequence = { nextTokenIndex: 1, needsCheckpoints: false }
  const lease = { sequence, cached: 0, release: () => {}, discard: async () => {} } as unknown as Lease
  const sampling = { temperature: 0, topP: 1 }
  const generation = { prompt: ['?'], sampling, maxTokens, constraints: [], banned: [] }
  const prepared = { generation, prompt: [7 as Token], grammars: [], banned: new Uint32Array() }
  const writing = { model, native, vocabulary, contextWindow }
  return new RunningGeneration(prepared, lease, writing, (event) => events.push(event))
}

const step = (running: RunningGeneration) => running.part(1)?.await(0, Promise.resolve())
const texts = () => events.filter(({ type }) => type === 'text')

test('a token is told of once, when it is asked for and not before', async () => {
  const running = generating()
  await step(running)
  expect([drawn, texts()]).toEqual([1, []])
  running.tell()
  running.tell()
  expect(texts()).toEqual([{ type: 'text', text: 'b', tokens: 1, token: 1 }])
})

test('a reader that lags is told of as much as an answer may be ahead of it', async () => {
  const running = generating()
  while (!running.resting) {
    running.tell()
    await step(running)
  }
  running.tell()
  expect(drawn).toBe(AHEAD_MAX)
  expect(texts()).toHaveLength(AHEAD_MAX)
  running.consumed(1)
  expect(running.resting).toBe(false)
})

test.each([
  ['the model ends it', { endsAfter: 3 }, ['text', 'text', 'text', 'ended']],
  ['its limit is reached', { maxTokens: 3 }, ['text', 'text', 'text', 'ended']],
  ['its context is full', { contextWindow: 2 }, ['text', 'ended']],
])('everything is told of before the end: %s', async (_, options, kinds) => {
  const running = generating(options)
  while (!running.ended) {
    running.tell()
    await step(running)
  }
  expect(events.slice(1).map(({ type }) => type)).toEqual(kinds)
})

test.each([
  ['cancelled', (running: RunningGeneration) => running.close()],
  ['given up after a failure', (running: RunningGeneration) => running.discard()],
])('what was written before it was %s is told of', async (_, end) => {
  const running = generating()
  for (let i = 0; i < 3; i++) {
    running.tell()
    await step(running)
  }
  await end(running)
  expect(texts()).toHaveLength(3)
})
