import { isAscii, isUtf8 } from 'node:buffer'
import { ServeError } from '../completion/failure.ts'
import type { Limits } from '../completion/limits.ts'
import { findJsonError } from './json-error.ts'

const quote = 0x22
const comma = 0x2c
const backslash = 0x5c
const isOpening = (code: number): boolean => code === 0x5b || code === 0x7b
const isClosing = (code: number): boolean => code === 0x5d || code === 0x7d

type JsonLimits = Pick<Limits, 'maxJsonDepth' | 'maxJsonValues'>

/**
 * Reads JSON as contract C4 wants it. Numbers too large for a double become Infinity, which every field refuses by itself.
 * @throws ServeError `invalid-request`, whose message says where the text breaks and quotes nothing of it.
 */
export function parseJson(bytes: Buffer, limits: JsonLimits): unknown {
  const { maxJsonDepth, maxJsonValues } = limits
  // Of plain ASCII each byte is its character: nothing more has to be checked of it, and decoding it is quicker.
  const plain = isAscii(bytes)
  if (!plain && !isUtf8(bytes)) throw invalidBody('The request body is not valid UTF-8.')
  const decoded = bytes.toString(plain ? 'latin1' : 'utf8')
  const text = decoded.startsWith('\u{feff}') ? decoded.slice(1) : decoded
  if (text.trim() === '') throw invalidBody('The request body is empty; it must be a JSON object.')
  const excess = findExcess(text, limits)
  if (excess === 'depth') throw invalidBody(`The request body is nested deeper than ${maxJsonDepth} levels.`)
  if (excess === 'values') throw invalidBody(`The request body has more than ${maxJsonValues} values.`)
  const value = parse(text)
  // Bytes that are UTF-8 hold no lone surrogate; an escape can.
  return text.includes('\\u') && /\\u[dD][89a-fA-F]/.test(text) ? wellFormed(value) : value
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // The engine's own message quotes the text.
    throw invalidBody(`The request body is not valid JSON: ${findJsonError(text)}.`)
  }
}

/** Looks at brackets and commas alone, in one pass: what is no JSON at all is the parser's business. */
function findExcess(text: string, { maxJsonDepth, maxJsonValues }: JsonLimits): 'depth' | 'values' | undefined {
  let depth = 0
  let values = 1
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === quote) at = endOfString(text, at)
    else if (isOpening(code)) {
      values++
      if (++depth > maxJsonDepth) return 'depth'
    } else if (isClosing(code)) depth--
    else if (code === comma) values++
    if (values > maxJsonValues) return 'values'
  }
  return undefined
}

/** @returns where the string that opens at `start` closes, or the end of the text. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let escapes = 0
    while (text.charCodeAt(end - 1 - escapes) === backslash) escapes++
    if (escapes % 2 === 0) return end
  }
  return text.length
}

/** Lone surrogates become U+FFFD, in keys too. `fromEntries` keeps a key such as `__proto__` plain data. */
function wellFormed(value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed()
  if (Array.isArray(value)) return value.map(wellFormed)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key.toWellFormed(), wellFormed(member)]))
}

function invalidBody(message: string): ServeError {
  return new ServeError({ code: 'invalid-request', message })
}
