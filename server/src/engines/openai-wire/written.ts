import type { ChatBody } from './encode.ts'

/** The messages of bodies that were sent and not measured yet: a megabyte is written down once. */
const sent = new WeakMap<ChatBody['messages'], string>()

/**
 * The parts are put together as bytes: as a string the whole would be copied once more before it is sent.
 * @returns the JSON of a body
 */
export function written({ messages, limitField, max_tokens: limit, ...others }: ChatBody): Buffer {
  const json = JSON.stringify(messages)
  sent.set(messages, json)
  const head = `${JSON.stringify({ ...others, [limitField ?? 'max_tokens']: limit }).slice(0, -1)},"messages":`
  const bytes = Buffer.allocUnsafe(Buffer.byteLength(head) + Buffer.byteLength(json) + 1)
  const end = bytes.write(head)
  bytes.write('}', end + bytes.write(json, end))
  return bytes
}

/** @returns the JSON of its messages */
export function writtenMessages({ messages }: ChatBody): string {
  const json = sent.get(messages) ?? JSON.stringify(messages)
  sent.delete(messages)
  return json
}
