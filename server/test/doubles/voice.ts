import type { RemoteKind } from '../../src/engines/kinds.ts'
import { type Body, behindPrefix, type Words, wordsFor } from './model.ts'
import type { Received, Replies, Reply } from './replies.ts'

/** How a kind of server writes an answer down, and how one double of it misbehaves. */

/** What stands in upstreams' errors and nowhere else: none of it may reach a client or a log. */
export const secrets = ['gpu-07.internal', 'org-secret'] as const
export const secretly = (message: string): string => `${message} (${secrets.join(', ')})`

export interface Counts {
  readonly prompt: number
  readonly cached: number
  readonly completion: number
  readonly reasoning: number
}

/** One answer, before it is written down. */
export interface Turn {
  readonly words: Words
  readonly finish: string | null
  /** The stop string of the request that ended it. */
  readonly matched: string | null
  readonly counts: Counts
}

/** What is different from one kind to the next on its chat endpoint. */
export interface Voice {
  readonly kind: RemoteKind
  readonly thinks: (body: Body) => boolean
  /** Members of every chunk and body beside its choices and usage. */
  readonly head: (body: Body) => object
  /** Members of every choice in a chunk. */
  readonly choice: object
  readonly first: object
  readonly reasoning: (text: string) => object
  readonly content: (text: string) => object
  readonly callStart: (index: number, id: string, name: string) => object
  readonly callPart: (index: number, text: string) => object
  readonly last: object
  /** Members of the choice that finishes, beside its reason. */
  readonly finishing: (turn: Turn) => object
  readonly usage: (counts: Counts) => object
  /** Usage stands on the finish chunk, asked for or not; a chunk of its own comes when asked for. */
  readonly usageOnFinish?: true
  /** Members that every chunk has beside its usage chunk. */
  readonly unused?: object
  /** Members of the last chunk of a stream, and of a whole answer. */
  readonly extras?: (turn: Turn) => object
  /** The message of a whole answer from its parts; `reasoning` is undefined where it did not think. */
  readonly message: (parts: { reasoning: string | undefined; content: string; calls: readonly object[] }) => object
  readonly refusal: (status: number, message: string) => object
  /** Its other pages by path, without a prefix such as `/v1`. */
  readonly pages: Readonly<Record<string, unknown>>
}

export const lineOf = (payload: unknown): string => `data: ${JSON.stringify(payload)}\n\n`
export const doneLine = 'data: [DONE]\n\n'

/** An event of a stream: an object is written as one, a string as it is, a number is a pause in milliseconds. */
export type Payload = object | string | number

/** How a double misbehaves: each member changes one stage of an answer, those that are absent are as the kind documents. */
export interface Manner {
  /** What it refuses, and how. */
  readonly refuses?: (body: Body, index: number) => Reply | undefined
  readonly thinks?: (body: Body) => boolean
  readonly words?: (words: Words, body: Body, index: number) => Words
  readonly turn?: (turn: Turn, body: Body, index: number) => Turn
  /** The events of a stream, without `[DONE]`. */
  readonly stream?: (events: readonly object[], body: Body, turn: Turn) => readonly Payload[]
  /** A whole answer. */
  readonly whole?: (answer: Body, body: Body, turn: Turn) => object
  /** All of a reply, whatever it was. */
  readonly reply?: (reply: Reply, body: Body, index: number) => Reply
}

/** A server of this kind, in this manner. */
export const server = (voice: Voice, manner: Manner = {}): Replies => {
  let asked = 0
  return ({ method, path, body }: Received) => {
    if (method !== 'POST' || !path.endsWith('/chat/completions')) return pageOf(voice, path)
    const index = asked++
    const reply = manner.refuses?.(body, index) ?? answerOf(voice, manner, body, index)
    return manner.reply?.(reply, body, index) ?? reply
  }
}

const json = { 'content-type': 'application/json' }
export const jsonReply = (payload: unknown, status = 200, headers: Record<string, string> = {}): Reply => ({
  status,
  headers: { ...json, ...headers },
  pieces: [JSON.stringify(payload)],
})

export const refusalOf = (voice: Voice, status: number, message: string, headers: Record<string, string> = {}): Reply =>
  jsonReply(voice.refusal(status, secretly(message)), status, headers)

function pageOf(voice: Voice, path: string): Reply {
  const page = voice.pages[path.replace(/^\/v1(?=\/)/, '').replace(/\?.*/, '')]
  if (page === undefined) return refusalOf(voice, 404, 'Not Found')
  return typeof page === 'string' ? { headers: { 'content-type': 'text/plain' }, pieces: [page] } : jsonReply(page)
}

function answerOf(voice: Voice, manner: Manner, body: Body, index: number): Reply {
  const thinks = (manner.thinks ?? voice.thinks)(body)
  const spoken = behindPrefix(wordsFor(body), body)
  const words = manner.words?.(spoken, body, index) ?? spoken
  const sensible = turnOf(thinks ? words : { ...words, reasoning: [] }, body)
  const turn = manner.turn?.(sensible, body, index) ?? sensible
  if (body.stream !== true) {
    const whole = wholeOf(voice, turn, body, thinks)
    return jsonReply(manner.whole?.(whole, body, turn) ?? whole)
  }
  const events = streamOf(voice, turn, body)
  const payloads = manner.stream?.(events, body, turn) ?? events
  return { pieces: [...payloads.map((one) => (typeof one === 'object' ? lineOf(one) : one)), doneLine] }
}

/** Cuts the words at the limit and at the request's stops. */
export function turnOf(words: Words, body: Body): Turn {
  const limit = body.max_completion_tokens ?? body.max_tokens ?? Infinity
  let left = limit
  const take = (pieces: readonly string[]) => {
    const taken = pieces.slice(0, Math.max(0, left))
    left -= pieces.length
    return taken
  }
  const reasoning = take(words.reasoning)
  const said = take(words.content)
  const calls = words.calls.flatMap(({ name, arguments: written }) => {
    left--
    return left >= 0 ? [{ name, arguments: take(written) }] : []
  })
  const { content, matched } = cutAt([body.stop ?? []].flat(), said)
  const completion = reasoning.length + content.length + calls.reduce((sum, call) => sum + 1 + call.arguments.length, 0)
  return {
    words: { reasoning, content, calls: matched === null ? calls : [] },
    finish: left < 0 && matched === null ? 'length' : calls.length > 0 ? 'tool_calls' : 'stop',
    matched,
    counts: {
      prompt: Math.ceil(JSON.stringify([body.messages, body.tools ?? []]).length / 4),
      cached: 0,
      completion: Math.max(1, completion),
      reasoning: reasoning.length,
    },
  }
}

function cutAt(stops: readonly string[], pieces: readonly string[]) {
  const text = pieces.join('')
  const [first] = stops
    .map((stop) => ({ stop, at: stop === '' ? -1 : text.indexOf(stop) }))
    .filter(({ at }) => at >= 0)
    .sort((a, b) => a.at - b.at)
  if (!first) return { content: pieces, matched: null }
  let at = 0
  const content = pieces.map((piece) => {
    const kept = piece.slice(0, Math.max(0, first.at - at))
    at += piece.length
    return kept
  })
  return { content: content.filter((piece) => piece !== ''), matched: first.stop }
}

const callId = (index: number) => `call-up-${index}`

export function streamOf(voice: Voice, turn: Turn, body: Body): object[] {
  const { words, finish, counts } = turn
  const chunk = (delta: object, reason: string | null = null, choice: object = {}, more: object = {}) => ({
    ...voice.head(body),
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta, ...voice.choice, finish_reason: reason, ...choice }],
    ...voice.unused,
    ...more,
  })
  const usage = voice.usage(counts)
  const asked = body.stream_options?.include_usage === true
  const extras = voice.extras?.(turn) ?? {}
  return [
    chunk(voice.first),
    ...words.reasoning.map((text) => chunk(voice.reasoning(text))),
    ...words.content.map((text) => chunk(voice.content(text))),
    ...words.calls.flatMap(({ name, arguments: written }, index) => [
      chunk(voice.callStart(index, callId(index), name)),
      ...written.map((text) => chunk(voice.callPart(index, text))),
    ]),
    chunk(voice.last, finish, voice.finishing(turn), {
      ...(voice.usageOnFinish && { usage }),
      ...(!asked && extras),
    }),
    ...(asked ? [{ ...voice.head(body), object: 'chat.completion.chunk', choices: [], usage, ...extras }] : []),
  ]
}

function wholeOf(voice: Voice, turn: Turn, body: Body, thinks: boolean): object {
  const { words, finish, counts } = turn
  const message = voice.message({
    reasoning: thinks ? words.reasoning.join('') : undefined,
    content: words.content.join(''),
    calls: words.calls.map(({ name, arguments: written }, index) => ({
      id: callId(index),
      type: 'function',
      function: { name, arguments: written.join('') },
    })),
  })
  return {
    ...voice.head(body),
    object: 'chat.completion',
    choices: [{ index: 0, message, ...voice.choice, finish_reason: finish, ...voice.finishing(turn) }],
    usage: voice.usage(counts),
    ...voice.extras?.(turn),
  }
}
