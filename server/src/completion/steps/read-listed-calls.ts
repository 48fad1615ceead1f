import type { BlockEvent, BlockReader } from './block-reader.ts'
import { type BlockScanner, blockReader, broken, longestName, none, type Reading } from './block-scanner.ts'
import {
  type ArgumentSchemas,
  argumentsOf,
  callOfJson,
  callsOfJson,
  objectOf,
  typed,
  type WrittenCall,
} from './call-values.ts'
import { callsOfPython } from './python-calls.ts'

export interface ListedOptions {
  readonly behind?: string
  readonly plain?: true
}

/**
 * Calls between two markers, in whatever form the family has: JSON objects or arrays of them, calls as Python writes them, or `<invoke>`
 * elements; several may follow one another. The closing marker is often swallowed with the end of the turn.
 * @param behind a marker that may stand behind the opening one
 * @param plain people write the opening marker, too: what cannot be read is talk, and no broken call
 */
export const readListed =
  (open: string, close: string, { behind, plain }: ListedOptions = {}) =>
  (schemas: ArgumentSchemas): BlockReader =>
    blockReader(function* (scan) {
      if (behind !== undefined) yield* scan.tag(behind)
      for (let isFirst = true, next = yield* scan.tag(...invokes); ; isFirst = false) {
        scan.mayEnd(false)
        const calls = next && invokes.includes(next) ? yield* invokeHere(scan, next, schemas) : yield* callsHere(scan)
        if (!calls) return yield isFirst && plain ? none : broken
        for (const call of calls) yield { type: 'call', ...call, end: scan.at() } satisfies BlockEvent
        yield { type: 'settled' }
        scan.mayEnd(true)
        next = yield* scan.tag(';', ',', open, close, ...invokes)
        const goesOn = next === close ? yield* scan.tag(open) : (next ?? '{['.includes(yield* scan.next()))
        if (!goesOn) return yield { type: 'closed' }
      }
    })

function* callsHere(scan: BlockScanner): Reading<readonly WrittenCall[] | undefined> {
  const first = yield* scan.next()
  if (first === '{' || first === '[') {
    const text = yield* scan.bracketed()
    if (text === undefined) return undefined
    const call = callOfJson(text)
    return call ? [call] : (callsOfJson(text) ?? callsOfPython(text))
  }
  const name = yield* scan.name()
  if (name === undefined) return undefined
  return (yield* scan.next()) === '(' ? callsOfPython(`${name}${(yield* scan.bracketed()) ?? ''}`) : undefined
}

const invokes = ['<invoke name="', '<steptml:invoke name="']

/** MiniMax, Step: an element for a call, and one for each of its parameters. @param opened the beginning of it, which was read */
function* invokeHere(
  scan: BlockScanner,
  opened: string,
  schemas: ArgumentSchemas,
): Reading<readonly WrittenCall[] | undefined> {
  const family = opened.startsWith('<steptml:') ? 'steptml:' : ''
  const [opening, closing] = [`<${family}parameter name="`, `</${family}invoke>`]
  const name = yield* scan.until('">', longestName)
  if (!name) return undefined
  const members = new Map<string, string>()
  for (;;) {
    const found = yield* scan.tag(opening, closing)
    if (found === closing) return [{ name, arguments: objectOf(members) }]
    const key = found && (yield* scan.until('">', longestName))
    const value = key ? yield* scan.until(`</${family}parameter>`) : undefined
    if (!key || value === undefined || members.has(key)) return undefined
    members.set(key, typed(value.replace(/^\n/, '').replace(/\n$/, ''), schemas(name, key)))
  }
}

const message = '<|message|>'

/** gpt-oss: a message to a function in a channel, from behind the marker that begins its header. One to nobody is no call. */
export const readHarmony = (): BlockReader =>
  blockReader(function* (scan) {
    for (let isFirst = true; ; isFirst = false) {
      scan.mayEnd(!isFirst)
      const header = yield* scan.until(message, longestName)
      const [, name] = /\bto=(?:functions\.)?([\w.-]+)/.exec(header ?? '') ?? []
      if (name === undefined) return yield isFirst ? none : { type: 'closed' }
      scan.mayEnd(false)
      const written = argumentsOf(yield* scan.json())
      if (written === undefined) return yield broken
      yield { type: 'call', name, arguments: written, end: scan.at() }
      yield { type: 'settled' }
      scan.mayEnd(true)
      yield* scan.tag('<|call|>', '<|end|>', '<|return|>')
      if (!(yield* scan.tag('<|start|>', '<|channel|>'))) return yield { type: 'closed' }
    }
  })

/** FunctionGemma, Gemma 4: `call:NAME{key:value}` with marks of its own around texts, which are no quotes. */
export const readGemma =
  (quote: string, close: string) =>
  (schemas: ArgumentSchemas): BlockReader =>
    blockReader(function* (scan) {
      if (!(yield* scan.tag('call:'))) return yield broken
      const name = yield* scan.name()
      if (name === undefined || !(yield* scan.tag('{'))) return yield broken
      const members = new Map<string, string>()
      while (!(yield* scan.tag('}'))) {
        const key = (yield* scan.until(':', longestName))?.trim()
        if (!key || members.has(key)) return yield broken
        if (yield* scan.tag(quote)) {
          const value = yield* scan.until(quote)
          if (value === undefined) return yield broken
          members.set(key, JSON.stringify(value))
        } else {
          const first = yield* scan.next()
          const value = first === '{' || first === '[' ? yield* scan.bracketed() : yield* scan.word()
          if (value === undefined) return yield broken
          members.set(key, typed(value, schemas(name, key)))
        }
        yield* scan.tag(',')
      }
      yield { type: 'call', name, arguments: objectOf(members), end: scan.at() }
      yield { type: 'settled' }
      scan.mayEnd(true)
      yield* scan.tag(close)
      yield { type: 'closed' }
    })
