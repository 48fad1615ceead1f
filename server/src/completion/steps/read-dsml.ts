import type { BlockReader } from './block-reader.ts'
import { type BlockScanner, blockReader, broken, longestName, type Reading } from './block-scanner.ts'
import { isJson, objectOf } from './call-values.ts'

const marker = '｜DSML｜'
/** The names of the block in V4, V3.2 and V4.1. The last has a space before each name; behind the opener it counts as a blank. */
const blocks = ['tool_calls>', 'function_calls>', 'calls>']
const opening = (name: string) => [`<${marker}${name} name="`, `<${marker} ${name} name="`]
const closing = (name: string) => [`</${marker}${name}`, `</${marker} ${name}`]
const openCall = opening('invoke')
const closeCall = closing('invoke>')
const openParameter = opening('parameter')

/**
 * DeepSeek's call block, from behind `<｜DSML｜` (contract, section 19; C124). Whitespace between elements does not matter; the text of
 * a parameter is taken as it stands. A type comes from the `string` flag alone, the order of keys from the text.
 */
export function readDsml(): BlockReader {
  return blockReader(function* (scan) {
    const head = yield* scan.tag(...blocks)
    if (!head) return yield broken
    for (;;) {
      const found = yield* scan.tag(...openCall, ...closing(head))
      if (!found) return yield broken
      if (!openCall.includes(found)) return yield { type: 'closed' }
      yield { type: 'settled' }
      const name = yield* scan.until('">', longestName)
      if (!name || name.includes(marker)) return yield broken
      const members = yield* parametersOf(scan)
      if (!members) return yield broken
      yield { type: 'call', name, arguments: objectOf(members), end: scan.at() }
    }
  })
}

function* parametersOf(scan: BlockScanner): Reading<ReadonlyMap<string, string> | undefined> {
  const members = new Map<string, string>()
  for (;;) {
    const found = yield* scan.tag(...openParameter, ...closeCall)
    if (!found || closeCall.includes(found)) return found ? members : undefined
    const key = yield* scan.until('" string="', longestName)
    if (key === undefined || key.includes(marker) || members.has(key)) return undefined
    const flag = yield* scan.until('">', longestName)
    if (flag !== 'true' && flag !== 'false') return undefined
    const value = yield* scan.until(`</${found.slice(1, -' name="'.length)}>`)
    if (value === undefined || (flag === 'false' && !isJson(value))) return undefined
    members.set(key, flag === 'true' ? JSON.stringify(value) : value.trim())
  }
}
