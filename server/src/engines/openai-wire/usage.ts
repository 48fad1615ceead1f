import type { Usage } from '../../completion/usage.ts'
import type { Reported } from './chunk.ts'
import type { ChatBody } from './encode.ts'
import { tokensIn } from './estimate.ts'
import { writtenMessages } from './written.ts'

/** Tokens of a prompt, for when the upstream does not say (contract C86). JSON takes about as many as a template's own text. */
export const estimatePrompt = (body: ChatBody): number =>
  tokensIn(writtenMessages(body)) + (body.tools ? tokensIn(JSON.stringify(body.tools)) : 0)

export interface Knowledge {
  /** Our own count: of deltas, as far as we can tell, and of an estimated prompt. */
  readonly counted: Usage
  readonly thinking: boolean
  /** The output limit that the upstream was given. */
  readonly limit: number
  /** The upstream came to its end, so that its last report is of the whole answer. */
  readonly complete: boolean
}

/**
 * The counts of the upstream, each only as far as it can be true; the rest is ours, and then the record is marked as estimated
 * (contract C84–C86):
 * - a prompt has at least one token, and an answer of which something was seen has at least one;
 * - an answer has no more tokens than its limit;
 * - reasoning that was seen has at least one token, and no more than the answer has;
 * - no more of a prompt comes from a cache than there is of it.
 * A report that came before the upstream was stopped counts as far as it goes, and is an estimate too.
 */
export function usageOf(reported: Reported | undefined, { counted, thinking, limit, complete }: Knowledge): Usage {
  const prompt = reported?.prompt || undefined
  const promptTokens = prompt ?? counted.promptTokens
  const told = reported?.completion
  const credible = told !== undefined && (told > 0 || counted.completionTokens === 0) ? told : undefined
  const completionTokens = Math.min(credible ?? counted.completionTokens, limit)
  const cachedTokens = Math.min(reported?.cached ?? 0, promptTokens)

  // A delta may hold several tokens: their share counts.
  const share = counted.completionTokens > 0 ? counted.reasoningTokens / counted.completionTokens : 0
  const seen = counted.reasoningTokens > 0 ? 1 : 0
  const own = Math.min(Math.max(seen, Math.round(completionTokens * share)), completionTokens)
  const reasoning = thinking ? reported?.reasoning : undefined
  const reasoningFits = reasoning !== undefined && reasoning >= seen && reasoning <= completionTokens

  const corrected =
    prompt === undefined ||
    completionTokens !== told ||
    cachedTokens !== (reported?.cached ?? 0) ||
    (reasoning !== undefined && !reasoningFits)
  return {
    promptTokens,
    cachedTokens,
    completionTokens,
    reasoningTokens: thinking ? (reasoningFits ? reasoning : own) : 0,
    ...((corrected || !complete) && { estimated: true }),
  }
}
