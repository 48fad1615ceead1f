import type { ChatBody } from './encode.ts'

/** The messages of bodies that were sent and not measured yet: a megabyte is written down once. */
const sent = new WeakMap<ChatBody['messages'], string>()

/** @returns the JSON of a body */
export function written({ messages, ...others }: ChatBody): string {
  const json = JSON.stringify(messages)
  sent.set(messages, json)
  return `${JSON.stringify(others).slice(0, -1)},"messages":${json}}`
}

/** @returns the JSON of its prompt: messages and tools */
export function writtenPrompt({ messages, tools }: ChatBody): string {
  const json = sent.get(messages) ?? JSON.stringify(messages)
  sent.delete(messages)
  return `[${json},${JSON.stringify(tools ?? [])}]`
}
