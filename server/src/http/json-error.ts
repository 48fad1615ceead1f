/**
 * Says where a text stops being JSON. The parser's own message quotes the text or leaves the place out; this one does neither.
 * It runs on refused bodies only, in one pass and without recursion.
 */

/** What may stand at a place. */
type Expected =
  | 'a value'
  | "a value or ']'"
  | 'a property name'
  | "a property name or '}'"
  | "':'"
  | "',' or the closing bracket"
  | 'the end'

const number = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y
const word = /true|false|null/y
const space = /[ \t\n\r]*/y
const escapeSequence = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y

/** How far it looks: a body of many megabytes must not keep the event loop busy only to be refused. */
const searchedMax = 1_000_000

/** @returns e.g. `expected ':' at line 1, column 10`. @param text not valid JSON */
export function findJsonError(text: string): string {
  const open: ('{' | '[')[] = []
  let expected: Expected = 'a value'
  let at = skip(space, text, 0)
  for (; at < text.length; at = skip(space, text, at)) {
    if (at > searchedMax) break
    const found = text[at]
    const valueMayCome: boolean = expected === 'a value' || expected === "a value or ']'"
    if (valueMayCome && (found === '{' || found === '[')) {
      open.push(found)
      expected = found === '{' ? "a property name or '}'" : "a value or ']'"
      at++
    } else if (found === '}' && open.at(-1) === '{' && mayClose(expected)) {
      open.pop()
      expected = after(open)
      at++
    } else if (found === ']' && open.at(-1) === '[' && mayClose(expected)) {
      open.pop()
      expected = after(open)
      at++
    } else if (found === ',' && open.length > 0 && expected === after(open)) {
      expected = open.at(-1) === '{' ? 'a property name' : 'a value'
      at++
    } else if (found === ':' && expected === "':'") {
      expected = 'a value'
      at++
    } else if (found === '"' && expected !== "':'" && expected !== after(open)) {
      const string = endOfString(text, at)
      if (!string.closed) return describe('the rest of a string', text, string.at)
      expected = valueMayCome ? after(open) : "':'"
      at = string.at
    } else {
      const end = valueMayCome ? Math.max(skip(number, text, at), skip(word, text, at)) : at
      if (end === at) break
      expected = after(open)
      at = end
    }
  }
  return describe(expected, text, at)
}

const after = (open: readonly string[]): Expected => (open.length > 0 ? "',' or the closing bracket" : 'the end')

const mayClose = (expected: Expected): boolean =>
  expected === "',' or the closing bracket" || expected === "a value or ']'" || expected === "a property name or '}'"

/** @returns the place behind the match, or `at` when there is none. */
function skip(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at
  return pattern.test(text) ? pattern.lastIndex : at
}

function endOfString(text: string, start: number): { closed: boolean; at: number } {
  for (let at = start + 1; at < text.length; ) {
    const found = text.charCodeAt(at)
    if (found === 0x22) return { closed: true, at: at + 1 }
    const next = found === 0x5c ? skip(escapeSequence, text, at) : found < 0x20 ? at : at + 1
    if (next === at) return { closed: false, at }
    at = next
  }
  return { closed: false, at: text.length }
}

function describe(expected: string, text: string, at: number): string {
  if (at > searchedMax) return `it breaks somewhere after its first ${searchedMax} characters`
  if (at >= text.length) return `it ends where ${expected} should come`
  const lines = text.slice(0, at).split('\n')
  return `expected ${expected} at line ${lines.length}, column ${(lines.at(-1)?.length ?? 0) + 1}`
}
