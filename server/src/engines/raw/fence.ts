import { ServeError } from '../../completion/failure.ts'

/**
 * Keeps user text plain (contract C129). Every text that could become a control token gets a fence: a character that no input has.
 * The rendered prompt is cut at the fences, and no engine recognises a control token across two pieces.
 */
export interface Fence {
  /** @returns `text`, fenced inside each control token's text and at an end that could begin one together with what follows. */
  guard(text: string): string
  /** Guards every string of a JSON value, keys included. */
  guardAll<T>(value: T): T
  /** @returns the pieces of a rendered prompt, without fences; empty ones are left out. */
  cut(rendered: string): string[]
}

/** The noncharacters U+FDD0 to U+FDEF: no text has a reason to contain one. */
const noncharacters = Array.from({ length: 32 }, (_, i) => String.fromCharCode(0xfdd0 + i))

/** What is known of a model's special tokens, made once. */
export interface FenceRules {
  readonly byFirst: ReadonlyMap<string, readonly string[]>
  readonly firsts: RegExp | undefined
  readonly beginnings: ReadonlySet<string>
  readonly longest: number
}

export function fenceRules(specialTokens: readonly string[]): FenceRules {
  // A token of one character cannot be split: it is what it is.
  const tokens = specialTokens.filter((token) => [...token].length > 1)
  const byFirst = new Map<string, string[]>()
  const beginnings = new Set<string>()
  for (const token of tokens) {
    const first = String.fromCodePoint(token.codePointAt(0) ?? 0)
    byFirst.set(first, [...(byFirst.get(first) ?? []), token])
    for (let end = first.length; end < token.length; end++) beginnings.add(token.slice(0, end))
  }
  const firsts = [...byFirst.keys()].map((first) => `\\u{${(first.codePointAt(0) ?? 0).toString(16)}}`)
  return {
    byFirst,
    firsts: firsts.length ? new RegExp(`[${firsts.join('')}]`, 'gu') : undefined,
    beginnings,
    longest: Math.max(0, ...tokens.map((token) => token.length)),
  }
}

/** @param inputs every string that goes into the prompt, joined or not: the fence is a character that none has. */
export function createFence(rules: FenceRules, inputs: readonly string[]): Fence {
  const mark = noncharacters.find((candidate) => !inputs.some((input) => input.includes(candidate)))
  if (mark === undefined)
    throw new ServeError({
      code: 'invalid-request',
      message: "'messages' must leave one of the 32 noncharacters U+FDD0 to U+FDEF unused.",
      param: 'messages',
    })

  const guard = (text: string): string => {
    if (!rules.firsts) return text
    const cuts = new Set<number>()
    for (const { 0: first, index } of text.matchAll(rules.firsts)) {
      const atEnd = text.length - index < rules.longest && rules.beginnings.has(text.slice(index))
      if (atEnd || rules.byFirst.get(first)?.some((token) => text.startsWith(token, index)))
        cuts.add(index + first.length)
    }
    let out = ''
    let from = 0
    for (const cut of cuts) {
      out += text.slice(from, cut) + mark
      from = cut
    }
    return out + text.slice(from)
  }

  const guardUnknown = (value: unknown): unknown => {
    if (typeof value === 'string') return guard(value)
    if (Array.isArray(value)) return value.map(guardUnknown)
    if (value === null || typeof value !== 'object') return value
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [guard(key), guardUnknown(member)]))
  }

  return {
    guard,
    guardAll: <T>(value: T) => guardUnknown(value) as T,
    cut: (rendered) => rendered.split(mark).filter((piece) => piece !== ''),
  }
}
