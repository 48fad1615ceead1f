import type { Border } from '../steps/part.ts'
import { noUsage, type Usage } from '../usage.ts'

/** The one running count of an answer; whatever ends it, its usage is taken from here (contract C84–C88). */
export interface Tally {
  /** @returns whether this was the first run: the prompt of a later one is not what the client sent. */
  start(prompt: { readonly promptTokens: number; readonly cachedTokens: number }): boolean
  prompt(): { readonly promptTokens: number; readonly cachedTokens: number }
  /** How much of the first run's prompt was cached, from an engine that tells it at its end. */
  cached(tokens: number): void
  /** Forgets what was discarded. @param kept tokens of the text that another run goes on from */
  restart(kept: number, plan: { readonly thinking: boolean; readonly starts: 'reasoning' | 'answer' }): void
  add(tokens: number): void
  cross(border: Border): void
  /** Tokens of the answer so far. */
  tokens(): number
  /** Whether the answer has not begun: what was added last is reasoning. */
  isReasoning(): boolean
  usage(): Usage
}

export function startTally(): Tally {
  let prompt: { readonly promptTokens: number; readonly cachedTokens: number } | undefined
  let completionTokens = 0
  let thinking = false
  /** Tokens of the reasoning; undefined while it goes on. */
  let reasoned: number | undefined = 0
  const read = () => prompt ?? { promptTokens: noUsage.promptTokens, cachedTokens: noUsage.cachedTokens }
  return {
    start({ promptTokens, cachedTokens }) {
      const first = prompt === undefined
      prompt ??= { promptTokens, cachedTokens }
      return first
    },
    prompt: read,
    cached(tokens) {
      if (prompt) prompt = { ...prompt, cachedTokens: Math.min(tokens, prompt.promptTokens) }
    },
    restart(kept, plan) {
      completionTokens = kept
      thinking = plan.thinking
      reasoned = plan.starts === 'reasoning' ? undefined : 0
    },
    add(tokens) {
      completionTokens += tokens
    },
    cross(border) {
      reasoned = border.into === 'answer' ? border.tokens : undefined
    },
    tokens: () => completionTokens,
    isReasoning: () => reasoned === undefined,
    usage: () => ({
      ...read(),
      completionTokens,
      reasoningTokens: thinking ? Math.min(reasoned ?? completionTokens, completionTokens) : 0,
    }),
  }
}
