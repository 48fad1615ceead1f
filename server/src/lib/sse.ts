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
  /** Whether nothing of the next event has come, not even a comment before it. */
  between(): boolean
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
  let data: string | undefined
  let event: string | undefined
  let error: string | undefined

  const grow = (bytes: number) => {
    size += bytes
    if (size > maxBytes) throw new RangeError(`One event is larger than ${maxBytes} bytes.`)
  }

  const settle = (into: SseEvent[]): void => {
    if ((data !== undefined && data !== '') || error !== undefined)
      into.push({ data: data ?? '', ...(event !== undefined && { event }), ...(error !== undefined && { error }) })
    data = undefined
    event = undefined
    error = undefined
    size = 0
  }

  /** The line that ends at `end`, and began at `from` or in bytes before these. */
  const takeLine = (bytes: Buffer, from: number, end: number, into: SseEvent[]): void => {
    grow(end - from + 1)
    let line =
      begun.length === 0
        ? bytes.toString('utf8', from, end)
        : Buffer.concat([...begun, bytes.subarray(from, end)]).toString('utf8')
    if (begun.length > 0) begun = []
    if (firstLine && line.startsWith(byteOrderMark)) line = line.slice(1)
    firstLine = false
    if (line === '') {
      settle(into)
      return
    }
    const colon = line.indexOf(':')
    if (colon === 0) return
    const name = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1)
    if (name === 'data') data = data === undefined ? value : `${data}\n${value}`
    else if (name === 'event') event = value
    else if (name === 'error') error = value
  }

  return {
    read(came) {
      const bytes = Buffer.isBuffer(came) ? came : Buffer.from(came.buffer, came.byteOffset, came.byteLength)
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
        takeLine(bytes, at, end, events)
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
        begun.push(Uint8Array.prototype.slice.call(bytes, at))
      }
      return events
    },
    between: () => begun.length === 0 && size === 0 && !mayHaveLf && !firstLine,
    end() {
      const last: SseEvent[] = []
      if (begun.length > 0) takeLine(Buffer.alloc(0), 0, 0, last)
      settle(last)
      return last
    },
  }
}
