import type { Border } from '../../completion/steps/part.ts'
import { noUsage, type Usage } from '../../completion/usage.ts'
import type { Plan } from './plan.ts'

/** The one running count of an answer; whatever ends it, its usage is taken from here (contract C84–C88). */
export interface Tally {
  /** @returns whether this was the first run: the prompt of a later one is not what the client sent. */
  start(prompt: { readonly promptTokens: number; readonly cachedTokens: number }): boolean
  prompt(): { readonly promptTokens: number; readonly cachedTokens: number }
  /** Forgets what was discarded. @param kept tokens of the text that another run goes on from */
  restart(kept: number, plan: Pick<Plan, 'thinking' | 'starts'>): void
  add(tokens: number): void
  cross(border: Border): void
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
    isReasoning: () => reasoned === undefined,
    usage: () => ({
      ...read(),
      completionTokens,
      reasoningTokens: thinking ? Math.min(reasoned ?? completionTokens, completionTokens) : 0,
    }),
  }
}
