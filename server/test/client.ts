import { request } from 'undici'

/** A plain client of the service for tests: what came over the wire, and what a chat client makes of it. */

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
}

/** The parts of an answer that tests look at, the same for both modes. */
export interface Said {
  readonly content: string
  readonly reasoning: string | undefined
  readonly calls: readonly { readonly id: string; readonly name: string; readonly arguments: string }[]
  readonly finishReason: string | null
  readonly matchedStop: unknown
  readonly usage: WireUsage
  readonly model: string
}

export interface WireUsage {
  readonly prompt_tokens: number
  readonly completion_tokens: number
  readonly total_tokens: number
  readonly prompt_cache_hit_tokens: number
  readonly prompt_cache_miss_tokens: number
  readonly prompt_tokens_details: { cached_tokens: number; audio_tokens: number; text_tokens: number }
  readonly completion_tokens_details: {
    reasoning_tokens: number
    accepted_prediction_tokens: number
    rejected_prediction_tokens: number
  }
}

export interface WireCall {
  readonly index?: number
  readonly id?: string
  readonly type?: string
  readonly function: { readonly name?: string; readonly arguments: string }
}

export interface WireChunk {
  readonly id: string
  readonly object: string
  readonly created: number
  readonly model: string
  readonly system_fingerprint: string
  readonly choices: readonly {
    readonly index: number
    readonly delta: {
      readonly role?: string
      readonly content?: string
      readonly reasoning_content?: string
      readonly tool_calls?: readonly WireCall[]
    }
    readonly finish_reason: string | null
    readonly matched_stop?: string | null
    readonly logprobs?: unknown
  }[]
  readonly usage?: WireUsage | null
  readonly error?: {
    readonly message: string
    readonly type: string
    readonly param: string | null
    readonly code: string
  }
}

/** The smallest request, `B` of the contract's conformance table, with fields added or replaced. */
export const bodyB = (fields: Readonly<Record<string, unknown>> = {}) => ({
  model: 'deepseek-v4-flash',
  messages: [{ role: 'user', content: 'Hello!' }],
  ...fields,
})

/** Fields that make an answer long, some five tokens an item, whatever the model would rather say. */
export const longAnswer = (items: number) => ({
  thinking: { type: 'disabled' },
  response_format: {
    type: 'json_schema',
    json_schema: {
      name: 'long',
      strict: true,
      schema: {
        type: 'object',
        properties: {
          numbers: {
            type: 'array',
            items: { type: 'integer', minimum: 100, maximum: 999 },
            minItems: items,
            maxItems: items,
          },
        },
        required: ['numbers'],
        additionalProperties: false,
      },
    },
  },
})

export function clientOf(origin: string, key: string) {
  const post = async (
    body: unknown,
    options: { path?: string; headers?: Record<string, string>; signal?: AbortSignal } = {},
  ): Promise<Answer> => {
    const response = await request(`${origin}${options.path ?? '/v1/chat/completions'}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...options.headers },
      body: typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body),
      ...(options.signal && { signal: options.signal }),
    })
    return { status: response.statusCode, headers: response.headers, text: await response.body.text() }
  }
  const get = async (
    path: string,
    headers: Record<string, string> = { authorization: `Bearer ${key}` },
  ): Promise<Answer> => {
    const response = await request(`${origin}${path}`, { headers })
    return { status: response.statusCode, headers: response.headers, text: await response.body.text() }
  }
  return {
    origin,
    key,
    post,
    get,
    /** @throws when the answer is not a 200, with its body. */
    async ask(fields: Readonly<Record<string, unknown>> = {}): Promise<Said> {
      const answer = await post(bodyB(fields))
      if (answer.status !== 200) throw new Error(`${answer.status} ${answer.text}`)
      return fields.stream === true ? saidInChunks(chunksOf(answer.text).chunks) : saidInBody(answer.text)
    },
  }
}

export type Client = ReturnType<typeof clientOf>

/** The error object of a refused request. */
export const errorOf = (answer: Answer): { message: string; type: string; param: string | null; code: string } =>
  JSON.parse(answer.text).error

/** Splits a stream by the rules of server-sent events and tells whether `[DONE]` came last. */
export function chunksOf(stream: string): { chunks: WireChunk[]; comments: number; done: boolean } {
  const events = stream.split('\n\n').filter((event) => event !== '')
  const data = events.flatMap((event) => event.split('\n').filter((line) => line.startsWith('data: ')))
  const payloads = data.map((line) => line.slice('data: '.length))
  return {
    chunks: payloads.filter((payload) => payload !== '[DONE]').map((payload) => JSON.parse(payload)),
    comments: stream.split('\n').filter((line) => line.startsWith(':')).length,
    done: payloads.at(-1) === '[DONE]',
  }
}

/** Folds a stream as any client does. */
export function saidInChunks(chunks: readonly WireChunk[]): Said {
  const calls: { id: string; name: string; arguments: string }[] = []
  let content = ''
  let reasoning: string | undefined
  let finishReason: string | null = null
  let matchedStop: unknown
  let usage: WireUsage | undefined
  for (const chunk of chunks) {
    if (chunk.error) throw new Error(chunk.error.message)
    if (chunk.usage) usage = chunk.usage
    const choice = chunk.choices[0]
    if (!choice) continue
    content += choice.delta.content ?? ''
    if (choice.delta.reasoning_content !== undefined) reasoning = (reasoning ?? '') + choice.delta.reasoning_content
    for (const part of choice.delta.tool_calls ?? []) {
      const index = part.index ?? 0
      const call = calls[index] ?? { id: part.id ?? '', name: part.function.name ?? '', arguments: '' }
      calls[index] = { ...call, arguments: call.arguments + part.function.arguments }
    }
    if (choice.finish_reason) {
      finishReason = choice.finish_reason
      matchedStop = choice.matched_stop
    }
  }
  if (!usage) throw new Error('The stream had no usage.')
  return { content, reasoning, calls, finishReason, matchedStop, usage, model: chunks[0]?.model ?? '' }
}

export function saidInBody(text: string): Said {
  const body = JSON.parse(text)
  const choice = body.choices[0]
  return {
    content: choice.message.content,
    reasoning: choice.message.reasoning_content,
    calls: (choice.message.tool_calls ?? []).map((call: WireCall) => ({
      id: call.id,
      name: call.function.name,
      arguments: call.function.arguments,
    })),
    finishReason: choice.finish_reason,
    matchedStop: choice.matched_stop,
    usage: body.usage,
    model: body.model,
  }
}
