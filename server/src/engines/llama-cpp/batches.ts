import type { LlamaContextSequence, Token } from 'node-llama-cpp'
import { type NativeContext, remember, sequenceId } from './native.ts'

/** What one sequence has of a step. */
export interface Part {
  readonly sequence: LlamaContextSequence
  /** At least one, at most a batch. */
  readonly tokens: readonly Token[]
  /** Marks the place before them, where a sequence that cannot be cut back anywhere may be gone on from. */
  readonly mark: boolean
  /** Whether something is drawn behind the last of them. */
  readonly draws: boolean
  /**
   * Called when it is on its way.
   * @param place of the logits, which stand until this settles; -1 where nothing is drawn
   * @param computed nothing may be believed before that
   */
  await(place: number, computed: Promise<void>): Promise<void>
}

/** CPU threads that compute. */
export interface Threads {
  /** Of a batch of single tokens. */
  readonly writing: number
  readonly reading: number
}

const NONE = new Uint32Array()
const FIRST = Uint32Array.of(0)

/**
 * Computes a step of many sequences. Single tokens share a batch, in the order of their sequences: llama.cpp takes only neighbours
 * together. What is longer is a batch of its own: beside others it would be cut into pieces as long as the shortest of them, and flash
 * attention works on 64 tokens at once.
 */
export class Batches {
  readonly #native: NativeContext
  readonly #threads: Threads
  readonly #inOrder: boolean

  /**
   * @param inOrder whether one thread does all jobs, one after the other. Then tokens are asked for behind their batch without waiting for it: a
   * way to that thread and back less for each step, which is a twentieth of it where cores are few.
   */
  constructor(native: NativeContext, threads: Threads, inOrder: boolean) {
    this.#native = native
    this.#threads = threads
    this.#inOrder = inOrder
  }

  /** The first batch is on its way when this returns. @returns which parts failed, and why; their sequences are in doubt then */
  async compute(parts: readonly Part[]): Promise<ReadonlyMap<Part, unknown>> {
    const failed = new Map<Part, unknown>()
    for (const { mark, sequence } of parts) if (mark) await sequence.takeCheckpoint()
    const single = parts.filter(({ tokens }) => tokens.length === 1)
    single.sort((a, b) => sequenceId(a.sequence) - sequenceId(b.sequence))
    const { writing, reading } = this.#threads
    if (single.length > 0) await this.#batch(single, writing, failed)
    for (const part of parts) if (part.tokens.length > 1) await this.#batch([part], reading, failed)
    return failed
  }

  async #batch(parts: readonly Part[], threads: number, failed: Map<Part, unknown>): Promise<void> {
    let places: readonly number[]
    let computed: Promise<void>
    try {
      this.#native.initBatch(parts.reduce((sum, { tokens }) => sum + tokens.length, 0))
      places = parts.map((part) => this.#add(part))
      this.#native.setThreads(threads)
      computed = this.#native.decodeBatch()
      if (!this.#inOrder) await computed
    } catch (error) {
      for (const part of parts) failed.set(part, error)
      return
    }
    for (const { sequence, tokens } of parts) remember(sequence, tokens)
    await Promise.all(
      parts.map(async (part, index) => {
        try {
          await part.await(places[index] ?? -1, computed)
        } catch (error) {
          failed.set(part, error)
        }
      }),
    )
    // Whoever failed may not have waited for it, and nothing may touch the context before.
    await computed.catch(() => undefined)
  }

  #add({ sequence, tokens, draws }: Part): number {
    const last = tokens.length === 1 ? FIRST : Uint32Array.of(tokens.length - 1)
    const wanted = draws ? last : NONE
    const places = this.#native.addToBatch(
      sequenceId(sequence),
      sequence.nextTokenIndex,
      Uint32Array.from(tokens),
      wanted,
    )
    return places[0] ?? -1
  }
}
