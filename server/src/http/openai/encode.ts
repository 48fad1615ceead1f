import type {
  CompletedCall,
  CompletionEvent,
  Delta,
  Finished,
  FinishReason,
  TokenLogprob,
} from '../../completion/event.ts'
import type { Failure } from '../../completion/failure.ts'
import type { Usage } from '../../completion/usage.ts'
import type { HeartbeatForm } from '../../tenancy/key.ts'
import { brokenAnswerBody } from './errors.ts'

/** What is fixed for one answer before its first event. */
export interface AnswerHead {
  readonly id: string
  /** Unix seconds at accept. */
  readonly created: number
  /** The name that the client used, also if it is an alias. */
  readonly model: string
  readonly fingerprint: string
  /** Thinking was asked for: the answer has `reasoning_content`, maybe empty, unless `started` takes it back. */
  readonly thinking: boolean
  readonly logprobs: boolean
  readonly heartbeat: HeartbeatForm
}

type AnswerEvent = Exclude<CompletionEvent, { type: 'failed' }>

/** One answer on its way to the wire, streamed or whole: both are the same walk over the same events (contract C69). */
export interface Encoder {
  readonly headers: { readonly [name: string]: string }
  /** @returns what to write for an event; '' while there is nothing to say. After `finished` nothing more may come. */
  encode(event: AnswerEvent): string
  /** @returns what to write when the client has waited too long; '' for nothing. */
  heartbeat(): string
  /** @returns the last that an answer says which has begun and cannot be finished. */
  broken(failure: Failure): string
  /** One body rather than a row of events: it has a length, and is cut off when broken, lest it pass for whole (contract C96). */
  readonly whole: boolean
}

/** Server-sent events (contract section 10). */
export function streamEncoder(head: AnswerHead, includeUsage: boolean): Encoder {
  // All chunks begin alike; the beginning is written once.
  const { id, created, model, fingerprint } = head
  const fixed = { id, object: 'chat.completion.chunk', created, model, system_fingerprint: fingerprint }
  const start = `data: ${JSON.stringify(fixed).slice(0, -1)},"choices":`
  const end = includeUsage ? ',"usage":null}\n\n' : '}\n\n'
  const visible = visibleDeltas()
  let thinking = head.thinking
  let begun = false

  const chunk = (delta: object, logprobs?: object): string =>
    `${start}${JSON.stringify([{ index: 0, delta, ...(logprobs && { logprobs }), finish_reason: null }])}${end}`
  const begin = (): string => {
    if (begun) return ''
    begun = true
    return chunk({ role: 'assistant', content: '', ...(thinking && { reasoning_content: '' }) })
  }
  const said = (type: Delta['type'], text: string) =>
    type === 'text' ? { content: text } : { reasoning_content: text }
  /** What stands around a bare word, which is the same for all of them. */
  const frames: { [T in Delta['type']]?: readonly [before: string, behind: string] } = {}
  const frameOf = (type: Delta['type']) => {
    const empty = chunk(said(type, ''))
    const at = empty.lastIndexOf('""')
    return [empty.slice(0, at), empty.slice(at + 2)] as const
  }
  const encodeDelta = ({ type, text, logprobs }: Delta): string => {
    if (head.logprobs && logprobs) return begin() + chunk(said(type, text), logprobsOf(type, logprobs))
    frames[type] ??= frameOf(type)
    const [before, behind] = frames[type]
    return begin() + before + JSON.stringify(text) + behind
  }
  const shown = (event: Delta): string => {
    const delta = visible(event, thinking)
    return delta ? encodeDelta(delta) : ''
  }
  const encodeFinish = ({ reason, matchedStop, usage }: Finished): string => {
    const choice = { index: 0, delta: {}, finish_reason: finishReasons[reason], matched_stop: matchedStop }
    const counts = JSON.stringify(usageOf(usage))
    const last = includeUsage ? `,"usage":null}\n\n${start}[],"usage":${counts}}\n\n` : `,"usage":${counts}}\n\n`
    return `${begin()}${start}${JSON.stringify([choice])}${last}data: [DONE]\n\n`
  }

  return {
    headers: {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache',
      'x-accel-buffering': 'no',
    },
    encode(event) {
      switch (event.type) {
        case 'started':
          thinking &&= event.thinking ?? true
          return ''
        case 'reasoning':
        case 'text':
          return shown(event)
        case 'tool-call':
          return (
            begin() +
            callDeltas(event.index, event.call)
              .map((delta) => chunk({ tool_calls: [delta] }))
              .join('')
          )
        case 'finished':
          return encodeFinish(event)
      }
    },
    heartbeat() {
      switch (head.heartbeat) {
        case 'comment':
          return ': keep-alive\n\n'
        case 'line':
          return ': keep-alive\n'
        case 'chunk':
          return begin() || chunk({})
        case 'off':
          return ''
      }
    },
    broken: (failure) => `data: ${JSON.stringify(brokenAnswerBody(failure))}\n\n`,
    whole: false,
  }
}

/** One JSON body: the fold of the events (contract section 9). */
export function bodyEncoder(head: AnswerHead): Encoder {
  const said = { reasoning: '', text: '' }
  const logprobs: { reasoning: TokenLogprob[]; text: TokenLogprob[] } = { reasoning: [], text: [] }
  const calls: CompletedCall[] = []
  const visible = visibleDeltas()
  let thinking = head.thinking
  const take = (delta: Delta | undefined) => {
    if (!delta) return
    said[delta.type] += delta.text
    if (delta.logprobs) logprobs[delta.type].push(...delta.logprobs)
  }

  const body = ({ reason, matchedStop, usage }: Finished): object => ({
    id: head.id,
    object: 'chat.completion',
    created: head.created,
    model: head.model,
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: said.text,
          ...(thinking && { reasoning_content: said.reasoning }),
          ...(calls.length > 0 && { tool_calls: calls.map(callOf) }),
        },
        logprobs: head.logprobs
          ? {
              content: logprobs.text.map(logprobOf),
              ...(thinking && { reasoning_content: logprobs.reasoning.map(logprobOf) }),
            }
          : null,
        finish_reason: finishReasons[reason],
        matched_stop: matchedStop,
      },
    ],
    usage: usageOf(usage),
    system_fingerprint: head.fingerprint,
  })

  return {
    headers: { 'content-type': 'application/json' },
    encode(event) {
      switch (event.type) {
        case 'started':
          thinking &&= event.thinking ?? true
          return ''
        case 'reasoning':
        case 'text':
          take(visible(event, thinking))
          return ''
        case 'tool-call':
          calls.push(event.call)
          return ''
        case 'finished':
          return JSON.stringify(body(event))
      }
    },
    // JSON parsers skip a leading newline (contract C104).
    heartbeat: () => (head.heartbeat === 'off' ? '' : '\n'),
    broken: (failure) => JSON.stringify(brokenAnswerBody(failure)),
    whole: true,
  }
}

const finishReasons: Record<FinishReason, string> = {
  stop: 'stop',
  length: 'length',
  'tool-calls': 'tool_calls',
  'content-filter': 'content_filter',
}

/**
 * No delta is empty on the wire (contract C76); a token that only began a character is told with the text that completes it.
 * Without thinking no reasoning is shown, whatever the engine did (contract C34).
 */
function visibleDeltas(): (delta: Delta, thinking: boolean) => Delta | undefined {
  let waiting: readonly TokenLogprob[] = []
  return (delta, thinking) => {
    if (delta.type === 'reasoning' && !thinking) return undefined
    if (delta.text !== '' && !delta.logprobs && waiting.length === 0) return delta
    const logprobs = delta.logprobs ? [...waiting, ...delta.logprobs] : waiting
    waiting = delta.text === '' ? logprobs : []
    if (delta.text === '') return undefined
    return logprobs.length > 0 ? { ...delta, logprobs } : delta
  }
}

const callOf = ({ id, name, arguments: text }: CompletedCall) => ({
  id,
  type: 'function',
  function: { name, arguments: text },
})

/** A call is known whole and still told in two fragments, as clients expect it (contract C79). */
const callDeltas = (index: number, call: CompletedCall): readonly object[] => [
  { index, ...callOf({ ...call, arguments: '' }) },
  { index, function: { arguments: call.arguments } },
]

/** OpenAI's clients want `content` to be there, also while only reasoning is told. */
const logprobsOf = (channel: Delta['type'], logprobs: readonly TokenLogprob[]): object =>
  channel === 'text'
    ? { content: logprobs.map(logprobOf) }
    : { content: [], reasoning_content: logprobs.map(logprobOf) }

const logprobOf = ({ token, logprob, bytes, top }: TokenLogprob) => ({
  token,
  logprob: finite(logprob),
  bytes,
  top_logprobs: top.map((other) => ({ token: other.token, logprob: finite(other.logprob), bytes: other.bytes })),
})

/** JSON has no minus infinity; clients know this number as "impossible". */
const finite = (logprob: number): number => (Number.isFinite(logprob) ? logprob : -9999)

/** Contract C83. */
const usageOf = ({ promptTokens, cachedTokens, completionTokens, reasoningTokens }: Usage) => ({
  prompt_tokens: promptTokens,
  completion_tokens: completionTokens,
  total_tokens: promptTokens + completionTokens,
  prompt_cache_hit_tokens: cachedTokens,
  prompt_cache_miss_tokens: promptTokens - cachedTokens,
  prompt_tokens_details: { cached_tokens: cachedTokens, audio_tokens: 0, text_tokens: promptTokens },
  completion_tokens_details: {
    reasoning_tokens: reasoningTokens,
    accepted_prediction_tokens: 0,
    rejected_prediction_tokens: 0,
  },
})
