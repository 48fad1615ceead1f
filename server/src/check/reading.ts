/** What a chat client makes of an answer, read with all tolerance: a judge names what is wrong, a reader goes on. */
import { createSseReader } from '../lib/sse.ts'
import type { Answer } from './exchange.ts'
import { at, isObject, type JsonObject, listAt, parsed, textAt } from './wire-json.ts'

export interface Said {
  readonly content: string
  /** Undefined where the key never came. */
  readonly reasoning: string | undefined
  readonly calls: readonly SaidCall[]
  readonly finishReason: unknown
  /** Undefined where the key never came. */
  readonly matchedStop: unknown
  readonly logprobs: unknown
  readonly usage: JsonObject | undefined
}

export interface SaidCall {
  readonly id: unknown
  readonly name: unknown
  /** A stream's fragments are joined; anything but a string stays what it is. */
  readonly arguments: unknown
}

export interface Stream {
  /** In their order; an error event is among them. */
  readonly chunks: readonly JsonObject[]
  /** Data that is neither a JSON object nor `[DONE]`. */
  readonly unreadable: readonly string[]
  /** `[DONE]` came, and nothing after it. */
  readonly done: boolean
  /** Lines that are neither data, nor comments, nor blank. */
  readonly otherLines: readonly string[]
  readonly error: unknown
}

export const isStream = (answer: Answer): boolean =>
  String(answer.headers['content-type'] ?? '').includes('text/event-stream')

export function streamIn({ text }: Answer): Stream {
  const reader = createSseReader(16 * 1024 * 1024)
  const events = [...reader.read(Buffer.from(text)), ...reader.end()].map((event) => event.data)
  const values = events.map((data) => [data, parsed(data)] as const)
  const chunks = values.flatMap(([, value]) => (isObject(value) ? [value] : []))
  return {
    chunks,
    unreadable: values.flatMap(([data, value]) => (isObject(value) || data === '[DONE]' ? [] : [data])),
    done: events.at(-1) === '[DONE]' && events.indexOf('[DONE]') === events.length - 1,
    otherLines: text.split(/\r\n|\r|\n/).filter((line) => line !== '' && !/^(data)?:/.test(line)),
    error: chunks.find((chunk) => 'error' in chunk)?.error,
  }
}

/** @returns undefined for what is no answer of a chat API, an error among them */
export function saidIn(answer: Answer): Said | undefined {
  if (answer.status !== 200 || answer.trouble !== undefined) return undefined
  return isStream(answer) ? saidInStream(streamIn(answer)) : saidInBody(parsed(answer.text))
}

function saidInBody(body: unknown): Said | undefined {
  const choice = at(body, 'choices', 0)
  const message = at(choice, 'message')
  if (!isObject(message)) return undefined
  const usage = at(body, 'usage')
  return {
    content: textAt(message, 'content'),
    reasoning: reasoningIn(message),
    calls: listAt(message, 'tool_calls').map((call) => ({
      id: at(call, 'id'),
      name: at(call, 'function', 'name'),
      arguments: at(call, 'function', 'arguments'),
    })),
    finishReason: at(choice, 'finish_reason'),
    matchedStop: at(choice, 'matched_stop'),
    logprobs: at(choice, 'logprobs'),
    usage: isObject(usage) ? usage : undefined,
  }
}

const reasoningIn = (message: unknown): string | undefined => {
  const reasoning = at(message, 'reasoning_content')
  return typeof reasoning === 'string' ? reasoning : undefined
}

function saidInStream({ chunks, error }: Stream): Said | undefined {
  if (chunks.length === 0 || error !== undefined) return undefined
  const calls: { id: unknown; name: unknown; arguments: unknown }[] = []
  let said: Omit<Said, 'calls'> = {
    content: '',
    reasoning: undefined,
    finishReason: undefined,
    matchedStop: undefined,
    logprobs: undefined,
    usage: undefined,
  }
  for (const chunk of chunks) {
    const choice = at(chunk, 'choices', 0)
    const delta = at(choice, 'delta')
    const reasoning = reasoningIn(delta)
    said = {
      content: said.content + textAt(delta, 'content'),
      reasoning: reasoning === undefined ? said.reasoning : (said.reasoning ?? '') + reasoning,
      finishReason: at(choice, 'finish_reason') ?? said.finishReason,
      matchedStop: isObject(choice) && 'matched_stop' in choice ? choice.matched_stop : said.matchedStop,
      logprobs: at(choice, 'logprobs') ?? said.logprobs,
      usage: isObject(chunk.usage) ? chunk.usage : said.usage,
    }
    for (const part of listAt(delta, 'tool_calls')) {
      const index = Number(at(part, 'index') ?? 0)
      const call = calls[index] ?? { id: undefined, name: undefined, arguments: '' }
      const piece = at(part, 'function', 'arguments') ?? ''
      calls[index] = {
        id: call.id ?? at(part, 'id'),
        name: call.name ?? at(part, 'function', 'name'),
        arguments: typeof piece === 'string' ? `${call.arguments}${piece}` : piece,
      }
    }
  }
  return { ...said, calls: calls.filter((call) => call !== undefined) }
}
