import { data, done } from './chat.ts'
import type { Reply } from './upstream.ts'

/** The words of llama-server's chat API. */

const head = {
  created: 1_795_305_600,
  id: 'chatcmpl-Xq2',
  model: 'upstream-model',
  system_fingerprint: 'b7000-abc',
  object: 'chat.completion.chunk',
}

export const chunk = (delta: object, finish: string | null = null, more: object = {}): string =>
  data({ choices: [{ finish_reason: finish, index: 0, delta }], ...head, ...more })

export const reasoning = (words: string, more: object = {}): string => chunk({ reasoning_content: words }, null, more)
export const content = (words: string, more: object = {}): string => chunk({ content: words }, null, more)
/** Newer builds write arguments as text, some wrote them as an object. */
export const call = (index: number, id: string | undefined, name: string | undefined, args: unknown): string =>
  chunk({
    tool_calls: [{ index, ...(id && { id, type: 'function' }), function: { ...(name && { name }), arguments: args } }],
  })
export const finish = (reason = 'stop'): string => chunk({}, reason)

/** What each chunk carries when it is asked for `timings_per_token`. */
export const timings = (cached: number, read: number, predicted: number) => ({
  timings: { cache_n: cached, prompt_n: read, prompt_ms: 20.5, predicted_n: predicted, predicted_ms: 31.2 },
})
export const progress = (processed: number, total: number): string =>
  chunk({ role: 'assistant', content: null }, null, { prompt_progress: { total, cache: 0, processed, time_ms: 5 } })

export const usage = {
  completion_tokens: 20,
  prompt_tokens: 12,
  total_tokens: 32,
  prompt_tokens_details: { cached_tokens: 4 },
}
export const usageChunk = data({ choices: [], ...head, usage, ...timings(4, 8, 20) })

export const stream = (...pieces: readonly (string | number)[]): Reply => ({
  pieces: [chunk({ role: 'assistant', content: null }), ...pieces],
})
export const answer = (...pieces: readonly (string | number)[]): Reply => stream(...pieces, finish(), usageChunk, done)
export const calls = (...pieces: readonly (string | number)[]): Reply =>
  stream(...pieces, finish('tool_calls'), usageChunk, done)

export const error = (message: string, code: number, type: string, more: object = {}) => ({
  code,
  message,
  type,
  ...more,
})
export const refusal = (message: string, code: number, type: string): Reply => ({
  status: code,
  headers: { 'content-type': 'application/json; charset=utf-8' },
  pieces: [JSON.stringify({ error: error(message, code, type) })],
})
