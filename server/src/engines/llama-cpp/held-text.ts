import type { TokenLogprob } from '../../completion/event.ts'

export interface Released {
  readonly text: string
  readonly logprobs: readonly TokenLogprob[]
}

/**
 * Makes whole characters of token bytes: the bytes of an incomplete character are held back until it is complete, and the
 * log probabilities of the tokens with it. Bytes that cannot become a character turn into U+FFFD (contract C80).
 */
export class HeldText {
  // A byte order mark is text like any other.
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  #logprobs: TokenLogprob[] = []

  push(bytes: Uint8Array, logprob?: TokenLogprob): Released {
    if (logprob) this.#logprobs.push(logprob)
    const text = this.#decoder.decode(bytes, { stream: true })
    return text === '' ? { text, logprobs: [] } : this.#release(text)
  }

  /** Forgets the bytes of an incomplete character: the token that they came with was shortened. */
  drop(): void {
    this.#decoder.decode()
  }

  /** What was still held; the generation is over. */
  end(): Released {
    return this.#release(this.#decoder.decode())
  }

  #release(text: string): Released {
    const logprobs = this.#logprobs
    this.#logprobs = []
    return { text, logprobs }
  }
}

/** How many bytes at the end are the beginning of a character that does not end here: 0 to 3. */
export function incompleteTail(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0
    if (byte < 0x80) return 0
    if (byte >= 0xc0) return back < (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) ? back : 0
  }
  return 0
}
