import { CONTROL_TOKENS, VISIBLE_TOKENS } from './dialect.ts'

/** A byte-level BPE in GPT-2's alphabet. The last entries of the vocabulary are the special tokens. */
export type Vocabulary = { tokens: string[]; merges: [string, string][] }

export const SPECIAL_TOKENS: readonly string[] = [...CONTROL_TOKENS, ...VISIBLE_TOKENS]
const isSpecial = new Set(SPECIAL_TOKENS)
const specialPattern = new RegExp(`(${SPECIAL_TOKENS.map((s) => s.replace(/[|\\{}()[\]^$+*?.]/g, '\\$&')).join('|')})`)

/** llama.cpp's pre-tokenizer `qwen2`: one digit is one token. */
const wordPattern =
  /(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+/gu

/** GPT-2's alphabet: every byte as one printable character. */
const byteToChar: readonly string[] = (() => {
  const chars: string[] = []
  let beyond = 0
  for (let byte = 0; byte < 256; byte++) {
    const printable = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174
    chars.push(String.fromCodePoint(printable ? byte : 256 + beyond++))
  }
  return chars
})()
const charToByte = new Map(byteToChar.map((char, byte) => [char, byte]))
const toAlphabet = (text: string): string[] => Array.from(Buffer.from(text, 'utf8'), (byte) => byteToChar[byte] ?? '')
const SPACE = byteToChar[32] ?? ''

const pairsOf = (symbols: readonly string[]): string[] =>
  symbols.slice(1).map((symbol, index) => `${symbols[index]} ${symbol}`)

function joinPair(symbols: readonly string[], left: string, right: string): string[] {
  const out: string[] = []
  for (let i = 0; i < symbols.length; i++) {
    const symbol = symbols[i] ?? ''
    if (symbol === left && symbols[i + 1] === right) {
      out.push(left + right)
      i++
    } else out.push(symbol)
  }
  return out
}

/** Plain BPE over counted words: the most frequent pair is merged until `mergesMax` merges are made. */
function learnMerges(counts: ReadonlyMap<string, number>, mergesMax: number) {
  const words = Array.from(counts, ([word, count]) => ({ symbols: toAlphabet(word), count }))
  const pairCounts = new Map<string, number>()
  const places = new Map<string, Set<number>>()
  const tally = (index: number, sign: 1 | -1) => {
    const word = words[index]
    if (!word) return
    for (const pair of pairsOf(word.symbols)) {
      pairCounts.set(pair, (pairCounts.get(pair) ?? 0) + sign * word.count)
      if (sign < 0) continue
      const known = places.get(pair)
      if (known) known.add(index)
      else places.set(pair, new Set([index]))
    }
  }
  for (const index of words.keys()) tally(index, 1)
  const merges: [string, string][] = []
  while (merges.length < mergesMax) {
    let best = ''
    let bestCount = 1
    for (const [pair, count] of pairCounts)
      if (count > bestCount || (count === bestCount && pair < best)) [best, bestCount] = [pair, count]
    const [left, right] = best.split(' ')
    if (!left || !right) break
    merges.push([left, right])
    for (const index of places.get(best) ?? []) {
      const word = words[index]
      if (!word) continue
      tally(index, -1)
      word.symbols = joinPair(word.symbols, left, right)
      tally(index, 1)
    }
    pairCounts.delete(best)
    places.delete(best)
  }
  return { merges, words }
}

/**
 * Learns a vocabulary in two rounds. Round one never sees the space (or quote) in front of a word, so that a word is cut
 * in the same places wherever it stands; round two gives the most frequent first pieces a twin with a space in front.
 * For a model that lives by copying, "Oslo" in `in Oslo?` and in `>Oslo<` must be the same pieces.
 */
export function learnVocabulary(texts: Iterable<string>, size: number, spaced: number): Vocabulary {
  const bare = new Map<string, number>()
  const afterSpace = new Map<string, number>()
  const count = (map: Map<string, number>, key: string, n = 1) => map.set(key, (map.get(key) ?? 0) + n)
  for (const text of texts)
    for (const part of text.split(specialPattern)) {
      if (isSpecial.has(part)) continue
      for (const [word] of part.matchAll(wordPattern)) {
        const letters = /^[^\r\n\p{L}\p{N}]\p{L}/u.test(word) ? word.slice(1) : word
        count(bare, letters)
        if (letters !== word && word.startsWith(' ')) count(afterSpace, letters)
      }
    }
  const { merges, words } = learnMerges(bare, size - 256 - SPECIAL_TOKENS.length - spaced)
  const firsts = new Map<string, number>()
  for (const [index, word] of [...bare.keys()].entries()) {
    const first = words[index]?.symbols[0]
    if (first !== undefined) count(firsts, first, afterSpace.get(word) ?? 0)
  }
  const twins = [...firsts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, spaced)
  merges.push(...twins.map(([piece]): [string, string] => [SPACE, piece]))
  // Two merges may make the same piece; it has one id.
  const made = new Set([...byteToChar, ...merges.map(([left, right]) => left + right)])
  return { tokens: [...made, ...SPECIAL_TOKENS], merges }
}

/** Encodes and decodes exactly as llama.cpp does with `tokenizer.ggml.model=gpt2`, `pre=qwen2`. */
export class Bpe {
  private readonly ids: ReadonlyMap<string, number>
  private readonly ranks: ReadonlyMap<string, number>
  private readonly known = new Map<string, number[]>()
  readonly vocabulary: Vocabulary

  constructor(vocabulary: Vocabulary) {
    this.vocabulary = vocabulary
    this.ids = new Map(vocabulary.tokens.map((token, id) => [token, id]))
    this.ranks = new Map(vocabulary.merges.map((merge, rank) => [merge.join(' '), rank]))
  }

  id(token: string): number {
    const id = this.ids.get(token)
    if (id === undefined) throw new Error(`not in the vocabulary: ${token}`)
    return id
  }

  encode(text: string): number[] {
    const out: number[] = []
    for (const part of text.split(specialPattern)) {
      if (isSpecial.has(part)) out.push(this.id(part))
      else for (const [word] of part.matchAll(wordPattern)) out.push(...this.encodeWord(word))
    }
    return out
  }

  decode(ids: readonly number[]): string {
    const bytes = ids.flatMap((id) => {
      const token = this.vocabulary.tokens[id] ?? ''
      return isSpecial.has(token) ? [...Buffer.from(token)] : Array.from(token, (char) => charToByte.get(char) ?? 0)
    })
    return Buffer.from(bytes).toString('utf8')
  }

  private encodeWord(word: string): number[] {
    const hit = this.known.get(word)
    if (hit) return hit
    let symbols = toAlphabet(word)
    for (;;) {
      const ranked = pairsOf(symbols).map((pair) => ({ pair, rank: this.ranks.get(pair) ?? Number.POSITIVE_INFINITY }))
      const best = ranked.reduce((a, b) => (b.rank < a.rank ? b : a), { pair: '', rank: Number.POSITIVE_INFINITY })
      const [left, right] = best.pair.split(' ')
      if (!left || !right) break
      symbols = joinPair(symbols, left, right)
    }
    const ids = symbols.map((symbol) => this.id(symbol))
    if (this.known.size < 200_000) this.known.set(word, ids)
    return ids
  }
}
