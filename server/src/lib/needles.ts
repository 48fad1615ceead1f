/**
 * Looks for several strings at once in text that arrives in any cuts (Knuth–Morris–Pratt, one automaton a string). The
 * work is constant for each unit of text and string, however long the strings are. Units are UTF-16.
 */
export interface Needles {
  /**
   * Reads `text` from `from` up to the first place where a string is complete: of two the one that ends first, at the same
   * end the longer. After a find, and only then, all progress is forgotten.
   * @returns the string and the offset behind it, or undefined when all of `text` was read without a find.
   */
  read(text: string, from?: number): { readonly needle: string; readonly end: number } | undefined
  /** How many of the last units read may be the beginning of a string. */
  pending(): number
  /** Forgets all progress. */
  forget(): void
}

/** Strings to look for, and what is known of them before any text: for those of many searches. */
export interface Prepared {
  readonly longestFirst: readonly string[]
  /** Whether one begins with this unit, for the first 128; `others` has the rest. */
  readonly begins: Uint8Array
  readonly others: readonly number[]
}

/** @param needles must not be empty strings. Without any, nothing is ever found. */
export function prepare(needles: readonly string[]): Prepared {
  const units = needles.map((needle) => needle.charCodeAt(0))
  const begins = new Uint8Array(asciiMax)
  for (const unit of units) if (unit < asciiMax) begins[unit] = 1
  return {
    longestFirst: [...needles].sort((a, b) => b.length - a.length),
    begins,
    others: units.filter((unit) => unit >= asciiMax),
  }
}

const asciiMax = 0x80

const mayBegin = (unit: number, { begins, others }: Prepared): boolean =>
  unit < asciiMax ? begins[unit] === 1 : others.includes(unit)

/** @returns whether one of the strings may begin somewhere in the text */
export function mayBeginIn(text: string, needles: Prepared): boolean {
  for (let at = 0; at < text.length; at++) if (mayBegin(text.charCodeAt(at), needles)) return true
  return false
}

/** @param needles those of a single search need no preparation */
export function lookFor(needles: Prepared | readonly string[]): Needles {
  const prepared = 'longestFirst' in needles ? needles : prepare(needles)
  const { longestFirst } = prepared
  /** Of the strings of which more than nothing ever came: most requests end without one. */
  let fallbacks: (Uint32Array | undefined)[] = []
  let matched: number[] = []
  /** Nothing is matched now: most units of a text then need only one look at the beginnings. */
  let idle = true
  const forget = () => {
    matched.fill(0)
    idle = true
  }
  return {
    read(text, from = 0) {
      for (let at = from; at < text.length; at++) {
        const unit = text.charCodeAt(at)
        if (idle && !mayBegin(unit, prepared)) continue
        if (matched.length === 0) {
          matched = longestFirst.map(() => 0)
          fallbacks = longestFirst.map(() => undefined)
        }
        idle = true
        let found: string | undefined
        for (const [i, needle] of longestFirst.entries()) {
          let length = matched[i] ?? 0
          if (length > 0 && needle.charCodeAt(length) !== unit) {
            const fallback = fallbacks[i] ?? fallbackOf(needle)
            fallbacks[i] = fallback
            while (length > 0 && needle.charCodeAt(length) !== unit) length = fallback[length - 1] ?? 0
          }
          if (needle.charCodeAt(length) === unit) length++
          matched[i] = length
          if (length > 0) idle = false
          if (length === needle.length) found ??= needle
        }
        if (found === undefined) continue
        forget()
        return { needle: found, end: at + 1 }
      }
      return undefined
    },
    pending: () => (idle ? 0 : Math.max(...matched)),
    forget,
  }
}

/** For each length of a match: the length of the longest shorter one that it ends with. */
function fallbackOf(needle: string): Uint32Array {
  // Of plain numbers, long needles would take many times their own size.
  const fallback = new Uint32Array(needle.length)
  for (let at = 1, length = 0; at < needle.length; at++) {
    while (length > 0 && needle[at] !== needle[length]) length = fallback[length - 1] ?? 0
    if (needle[at] === needle[length]) length++
    fallback[at] = length
  }
  return fallback
}
