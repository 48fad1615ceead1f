import type { BlockEvent, BlockReader } from './block-reader.ts'

/** A step of reading: gives events, and waits for more text where it gives none. */
export type Reading<T = void> = Generator<BlockEvent | undefined, T, void>

/** Reads a block piece by piece, as if all of its text were there. */
export interface BlockScanner {
  /** One of these texts, behind blanks. @returns which one; undefined if something else stands here, and nothing is read then */
  tag(...tags: readonly string[]): Reading<string | undefined>
  /** The next unit that is no blank; it is not read over. */
  next(): Reading<string>
  /** The name that stands here, behind blanks; functions have names without blanks and brackets. @returns undefined if there is none */
  name(): Reading<string | undefined>
  /** All up to a text, and over it. @returns undefined if it does not come within `max` units */
  until(end: string, max?: number): Reading<string | undefined>
  /** One JSON object or array, behind blanks, as it was written. @returns undefined if there is none */
  json(): Reading<string | undefined>
  /** As `json`, but round brackets and strings in single quotes count too, as Python has them. */
  bracketed(): Reading<string | undefined>
  /** All up to a comma or a closing bracket, which is not read over. */
  word(): Reading<string>
  /** How many units of the block were read. */
  at(): number
  /** Says whether the block may end here, should no more text come; at first it may not. */
  mayEnd(may: boolean): void
}

/** Longest name of a function or parameter that is waited for. */
export const longestName = 1_000
export const broken: BlockEvent = { type: 'broken' }
/** What stood behind the opener shows that it opened nothing. */
export const none: BlockEvent = { type: 'none' }

/** @returns a reader that is told by `read` what stands in the block, and is over where that ends. */
export function blockReader(read: (scanner: BlockScanner) => Reading): BlockReader {
  /** What is not read over yet, from `at` on; and how much was, before it. Long values do not stay in it: it is looked into often. */
  let text = ''
  let at = 0
  let before = 0
  let ending = false
  let over = false

  const skipBlanks = () => {
    while (at < text.length && /\s/.test(text.charAt(at))) at++
  }

  /** What stands here up to the bracket that closes its first one. */
  function* brackets(quotes: string): Reading<string | undefined> {
    let read = ''
    let depth = 0
    let quote = ''
    let escaped = false
    for (;;) {
      const start = at
      for (; at < text.length; at++) {
        const unit = text.charAt(at)
        if (quote !== '') {
          if (escaped) escaped = false
          else if (unit === '\\') escaped = true
          else if (unit === quote) quote = ''
        } else if (quotes.includes(unit)) quote = unit
        else if ('{[('.includes(unit)) depth++
        // Outside of strings no value has this: here the call ends before its value does.
        else if (unit === '<') return undefined
        else if ('}])'.includes(unit) && --depth === 0) {
          at++
          return read + text.slice(start, at)
        }
      }
      read += text.slice(start, at)
      yield
    }
  }

  const scanner: BlockScanner = {
    *tag(...tags) {
      for (;;) {
        skipBlanks()
        const found = tags.find((tag) => text.startsWith(tag, at))
        if (found) at += found.length
        const rest = found ? '' : text.slice(at)
        if (found || !tags.some((tag) => tag.startsWith(rest))) return found
        yield
      }
    },

    *next() {
      for (skipBlanks(); at === text.length; skipBlanks()) yield
      return text.charAt(at)
    },

    *name() {
      yield* scanner.next()
      for (;;) {
        const name = /^(?:[a-zA-Z_][\w.:/-]*)?/.exec(text.slice(at, at + longestName))?.[0] ?? ''
        if (at + name.length < text.length || name.length === longestName) {
          at += name.length
          return name === '' || name.length === longestName ? undefined : name
        }
        yield
      }
    },

    *until(end, max = Infinity) {
      let read = ''
      for (;;) {
        const found = text.indexOf(end, at)
        // All but what may be the beginning of `end`.
        const certain = found < 0 ? Math.max(at, text.length - end.length + 1) : found
        read += text.slice(at, certain)
        at = certain
        if (read.length > max) return undefined
        if (found >= 0) {
          at += end.length
          return read
        }
        yield
      }
    },

    *json() {
      return '{['.includes(yield* scanner.next()) ? yield* brackets('"') : undefined
    },

    *bracketed() {
      return '{[('.includes(yield* scanner.next()) ? yield* brackets('"\'') : undefined
    },

    *word() {
      let read = ''
      for (;;) {
        const end = text.slice(at).search(/[,}\])]/)
        read += end < 0 ? text.slice(at) : text.slice(at, at + end)
        at = end < 0 ? text.length : at + end
        if (end >= 0) return read
        yield
      }
    },

    at: () => before + at,
    mayEnd(may) {
      ending = may
    },
  }

  const reading = read(scanner)
  return {
    read(more) {
      text = text.slice(at) + more
      before += at
      at = 0
      const events: BlockEvent[] = []
      while (!over) {
        const { value, done } = reading.next()
        if (value) events.push(value)
        over = done === true || value === broken || value === none
        if (!value) break
      }
      return events
    },
    complete: () => ending || over,
  }
}
