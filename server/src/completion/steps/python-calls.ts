import { pythonLiterals, type WrittenCall } from './call-values.ts'

/**
 * Calls as Python writes them, with arguments by name: `f(city="Oslo", days=3)`, or a list of such.
 * @returns undefined for anything else
 */
export function callsOfPython(text: string): readonly WrittenCall[] | undefined {
  const reader = pythonReader(text)
  const isList = reader.takes('[')
  const calls: WrittenCall[] = []
  do {
    const call = reader.call()
    if (!call) return undefined
    calls.push(call)
  } while (isList && reader.takes(','))
  if (isList && !reader.takes(']')) return undefined
  return reader.isAtEnd() ? calls : undefined
}

const longestDepth = 64
const identifier = /[A-Za-z_][\w.-]*/y
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const escapes: { readonly [character: string]: string } = { n: '\n', t: '\t', r: '\r', '\n': '' }

function pythonReader(text: string) {
  let at = 0
  const blanks = () => {
    while (/\s/.test(text[at] ?? '')) at++
  }
  const takes = (mark: string): boolean => {
    blanks()
    if (!text.startsWith(mark, at)) return false
    at += mark.length
    return true
  }
  const matches = (pattern: RegExp): string | undefined => {
    blanks()
    pattern.lastIndex = at
    const [found] = pattern.exec(text) ?? []
    at += found?.length ?? 0
    return found
  }

  const string = (): string | undefined => {
    const quote = text[at]
    if (quote !== '"' && quote !== "'") return undefined
    let value = ''
    for (at++; at < text.length; at++) {
      const unit = text.charAt(at)
      if (unit === quote) {
        at++
        return value
      }
      if (unit !== '\\') value += unit
      else {
        const next = text.charAt(++at)
        const code = next === 'u' ? /^[0-9a-fA-F]{4}/.exec(text.slice(at + 1))?.[0] : undefined
        value += code === undefined ? (escapes[next] ?? next) : String.fromCharCode(Number.parseInt(code, 16))
        at += code?.length ?? 0
      }
    }
    return undefined
  }

  /** @returns the items as `read` finds them, up to `end` */
  const listed = <T>(end: string, read: () => T | undefined): readonly T[] | undefined => {
    const items: T[] = []
    while (!takes(end)) {
      const item = read()
      if (item === undefined) return undefined
      items.push(item)
      if (!takes(',') && text[at] !== end) return undefined
    }
    return items
  }

  /** @returns the JSON of what stands here */
  const value = (depth: number): string | undefined => {
    blanks()
    if (depth > longestDepth) return undefined
    const words = string()
    if (words !== undefined) return JSON.stringify(words)
    if (takes('{')) {
      const members = listed('}', () => {
        blanks()
        const key = string()
        const inner = key !== undefined && takes(':') ? value(depth + 1) : undefined
        return inner === undefined ? undefined : `${JSON.stringify(key)}:${inner}`
      })
      return members && `{${members.join(',')}}`
    }
    const closing = takes('[') ? ']' : takes('(') ? ')' : undefined
    if (closing !== undefined) {
      const items = listed(closing, () => value(depth + 1))
      return items && `[${items.join(',')}]`
    }
    const digits = matches(number)
    if (digits !== undefined) return digits
    const word = matches(identifier)
    if (word === undefined) return undefined
    return ['true', 'false', 'null'].includes(word) ? word : pythonLiterals[word]
  }

  return {
    takes,
    isAtEnd: () => {
      blanks()
      return at === text.length
    },
    call(): WrittenCall | undefined {
      const name = matches(identifier)
      if (name === undefined || !takes('(')) return undefined
      const seen = new Set<string>()
      const members = listed(')', () => {
        const key = matches(identifier)
        const inner = key !== undefined && !seen.has(key) && takes('=') ? value(0) : undefined
        if (key === undefined || inner === undefined) return undefined
        seen.add(key)
        return `${JSON.stringify(key)}:${inner}`
      })
      return members && { name, arguments: `{${members.join(',')}}` }
    },
  }
}
