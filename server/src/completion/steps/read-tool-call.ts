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

const openFunction = '<function='
const closeFunction = '</function>'

/**
 * Calls in elements, from behind the first opening tag, as three families write them: JSON (Hermes, Qwen), `<function=…>` with parameters
 * (Qwen3-Coder), and a name with pairs of keys and values (GLM). Calls follow one another with nothing but whitespace between them; anything
 * else ends the turn.
 */
export const readElements =
  (tag: string) =>
  (schemas: ArgumentSchemas): BlockReader =>
    blockReader(function* (scan) {
      const open = `<${tag}>`
      const close = `</${tag}>`
      for (;;) {
        scan.mayEnd(false)
        const first = yield* scan.next()
        if (first === '<') {
          const read = (yield* scan.tag(openFunction)) ? yield* functionsIn(scan, schemas) : broken
          if (read.type !== 'closed') return yield broken
          // Models forget this one.
          yield* scan.tag(close)
        } else {
          const calls = '{['.includes(first) ? yield* jsonCalls(scan, close) : yield* pairsCall(scan, schemas, close)
          if (!calls) return yield broken
          for (const call of calls) yield { type: 'call', ...call, end: scan.at() }
          yield { type: 'settled' }
        }
        scan.mayEnd(true)
        if (!(yield* scan.tag(open))) return yield { type: 'closed' }
      }
    })

/** The same without elements around them, as Qwen3-Coder likes to leave them out and Llama has none: from behind `<function=`. */
export const readFunctions = (schemas: ArgumentSchemas): BlockReader =>
  blockReader(function* (scan) {
    yield yield* functionsIn(scan, schemas)
  })

/** Calls one after another, from behind `<function=`. @returns how they ended */
function* functionsIn(scan: BlockScanner, schemas: ArgumentSchemas): Reading<BlockEvent> {
  for (let isFirst = true; ; isFirst = false) {
    scan.mayEnd(false)
    const name = yield* scan.name()
    const begins = name !== undefined && (yield* scan.tag('>')) !== undefined && '{<'.includes(yield* scan.next())
    if (name === undefined || !begins) return isFirst ? none : broken
    const written = yield* functionBody(scan, name, schemas)
    if (written === undefined) return broken
    yield { type: 'call', name, arguments: written, end: scan.at() }
    yield { type: 'settled' }
    scan.mayEnd(true)
    if (!(yield* scan.tag(openFunction))) return { type: 'closed' }
  }
}

/** One call, or an array of them, which Granite writes. */
function* jsonCalls(scan: BlockScanner, close: string): Reading<readonly WrittenCall[] | undefined> {
  const json = yield* scan.json()
  if (json === undefined) return undefined
  const call = callOfJson(json)
  const calls = call ? [call] : callsOfJson(json)
  return calls && (yield* scan.tag(close)) ? calls : undefined
}

function* functionBody(scan: BlockScanner, name: string, schemas: ArgumentSchemas): Reading<string | undefined> {
  if ((yield* scan.next()) === '{') {
    const written = argumentsOf(yield* scan.json())
    return (yield* scan.tag(closeFunction)) ? written : undefined
  }
  const members = new Map<string, string>()
  for (;;) {
    const found = yield* scan.tag('<parameter=', closeFunction)
    if (found === closeFunction) return objectOf(members)
    if (!found) return undefined
    const key = yield* scan.until('>', longestName)
    const value = yield* scan.until('</parameter>')
    if (key === undefined || value === undefined || members.has(key)) return undefined
    // One newline on either side is layout.
    members.set(key, typed(value.replace(/^\n/, '').replace(/\n$/, ''), schemas(name, key)))
  }
}

function* pairsCall(
  scan: BlockScanner,
  schemas: ArgumentSchemas,
  close: string,
): Reading<readonly WrittenCall[] | undefined> {
  const name = yield* scan.name()
  if (name === undefined) return undefined
  const members = new Map<string, string>()
  for (;;) {
    const found = yield* scan.tag('<arg_key>', close)
    if (found !== '<arg_key>') return found ? [{ name, arguments: objectOf(members) }] : undefined
    const member = (yield* scan.until('</arg_key>', longestName))?.trim()
    if (member === undefined || members.has(member) || !(yield* scan.tag('<arg_value>'))) return undefined
    const value = yield* scan.until('</arg_value>')
    if (value === undefined) return undefined
    members.set(member, typed(value, schemas(name, member)))
  }
}
