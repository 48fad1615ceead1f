import type { Failure } from '../../completion/failure.ts'
import type { Engine } from '../engine.ts'
import type { TokenEngine } from '../token-engine.ts'
import type { Planner } from './planner.ts'

/** Whether a prompt leaves room for one token, before it takes a slot. Only a prompt that may be too long is counted. */
export const fitsOf =
  (engine: TokenEngine, plan: Planner): NonNullable<Engine['fits']> =>
  async (request, { signal }) => {
    const { prompt } = plan(request).generation
    const contextWindow = Math.min(engine.facts?.contextWindow ?? 0, request.contextWindow ?? Infinity)
    if (tokensMaxOf(prompt) < contextWindow) return undefined
    const tokens = await engine.count(prompt, signal)
    return tokens < contextWindow ? undefined : tooLong(contextWindow, tokens)
  }

/** A token has at least one byte; some tokenizers put a space of their own before the text. */
export const tokensMaxOf = (prompt: readonly string[]): number =>
  prompt.reduce((sum, piece) => sum + Buffer.byteLength(piece), 1)

/** Contract C15. */
export const tooLong = (contextWindow: number, promptTokens: number): Failure => ({
  code: 'context-too-long',
  message: `This model's maximum context length is ${contextWindow} tokens. Your messages have ${promptTokens} tokens. Please shorten the messages.`,
  param: 'messages',
})
