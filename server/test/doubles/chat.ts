import type { Reply } from './upstream.ts'

/** The words of chat APIs, in the shapes that they document: what the doubles are made of. */

const head = { id: 'up-1', object: 'chat.completion.chunk', created: 1, model: 'upstream-model' }

export const data = (payload: unknown): string => `data: ${JSON.stringify(payload)}\n\n`
export const done = 'data: [DONE]\n\n'

export const chunk = (delta: object, finish: string | null = null, more: object = {}): string =>
  data({ ...head, choices: [{ index: 0, delta, finish_reason: finish }], ...more })

export const reasoning = (words: string): string => chunk({ reasoning_content: words, content: null })
export const content = (words: string): string => chunk({ content: words })
export const call = (
  index: number,
  fragment: { id?: string | null; name?: string | null; arguments?: unknown },
): string =>
  chunk({
    tool_calls: [
      {
        index,
        ...(fragment.id !== undefined && { id: fragment.id }),
        type: 'function',
        function: { ...(fragment.name !== undefined && { name: fragment.name }), arguments: fragment.arguments ?? '' },
      },
    ],
  })
export const finish = (reason: string | null = 'stop', more: object = {}): string => chunk({}, reason, more)

export const usage = {
  prompt_tokens: 12,
  completion_tokens: 20,
  total_tokens: 32,
  prompt_cache_hit_tokens: 4,
  prompt_cache_miss_tokens: 8,
  completion_tokens_details: { reasoning_tokens: 8 },
}
export const usageChunk = data({ ...head, choices: [], usage })

/** A whole, well-behaved stream of these words. */
export const stream = (...pieces: readonly (string | number)[]): Reply => ({
  pieces: [chunk({ role: 'assistant', content: '' }), ...pieces],
})
export const answer = (...pieces: readonly (string | number)[]): Reply => stream(...pieces, finish(), usageChunk, done)
export const calls = (...pieces: readonly (string | number)[]): Reply =>
  stream(...pieces, finish('tool_calls'), usageChunk, done)

export const refusal = (status: number, message: string, headers: Record<string, string> = {}): Reply => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  pieces: [JSON.stringify({ error: { message, type: 'x_error', param: null, code: 'x_code' } })],
})
