import type { Message, ToolCall } from '../../../completion/request.ts'
import { checkConversation, inCallOrder } from './conversation.ts'
import {
  array,
  boolean,
  type Decode,
  isObject,
  type JsonObject,
  nonEmptyString,
  object,
  oneOf,
  optional,
  refuse,
  reject,
  string,
} from './fields.ts'

/** Contract section 4. @throws ServeError `invalid-request` */
export const messages: Decode<readonly Message[]> = (value, path) => {
  if (!Array.isArray(value) || value.length === 0) reject(path, 'an array of at least one message', value)
  const decoded = value.map((item, i) => message(item, `${path}[${i}]`, i === value.length - 1))
  checkConversation(decoded, path)
  return inCallOrder(decoded)
}

const role = oneOf('system', 'user', 'assistant', 'tool', 'developer')

/** The order of the lines is the order of the checks. */
function message(value: unknown, path: string, last: boolean): Message {
  const fields = object(value, path)
  const speaker = role(fields.role, `${path}.role`)
  const said = speaker === 'assistant' ? assistantContent(fields, path) : { content: content(fields, path) }
  optionalString(fields.name, `${path}.name`)
  const reasoning = speaker === 'assistant' ? (reasoningOf(fields, path) ?? said.reasoning) : undefined
  const calls = speaker === 'assistant' ? toolCalls(fields.tool_calls, `${path}.tool_calls`) : []
  const answered = speaker === 'tool' ? string(fields.tool_call_id, `${path}.tool_call_id`) : ''
  const prefix = optionalFlag(fields.prefix, `${path}.prefix`) ?? false
  if (prefix && !(last && speaker === 'assistant'))
    refuse(
      `${path}.prefix`,
      `'${path}.prefix' may be true on the last message only, and only if its role is 'assistant'.`,
    )

  switch (speaker) {
    case 'assistant': {
      const turn = { role: speaker, content: said.content, toolCalls: calls, prefix }
      return reasoning === undefined ? turn : { ...turn, reasoning }
    }
    case 'tool':
      return { role: speaker, content: said.content, toolCallId: answered }
    case 'user':
      return { role: speaker, content: said.content }
    case 'system':
    case 'developer':
      return { role: 'system', content: said.content }
  }
}

interface Said {
  readonly content: string
  readonly reasoning?: string
}

function content(fields: JsonObject, path: string): string {
  const at = `${path}.content`
  const value = fields.content ?? undefined
  return typeof value === 'string' ? value : joined(parts(value, at).map((part, i) => textPart(part, `${at}[${i}]`)))
}

/** An assistant turn may be silent, and its parts may be reasoning or a refusal (contract C21, C23). */
function assistantContent(fields: JsonObject, path: string): Said {
  const at = `${path}.content`
  const value = fields.content ?? ''
  if (typeof value === 'string') return { content: value }
  const text: string[] = []
  const reasoning: string[] = []
  for (const [i, part] of parts(value, at).entries()) {
    const type = isObject(part) ? part.type : undefined
    if (isObject(part) && (type === 'reasoning' || type === 'thinking'))
      reasoning.push(string(part[type] ?? part.text, `${at}[${i}].text`))
    else if (isObject(part) && type === 'refusal') text.push(string(part.refusal ?? part.text, `${at}[${i}].refusal`))
    else text.push(textPart(part, `${at}[${i}]`))
  }
  return { content: joined(text), ...(reasoning.length > 0 && { reasoning: joined(reasoning) }) }
}

function parts(value: unknown, path: string): readonly unknown[] {
  if (!Array.isArray(value) || value.length === 0) reject(path, 'a string or an array of text parts', value)
  return value
}

function textPart(value: unknown, path: string): string {
  if (!isObject(value) || value.type !== 'text')
    return reject(path, "a part of type 'text'", isObject(value) ? (value.type ?? value) : value)
  return string(value.text, `${path}.text`)
}

const joined = (texts: readonly string[]): string => texts.join('\n')

function reasoningOf(fields: JsonObject, path: string): string | undefined {
  const own = optionalString(fields.reasoning_content, `${path}.reasoning_content`)
  return own ?? optionalString(fields.reasoning, `${path}.reasoning`)
}

function toolCalls(value: unknown, path: string): readonly ToolCall[] {
  const calls = optionalArray(value, path) ?? noCalls
  // A history of a megabyte has thousands of messages with one call each.
  const ids = calls.length > 1 ? new Set<string>() : undefined
  return calls.map((item, i) => {
    const at = `${path}[${i}]`
    const fields = object(item, at)
    const id = nonEmptyString(fields.id, `${at}.id`)
    if (ids?.has(id)) refuse(`${at}.id`, `'${at}.id' repeats the id of an earlier call in the message.`)
    ids?.add(id)
    callType(fields.type, `${at}.type`)
    const called = object(fields.function, `${at}.function`)
    const name = nonEmptyString(called.name, `${at}.function.name`)
    return { id, name, arguments: argumentsOf(called.arguments) }
  })
}

const noCalls: readonly unknown[] = []
const callType = oneOf('function')
const optionalString = optional(string)
const optionalFlag = optional(boolean)
const optionalArray = optional(array)

/** History is as it is: arguments never cause an error (contract C24). */
function argumentsOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? {})
}
