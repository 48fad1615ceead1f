import { Ajv2020 } from 'ajv/dist/2020.js'
import type { Answer } from '../client.ts'
import { secrets } from '../doubles/voice.ts'

/** What the contract promises of every answer, whatever the engine did. Nothing here knows what the engine said. */

// biome-ignore lint/suspicious/noExplicitAny: it judges what may be anything
type Json = any
type Fields = Readonly<Record<string, Json>>

const markup = /<\/?think>|\/think>|DSML|<\/?tool_call>|<｜/
const finishReasons = ['stop', 'length', 'tool_calls', 'content_filter']
const errorCodes: Readonly<Record<number, readonly string[]>> = {
  400: ['context_length_exceeded'],
  500: ['server_error', 'invalid_model_output'],
  503: ['service_unavailable'],
}
const stages = ['reasoning_content', 'content', 'tool_calls']

const ajv = new Ajv2020({ strict: false })

/** @returns what is wrong with this answer to `fields`, in words */
export function faultsOf(answer: Answer, fields: Fields): readonly string[] {
  const { status, headers, text } = answer
  const faults = [
    ...secrets.filter((secret) => text.includes(secret)).map((secret) => `tells '${secret}'`),
    ...(headers['x-request-id'] ? [] : ['has no x-request-id']),
  ]
  if (status !== 200) return [...faults, ...faultsOfRefusal(answer)]
  return [...faults, ...(fields.stream === true ? faultsOfStream(text, fields) : faultsOfBody(text, fields))]
}

function faultsOfRefusal({ status, text, headers }: Answer): string[] {
  const body = JSON.parse(text)
  return [
    ...unless(keysAre(body, 'error'), `an error body with ${Object.keys(body)}`),
    ...faultsOfError(body.error),
    ...unless(errorCodes[status]?.includes(body.error.code), `${status} with the code ${body.error.code}`),
    ...unless(status !== 503 || /^\d+$/.test(String(headers['retry-after'])), '503 without Retry-After'),
  ]
}

const faultsOfError = (error: Json): string[] =>
  unless(
    keysAre(error, 'message', 'type', 'param', 'code') &&
      [error.message, error.type, error.code].every((value) => typeof value === 'string') &&
      (error.param === null || typeof error.param === 'string'),
    `an error object like ${JSON.stringify(error)}`,
  )

function faultsOfBody(text: string, fields: Fields): string[] {
  const body = JSON.parse(text)
  const [choice] = body.choices
  const { message } = choice
  const calls: Json[] = message.tool_calls ?? []
  return [
    ...unless(
      keysAre(body, 'id', 'object', 'created', 'model', 'choices', 'usage', 'system_fingerprint') &&
        body.object === 'chat.completion' &&
        body.choices.length === 1,
      `a body with ${Object.keys(body)}`,
    ),
    ...faultsOfHead(body),
    ...unless(
      keysAre(choice, 'index', 'message', 'logprobs', 'finish_reason', 'matched_stop') && choice.logprobs === null,
      `a choice with ${Object.keys(choice)}`,
    ),
    ...unless(
      Object.keys(message).every((key) => ['role', 'content', 'reasoning_content', 'tool_calls'].includes(key)) &&
        message.role === 'assistant' &&
        typeof message.content === 'string' &&
        ('tool_calls' in message ? calls.length > 0 : true),
      `a message like ${JSON.stringify(message)}`,
    ),
    ...calls.flatMap((call) =>
      unless(
        keysAre(call, 'id', 'type', 'function') && keysAre(call.function, 'name', 'arguments'),
        `a call with ${Object.keys(call)}`,
      ),
    ),
    ...faultsOfAnswer(
      {
        content: message.content,
        reasoning: message.reasoning_content,
        calls: calls.map((call) => ({ id: call.id, ...call.function })),
        finishReason: choice.finish_reason,
        matchedStop: choice.matched_stop,
        usage: body.usage,
      },
      fields,
    ),
  ]
}

const faultsOfHead = (answer: Json): string[] =>
  unless(
    /^chatcmpl-[0-9a-f]{32}$/.test(answer.id) &&
      Number.isInteger(answer.created) &&
      answer.model === 'deepseek-v4-flash' &&
      /^fp_[0-9a-f]{12}$/.test(answer.system_fingerprint),
    `a head like ${JSON.stringify({ ...answer, choices: undefined })}`,
  )

function faultsOfStream(text: string, fields: Fields): string[] {
  const events = text.split('\n\n').filter((event) => event !== '')
  const payloads = events
    .filter((event) => event.startsWith('data: '))
    .map((event) => event.slice('data: '.length))
    .filter((payload) => payload !== '[DONE]')
  const chunks: Json[] = payloads.map((payload) => JSON.parse(payload))
  const error = chunks.find((chunk) => 'error' in chunk)
  const said = chunks.filter((chunk) => chunk !== error)
  const faults = [
    ...events
      .filter((event) => !/^(data: \S.*|: .*)$/.test(event))
      .map((event) => `an event that is neither data nor comment: ${event}`),
    ...unless(text.endsWith('\n\n'), 'no blank line at the end'),
    ...unless((text.match(/\[DONE\]/g)?.length ?? 0) === (error ? 0 : 1), '[DONE] where there is an error, or none'),
    ...said.flatMap(faultsOfHead),
    ...unless(
      new Set(said.map(({ id, created }) => `${id} ${created}`)).size <= 1,
      'chunks that belong to several answers',
    ),
    ...faultsOfOrder(said, fields, error !== undefined),
  ]
  if (error)
    return [...faults, ...unless(chunks.at(-1) === error, 'chunks behind the error'), ...faultsOfError(error.error)]
  return [
    ...faults,
    ...unless(events.at(-1) === 'data: [DONE]', 'no [DONE] at the end'),
    ...faultsOfAnswer(foldOf(said), fields),
  ]
}

/** The grammar of section 10: what a chunk holds, and what may follow what. */
function faultsOfOrder(chunks: readonly Json[], fields: Fields, failed: boolean): string[] {
  const asked = fields.stream_options?.include_usage === true
  const faults: string[] = []
  let stage = -1
  let finished = false
  for (const [index, chunk] of chunks.entries()) {
    const isUsage = asked && index === chunks.length - 1 && !failed
    const [choice] = chunk.choices
    const isFinish = typeof choice?.finish_reason === 'string'
    const withUsage = asked || isFinish ? ['usage'] : []
    if (!keysAre(chunk, 'id', 'object', 'created', 'model', 'system_fingerprint', 'choices', ...withUsage))
      faults.push(`a chunk with ${Object.keys(chunk)}`)
    if (chunk.object !== 'chat.completion.chunk') faults.push(`a chunk of type ${chunk.object}`)
    if (chunk.choices.length !== (isUsage ? 0 : 1)) faults.push(`${chunk.choices.length} choices`)
    if (asked && !isUsage && chunk.usage !== null) faults.push('usage before the usage chunk')
    if (!choice) continue
    if (finished) faults.push('a delta behind the finish')
    finished = isFinish
    const members = isFinish ? ['matched_stop'] : []
    if (!keysAre(choice, 'index', 'delta', 'finish_reason', ...members))
      faults.push(`a choice with ${Object.keys(choice)}`)
    if (JSON.stringify(choice.delta).includes('null')) faults.push('null in a delta')
    const keys = Object.keys(choice.delta)
    if (index === 0) {
      const { reasoning_content: _, ...rest } = choice.delta
      if (JSON.stringify(rest) !== '{"role":"assistant","content":""}') faults.push(`a first delta with ${keys}`)
      continue
    }
    if (keys.length !== (isFinish ? 0 : 1)) faults.push(`a delta with ${keys}`)
    if (isFinish) continue
    const next = stages.indexOf(keys[0] ?? '')
    if (next < stage || next < 0) faults.push(`${keys[0]} behind ${stages[stage]}`)
    if (choice.delta[keys[0] ?? ''] === '') faults.push('an empty delta')
    stage = next
  }
  if (!failed && !chunks.some((chunk) => chunk.choices[0]?.finish_reason)) faults.push('no finish chunk')
  if (failed && finished) faults.push('a finish chunk and an error')
  return [...faults, ...faultsOfFragments(chunks)]
}

/** C79: each call begins once with id, type and name, and the indexes count from 0. */
function faultsOfFragments(chunks: readonly Json[]): string[] {
  let calls = 0
  return chunks
    .flatMap((chunk) => chunk.choices[0]?.delta.tool_calls ?? [])
    .flatMap((part: Json) => {
      if ('id' in part) {
        const begins = keysAre(part, 'index', 'id', 'type', 'function') && part.index === calls++
        return unless(begins && part.function.arguments === '', `a first fragment like ${JSON.stringify(part)}`)
      }
      return unless(
        keysAre(part, 'index', 'function') && keysAre(part.function, 'arguments') && part.index === calls - 1,
        `a later fragment like ${JSON.stringify(part)}`,
      )
    })
}

interface Heard {
  readonly content: string
  readonly reasoning: string | undefined
  readonly calls: readonly { readonly id: string; readonly name: string; readonly arguments: string }[]
  readonly finishReason: unknown
  readonly matchedStop: unknown
  readonly usage: Json
}

function foldOf(chunks: readonly Json[]): Heard {
  const deltas = chunks.flatMap((chunk) => chunk.choices.map((choice: Json) => choice.delta))
  const join = (key: string) => deltas.map((delta) => delta[key] ?? '').join('')
  const calls: { id: string; name: string; arguments: string }[] = []
  for (const part of deltas.flatMap((delta) => delta.tool_calls ?? [])) {
    if (part.id) calls.push({ id: part.id, name: part.function.name, arguments: '' })
    const call = calls[part.index]
    if (call) call.arguments += part.function.arguments
  }
  const finish = chunks.map((chunk) => chunk.choices[0]).find((choice) => choice?.finish_reason)
  return {
    content: join('content'),
    reasoning: deltas.some((delta) => 'reasoning_content' in delta) ? join('reasoning_content') : undefined,
    calls,
    finishReason: finish?.finish_reason,
    matchedStop: finish?.matched_stop,
    usage: chunks.findLast((chunk) => chunk.usage)?.usage,
  }
}

function faultsOfAnswer(heard: Heard, fields: Fields): string[] {
  const { content, reasoning, calls, finishReason, matchedStop, usage } = heard
  const isOff = fields.thinking?.type === 'disabled'
  const isForced = fields.tools && !['auto', 'none', undefined].includes(fields.tool_choice)
  const offered = fields.tools && fields.tool_choice !== 'none'
  return [
    ...[content, reasoning ?? '', ...calls.map((call) => call.arguments)]
      .filter((text) => markup.test(text))
      .map((text) => `markup in ${JSON.stringify(text)}`),
    ...[content, reasoning ?? ''].filter((text) => !text.isWellFormed()).map(() => 'half a character'),
    ...unless(finishReasons.includes(String(finishReason)), `the finish reason ${finishReason}`),
    ...unless(
      finishReason === 'length' || (finishReason === 'tool_calls') === calls.length > 0,
      `${finishReason} with ${calls.length} calls`,
    ),
    ...unless(
      matchedStop === null || [fields.stop ?? []].flat().includes(matchedStop),
      `the matched stop ${JSON.stringify(matchedStop)}`,
    ),
    ...[fields.stop ?? []].flat().flatMap((stop) => unless(!content.includes(stop), `the stop ${stop} in the content`)),
    ...unless(offered || calls.length === 0, 'calls that nobody asked for'),
    ...calls.flatMap((call) => [
      ...unless(/^call_[0-9a-f]{24}$/.test(call.id), `the call id ${call.id}`),
      ...unless(isObject(call.arguments), `the arguments ${call.arguments}`),
    ]),
    ...unless(new Set(calls.map(({ id }) => id)).size === calls.length, 'one id for two calls'),
    ...unless(
      isOff ? reasoning === undefined : isForced || typeof reasoning === 'string',
      `the reasoning ${reasoning}`,
    ),
    ...(finishReason === 'length' || calls.length > 0 || isForced
      ? []
      : faultsOfFormat(content, fields.response_format)),
    ...faultsOfUsage(usage, fields, reasoning),
  ]
}

function faultsOfFormat(content: string, format: Json): string[] {
  if (!format || format.type === 'text') return []
  let value: unknown
  try {
    value = JSON.parse(content)
  } catch {
    return [`content that is not JSON: ${content}`]
  }
  if (format.type === 'json_object') return unless(isObject(content), `content that is no object: ${content}`)
  const { strict, schema } = format.json_schema
  return unless(!strict || ajv.validate(schema, value), `content that does not fit: ${content}`)
}

/** C83, C84. */
function faultsOfUsage(usage: Json, fields: Fields, reasoning: string | undefined): string[] {
  if (!usage) return ['no usage']
  const { prompt_tokens: prompt, completion_tokens: completion, prompt_cache_hit_tokens: cached } = usage
  const thought = usage.completion_tokens_details?.reasoning_tokens
  const limit = fields.max_tokens ?? Infinity
  const expected = {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_cache_hit_tokens: cached,
    prompt_cache_miss_tokens: prompt - cached,
    prompt_tokens_details: { cached_tokens: cached, audio_tokens: 0, text_tokens: prompt },
    completion_tokens_details: {
      reasoning_tokens: thought,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  }
  const counts = [prompt, completion, cached, prompt - cached, thought, completion - thought, limit - completion]
  return [
    ...unless(JSON.stringify(usage) === JSON.stringify(expected), `usage like ${JSON.stringify(usage)}`),
    ...unless(
      counts.every((count) => count >= 0 && (Number.isInteger(count) || count === Infinity)),
      `counts like ${JSON.stringify(usage)}`,
    ),
    ...unless(reasoning !== undefined || thought === 0, 'tokens of reasoning without reasoning'),
  ]
}

const unless = (holds: unknown, fault: string): string[] => (holds ? [] : [fault])

const keysAre = (value: object, ...keys: readonly string[]): boolean =>
  JSON.stringify(Object.keys(value).sort()) === JSON.stringify([...keys].sort())

function isObject(json: string): boolean {
  try {
    const value: unknown = JSON.parse(json)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
  } catch {
    return false
  }
}
