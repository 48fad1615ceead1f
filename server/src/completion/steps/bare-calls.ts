import { isMembers } from '../../lib/json-members.ts'
import { callOfJson, callsOfJson, type WrittenCall } from './call-values.ts'
import { withoutFence } from './json-fence.ts'
import { isEnding, type Part, type PartStep } from './part.ts'
import { join, nothing, type Passage } from './passage.ts'
import { callsOfPython } from './python-calls.ts'

export interface BareCalls {
  /** The functions that were offered: what names no other is no call. */
  readonly names: readonly string[]
  /** A call must come: then the text is of no use as such, and may be looked at until its end. */
  readonly forced: boolean
  /** The one function that must be called: an object that names none is its arguments. */
  readonly only: string | undefined
  /** How calls are written for whoever reads them behind this step: JSON between two tags. */
  readonly open: string
  readonly close: string
}

/** So far a text may go without naming a function. */
const longestUnnamed = 2_000
const firstKeys = ['name', 'tool_name', 'type', 'id', 'tool_call_id', 'function', 'arguments', 'parameters']

/**
 * Finds calls that are the whole text, with no marker around them: JSON as Llama writes it, or as a server enforces it for a forced call
 * without having a parser for it, and a list as Python has it. They are handed on between tags. All other text goes on as it is.
 */
export function bareCalls({ names, forced, only, open, close }: BareCalls): PartStep {
  let held = nothing
  let over = false

  const mayBecome = (text: string): boolean => {
    if (text === '') return true
    if (forced) return '[{`'.includes(text.charAt(0))
    if (!'[{'.includes(text.charAt(0))) return false
    const [, named] = /"(?:tool_)?name"\s*:\s*"([^"\\]*)"/.exec(text) ?? []
    if (named !== undefined) return names.includes(named)
    if (text.length > longestUnnamed) return false
    const [all = '', , key, quote] = /^(\[\s*)?(?:\{\s*(?:"([^"\\]*)("?))?)?/.exec(text) ?? []
    if (all.includes('{'))
      return key === undefined ? all === text : firstKeys.some((one) => (quote ? one === key : one.startsWith(key)))
    const [, word, bracket] = /^\[\s*([\w.-]+)(\(?)/.exec(text) ?? []
    return word === undefined ? all === text : names.some((name) => (bracket ? name === word : name.startsWith(word)))
  }

  const release = (): Part[] => {
    const passage = held
    held = nothing
    return passage.text ? [{ type: 'text', passage }] : []
  }

  const called = (): Part[] => {
    const calls = callsIn(withoutFence(held.text), only)
    if (!calls?.every(({ name }) => names.includes(name))) return release()
    const text = calls
      .map(({ name, arguments: written }) => `${open}{"name":${JSON.stringify(name)},"arguments":${written}}${close}`)
      .join('')
    const passage: Passage = { ...held, text, marks: held.marks.map((mark) => ({ ...mark, at: text.length })) }
    held = nothing
    return [{ type: 'text', passage }]
  }

  return (part) => {
    if (over) return [part]
    if (part.type === 'text') {
      held = join(held, part.passage)
      over = !mayBecome(held.text.trimStart())
      return over ? release() : []
    }
    if (part.type === 'border' || part.type === 'reasoning') return [part]
    over = true
    return [...(isEnding(part) && part.type === 'ended' && part.reason === 'stop' ? called() : release()), part]
  }
}

function callsIn(text: string, only: string | undefined): readonly WrittenCall[] | undefined {
  const call = callOfJson(text)
  if (call) return [call]
  if (only !== undefined && isMembers(text)) return [{ name: only, arguments: text.trim() }]
  // Llama writes several with semicolons or line ends between them.
  return callsOfJson(text) ?? callsOfPython(text) ?? callsOfJson(`[${text.replace(/\}\s*[;\n]\s*\{/g, '},{')}]`)
}
