import { readFileSync } from 'node:fs'
import type { Vocabulary } from '../bpe.ts'
import { ADJECTIVES, CITIES, COLORS, DAYS, MONTHS, NAMES, NOUNS, PAST_VERBS, SYLLABLES, VERBS } from './pools.ts'
import type { Draw } from './random.ts'

export const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
export const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1)

/** The pieces of words that the tokenizer knows: put together at random, each of them gets its share of copying. */
const PIECES = (
  JSON.parse(readFileSync(new URL('../vocabulary.json', import.meta.url), 'utf8')) as Vocabulary
).tokens.filter((token) => /^[a-zA-Z]{2,7}$/.test(token))

/** A word that no list has, so that copying cannot become remembering. */
export function madeUp(draw: Draw): string {
  return draw.weighted<() => string>([
    [5, () => draw.times(draw.int(2, 3), () => draw.pick(SYLLABLES)).join('')],
    [
      4,
      () =>
        draw
          .times(draw.int(1, 3), () => draw.pick(PIECES))
          .join('')
          .toLowerCase(),
    ],
    [2, () => draw.times(draw.int(3, 8), () => String.fromCharCode(97 + draw.int(0, 25))).join('')],
  ])()
}

export const personName = (draw: Draw): string => (draw.chance(0.6) ? draw.from(NAMES) : capitalized(madeUp(draw)))
export const fullName = (draw: Draw): string =>
  draw.weighted<() => string>([
    [14, () => personName(draw)],
    [5, () => `${personName(draw)} ${capitalized(madeUp(draw))}`],
    [1, () => `${draw.pick(['Dr.', 'Mr.', 'Mrs.', 'Ms.', 'Professor'])} ${personName(draw)}`],
  ])()
export const cityName = (draw: Draw): string =>
  draw.chance(0.7)
    ? draw.from(CITIES)
    : draw.chance(0.8)
      ? capitalized(madeUp(draw))
      : `${capitalized(madeUp(draw))} ${capitalized(draw.from(NOUNS))}`

export const someNumber = (draw: Draw): number =>
  draw.weighted([
    [4, () => draw.int(0, 20)],
    [3, () => draw.int(0, 100)],
    [3, () => draw.int(101, 9999)],
    [1, () => draw.int(10_000, 999_999)],
  ] as const)()

export const word = (draw: Draw): string =>
  draw.weighted([
    [7, () => draw.from(NOUNS)],
    [2, () => draw.from(ADJECTIVES)],
    [2, () => draw.from(VERBS)],
    [3, () => madeUp(draw)],
  ] as const)()

export const someWords = (draw: Draw, low: number, high: number): string =>
  draw.times(draw.int(low, high), () => word(draw)).join(' ')

const two = (n: number): string => String(n).padStart(2, '0')
export const someTime = (draw: Draw): string => `${two(draw.int(0, 23))}:${two(draw.int(0, 59))}`
export const someDate = (draw: Draw): string =>
  draw.chance(0.6)
    ? `${draw.int(2020, 2031)}-${two(draw.int(1, 12))}-${two(draw.int(1, 28))}`
    : `${draw.pick(MONTHS)} ${draw.int(1, 28)}`
export const someEmail = (draw: Draw): string =>
  `${draw.chance(0.5) ? draw.from(NAMES).toLowerCase() : madeUp(draw)}@${draw.chance(0.5) ? 'example' : word(draw)}.${draw.pick(['com', 'org', 'net', 'io', 'de'])}`
export const someFile = (draw: Draw): string => {
  const folder = draw.chance(0.5) ? '' : `${draw.pick(['src', 'docs', 'lib', '/home', '/tmp', '/etc', 'test'])}/`
  const name = draw.chance(0.25) ? `${word(draw)}${draw.pick(['_', '-'])}${word(draw)}` : word(draw)
  return `${folder}${name}.${draw.pick(['txt', 'md', 'json', 'ts', 'py', 'js', 'csv', 'yaml', 'log', 'pdf'])}`
}
export const someCode = (draw: Draw): string => {
  const letters = (n: number) => draw.times(n, () => String.fromCharCode(65 + draw.int(0, 25))).join('')
  return draw.weighted([
    [3, () => `${letters(draw.int(1, 4))}-${draw.int(1, 99_999)}`],
    [2, () => `${letters(draw.int(2, 4))}${draw.int(1, 999)}`],
    [2, () => letters(draw.int(3, 5))],
    [2, () => `v${draw.int(0, 9)}.${draw.int(0, 30)}.${draw.int(0, 20)}`],
    [1, () => `#${draw.int(1, 9999)}`],
    [2, () => `${madeUp(draw)}-${madeUp(draw)}`],
  ] as const)()
}

/** Anything short that a prompt may hold: a word, a name, a number, a code, a date, an address. */
export const item = (draw: Draw): string =>
  draw.weighted([
    [6, () => word(draw)],
    [2, () => someWords(draw, 2, 3)],
    [2, () => personName(draw)],
    [1, () => cityName(draw)],
    [2, () => String(someNumber(draw))],
    [2, () => someCode(draw)],
    [1, () => someDate(draw)],
    [1, () => someEmail(draw)],
    [1, () => someFile(draw)],
  ] as const)()

const noun = (draw: Draw): string => (draw.chance(0.9) ? draw.from(NOUNS) : madeUp(draw))
const thing = (draw: Draw): string =>
  `${draw.pick(['the', 'the', 'a', 'my', 'your', 'our', 'this', 'every'])} ${draw.chance(0.5) ? `${draw.from(ADJECTIVES)} ` : ''}${noun(draw)}`
const place = (draw: Draw): string =>
  draw.weighted([
    [3, () => `in ${cityName(draw)}`],
    [4, () => `${draw.pick(['near', 'behind', 'under', 'on', 'in', 'beside', 'over'])} the ${noun(draw)}`],
    [
      2,
      () =>
        draw.pick(['at home', 'at work', 'outside', 'upstairs', 'in the evening', 'before lunch', 'on time', 'again']),
    ],
    [1, () => `on ${draw.pick(DAYS)}`],
    [1, () => `at ${someTime(draw)}`],
  ] as const)()

/** A real-looking English sentence with its punctuation. */
export function sentence(draw: Draw): string {
  const shape = draw.weighted<() => string>([
    [4, () => `${thing(draw)} ${draw.from(PAST_VERBS)} ${thing(draw)} ${place(draw)}.`],
    [3, () => `${personName(draw)} ${draw.from(PAST_VERBS)} ${thing(draw)}.`],
    [
      3,
      () =>
        `${personName(draw)} and ${personName(draw)} ${draw.pick(['met', 'waited', 'talked', 'worked', 'sang'])} ${place(draw)}.`,
    ],
    [2, () => `please ${draw.from(VERBS)} ${thing(draw)} ${place(draw)}.`],
    [2, () => `I will be ${place(draw)} with ${someNumber(draw)} ${noun(draw)}s.`],
    [2, () => `the meeting is moved to ${draw.pick(DAYS)} at ${someTime(draw)}.`],
    [2, () => `${thing(draw)} is ${draw.from(ADJECTIVES)} and ${draw.from(ADJECTIVES)}.`],
    [2, () => `do not forget ${thing(draw)}!`],
    [2, () => `where is ${thing(draw)}?`],
    [1, () => `it's ${draw.from(ADJECTIVES)} today, isn't it?`],
    [1, () => `"${capitalized(someWords(draw, 1, 3))}," said ${personName(draw)}.`],
    [
      1,
      () =>
        `we need ${someNumber(draw)} ${draw.from(COLORS)} ${noun(draw)}s, ${draw.int(2, 20)} ${noun(draw)}s and one ${noun(draw)}.`,
    ],
    [1, () => `the code is ${someCode(draw)}.`],
    [1, () => `see you ${place(draw)}, ${personName(draw)}.`],
    [1, () => `${thing(draw)} can't ${draw.from(VERBS)} what ${thing(draw)} has.`],
  ])
  return capitalized(shape())
}

export const sentences = (draw: Draw, low: number, high: number): string =>
  draw.times(draw.int(low, high), () => sentence(draw)).join(' ')

/** Text to be said back: words, made-up words, sentences, lists, codes. */
export const phrase = (draw: Draw): string =>
  draw.weighted<() => string>([
    [5, () => someWords(draw, 1, 7)],
    [6, () => sentence(draw)],
    [2, () => sentence(draw).replace(/[.!?]$/, '')],
    [2, () => lowerFirst(sentence(draw)).replace(/[.!?]$/, '')],
    [1, () => sentences(draw, 2, 3)],
    [2, () => draw.times(draw.int(2, 5), () => item(draw)).join(draw.pick([', ', ' ', ' - ', '; ']))],
    [2, () => item(draw)],
    [1, () => someWords(draw, 1, 4).toUpperCase()],
    [1, () => draw.times(draw.int(1, 6), () => String(draw.int(0, 999))).join(' ')],
  ])()
