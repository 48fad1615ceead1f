/** The playground's conversation: what is asked, and how an answer grows out of the pieces of its stream. */

export interface ToolCall {
  readonly id: string
  readonly name: string
  readonly arguments: string
  /** What the person says that the tool answered. */
  readonly result?: string
}

export interface ChatUsage {
  readonly prompt: number
  readonly cached: number
  readonly completion: number
  readonly reasoning: number
}

export type Turn =
  | { readonly role: 'user'; readonly text: string }
  | {
      readonly role: 'assistant'
      readonly text: string
      readonly reasoning: string
      readonly calls: readonly ToolCall[]
      readonly finish: string | null
      readonly matchedStop: string | null
      readonly usage: ChatUsage | null
      /** Milliseconds since the request was sent. */
      readonly firstTokenMs: number | null
      readonly totalMs: number | null
      readonly requestId: string | null
      /** As the API gave it. */
      readonly error: { readonly status: number; readonly body: unknown } | null
      /** The person ended it. */
      readonly stopped: boolean
    }

export type Answer = Extract<Turn, { role: 'assistant' }>

export const emptyAnswer: Answer = {
  role: 'assistant',
  text: '',
  reasoning: '',
  calls: [],
  finish: null,
  matchedStop: null,
  usage: null,
  firstTokenMs: null,
  totalMs: null,
  requestId: null,
  error: null,
  stopped: false,
}

interface WireCall {
  readonly index?: number
  readonly id?: string
  readonly function?: { readonly name?: string; readonly arguments?: string }
}

interface WireWords {
  readonly content?: string | null
  readonly reasoning_content?: string | null
  readonly tool_calls?: readonly WireCall[]
}

/** A chunk of a stream, or a whole answer; also the error that breaks a stream. */
export interface Wire {
  readonly choices?: readonly {
    readonly delta?: WireWords
    readonly message?: WireWords
    readonly finish_reason?: string | null
    readonly matched_stop?: string | null
  }[]
  readonly usage?: {
    readonly prompt_tokens: number
    readonly completion_tokens: number
    readonly prompt_tokens_details?: { readonly cached_tokens?: number }
    readonly completion_tokens_details?: { readonly reasoning_tokens?: number }
  } | null
  readonly error?: unknown
}

/** The answer after one more piece of it, which came `atMs` after the request. */
export function grow(answer: Answer, wire: Wire, atMs: number): Answer {
  if (wire.error !== undefined) return { ...answer, error: { status: 200, body: wire }, totalMs: atMs }
  const choice = wire.choices?.[0]
  const words = choice?.delta ?? choice?.message ?? {}
  const speaks = Boolean(words.content || words.reasoning_content || words.tool_calls?.length)
  return {
    ...answer,
    text: answer.text + (words.content ?? ''),
    reasoning: answer.reasoning + (words.reasoning_content ?? ''),
    calls: withCalls(answer.calls, words.tool_calls ?? []),
    finish: choice?.finish_reason ?? answer.finish,
    matchedStop: choice?.matched_stop ?? answer.matchedStop,
    usage: wire.usage ? usageOf(wire.usage) : answer.usage,
    firstTokenMs: answer.firstTokenMs ?? (speaks ? atMs : null),
    totalMs: atMs,
  }
}

function withCalls(calls: readonly ToolCall[], pieces: readonly WireCall[]): readonly ToolCall[] {
  if (pieces.length === 0) return calls
  const grown = [...calls]
  for (const [place, { index = place, id, function: piece }] of pieces.entries()) {
    const call = grown[index] ?? { id: '', name: '', arguments: '' }
    grown[index] = {
      ...call,
      id: id ?? call.id,
      name: piece?.name ?? call.name,
      arguments: call.arguments + (piece?.arguments ?? ''),
    }
  }
  return grown
}

const usageOf = (usage: NonNullable<Wire['usage']>): ChatUsage => ({
  prompt: usage.prompt_tokens,
  cached: usage.prompt_tokens_details?.cached_tokens ?? 0,
  completion: usage.completion_tokens,
  reasoning: usage.completion_tokens_details?.reasoning_tokens ?? 0,
})

/** Tokens a second from the first token on, or undefined where nothing was streamed or counted. */
export function speedOf({ usage, firstTokenMs, totalMs }: Answer, streamed: boolean): number | undefined {
  if (!usage || totalMs === null || usage.completion < 2) return undefined
  const ms = streamed && firstTokenMs !== null ? totalMs - firstTokenMs : totalMs
  return ms > 0 ? (1_000 * usage.completion) / ms : undefined
}

export const waitsForResults = (turn: Turn | undefined): boolean =>
  turn?.role === 'assistant' && turn.calls.some((call) => call.result === undefined)

/** The conversation as the API reads it. What broke off without a word is left out. */
export const messagesOf = (system: string, turns: readonly Turn[]): object[] => [
  ...(system.trim() === '' ? [] : [{ role: 'system', content: system }]),
  ...turns.flatMap((turn): object[] => {
    if (turn.role === 'user') return [{ role: 'user', content: turn.text }]
    if (turn.calls.length === 0)
      return turn.text === '' && turn.error ? [] : [{ role: 'assistant', content: turn.text }]
    return [
      {
        role: 'assistant',
        content: turn.text,
        ...(turn.reasoning !== '' && { reasoning_content: turn.reasoning }),
        tool_calls: turn.calls.map(({ id, name, arguments: text }) => ({
          id,
          type: 'function',
          function: { name, arguments: text },
        })),
      },
      ...turn.calls.map(({ id, result = '' }) => ({ role: 'tool', tool_call_id: id, content: result })),
    ]
  }),
]
