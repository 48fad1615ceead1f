import type { LlamaContextSequence, Token } from 'node-llama-cpp'

/** What one sequence remembers, as far as choosing one needs to know. */
export interface Remembered {
  readonly namespace: string | undefined
  /** Tokens in its cache. */
  readonly length: number
  /** Of these, how many the new prompt starts with. */
  readonly common: number
  /** Greater is later. */
  readonly lastUsed: number
  /** Of the sequences right beside it, how many are busy. */
  readonly neighbours: number
}

/**
 * Picks the sequence for a prompt: of its own namespace the one with the longest common prefix; but where that is the lesser
 * part of prompt and cache, an empty one, so that two conversations of one user do not push each other out; else any. Of equals
 * one beside those that are busy, since llama.cpp computes neighbours in one batch and others one after the other; then the least
 * recently used.
 * @returns undefined if there is none
 */
export function choose<One extends Remembered>(
  free: readonly One[],
  namespace: string,
  promptLength: number,
): One | undefined {
  const rank = (a: One, b: One) => b.neighbours - a.neighbours || a.lastUsed - b.lastUsed
  const own = free
    .filter((one) => one.namespace === namespace && one.common > 0)
    .sort((a, b) => b.common - a.common || rank(a, b))[0]
  if (own && own.common * 2 >= Math.min(own.length, promptLength)) return own
  const empty = free.filter(({ length }) => length === 0).sort(rank)[0]
  return empty ?? own ?? free.toSorted(rank)[0]
}

interface Slot {
  readonly sequence: LlamaContextSequence
  namespace: string | undefined
  lastUsed: number
  busy: boolean
}

/** A sequence on loan, with the prompt's first `cached` tokens already in it. */
export interface Lease {
  readonly sequence: LlamaContextSequence
  readonly cached: number
  /** Gives it back with what it holds now. */
  release(): void
  /** Gives it back empty: what it holds is in doubt. */
  discard(): Promise<void>
}

/**
 * All sequences of the context. What one remembers is reused only under the namespace that wrote it (contract C98); before a
 * sequence changes hands it is cleared.
 */
export class SequencePool {
  readonly #slots: readonly Slot[]
  #clock = 0

  constructor(sequences: readonly LlamaContextSequence[]) {
    this.#slots = sequences.map((sequence) => ({ sequence, namespace: undefined, lastUsed: 0, busy: false }))
  }

  hasFree(): boolean {
    return this.#slots.some((slot) => !slot.busy)
  }

  /** @returns undefined when all are busy. */
  async acquire(namespace: string, prompt: readonly Token[]): Promise<Lease | undefined> {
    const isBusy = (index: number): number => (this.#slots[index]?.busy ? 1 : 0)
    const free = this.#slots.flatMap((slot, index) => {
      if (slot.busy) return []
      const { sequence, namespace: owner, lastUsed } = slot
      return {
        ...{ slot, lastUsed, namespace: owner, length: sequence.nextTokenIndex },
        common: owner === namespace ? commonPrefix(sequence, prompt) : 0,
        neighbours: isBusy(index - 1) + isBusy(index + 1),
      }
    })
    const slot = choose(free, namespace, prompt.length)?.slot
    if (!slot) return undefined
    slot.busy = true
    slot.lastUsed = ++this.#clock
    const { sequence } = slot
    if (slot.namespace !== namespace) {
      if (sequence.nextTokenIndex > 0) await sequence.clearHistory()
      slot.namespace = namespace
    }
    // The last token is always computed anew: its result is what the first output token is drawn from. Never shifting: a part
    // that stands elsewhere in the cache is not the same computation.
    await sequence.adaptStateToTokens(prompt.slice(0, -1), false)
    return {
      sequence,
      cached: sequence.nextTokenIndex,
      release: () => {
        slot.busy = false
      },
      discard: async () => {
        await sequence.clearHistory()
        slot.namespace = undefined
        slot.busy = false
      },
    }
  }
}

/** How many tokens of the prompt could be reused: never all, see `acquire`. */
const commonPrefix = (sequence: LlamaContextSequence, prompt: readonly Token[]): number =>
  Math.min(sequence.compareContextTokens([...prompt]).firstDifferentIndex, prompt.length - 1)
