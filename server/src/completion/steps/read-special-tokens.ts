/** Families that write their calls between special tokens of their own. The end of the block is often swallowed with the end of the turn. */
import type { BlockReader } from './block-reader.ts'
import { type BlockScanner, blockReader, broken, longestName, none, type Reading } from './block-scanner.ts'
import { argumentsOf, callsOfJson, type WrittenCall } from './call-values.ts'

type ReadCall = (scan: BlockScanner) => Reading<WrittenCall | undefined>

/** Calls between a token that begins each and one that ends the block, from behind the token that begins the block. */
const readSection = (begin: string, end: string, readCall: ReadCall) => (): BlockReader =>
  blockReader(function* (scan) {
    for (;;) {
      const found = yield* scan.tag(begin, end)
      if (found !== begin) return yield found ? { type: 'closed' } : broken
      scan.mayEnd(false)
      const call = yield* readCall(scan)
      if (!call) return yield broken
      yield { type: 'call', ...call, end: scan.at() }
      yield { type: 'settled' }
      scan.mayEnd(true)
    }
  })

/** DeepSeek V3 and R1 (`function`, separator, name, fenced JSON), and V3.1 (name, separator, JSON). */
export const readDeepseekV3 = readSection('<｜tool▁call▁begin｜>', '<｜tool▁calls▁end｜>', function* (scan) {
  const head = yield* scan.until('<｜tool▁sep｜>', longestName)
  const isFenced = (yield* scan.next()) !== '{'
  const name = isFenced ? yield* scan.until('\n', longestName) : head
  if (isFenced && !(yield* scan.tag('```json'))) return undefined
  const json = yield* scan.json()
  if (isFenced && !(yield* scan.tag('```'))) return undefined
  return (yield* scan.tag('<｜tool▁call▁end｜>')) === undefined ? undefined : callOf(name?.trim(), json)
})

/** Kimi K2: `functions.NAME:0`, and JSON. */
export const readKimi = readSection('<|tool_call_begin|>', '<|tool_calls_section_end|>', function* (scan) {
  const id = (yield* scan.until('<|tool_call_argument_begin|>', longestName))?.trim()
  const json = yield* scan.json()
  return (yield* scan.tag('<|tool_call_end|>')) === undefined
    ? undefined
    : callOf(id?.replace(/^functions\./, '').replace(/:\d+$/, ''), json)
})

/** Mistral: an array of calls; or a name, mostly `[ARGS]`, and JSON, once for each call. The opener is a token, but may be talked about. */
export const readMistral = (): BlockReader =>
  blockReader(function* (scan) {
    for (let isFirst = true; ; isFirst = false) {
      scan.mayEnd(false)
      const isArray = (yield* scan.next()) === '['
      const name = isArray ? undefined : yield* scan.name()
      const found = name === undefined ? undefined : yield* scan.tag('[ARGS]', '[CALL_ID]')
      // The oldest of the forms with names has nothing between them and the arguments.
      const isBare = name !== undefined && !found && (yield* scan.next()) === '{'
      if (!isArray && !found && !isBare) return yield isFirst ? none : broken
      if (found === '[CALL_ID]') yield* scan.until('[ARGS]', longestName)
      const json = yield* scan.json()
      const call = callOf(name, json)
      const calls = isArray && json !== undefined ? callsOfJson(json) : call && [call]
      if (!calls) return yield broken
      for (const each of calls) yield { type: 'call', ...each, end: scan.at() }
      yield { type: 'settled' }
      scan.mayEnd(true)
      if (!(yield* scan.tag('[TOOL_CALLS]'))) return yield { type: 'closed' }
    }
  })

function callOf(name: string | undefined, json: string | undefined): WrittenCall | undefined {
  const written = argumentsOf(json)
  return name && written !== undefined ? { name, arguments: written } : undefined
}
