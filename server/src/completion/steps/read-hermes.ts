import { membersOf } from '../../lib/json-members.ts'
import type { BlockEvent, BlockReader } from './block-reader.ts'

const open = '<tool_call>'
const close = '</tool_call>'

/**
 * `{"name": …, "arguments": {…}}` between `<tool_call>` tags, one element a call, from behind the first opening tag. Calls follow one
 * another with nothing but whitespace between them; anything else ends the turn.
 */
export function readHermes(): BlockReader {
  /** What is not read over yet, from `at` on; and how much was, before it. */
  let text = ''
  let at = 0
  let before = 0
  let state: 'call' | 'json' | 'close' | 'between' | 'over' = 'call'
  /** The JSON so far; how deep in it the reader is; whether inside a string, and behind a backslash there. */
  let json = ''
  let depth = 0
  let inString = false
  let escaped = false
  let call: { name: string; arguments: string } | undefined

  const skipBlanks = () => {
    while (at < text.length && /\s/.test(text[at] ?? '')) at++
  }
  const broken: BlockEvent = { type: 'broken' }

  /** Reads on in the JSON value. Outside of strings no JSON has a `<`: there the call ends before its value does. */
  const scan = (): 'open' | 'complete' | 'broken' => {
    for (; at < text.length; at++) {
      const unit = text[at]
      if (inString) {
        if (escaped) escaped = false
        else if (unit === '\\') escaped = true
        else if (unit === '"') inString = false
      } else if (unit === '"') inString = true
      else if (unit === '{' || unit === '[') depth++
      else if (unit === '<') return 'broken'
      else if ((unit === '}' || unit === ']') && --depth === 0) {
        at++
        return 'complete'
      }
    }
    return 'open'
  }

  const advance = (): readonly BlockEvent[] | undefined => {
    switch (state) {
      case 'call':
        skipBlanks()
        if (at === text.length) return undefined
        if (text[at] !== '{') return [broken]
        json = ''
        state = 'json'
        return []
      case 'json': {
        const start = at
        const seen = scan()
        json += text.slice(start, at)
        if (seen !== 'complete') return seen === 'broken' ? [broken] : undefined
        call = callOf(json)
        state = 'close'
        return call ? [] : [broken]
      }
      case 'close':
        skipBlanks()
        if (text.startsWith(close, at) && call) {
          at += close.length
          state = 'between'
          return [{ type: 'call', ...call, end: before + at }, { type: 'settled' }]
        }
        return close.startsWith(text.slice(at)) ? undefined : [broken]
      case 'between':
        skipBlanks()
        if (text.startsWith(open, at)) {
          at += open.length
          state = 'call'
          return []
        }
        if (open.startsWith(text.slice(at))) return undefined
        state = 'over'
        return [{ type: 'closed' }]
      case 'over':
        return undefined
    }
  }

  return {
    read(more) {
      text = text.slice(at) + more
      before += at
      at = 0
      const events: BlockEvent[] = []
      for (let news = advance(); news; news = advance()) {
        events.push(...news)
        if (news.includes(broken)) state = 'over'
      }
      return events
    },
    complete: () => state === 'between' || state === 'over',
  }
}

/** @returns the call, its arguments as the model wrote them; undefined if this is none. */
function callOf(json: string): { name: string; arguments: string } | undefined {
  const members = membersOf(json)
  const name = parsed(members?.get('name'))
  if (!members || typeof name !== 'string' || name === '') return undefined
  const written = members.get('arguments') ?? members.get('parameters')
  if (written === undefined || written === 'null') return { name, arguments: '{}' }
  // Some models write the arguments as a string that holds JSON.
  const text = parsed(written)
  const object = typeof text === 'string' ? text.trim() : written
  return membersOf(object) ? { name, arguments: object } : undefined
}

const parsed = (json: string | undefined): unknown => (json === undefined ? undefined : JSON.parse(json))
