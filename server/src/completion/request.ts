/** What a caller asks for, in our own words. No wire format is known here; `http/openai/decode.ts` makes it from JSON. */

export type Effort = 'low' | 'high' | 'max'

/** How the model is to think: `enabled: false` means that no reasoning is asked for and none is shown. */
export interface Thinking {
  readonly enabled: boolean
  readonly effort: Effort
}

/** A call in history or in an answer. `arguments` is the text as it was written, which need not be JSON in history. */
export interface ToolCall {
  readonly id: string
  readonly name: string
  readonly arguments: string
}

export type Message =
  | { readonly role: 'system'; readonly content: string }
  | { readonly role: 'user'; readonly content: string }
  | {
      readonly role: 'assistant'
      readonly content: string
      /** Absent when the client sent none; then a remembered one may be restored (contract C38). */
      readonly reasoning?: string
      readonly toolCalls: readonly ToolCall[]
      /** The answer continues this message (contract C29). True on the last message only. */
      readonly prefix: boolean
    }
  | { readonly role: 'tool'; readonly content: string; readonly toolCallId: string }

export type JsonSchema = boolean | { readonly [keyword: string]: unknown }

export interface Tool {
  readonly name: string
  readonly description?: string
  /** Absent: the function takes no arguments. */
  readonly parameters?: { readonly [keyword: string]: unknown }
  readonly strict: boolean
}

export type ToolChoice =
  | { readonly type: 'none' }
  | { readonly type: 'auto' }
  | { readonly type: 'required' }
  | { readonly type: 'function'; readonly name: string }

export type ResponseFormat =
  | { readonly type: 'text' }
  | { readonly type: 'json_object' }
  | {
      readonly type: 'json_schema'
      readonly name: string
      readonly description?: string
      readonly schema: { readonly [keyword: string]: unknown }
      readonly strict: boolean
    }

export interface Sampling {
  /** 0..2; 0 is greedy. */
  readonly temperature: number
  /** 0..1, never 0 towards an engine (contract C17). */
  readonly topP: number
  readonly seed?: number
  /** Also where the weights have a sampling of their own for thinking: the operator says so (contract C16). */
  readonly always?: true
}

export interface CompletionRequest {
  /** The model's canonical id in the catalog. What the client called it is the HTTP side's business. */
  readonly model: string
  /** Every call has its answers, and these stand in the order of the calls (contract C25–C27). */
  readonly messages: readonly Message[]
  readonly thinking: Thinking
  /** Upper bound on output tokens: reasoning, content and calls together (contract C14). */
  readonly maxTokens: number
  /** The client named no limit, and `maxTokens` is ours: where there is not so much at the moment, less will do. */
  readonly maxTokensByDefault?: true
  /** Prompt plus output tokens of the model, where the operator gives less than its engines could take. */
  readonly contextWindow?: number
  readonly sampling: Sampling
  /** Non-empty strings, at most 16. */
  readonly stop: readonly string[]
  readonly tools: readonly Tool[]
  readonly toolChoice: ToolChoice
  readonly parallelToolCalls: boolean
  readonly format: ResponseFormat
  /** Asked-for log probabilities: how many alternatives a token, 0..20. */
  readonly logprobs?: { readonly top: number }
}
