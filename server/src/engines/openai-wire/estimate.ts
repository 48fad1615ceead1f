/**
 * How many tokens a text has, for when nobody tells: a chat API without usage, or one that broke off before it. No vocabulary is
 * known there, so what counts is how today's large ones (100,000 tokens and more) cut scripts and symbols. Fitted to those of
 * Llama 3, Qwen 2, Command R and Gemma; how far it is off stands in `docs/operating.md`.
 */

/** Tokens of a run of such characters: so many for the run, and for each UTF-16 unit of it. */
interface Weight {
  readonly run: number
  readonly unit: number
}

const weights = {
  letter: { run: 0.33, unit: 0.16 },
  digit: { run: 0.6, unit: 0.6 },
  // One space belongs to the word behind it.
  space: { run: 0, unit: 0.07 },
  newline: { run: 0.2, unit: 0.17 },
  mark: { run: 0.94, unit: 0 },
  accented: { run: 0, unit: 0.95 },
  greekOrCyrillic: { run: 0.9, unit: 0.28 },
  kana: { run: 0, unit: 0.6 },
  hangul: { run: 0.27, unit: 0.68 },
  han: { run: 0, unit: 0.7 },
  symbol: { run: 0, unit: 1.2 },
  half: { run: 0, unit: 0.8 },
  other: { run: 0, unit: 0.75 },
} as const satisfies Record<string, Weight>

type Script = keyof typeof weights
const scripts = Object.keys(weights) as Script[]

/** Where a script begins; up to the next one. In order. */
const borders: readonly (readonly [from: number, script: Script])[] = [
  [0xa0, 'symbol'],
  [0xc0, 'accented'],
  [0x370, 'greekOrCyrillic'],
  [0x530, 'other'],
  [0x1e00, 'accented'],
  [0x1f00, 'greekOrCyrillic'],
  [0x2000, 'symbol'],
  [0x2c00, 'other'],
  [0x3000, 'symbol'],
  [0x3040, 'kana'],
  [0x3400, 'han'],
  [0xa000, 'other'],
  [0xac00, 'hangul'],
  [0xd7b0, 'other'],
  [0xd800, 'half'],
  [0xe000, 'other'],
  [0xf900, 'han'],
  [0xfb00, 'other'],
  [0xff00, 'symbol'],
]

const asciiScript = (unit: number): Script => {
  const character = String.fromCharCode(unit)
  if (/[a-z]/i.test(character)) return 'letter'
  if (/[0-9]/.test(character)) return 'digit'
  if (/[\n\r]/.test(character)) return 'newline'
  return /[\t ]/.test(character) ? 'space' : 'mark'
}

/** The place in `scripts` of each UTF-16 unit. */
const scriptOf = new Uint8Array(0x10000)
for (let unit = 0; unit < 0x80; unit++) scriptOf[unit] = scripts.indexOf(asciiScript(unit))
scriptOf.fill(scripts.indexOf('other'), 0x80)
for (const [from, script] of borders) scriptOf.fill(scripts.indexOf(script), from)

const runs = Float64Array.from(scripts, (script) => weights[script].run)
const units = Float64Array.from(scripts, (script) => weights[script].unit)

/** A long text is judged by pieces of it: an estimate is not worth more of the event loop's time. */
const piece = 1_024
const pieces = 16

/** @returns at least 1 for a text that is not empty */
export function tokensIn(text: string): number {
  if (text === '') return 0
  if (text.length <= piece * pieces) return Math.max(1, Math.round(weigh(text, 0, text.length)))
  const step = (text.length - piece) / (pieces - 1)
  let sum = 0
  for (let i = 0; i < pieces; i++) {
    const from = Math.floor(i * step)
    sum += weigh(text, from, from + piece)
  }
  return Math.round((sum / (piece * pieces)) * text.length)
}

function weigh(text: string, from: number, to: number): number {
  let sum = 0
  let before = -1
  for (let i = from; i < to; i++) {
    const script = scriptOf[text.charCodeAt(i)] ?? 0
    sum += units[script] ?? 0
    if (script !== before) sum += runs[script] ?? 0
    before = script
  }
  return sum
}

/** No token of a usual vocabulary is longer, but for runs of one character. */
const longestToken = 16

/** Most chat APIs give a token at a time: what can be one is one. @returns at least 1 */
export const tokensOfDelta = (text: string): number =>
  text.length > longestToken || /\S\s+\S/.test(text) || /[\u3000-\uffff]{4}/.test(text) ? tokensIn(text) : 1
