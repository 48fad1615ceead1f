import type { Piece } from '../token-engine.ts'
import { type Asking, Refused } from './asking.ts'
import type { RawWire } from './wire.ts'

/** The tokenizer of a model, in the server that has it. */
export interface Tokenizer {
  /** A control token is recognised in a piece, never across two (contract C129); some may be tokens already. @throws as `Asking` */
  tokens(pieces: readonly Piece[], signal: AbortSignal): Promise<readonly number[]>
  /** The token whose whole text this is; undefined when it is none, or several. */
  single(text: string, signal: AbortSignal): Promise<number | undefined>
}

/** One question to a server is one text; so many at once. */
const atOnce = 16

export function tokenizerOf(
  wire: Pick<RawWire, 'tokenizePath' | 'tokenize'>,
  asking: Asking,
  model: string,
): Tokenizer & { readonly text: (text: string, signal: AbortSignal) => Promise<readonly number[]> } {
  const text = async (text: string, signal: AbortSignal) =>
    tokensIn(await asking(wire.tokenizePath, wire.tokenize(text, model), signal))
  /** A newline's own tokens, if the tokenizer puts a space before each text that it gets: then a newline goes before a piece. */
  let newline: Promise<readonly number[]> | undefined
  const findNewline = async (signal: AbortSignal): Promise<readonly number[]> => {
    const [alone, both, after] = await Promise.all(['\n', '\na', 'a'].map((one) => text(one, signal)))
    if (!alone || !both || !after || !startsWith(both, alone)) return []
    return `${both.slice(alone.length)}` === `${after}` ? [] : alone
  }
  const continued = async (piece: string, signal: AbortSignal) => {
    newline ??= findNewline(signal).catch((error: unknown) => {
      newline = undefined
      throw error
    })
    const before = await newline
    if (before.length === 0) return text(piece, signal)
    const both = await text(`\n${piece}`, signal)
    return startsWith(both, before) ? both.slice(before.length) : text(piece, signal)
  }

  /** What was counted to see if it fits need not be made into tokens again. */
  const made = new WeakMap<readonly Piece[], readonly number[]>()
  const singles = new Map<string, number | undefined>()
  return {
    text,
    async tokens(pieces, signal) {
      const known = made.get(pieces)
      if (known) return known
      const parts = await inGroups(pieces, async (piece, i) => {
        if (typeof piece !== 'string') return piece
        return i === 0 ? text(piece, signal) : continued(piece, signal)
      })
      const all = parts.flat()
      made.set(pieces, all)
      return all
    },
    async single(word, signal) {
      if (!singles.has(word)) {
        const tokens = await text(word, signal)
        singles.set(word, tokens.length === 1 ? tokens[0] : undefined)
      }
      return singles.get(word)
    },
  }
}

/** @throws Refused when it is no list of token ids */
export function tokensIn({ tokens }: Readonly<Record<string, unknown>>): readonly number[] {
  if (Array.isArray(tokens) && tokens.every((token) => Number.isSafeInteger(token))) return tokens
  throw new Refused({ status: 200, message: '' })
}

const startsWith = (tokens: readonly number[], first: readonly number[]): boolean =>
  first.length > 0 && first.every((token, i) => tokens[i] === token)

/** As `Promise.all`, a few at a time. */
export async function inGroups<T, R>(items: readonly T[], work: (item: T, index: number) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  for (let from = 0; from < items.length; from += atOnce)
    results.push(...(await Promise.all(items.slice(from, from + atOnce).map((item, i) => work(item, from + i)))))
  return results
}
