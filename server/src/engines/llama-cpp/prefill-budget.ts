/** Most prompt tokens in one step, whatever the machine: the size of a decode batch. */
export const BATCH_TOKENS = 512
/**
 * Fewest prompt tokens of one prompt worth a step. Flash attention on a CPU works on 64 at once and is several times slower for fewer;
 * without it a token costs much the same in small parts.
 */
const leastTokens = (flashAttention: boolean) => (flashAttention ? 64 : 16)
/** How long a step may take when nobody's answer waits for it: half of the 100 ms in which a cancellation must take effect. */
const ALONE_MS = 50

/**
 * How many prompt tokens a step reads. While answers are being written they are few, so that those do not stall; alone a
 * prompt goes in as fast as a cancellation after at most one step allows. Learns from each step how fast the machine is.
 */
export class PrefillBudget {
  readonly #beside: number
  /** Prompt tokens of one prompt that are worth a step. */
  readonly least: number
  /** Milliseconds for a prompt token; a moving average. */
  #cost: number | undefined

  /** @param beside most prompt tokens in a step that also writes answers. */
  constructor(beside: number, flashAttention: boolean) {
    const most = Math.min(beside, BATCH_TOKENS)
    this.least = Math.min(leastTokens(flashAttention), most)
    // Whole pieces are dealt out (`shares`), and never more than was asked for.
    this.#beside = most - (most % this.least)
  }

  tokens(decoding: number): number {
    const affordable = this.#cost === undefined ? this.#beside : Math.floor(ALONE_MS / this.#cost)
    const most = decoding > 0 ? this.#beside : BATCH_TOKENS
    return Math.max(1, Math.min(most, Math.max(this.least, affordable)))
  }

  /** @param tokens prompt tokens of a step in which nothing else was computed. */
  learn(tokens: number, ms: number): void {
    if (tokens < this.least) return
    const cost = Math.max(ms, 0.1) / tokens
    this.#cost = this.#cost === undefined ? cost : 0.7 * this.#cost + 0.3 * cost
  }
}

/**
 * Deals a budget out in pieces that are worth a step, to one after the other: nobody gets more than asked for, and the last piece is whole.
 * What would be left behind it and is not worth a step goes along where the budget has room.
 * @param wanted tokens, of those first who are to have the first pieces
 * @param least tokens in a piece
 */
export function shares(budget: number, wanted: readonly number[], least: number): number[] {
  let left = budget
  return wanted.map((tokens) => {
    let given = 0
    while (left > 0 && given < tokens) {
      const rest = tokens - given
      const piece = rest < 2 * least && rest <= left ? rest : Math.min(least, rest)
      given += piece
      left -= piece
    }
    return given
  })
}
