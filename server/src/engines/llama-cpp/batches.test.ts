import type { LlamaContextSequence, Token } from 'node-llama-cpp'
import { describe, expect, test } from 'vitest'
import { Batches, type Part } from './batches.ts'
import type { NativeContext } from './native.ts'

type Added = readonly [sequence: number, position: number, tokens: readonly number[], wanted: readonly number[]]

/** A context that notes what it is asked to compute; a batch with token 13 in it fails. */
function notingContext() {
  const batches: Added[][] = []
  const used: number[] = []
  const native = {
    setThreads: (threads: number) => void used.push(threads),
    initBatch: () => void batches.push([]),
    addToBatch(sequence: number, position: number, tokens: Uint32Array, wanted: Uint32Array) {
      const batch = batches.at(-1) ?? []
      const before = batch.reduce((sum, [, , { length }]) => sum + length, 0)
      batch.push([sequence, position, [...tokens], [...wanted]])
      return wanted.map((at) => before + at)
    },
    async decodeBatch() {
      if (batches.at(-1)?.some(([, , tokens]) => tokens.includes(13))) throw new Error('no luck')
    },
  }
  return { batches, used, native: native as unknown as NativeContext }
}

/** The same, whose batches take a turn of the event loop. */
function slowly(native: NativeContext) {
  let isComputed = false
  const slow: NativeContext = {
    ...native,
    async decodeBatch() {
      await new Promise(setImmediate)
      isComputed = true
      await native.decodeBatch()
    },
  }
  return { native: slow, isComputed: () => isComputed }
}

const threads = { writing: 1, reading: 3 }

/** As the library keeps one. */
function sequenceOf(id: number, remembered: readonly number[] = []) {
  const marks: number[] = []
  const sequence = {
    _sequenceId: id,
    _contextTokens: [...remembered],
    _nextTokenIndex: remembered.length,
    get nextTokenIndex() {
      return this._nextTokenIndex
    },
    takeCheckpoint: async () => void marks.push(sequence._nextTokenIndex),
  }
  return { sequence: sequence as unknown as LlamaContextSequence, raw: sequence, marks }
}

function partOf(sequence: LlamaContextSequence, tokens: readonly number[], more: Partial<Part> = {}) {
  const places: number[] = []
  const part: Part = {
    ...{ sequence, tokens: tokens as readonly Token[], mark: false, draws: true },
    async await(place, computed) {
      await computed
      places.push(place)
    },
    ...more,
  }
  return { part, places }
}

describe.each([false, true])('with drawing right behind: %s', (inOrder) => {
  test('single tokens share one batch in the order of their sequences, and each is drawn from its own place', async () => {
    const { batches, native } = notingContext()
    const [third, first] = [sequenceOf(3, [1, 2]), sequenceOf(0)]
    const [a, b] = [partOf(third.sequence, [7]), partOf(first.sequence, [8])]
    expect(await new Batches(native, threads, inOrder).compute([a.part, b.part])).toEqual(new Map())
    expect(batches).toEqual([
      [
        [0, 0, [8], [0]],
        [3, 2, [7], [0]],
      ],
    ])
    expect([a.places, b.places]).toEqual([[1], [0]])
    expect(third.raw._contextTokens).toEqual([1, 2, 7])
    expect(third.sequence.nextTokenIndex).toBe(3)
  })

  test('what is longer is a batch of its own, and only what is drawn has logits', async () => {
    const { batches, used, native } = notingContext()
    const reading = partOf(sequenceOf(0).sequence, [1, 2, 3], { draws: false })
    const last = partOf(sequenceOf(1).sequence, [4, 5])
    const writing = partOf(sequenceOf(2).sequence, [6])
    await new Batches(native, threads, inOrder).compute([reading.part, last.part, writing.part])
    expect(batches).toEqual([[[2, 0, [6], [0]]], [[0, 0, [1, 2, 3], []]], [[1, 0, [4, 5], [1]]]])
    expect(used).toEqual([1, 3, 3])
    expect([reading.places, last.places, writing.places]).toEqual([[-1], [1], [0]])
  })

  test('logits stand until all have drawn: the next batch waits for that', async () => {
    const { batches, native } = notingContext()
    const seen: number[] = []
    const drawing = async () => {
      await new Promise(setImmediate)
      seen.push(batches.length)
    }
    const parts = [[1], [2, 3], [4, 5]].map(
      (tokens, id) => partOf(sequenceOf(id).sequence, tokens, { await: drawing }).part,
    )
    await new Batches(native, threads, inOrder).compute(parts)
    expect(seen).toEqual([1, 2, 3])
  })

  test('a batch that fails takes its own parts along, and what cannot be drawn only itself', async () => {
    const { native } = notingContext()
    const [bad, beside, other, long] = [sequenceOf(0), sequenceOf(1), sequenceOf(2), sequenceOf(3)]
    const failing = partOf(bad.sequence, [13, 14])
    const undrawn = partOf(beside.sequence, [1], {
      await: async () => {
        throw new Error('nothing to draw')
      },
    })
    const well = partOf(other.sequence, [2])
    const after = partOf(long.sequence, [3, 4])
    const failed = await new Batches(native, threads, inOrder).compute([
      failing.part,
      undrawn.part,
      well.part,
      after.part,
    ])
    expect([...failed].map(([part, error]) => [part, String(error)])).toEqual([
      [undrawn.part, 'Error: nothing to draw'],
      [failing.part, 'Error: no luck'],
    ])
    expect([well.places, after.places]).toEqual([[1], [1]])
  })

  test('what is drawn is asked for behind its batch, where one thread does both, and else once it is computed', async () => {
    const { native } = notingContext()
    const slow = slowly(native)
    let asked: boolean | undefined
    const drawing = async (_: number, computed: Promise<void>) => {
      asked = slow.isComputed()
      await computed
    }
    await new Batches(slow.native, threads, inOrder).compute([
      partOf(sequenceOf(0).sequence, [1], { await: drawing }).part,
    ])
    expect(asked).toBe(!inOrder)
  })

  test('nothing is computed or given up beside a batch that is on its way', async () => {
    const { native } = notingContext()
    const slow = slowly(native)
    const giveUp = async () => {
      throw new Error('nothing to draw')
    }
    const { part } = partOf(sequenceOf(0).sequence, [13], { await: giveUp })
    expect((await new Batches(slow.native, threads, inOrder).compute([part])).size).toBe(1)
    expect(slow.isComputed()).toBe(true)
  })

  test('a mark stands before the tokens that ask for it', async () => {
    const { native } = notingContext()
    const { sequence, marks } = sequenceOf(0, [1, 2, 3])
    await new Batches(native, threads, inOrder).compute([partOf(sequence, [4], { mark: true }).part])
    expect(marks).toEqual([3])
  })
})
