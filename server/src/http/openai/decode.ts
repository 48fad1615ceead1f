import { createHash } from 'node:crypto'
import { ServeError } from '../../completion/failure.ts'
import type { Message, ResponseFormat, Tool, ToolChoice } from '../../completion/request.ts'
import {
  boolean,
  type Decode,
  integer,
  isObject,
  type JsonObject,
  nonEmptyString,
  number,
  object,
  oneOf,
  optional,
  refuse,
  reject,
  shown,
  string,
  stringLike,
} from './decode/fields.ts'
import { messages } from './decode/messages.ts'
import { checkRefused, unsupported } from './decode/refused.ts'
import { responseFormat } from './decode/response-format.ts'
import { toolChoice, tools } from './decode/tools.ts'

/** Effort as clients write it; `to-completion.ts` says what each means. */
export type EffortWord = 'none' | 'minimal' | 'low' | 'medium' | 'high' | 'xhigh' | 'max' | 'ultra'

/** A checked request, still in the client's terms: which model it means and what silence means is decided after the look-up. */
export interface ChatBody {
  readonly model: string
  readonly messages: readonly Message[]
  readonly thinking: 'enabled' | 'disabled' | undefined
  /** The top-level wish wins over the one inside `thinking` (contract C31). */
  readonly effort: EffortWord | undefined
  readonly maxTokens: number | undefined
  readonly format: ResponseFormat
  readonly stop: readonly string[]
  readonly stream: boolean
  readonly includeUsage: boolean
  readonly temperature: number
  readonly topP: number
  readonly tools: readonly Tool[]
  readonly toolChoice: ToolChoice
  readonly parallelToolCalls: boolean
  readonly seed: number | undefined
  readonly userId: string | undefined
  readonly logprobs: { readonly top: number } | undefined
}

/**
 * The order of the lines is the order of the checks, and that of contract section 2: the first failure is the answer (C5).
 * A new field gets its line here, at its place in the contract's tables. Unknown fields are ignored.
 * @throws ServeError `invalid-request`, `unsupported-parameter`
 */
export function decodeChat(json: unknown): ChatBody {
  const body = topLevel(json)
  const model = nonEmptyString(body.model, 'model')
  const said = messages(body.messages, 'messages')
  const wish = optionalThinking(body.thinking, 'thinking')
  const maxTokens = optionalCount(body.max_tokens, 'max_tokens')
  const format = optionalFormat(body.response_format, 'response_format') ?? { type: 'text' }
  const stop = optionalStops(body.stop, 'stop') ?? []
  const stream = optionalFlag(body.stream, 'stream') ?? false
  const includeUsage = optional(streamOptions(stream))(body.stream_options, 'stream_options') ?? false
  const temperature = optionalTemperature(body.temperature, 'temperature') ?? 1
  const topP = optionalShare(body.top_p, 'top_p') ?? 1
  const offered = optionalTools(body.tools, 'tools') ?? []
  const choice = toolChoice(offered)(body.tool_choice ?? 'auto', 'tool_choice')
  // Checked and without effect, as the page has it.
  optionalPenalty(body.frequency_penalty, 'frequency_penalty')
  optionalPenalty(body.presence_penalty, 'presence_penalty')
  const userId = optionalEndUser(body.user_id, 'user_id')

  const effort = optionalEffort(body.reasoning_effort, 'reasoning_effort')
  const maxCompletionTokens = optionalCount(body.max_completion_tokens, 'max_completion_tokens')
  const logprobs = optionalFlag(body.logprobs, 'logprobs') ?? false
  const top = optional(topLogprobs(logprobs))(body.top_logprobs, 'top_logprobs') ?? 0
  const parallelToolCalls = optionalFlag(body.parallel_tool_calls, 'parallel_tool_calls') ?? true
  const seed = optionalInteger(body.seed, 'seed')
  if ((body.n ?? 1) !== 1) unsupported('n', `'n' must be 1, got ${shown(body.n)}: an answer has one choice.`)
  const user = optionalUser(body.user, 'user')
  checkRefused(body)

  return {
    model,
    messages: said,
    thinking: wish?.type,
    effort: effort ?? wish?.effort,
    maxTokens: smaller(maxTokens, maxCompletionTokens),
    format,
    stop,
    stream,
    includeUsage,
    temperature,
    topP,
    tools: offered,
    toolChoice: choice,
    parallelToolCalls,
    seed,
    userId: userId ?? user,
    logprobs: logprobs ? { top } : undefined,
  }
}

function topLevel(json: unknown): JsonObject {
  if (isObject(json)) return json
  const message = `The request body must be a JSON object, got ${typeof json === 'string' ? 'a string' : shown(json)}.`
  throw new ServeError({ code: 'invalid-request', message })
}

const effortWord: Decode<EffortWord> = oneOf('none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max', 'ultra')

interface ThinkingWish {
  readonly type: 'enabled' | 'disabled' | undefined
  readonly effort: EffortWord | undefined
}

const thinking: Decode<ThinkingWish> = (value, path) => {
  const fields = object(value, path)
  return {
    type: optionalSwitch(fields.type, `${path}.type`),
    effort: optionalEffort(fields.reasoning_effort, `${path}.reasoning_effort`),
  }
}

const stopsMax = 16

/** Empty strings would match everywhere; they are dropped (contract C19). */
const stops: Decode<readonly string[]> = (value, path) => {
  if (typeof value === 'string') return value === '' ? [] : [value]
  if (!Array.isArray(value) || value.length > stopsMax)
    reject(path, `a string or an array of at most ${stopsMax} strings`, value)
  return value.map((item, i) => string(item, `${path}[${i}]`)).filter((item) => item !== '')
}

const streamOptions =
  (stream: boolean): Decode<boolean> =>
  (value, path) => {
    const fields = object(value, path)
    if (!stream) refuse(path, `'${path}' may be set only when 'stream' is true.`)
    return optionalFlag(fields.include_usage, `${path}.include_usage`) ?? false
  }

const topLogprobs =
  (logprobs: boolean): Decode<number> =>
  (value, path) => {
    const count = integer(0, 20)(value, path)
    return logprobs ? count : refuse(path, `'${path}' may be set only when 'logprobs' is true.`)
  }

const userPattern = /^[a-zA-Z0-9\-_]{1,512}$/
const endUser = stringLike(userPattern, 'a text of 1 to 512 letters, digits, underscores and dashes')

/** OpenAI's older `user` may be anything. What is no `user_id` is hashed, so that two such users still stay apart. */
const anyUser: Decode<string> = (value) => {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return userPattern.test(text) ? text : createHash('sha256').update(text).digest('hex')
}

const smaller = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined || b === undefined ? (a ?? b) : Math.min(a, b)

// Made once: a request has twenty of them.
const optionalThinking = optional(thinking)
const optionalSwitch = optional(oneOf('enabled', 'disabled'))
const optionalEffort = optional(effortWord)
const optionalCount = optional(integer(1))
const optionalInteger = optional(integer(Number.NEGATIVE_INFINITY))
const optionalFormat = optional(responseFormat)
const optionalStops = optional(stops)
const optionalFlag = optional(boolean)
const optionalTemperature = optional(number(0, 2))
const optionalShare = optional(number(0, 1))
const optionalPenalty = optional(number(-2, 2))
const optionalTools = optional(tools)
const optionalEndUser = optional(endUser)
const optionalUser = optional(anyUser)
