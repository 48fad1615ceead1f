/**
 * The members of one JSON object, each with its value as it was written: nothing of a number's digits or of the order is lost,
 * which `JSON.parse` does not promise.
 * @returns undefined if the text is not one JSON object, or has a key twice.
 */
export function membersOf(json: string): ReadonlyMap<string, string> | undefined {
  const text = json.trim()
  if (!text.startsWith('{') || !isJson(text)) return undefined
  const members = new Map<string, string>()
  // The text is valid from here on: only strings and depth need a look.
  let at = 1
  while (true) {
    at = skipBlanks(text, at)
    if (text[at] === '}') return members
    if (text[at] === ',') at = skipBlanks(text, at + 1)
    const keyEnd = endOfString(text, at)
    const key: string = JSON.parse(text.slice(at, keyEnd))
    const start = skipBlanks(text, text.indexOf(':', keyEnd) + 1)
    at = endOfValue(text, start)
    if (members.has(key)) return undefined
    members.set(key, text.slice(start, at).trimEnd())
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
