/** Characters that go to the tokenizer in one go: a few milliseconds, so that running answers do not wait. */
const SLICE_CHARS = 8_192
/** How far before the ideal place a border is looked for. */
const LOOK_BACK = 1_024
/** Up to here a prompt is counted to the last token; the length of what follows is estimated from it. */
const EXACT_CHARS = 4 * 1024 * 1024

/** A space after a letter or digit: no tokenizer in use joins the two sides. */
const SAFE_BORDER = /[\p{L}\p{N}](?= )/gu

/** Whether `at` lies inside one of the texts, which must reach the tokenizer whole. */
function cutsThrough(text: string, at: number, whole: readonly string[]): boolean {
  return whole.some((words) => text.slice(Math.max(0, at - words.length + 1), at + words.length - 1).includes(words))
}

/** Cuts a long text so that its slices give the same tokens as the whole. Where there is no such place, between characters. */
export function* slices(text: string, whole: readonly string[], size = SLICE_CHARS): Generator<string> {
  let start = 0
  while (text.length - start > size) {
    const ideal = start + size
    const windowStart = Math.max(start + 1, ideal - LOOK_BACK)
    const borders = [...text.slice(windowStart, ideal).matchAll(SAFE_BORDER)].map(
      (match) => windowStart + match.index + match[0].length,
    )
    let end = borders.findLast((at) => !cutsThrough(text, at, whole))
    if (end === undefined) {
      end = ideal
      while (end > start + 1 && (cutsThrough(text, end, whole) || isInsidePair(text, end))) end--
    }
    yield text.slice(start, end)
    start = end
  }
  if (start < text.length) yield text.slice(start)
}

const isInsidePair = (text: string, at: number): boolean =>
  (text.charCodeAt(at - 1) & 0xfc00) === 0xd800 && (text.charCodeAt(at) & 0xfc00) === 0xdc00

export interface CountedPrompt<T> {
  /** Only as many as fit: at most `max`. */
  readonly tokens: T[]
  /** How many there are in all; beyond 4 million characters estimated. */
  readonly total: number
}

/**
 * Tokenizes a prompt in slices and rests between them. Pieces never merge; some may be tokens already.
 * @param tokenize `continued` says that text came before, so that no leading space is to be invented.
 * @param rest lets other work run; may throw to give up.
 */
export async function tokenizePrompt<T>(
  pieces: readonly (string | readonly T[])[],
  max: number,
  whole: readonly string[],
  tokenize: (text: string, continued: boolean) => readonly T[],
  rest: () => Promise<void>,
): Promise<CountedPrompt<T>> {
  const tokens: T[] = []
  let total = 0
  let read = 0
  let sinceRest = 0
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0)
  for (const piece of pieces) {
    if (typeof piece !== 'string') {
      read += piece.length
      total += piece.length
      if (total <= max) for (const token of piece) tokens.push(token)
      continue
    }
    for (const slice of slices(piece, whole)) {
      if (sinceRest > 0 && sinceRest + slice.length > SLICE_CHARS) {
        await rest()
        sinceRest = 0
      }
      sinceRest += slice.length
      const more = tokenize(slice, read > 0)
      read += slice.length
      total += more.length
      if (total <= max) for (const token of more) tokens.push(token)
      else if (read >= EXACT_CHARS) return { tokens, total: Math.round((total / read) * length) }
    }
  }
  return { tokens, total }
}
