export interface Heard {
  /** Which cue, as an index into the list. */
  readonly cue: number
  /** UTF-16 units of the last text that follow the end of the cue. */
  readonly rest: number
}

/** Waits for the first of some texts in a stream, at whatever borders it is cut. */
export class CueWatch {
  readonly #cues: readonly string[]
  /** Just too short to hold the longest cue. */
  #tail = ''

  /** @param cues non-empty texts. */
  constructor(cues: readonly string[]) {
    this.#cues = cues
  }

  /** @returns the cue that ends first in `text`; of those that end together, the first of the list. */
  push(text: string): Heard | undefined {
    const seen = this.#tail + text
    let best: { cue: number; end: number } | undefined
    for (const [cue, words] of this.#cues.entries()) {
      const at = seen.indexOf(words)
      if (at >= 0 && (!best || at + words.length < best.end)) best = { cue, end: at + words.length }
    }
    const keep = Math.max(0, ...this.#cues.map((words) => words.length - 1))
    this.#tail = keep === 0 ? '' : seen.slice(-keep)
    return best && { cue: best.cue, rest: seen.length - best.end }
  }
}
