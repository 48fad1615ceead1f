import type { BlockEvent, BlockReader } from './block-reader.ts'

const head = 'tool_calls>'
const close = '</｜DSML｜tool_calls>'
const openCall = '<｜DSML｜invoke name="'
const closeCall = '</｜DSML｜invoke>'
const openParameter = '<｜DSML｜parameter name="'
const closeParameter = '</｜DSML｜parameter>'

/** Longest function name with its tag, and longest parameter name, that is waited for. */
const longestName = 1_000
const parameterTag = /([\s\S]*?)" string="(true|false)">/y

/**
 * DeepSeek V4's call block, from behind `<｜DSML｜` (contract, section 19; C124). Whitespace between elements does not matter;
 * the text of a parameter is taken as it stands. A type comes from the `string` flag alone, the order of keys from the text.
 */
export function readDsml(): BlockReader {
  /** What is not read over yet, from `at` on; and how much was, before it. Long values do not stay in it: it is looked into often. */
  let text = ''
  let at = 0
  let before = 0
  let state: 'head' | 'calls' | 'name' | 'call' | 'parameter' | 'value' | 'over' = 'head'
  let name = ''
  let members = new Map<string, string>()
  let key = ''
  let isText = false
  /** The beginning of a value whose end was not seen. */
  let value = ''

  /** @returns which tag stands here, read over; undefined while that is open; null if it is none of them. */
  const tag = (...tags: string[]): string | null | undefined => {
    const found = tags.find((candidate) => text.startsWith(candidate, at))
    if (found) {
      at += found.length
      return found
    }
    const rest = text.slice(at)
    return tags.some((candidate) => candidate.startsWith(rest)) ? undefined : null
  }

  const skipBlanks = () => {
    while (at < text.length && /\s/.test(text[at] ?? '')) at++
  }

  /** One element further. @returns its event, 'on' when there is none but more may be read, undefined when text is missing. */
  const advance = (): BlockEvent | 'on' | undefined => {
    switch (state) {
      case 'head': {
        const found = tag(head)
        if (found) state = 'calls'
        return found ? 'on' : found === null ? { type: 'broken' } : undefined
      }
      case 'calls': {
        skipBlanks()
        const found = tag(openCall, close)
        if (found === openCall) {
          state = 'name'
          return { type: 'settled' }
        }
        if (found === close) state = 'over'
        return found ? { type: 'closed' } : found === null ? { type: 'broken' } : undefined
      }
      case 'name': {
        const end = text.indexOf('">', at)
        if (end < 0) return text.length - at > longestName ? { type: 'broken' } : undefined
        name = text.slice(at, end)
        if (name === '' || name.includes('｜DSML｜')) return { type: 'broken' }
        at = end + 2
        members = new Map()
        state = 'call'
        return 'on'
      }
      case 'call': {
        skipBlanks()
        const found = tag(openParameter, closeCall)
        if (found === openParameter) {
          state = 'parameter'
          return 'on'
        }
        if (!found) return found === null ? { type: 'broken' } : undefined
        state = 'calls'
        const written = [...members].map(([member, value]) => `${JSON.stringify(member)}:${value}`)
        return { type: 'call', name, arguments: `{${written.join(',')}}`, end: before + at }
      }
      case 'parameter': {
        parameterTag.lastIndex = at
        const found = parameterTag.exec(text)
        const unread = found?.[1] ?? text.slice(at)
        if (unread.includes('｜DSML｜') || unread.length > longestName) return { type: 'broken' }
        if (!found) return undefined
        key = unread
        isText = found[2] === 'true'
        if (members.has(key)) return { type: 'broken' }
        at = parameterTag.lastIndex
        value = ''
        state = 'value'
        return 'on'
      }
      case 'value': {
        const end = text.indexOf(closeParameter, at)
        if (end < 0) {
          // All but what may be the beginning of the closing tag.
          const certain = Math.max(at, text.length - closeParameter.length + 1)
          value += text.slice(at, certain)
          at = certain
          return undefined
        }
        value += text.slice(at, end)
        if (!isText && !isJson(value)) return { type: 'broken' }
        members.set(key, isText ? JSON.stringify(value) : value.trim())
        at = end + closeParameter.length
        state = 'call'
        return 'on'
      }
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
      for (let event = advance(); event; event = advance()) {
        if (event === 'on') continue
        events.push(event)
        if (event.type === 'broken') state = 'over'
      }
      return events
    },
    complete: () => state === 'over',
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
