import type { Expression } from './gbnf.ts'

/** A grammar that was printed, each rule of it read when it is asked for. */
export interface ReadGrammar {
  readonly names: readonly string[]
  /** @throws Error for a rule that is not there, or is not as `gbnf.ts` prints it */
  body(name: string): Expression
}

/** @param gbnf as `gbnf.ts` prints it: a rule a line, no comments, no excluded characters */
export function readGbnf(gbnf: string): ReadGrammar {
  const lines = new Map(
    gbnf
      .trimEnd()
      .split('\n')
      .map((line) => {
        const end = line.indexOf(' ::= ')
        return [line.slice(0, end), line.slice(end + 5)] as const
      }),
  )
  const bodies = new Map<string, Expression>()
  return {
    names: [...lines.keys()],
    body(name) {
      const known = bodies.get(name)
      if (known) return known
      const line = lines.get(name)
      if (line === undefined) throw new Error(`The rule '${name}' is not defined.`)
      const body = parse(line)
      bodies.set(name, body)
      return body
    },
  }
}

function parse(line: string): Expression {
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
  const atom = (): Expression => {
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
      const set: [number, number][] = []
      while (line[at] !== ']') {
        const from = char()
        if (line[at] === '-') at++
        set.push([from, line[at - 1] === '-' && line[at - 2] !== '\\' ? char() : from])
      }
      at++
      return { kind: 'chars', set }
    }
    if (open === '(') {
      at++
      const inner = choice()
      at++
      return inner
    }
    const name = /^[a-zA-Z0-9-]+/.exec(line.slice(at, at + 200))?.[0]
    if (!name) throw new Error(`Unexpected '${line.slice(at, at + 20)}' in '${line.slice(0, 80)}'.`)
    at += name.length
    return { kind: 'rule', name }
  }
  const choice = (): Expression => {
    const rows: Expression[][] = [[]]
    for (skip(); at < line.length && line[at] !== ')'; skip()) {
      if (line[at] === '|') {
        at++
        rows.push([])
        continue
      }
      const item = atom()
      const times = /^(?:([*+?])|\{(\d+)(,)?(\d+)?\})/.exec(line.slice(at, at + 24))
      at += times?.[0].length ?? 0
      const [, sign, from, comma, to] = times ?? []
      const min = sign ? Number(sign === '+') : Number(from)
      const max = sign ? (sign === '?' ? 1 : undefined) : to ? Number(to) : comma ? undefined : min
      rows.at(-1)?.push(times ? { kind: 'repeat', item, min, max } : item)
    }
    return { kind: 'choice', items: rows.map((items) => ({ kind: 'row', items })) }
  }
  return choice()
}
