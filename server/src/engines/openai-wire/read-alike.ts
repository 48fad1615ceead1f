import type { SseEvent } from '../../lib/sse.ts'
import type { WireEvent } from './chunk.ts'

/** What stands around a word, as it was read last. */
interface Frame {
  readonly type: 'text' | 'reasoning'
  readonly before: string
  readonly behind: string
  /** It is ASCII, so that its bytes can be told without decoding them. */
  readonly plain: boolean
}

/** Reads the events of one stream. */
export interface AlikeReader {
  readonly event: (event: SseEvent) => readonly WireEvent[]
  /** @returns what bytes say that are one event, whole and like the ones before; undefined where nobody knows without reading them */
  readonly bytes: (bytes: Buffer) => WireEvent | undefined
}

/** A stream whose events are never alike is not looked at for longer. */
const framesMax = 8
const fields = { text: ['content'], reasoning: ['reasoning_content', 'reasoning'] } as const
/** In the place of a word this is told from all that a frame may have. */
const probe = 'tidegate probe'

/**
 * Reads the events of one stream. In most streams each is the one before with another word in it: where all but the word is the same to
 * the letter, and the word needs no reading as JSON, what it says is known without parsing it.
 * @param decode what one event says, by itself
 */
export function readAlike(decode: (event: SseEvent) => readonly WireEvent[]): AlikeReader {
  let frame: Frame | undefined
  let frames = 0
  const bytes = (bytes: Buffer): WireEvent | undefined => {
    if (!frame?.plain) return undefined
    const { type, before, behind } = frame
    const from = field.length + before.length
    const end = bytes.length - behind.length - blankLine.length
    if (end <= from) return undefined
    const units = bytes.toString('latin1')
    if (!units.startsWith(field) || !units.startsWith(before, field.length)) return undefined
    if (!units.endsWith(blankLine) || !units.startsWith(behind, end)) return undefined
    const text = units.slice(from, end)
    if (needsReading.test(text)) return undefined
    return { type, text: isAscii.test(text) ? text : bytes.toString('utf8', from, end) }
  }
  const event: AlikeReader['event'] = (event) => {
    const { data } = event
    if (frame && event.event === undefined && event.error === undefined) {
      const { type, before, behind } = frame
      const end = data.length - behind.length
      if (end > before.length && data.startsWith(before) && data.endsWith(behind)) {
        const text = data.slice(before.length, end)
        if (!needsReading.test(text)) {
          frames = 0
          return [{ type, text }]
        }
      }
    }
    const events = decode(event)
    const [only] = events
    if (events.length === 1 && only && frames < framesMax) {
      const found = frameOf(event, only, decode)
      if (found) {
        frame = found
        frames++
      }
    }
    return events
  }
  return { event, bytes }
}

/** What nearly every server writes around an event. */
const field = 'data: '
const blankLine = '\n\n'
const isAscii = /^[\0-\x7f]*$/

/** Quotes, escapes, and what may not stand in a JSON string. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const needsReading = /["\\\u0000-\u001f]/

/** @returns undefined if the event is not a bare word, or that is not certain */
function frameOf(
  event: SseEvent,
  said: WireEvent,
  decode: (event: SseEvent) => readonly WireEvent[],
): Frame | undefined {
  if ((said.type !== 'text' && said.type !== 'reasoning') || said.logprobs || event.event !== undefined)
    return undefined
  for (const field of fields[said.type]) {
    const opening = `"${field}":"`
    const at = event.data.indexOf(`${opening}${said.text}"`)
    if (at < 0) continue
    const before = event.data.slice(0, at + opening.length)
    const behind = event.data.slice(before.length + said.text.length)
    const [told, more] = decode({ data: before + probe + behind })
    if (told?.type === said.type && told.text === probe && !told.logprobs && !more)
      return { type: said.type, before, behind, plain: isAscii.test(before) && isAscii.test(behind) }
  }
  return undefined
}
