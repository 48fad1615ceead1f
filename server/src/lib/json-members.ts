/**
 * The members of one JSON object, each with its value as it was written: nothing of a number's digits or of the order is lost,
 * which `JSON.parse` does not promise.
 * @returns undefined if the text is not one JSON object, or has a key twice.
 */
export function membersOf(json: string): ReadonlyMap<string, string> | undefined {
  const members = new Map<string, string>()
  const isWhole = walk(json, (key, value) => {
    if (members.has(key)) return false
    members.set(key, value())
    return true
  })
  return isWhole ? members : undefined
}

/** @returns whether the text is one JSON object without a key twice, for whoever needs nothing of it */
export function isMembers(json: string): boolean {
  let first: string | undefined
  // Most objects in a long history have one key or two.
  let keys: Set<string> | undefined
  return walk(json, (key) => {
    if (first === undefined) {
      first = key
      return true
    }
    keys ??= new Set([first])
    const before = keys.size
    return keys.add(key).size > before
  })
}

/** @param see each member in turn, its value as it was written; false ends it  @returns whether it is one JSON object, seen to its end */
function walk(json: string, see: (key: string, value: () => string) => boolean): boolean {
  const text = json.trim()
  if (!text.startsWith('{') || !isJson(text)) return false
  // The text is valid from here on: only strings and depth need a look.
  let at = 1
  while (true) {
    at = skipBlanks(text, at)
    if (text[at] === '}') return true
    if (text[at] === ',') at = skipBlanks(text, at + 1)
    const keyEnd = endOfString(text, at)
    const key: string = JSON.parse(text.slice(at, keyEnd))
    const start = skipBlanks(text, text.indexOf(':', keyEnd) + 1)
    const end = endOfValue(text, start)
    at = end
    if (!see(key, () => text.slice(start, end).trimEnd())) return false
  }
}

/** @returns the items of one JSON array as they were written; undefined if the text is none */
export function itemsOf(json: string): readonly string[] | undefined {
  const text = json.trim()
  if (!text.startsWith('[') || !isJson(text)) return undefined
  const items: string[] = []
  for (let at = skipBlanks(text, 1); text[at] !== ']'; ) {
    const start = text[at] === ',' ? skipBlanks(text, at + 1) : at
    at = endOfValue(text, start)
    items.push(text.slice(start, at).trimEnd())
  }
  return items
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

function skipBlanks(text: string, from: number): number {
  let at = from
  while (/\s/.test(text[at] ?? '')) at++
  return at
}

function endOfString(text: string, from: number): number {
  let at = from + 1
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1
  return at + 1
}

function endOfValue(text: string, from: number): number {
  let depth = 0
  for (let at = from; ; ) {
    const unit = text[at]
    if (depth === 0 && (unit === ',' || unit === '}' || unit === ']')) return at
    if (unit === '"') at = endOfString(text, at)
    else {
      if (unit === '{' || unit === '[') depth++
      else if (unit === '}' || unit === ']') depth--
      at++
    }
  }
}
