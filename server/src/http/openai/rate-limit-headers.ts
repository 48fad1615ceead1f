import type { LimitsLeft, Remaining } from '../../completion/use-limits.ts'
import type { Exchange } from '../exchange.ts'

/** What OpenAI's clients look at: one set for requests and one for tokens, where the key has such a limit. */
export function sayLimits({ response }: Exchange, left: LimitsLeft): void {
  if (response.headersSent) return
  const say = (what: 'requests' | 'tokens', one: Remaining | undefined) => {
    if (!one) return
    response.setHeader(`x-ratelimit-limit-${what}`, one.limit)
    response.setHeader(`x-ratelimit-remaining-${what}`, one.remaining)
    response.setHeader(`x-ratelimit-reset-${what}`, `${Math.ceil(one.resetMs / 1000)}s`)
  }
  say('requests', left.requests)
  say('tokens', left.tokens)
}
