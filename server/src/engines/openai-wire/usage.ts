import type { Usage } from '../../completion/usage.ts'
import type { Reported } from './chunk.ts'
import type { ChatBody } from './encode.ts'

/** Bytes of a prompt for one token, roughly, in most languages. */
const bytesPerToken = 4

/** What a prompt may cost, for when the upstream does not say (contract C86). */
export const estimatePrompt = ({ messages, tools }: ChatBody): number =>
  Math.ceil(Buffer.byteLength(JSON.stringify([messages, tools ?? []])) / bytesPerToken)

/**
 * The counts of the upstream as it reports them, and what it left out from our own count of its deltas.
 * @param counted our own count
 */
export function usageOf(reported: Reported | undefined, counted: Usage, thinking: boolean): Usage {
  if (reported?.prompt === undefined || reported.completion === undefined) return { ...counted, estimated: true }
  const { prompt, completion, cached = 0 } = reported
  // A delta may hold several tokens: their share counts.
  const share = counted.completionTokens > 0 ? counted.reasoningTokens / counted.completionTokens : 0
  const reasoning = reported.reasoning ?? Math.round(completion * share)
  return {
    promptTokens: prompt,
    cachedTokens: Math.min(cached, prompt),
    completionTokens: completion,
    reasoningTokens: thinking ? Math.min(reasoning, completion) : 0,
  }
}
