/**
 * How much a chat API's template writes around the messages, learned from its own counts: it is never more than a whole prompt of the
 * same shape had. So the shortest prompt that was seen says how much it is at most, and text of its own is still counted by its bytes.
 */
import { promptBound, tokensAroundMax } from '../../completion/prompt-bound.ts'
import type { CompletionRequest } from '../../completion/request.ts'
import type { Usage } from '../../completion/usage.ts'

/** What may change from one request of a shape to the next, such as a date. */
const slack = 64

export interface TemplateSize {
  /** No prompt of this request has more tokens, as far as the engine has shown. */
  tokensMax(request: CompletionRequest): number
  /** It told what the prompt of this request had. */
  see(request: CompletionRequest, usage: Usage): void
}

export function learnTemplateSize(): TemplateSize {
  const shortest = new Map<string, number>()
  const tokensMax = (request: CompletionRequest): number =>
    promptBound(request, Math.min(tokensAroundMax, (shortest.get(shapeOf(request)) ?? Infinity) + slack))
  return {
    tokensMax,
    see(request, { promptTokens, estimated }) {
      if (estimated || promptTokens < 1) return
      const shape = shapeOf(request)
      // It has another template by now, or a count that includes more than the prompt: what was learned does not hold.
      if (promptTokens > tokensMax(request)) shortest.delete(shape)
      else shortest.set(shape, Math.min(promptTokens, shortest.get(shape) ?? Infinity))
    },
  }
}

/** What decides what a template writes by itself: its own system prompt, rules for tools, a cue, and our words for a format. */
function shapeOf({ messages, thinking, tools, toolChoice, format }: CompletionRequest): string {
  const { enabled, effort } = thinking
  const last = messages.at(-1)
  const parts = [
    messages[0]?.role === 'system',
    last?.role === 'assistant' && last.prefix,
    enabled ? effort : '',
    tools.length > 0 ? toolChoice.type : '',
    format.type,
  ]
  return parts.join(' ')
}
