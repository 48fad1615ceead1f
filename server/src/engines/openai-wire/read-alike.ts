import type { SseEvent } from '../../lib/sse.ts'
import type { WireEvent } from './chunk.ts'

/** What stands around a word, as it was read last. */
interface Frame {
  readonly type: 'text' | 'reasoning'
  readonly before: string
  readonly behind: string
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
export function readAlike(decode: (event: SseEvent) => readonly WireEvent[]): typeof decode {
  let frame: Frame | undefined
  let frames = 0
  return (event) => {
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
}

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
      return { type: said.type, before, behind }
  }
  return undefined
}
