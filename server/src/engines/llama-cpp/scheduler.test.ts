import type { Token } from 'node-llama-cpp'
import { expect, test } from 'vitest'
import type { StepEvent } from './protocol.ts'
import { type OpenModel, Scheduler } from './scheduler.ts'

/** A model whose batches take as long as they are let, and which writes one letter after the other. */
function slowModel() {
  const computing: (() => void)[] = []
  let drawn = 0
  const sequence = { _sequenceId: 0, _contextTokens: [], _nextTokenIndex: 0, needsCheckpoints: false }
  class Sampler {
    applyConfig() {}
    dispose() {}
  }
  const open = {
    model: { _llama: { _bindings: { AddonSampler: Sampler } }, _model: {}, isEogToken: () => false },
    native: {
      initBatch: () => {},
      addToBatch: (_sequence: number, _position: number, _tokens: Uint32Array, wanted: Uint32Array) => wanted,
      setThreads: () => {},
      decodeBatch: () => new Promise<void>((resolve) => void computing.push(resolve)),
      sampleToken: async () => ++drawn,
    },
    threads: { writing: 1, reading: 1 },
    vocabulary: {
      ...{ hidden: [], parsedTexts: [], tokenize: () => [7 as Token] },
      bytes: (token: Token) => Buffer.from(String.fromCharCode(96 + token)),
    },
    pool: { acquire: async () => ({ sequence, cached: 0, release: () => {}, discard: async () => {} }) },
    contextWindow: 100,
    flashAttention: false,
  }
  return { computing, open: open as unknown as OpenModel }
}

test('a token leaves while the next one is computed, and does not wait for it', async () => {
  const { computing, open } = slowModel()
  const texts: string[] = []
  const send = (events: readonly (readonly [number, StepEvent])[]) => {
    for (const [, event] of events) if (event.type === 'text') texts.push(event.text)
  }
  const scheduler = new Scheduler(open, 64, send, (text) => expect.unreachable(text))
  const sampling = { temperature: 0, topP: 1 }
  scheduler.submit(1, 'n', { prompt: ['?'], sampling, maxTokens: 10, constraints: [], banned: [] })
  void scheduler.run()
  for (const said of [[], ['a'], ['a', 'b']]) {
    await expect.poll(() => computing.length).toBe(1)
    expect(texts).toEqual(said)
    computing.shift()?.()
  }
})
