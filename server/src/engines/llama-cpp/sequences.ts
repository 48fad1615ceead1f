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
}

/**
 * Picks the sequence for a prompt: of its own namespace the one with the longest common prefix; but where that is the lesser
 * part of prompt and cache, an empty one, so that two conversations of one user do not push each other out; else the least
 * recently used.
 * @returns an index, -1 if there is none.
 */
export function choose(free: readonly Remembered[], namespace: string, promptLength: number): number {
  const best = (of: (one: Remembered) => number | undefined): number => {
    let found = -1
    let most = Number.NEGATIVE_INFINITY
    for (const [index, one] of free.entries()) {
      const value = of(one)
      if (value !== undefined && value > most) {
        found = index
        most = value
      }
    }
    return found
  }
  const own = best((one) => (one.namespace === namespace && one.common > 0 ? one.common : undefined))
  const cached = free[own]
  if (cached && cached.common * 2 >= Math.min(cached.length, promptLength)) return own
  const empty = best((one) => (one.length === 0 ? 0 : undefined))
  if (empty >= 0) return empty
  return own >= 0 ? own : best((one) => -one.lastUsed)
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
    const free = this.#slots.filter((slot) => !slot.busy)
    const remembered = free.map((slot) => ({
      namespace: slot.namespace,
      length: slot.sequence.nextTokenIndex,
      common: slot.namespace === namespace ? commonPrefix(slot.sequence, prompt) : 0,
      lastUsed: slot.lastUsed,
    }))
    const slot = free[choose(remembered, namespace, prompt.length)]
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
