/** Token counts of one answer; the wire shape is made in `http/openai/encode.ts`. All are integers >= 0. */
export interface Usage {
  readonly promptTokens: number
  /** The part of the prompt whose KV the engine really reused. Never invented (contract C85). */
  readonly cachedTokens: number
  /** Reasoning, content and call text together. */
  readonly completionTokens: number
  readonly reasoningTokens: number
  /** True when an engine reported nothing and the counts are ours (contract C86). */
  readonly estimated?: boolean
}

export const noUsage: Usage = { promptTokens: 0, cachedTokens: 0, completionTokens: 0, reasoningTokens: 0 }
