/** For tests: reads GBNF as `gbnf.ts` prints it, and says sentences of it, the way a model would that knows nothing else. */

type Part =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'chars'; readonly ranges: readonly (readonly [number, number])[] }
  | { readonly kind: 'rule'; readonly name: string }
  | { readonly kind: 'choice'; readonly rows: readonly (readonly Part[])[] }
  | { readonly kind: 'repeat'; readonly part: Part; readonly min: number; readonly max: number | undefined }

function parse(line: string): Part {
  let at = 0
  const skip = () => {
    while (line[at] === ' ') at++
  }
  const char = (): number => {
    if (line[at] !== '\\') {
      const code = line.codePointAt(at) ?? 0
      at += code > 0xffff ? 2 : 1
      return code
    }
    const kind = line[at + 1] ?? ''
    const length = { x: 2, u: 4, U: 8 }[kind]
    at += 2 + (length ?? 0)
    if (length) return Number.parseInt(line.slice(at - length, at), 16)
    return kind === 'n' ? 10 : (kind.codePointAt(0) ?? 0)
  }
  const atom = (): Part => {
    const open = line[at]
    if (open === '"') {
      at++
      let text = ''
      while (line[at] !== '"') text += String.fromCodePoint(char())
      at++
      return { kind: 'text', text }
    }
    if (open === '[') {
      at++
      const ranges: [number, number][] = []
      while (line[at] !== ']') {
        const from = char()
        if (line[at] === '-') at++
        ranges.push([from, line[at - 1] === '-' && line[at - 2] !== '\\' ? char() : from])
      }
      at++
      return { kind: 'chars', ranges }
    }
    if (open === '(') {
      at++
      const inner = choice()
      at++
      return inner
    }
    const name = /^[a-zA-Z0-9-]+/.exec(line.slice(at))?.[0]
    if (!name) throw new Error(`Unexpected '${line.slice(at, at + 20)}' in '${line.slice(0, 80)}'.`)
    at += name.length
    return { kind: 'rule', name }
  }
  const choice = (): Part => {
    const rows: Part[][] = [[]]
    for (skip(); at < line.length && line[at] !== ')'; skip()) {
      if (line[at] === '|') {
        at++
        rows.push([])
        continue
      }
      const part = atom()
      const times = /^(?:([*+?])|\{(\d+)(,)?(\d+)?\})/.exec(line.slice(at))
      at += times?.[0].length ?? 0
      const [, sign, from, comma, to] = times ?? []
      const min = sign ? Number(sign === '+') : Number(from)
      const max = sign ? (sign === '?' ? 1 : undefined) : to ? Number(to) : comma ? undefined : min
      rows.at(-1)?.push(times ? { kind: 'repeat', part, min, max } : part)
    }
    return { kind: 'choice', rows }
  }
  return choice()
}

/** @param random the next whole number below its argument */
export function sampler(gbnf: string): (random: (below: number) => number) => string {
  const rules = new Map(
    gbnf
      .trimEnd()
      .split('\n')
      .map((line) => {
        const [name = '', body = ''] = line.split(/ ::= (.*)/s)
        return [name, parse(body)] as const
      }),
  )
  /** Steps to the shortest sentence, to come to an end when it gets long. */
  const costs = new Map<string, number>()
  const cost = (part: Part): number => {
    switch (part.kind) {
      case 'text':
        return part.text.length
      case 'chars':
        return 1
      case 'rule':
        return costs.get(part.name) ?? Number.POSITIVE_INFINITY
      case 'choice':
        return Math.min(...part.rows.map(rowCost))
      case 'repeat':
        return part.min === 0 ? 0 : part.min * cost(part.part)
    }
  }
  const rowCost = (row: readonly Part[]): number => row.reduce((sum, part) => sum + cost(part), 1)
  for (let changed = true; changed; ) {
    changed = false
    for (const [name, body] of rules) {
      const now = cost(body)
      if (now < (costs.get(name) ?? Number.POSITIVE_INFINITY)) {
        costs.set(name, now)
        changed = true
      }
    }
  }
  return (random) => {
    let budget = 300
    const say = (part: Part): string => {
      budget--
      switch (part.kind) {
        case 'text':
          return part.text
        case 'chars': {
          const [from, to] = part.ranges[random(part.ranges.length)] ?? [0, 0]
          return String.fromCodePoint(from + random(to - from + 1))
        }
        case 'rule': {
          const body = rules.get(part.name)
          if (!body) throw new Error(`The rule '${part.name}' is not defined.`)
          return say(body)
        }
        case 'choice': {
          const row =
            budget > 0 ? part.rows[random(part.rows.length)] : part.rows.toSorted((a, b) => rowCost(a) - rowCost(b))[0]
          return (row ?? []).map(say).join('')
        }
        case 'repeat': {
          const most = budget > 0 ? Math.min(part.max ?? part.min + 4, part.min + 4) : part.min
          return Array.from({ length: part.min + random(most - part.min + 1) }, () => say(part.part)).join('')
        }
      }
    }
    return say({ kind: 'rule', name: 'root' })
  }
}
