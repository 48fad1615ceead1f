/** Server-sent events out of bytes that arrive in any cuts. Knows nothing of what the events say. */

export interface SseEvent {
  /** The `data` lines, joined by newlines. Empty only beside an `error`. */
  readonly data: string
  /** The `event` field, where there was one. */
  readonly event?: string
  /** The value of an `error` field: no standard has it, but old builds of llama-server report their failures so. */
  readonly error?: string
}

export interface SseReader {
  /** @throws RangeError when one event is larger than allowed. */
  read(bytes: Uint8Array): readonly SseEvent[]
  /** @returns the event that was still open when the bytes ended: some servers leave out the last blank line. */
  end(): readonly SseEvent[]
}

const LF = 10
const CR = 13
const byteOrderMark = '\uFEFF'

/** @param maxBytes of one event, its field names and line ends included */
export function createSseReader(maxBytes: number): SseReader {
  /** The beginning of a line whose end did not arrive yet. */
  let begun: Uint8Array[] = []
  let size = 0
  let firstLine = true
  /** A line ended with CR: an LF that comes next belongs to it. */
  let mayHaveLf = false
  let fields = new Map<string, string>()

  const grow = (bytes: number) => {
    size += bytes
    if (size > maxBytes) throw new RangeError(`One event is larger than ${maxBytes} bytes.`)
  }

  const settle = (): SseEvent[] => {
    const data = fields.get('data') ?? ''
    const event = fields.get('event')
    const error = fields.get('error')
    fields = new Map()
    size = 0
    if (data === '' && error === undefined) return []
    return [{ data, ...(event !== undefined && { event }), ...(error !== undefined && { error }) }]
  }

  const takeLine = (bytes: Uint8Array): SseEvent[] => {
    grow(bytes.length + 1)
    let line = Buffer.concat([...begun, bytes]).toString('utf8')
    begun = []
    if (firstLine && line.startsWith(byteOrderMark)) line = line.slice(1)
    firstLine = false
    if (line === '') return settle()
    const colon = line.indexOf(':')
    if (colon === 0) return []
    const name = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1)
    const before = fields.get(name)
    if (name === 'data' && before !== undefined) fields.set(name, `${before}\n${value}`)
    else if (name === 'data' || name === 'event' || name === 'error') fields.set(name, value)
    return []
  }

  return {
    read(bytes) {
      const events: SseEvent[] = []
      let at = 0
      if (mayHaveLf && bytes.length > 0) {
        mayHaveLf = false
        if (bytes[0] === LF) at = 1
      }
      let lf = bytes.indexOf(LF, at)
      let cr = bytes.indexOf(CR, at)
      while (lf >= 0 || cr >= 0) {
        const end = lf < 0 || (cr >= 0 && cr < lf) ? cr : lf
        events.push(...takeLine(bytes.subarray(at, end)))
        at = end + 1
        if (end === cr) {
          if (at === bytes.length) mayHaveLf = true
          else if (bytes[at] === LF) at++
          cr = bytes.indexOf(CR, at)
        }
        if (lf < at) lf = bytes.indexOf(LF, at)
      }
      if (at < bytes.length) {
        grow(bytes.length - at)
        begun.push(bytes.slice(at))
      }
      return events
    },
    end() {
      const last = begun.length > 0 ? takeLine(new Uint8Array()) : []
      return [...last, ...settle()]
    },
  }
}
