/** RFC 8259 as a state machine: JSON in any cuts, each unit of text looked at once. */

export type JsonKind = 'object' | 'array' | 'string' | 'number' | 'boolean' | 'null'

/** Hears what is read, in order. An answer of `false` refuses it, and ends the reading. */
export interface JsonListener {
  /** A value begins. `hold`: it is wanted as a whole; nothing is told of what is in it. */
  begin(kind: JsonKind): boolean | 'hold'
  /** One character more of a string that is a value: a code point, whether escaped or not. */
  character(): boolean
  key(name: string): boolean
  /** A comma: another value must follow in the innermost array or object. */
  more(): boolean
  /** A value ends. `written` is the text of a held one, and of each that is neither array nor object. */
  end(written: string | undefined): boolean
}

export interface JsonReader {
  /** @returns false once the text cannot be the beginning of JSON, or was refused: nothing is read from there on */
  read(text: string): boolean
  /** Whether the text so far is one whole value; asked at the end, since a number may always go on. */
  whole(): boolean
  /** Nothing but whitespace may follow. */
  closed(): boolean
  /** How many units were read well, up to the last place where nothing is undecided and no whitespace is pending. */
  settled(): number
}

/** Deeper than any answer; it bounds the stack of whoever walks through the value. */
const depthMax = 256

type State =
  | 'value'
  | 'item or end'
  | 'key'
  | 'key or end'
  | 'colon'
  | 'after'
  | 'string'
  | 'escape'
  | 'unicode'
  | 'number'
  | 'literal'

/** Places in a number, and where each class of unit leads from there. At a place with `end` it may be over. */
type NumberPlace = 'minus' | 'zero' | 'whole' | 'point' | 'fraction' | 'e' | 'sign' | 'exponent'
type NumberUnit = '0' | '1-9' | '.' | 'e' | '+' | '-'
const numberPlaces: Record<NumberPlace, { readonly end?: true } & { readonly [unit in NumberUnit]?: NumberPlace }> = {
  minus: { '0': 'zero', '1-9': 'whole' },
  zero: { end: true, '.': 'point', e: 'e' },
  whole: { end: true, '0': 'whole', '1-9': 'whole', '.': 'point', e: 'e' },
  point: { '0': 'fraction', '1-9': 'fraction' },
  fraction: { end: true, '0': 'fraction', '1-9': 'fraction', e: 'e' },
  e: { '0': 'exponent', '1-9': 'exponent', '+': 'sign', '-': 'sign' },
  sign: { '0': 'exponent', '1-9': 'exponent' },
  exponent: { end: true, '0': 'exponent', '1-9': 'exponent' },
}

const numberUnitOf = (unit: string): NumberUnit | undefined => {
  if (unit >= '1' && unit <= '9') return '1-9'
  if (unit === 'e' || unit === 'E') return 'e'
  return unit === '0' || unit === '.' || unit === '+' || unit === '-' ? unit : undefined
}

const isBlank = (unit: string): boolean => unit === ' ' || unit === '\n' || unit === '\r' || unit === '\t'

export function readJson(listener: JsonListener): JsonReader {
  let state: State = 'value'
  let refused = false
  const open: ('object' | 'array')[] = []
  /** The text of a key, string, number or literal so far. */
  let written = ''
  let isKey = false
  let number: NumberPlace = 'minus'
  let literal = ''
  /** What was read of `\uXXXX`. */
  let hex = ''
  /** The last unit of the string was the first half of a character. */
  let half = false
  /** The outermost held value: how many arrays and objects it is in, and its text from earlier reads. */
  let held: { readonly depth: number; text: string; from: number } | undefined
  let before = 0
  let settled = 0

  const begin = (kind: JsonKind, next: State, at: number): boolean => {
    state = next
    if (held) return true
    const depth = open.length
    const answer = listener.begin(kind)
    if (answer === 'hold') held = { depth, text: '', from: at }
    return answer !== false
  }

  const beginValue = (unit: string, at: number): boolean => {
    written = unit
    switch (unit) {
      case '{':
      case '[': {
        const kind = unit === '{' ? 'object' : 'array'
        const fine = begin(kind, kind === 'object' ? 'key or end' : 'item or end', at)
        return open.push(kind) <= depthMax && fine
      }
      case '"':
        isKey = false
        half = false
        return begin('string', 'string', at)
      case 't':
      case 'f':
      case 'n':
        literal = unit === 't' ? 'true' : unit === 'f' ? 'false' : 'null'
        return begin(unit === 'n' ? 'null' : 'boolean', 'literal', at)
      default:
        number = unit === '-' ? 'minus' : unit === '0' ? 'zero' : 'whole'
        return (unit === '-' || (unit >= '0' && unit <= '9')) && begin('number', 'number', at)
    }
  }

  /** `at`: the place behind the value. */
  const endValue = (text: string, at: number, scalar: boolean): boolean => {
    state = 'after'
    if (!held) return listener.end(scalar ? written : undefined)
    if (open.length > held.depth) return true
    const all = held.text + text.slice(held.from, at)
    held = undefined
    return listener.end(all)
  }

  const close = (text: string, at: number): boolean =>
    open.pop() === (text[at] === '}' ? 'object' : 'array') && endValue(text, at + 1, false)

  /** A unit of a string's value. The second half of a character is no character of its own. */
  const count = (code: number): boolean => {
    const second = half && code >= 0xdc00 && code <= 0xdfff
    half = !second && code >= 0xd800 && code <= 0xdbff
    return isKey || held !== undefined || second || listener.character()
  }

  const endString = (text: string, at: number): boolean => {
    if (!isKey) return endValue(text, at + 1, true)
    state = 'colon'
    return held !== undefined || listener.key(JSON.parse(written))
  }

  const readString = (text: string, at: number): number => {
    const unit = text.charAt(at)
    if (unit === '"') {
      written += unit
      return endString(text, at) ? at + 1 : -1
    }
    if (unit === '\\') {
      written += unit
      state = 'escape'
      return at + 1
    }
    let end = at
    for (; end < text.length; end++) {
      const code = text.charCodeAt(end)
      if (code === 0x22 || code === 0x5c) break
      if (code < 0x20 || !count(code)) return -1
      if (code !== 0x20) settle(end + 1)
    }
    written += text.slice(at, end)
    return end
  }

  const readEscape = (unit: string): boolean => {
    written += unit
    state = unit === 'u' ? 'unicode' : 'string'
    hex = ''
    return unit === 'u' || ('"\\/bfnrt'.includes(unit) && count(0))
  }

  const readHex = (unit: string): boolean => {
    written += unit
    hex += unit
    if (!/^[0-9a-fA-F]$/.test(unit)) return false
    if (hex.length < 4) return true
    state = 'string'
    return count(Number.parseInt(hex, 16))
  }

  /** The unit behind a number is not its own: it is then read once more. */
  const readNumber = (text: string, at: number): number => {
    const place = numberPlaces[number]
    const unit = numberUnitOf(text.charAt(at))
    const next = unit && place[unit]
    if (next) {
      number = next
      written += text.charAt(at)
      return at + 1
    }
    return !unit && place.end && endValue(text, at, true) ? at : -1
  }

  const readLiteral = (text: string, at: number): boolean => {
    written += text.charAt(at)
    return literal.startsWith(written) && (written !== literal || endValue(text, at + 1, true))
  }

  const readStructure = (text: string, at: number): boolean => {
    const unit = text.charAt(at)
    if (isBlank(unit)) return true
    switch (state) {
      case 'item or end':
        return unit === ']' ? close(text, at) : beginValue(unit, at)
      case 'value':
        return beginValue(unit, at)
      case 'key or end':
      case 'key':
        if (unit === '}' && state === 'key or end') return close(text, at)
        isKey = true
        state = 'string'
        written = unit
        return unit === '"'
      case 'colon':
        state = 'value'
        return unit === ':'
      default:
        if (unit !== ',' || open.length === 0) return (unit === '}' || unit === ']') && close(text, at)
        state = open.at(-1) === 'object' ? 'key' : 'value'
        return held !== undefined || listener.more()
    }
  }

  /** @returns the place where to read on, or -1 */
  const step = (text: string, at: number): number => {
    const on = (fine: boolean) => (fine ? at + 1 : -1)
    switch (state) {
      case 'string':
        return readString(text, at)
      case 'escape':
        return on(readEscape(text.charAt(at)))
      case 'unicode':
        return on(readHex(text.charAt(at)))
      case 'number':
        return readNumber(text, at)
      case 'literal':
        return on(readLiteral(text, at))
      default:
        return on(readStructure(text, at))
    }
  }

  /** Whether text that ends here is certainly good: not in the middle of something that only its end decides. */
  const settle = (at: number) => {
    const undecided = state === 'string' ? isKey : state === 'key' || state === 'escape' || state === 'unicode'
    if (!undecided && state !== 'number' && state !== 'literal' && !held) settled = before + at
  }

  const endsWell = (): boolean => numberPlaces[number].end === true && endValue('', 0, true)

  return {
    read(text) {
      let at = 0
      while (at < text.length && !refused) {
        const next = step(text, at)
        refused = next < 0
        if (!refused && !isBlank(text.charAt(next - 1))) settle(next)
        at = next
      }
      if (held) {
        held.text += text.slice(held.from)
        held.from = 0
      }
      before += text.length
      return !refused
    },
    whole: () => !refused && open.length === 0 && (state === 'number' ? endsWell() : state === 'after'),
    closed: () => open.length === 0 && state === 'after',
    settled: () => settled,
  }
}
