import { data, done } from './chat.ts'
import type { Reply } from './upstream.ts'

/** The words of vLLM's chat API: reasoning in `reasoning`, and members of its own in each choice. */

const head = { id: 'chatcmpl-8d1e', object: 'chat.completion.chunk', created: 1_795_305_600, model: 'upstream-model' }

export const chunk = (delta: object, choice: object = {}, more: object = {}): string =>
  data({
    ...head,
    choices: [{ index: 0, delta, logprobs: null, finish_reason: null, token_ids: null, ...choice }],
    ...more,
  })

export const reasoning = (words: string): string => chunk({ reasoning: words })
export const content = (words: string): string => chunk({ content: words })
export const call = (index: number, id: string | undefined, name: string | undefined, args: string): string =>
  chunk({
    tool_calls: [{ ...(id && { id, type: 'function' }), index, function: { ...(name && { name }), arguments: args } }],
  })
/** `stop_reason` is the stop string or the id of the token that ended the text. */
export const finish = (reason = 'stop', stopReason: unknown = null): string =>
  chunk({ content: '' }, { finish_reason: reason, stop_reason: stopReason })

export const usage = { prompt_tokens: 12, total_tokens: 32, completion_tokens: 20, prompt_tokens_details: null }
export const usageChunk = data({ ...head, choices: [], usage })

export const stream = (...pieces: readonly (string | number)[]): Reply => ({
  pieces: [chunk({ role: 'assistant', content: '' }), ...pieces],
})
export const answer = (...pieces: readonly (string | number)[]): Reply => stream(...pieces, finish(), usageChunk, done)
export const calls = (...pieces: readonly (string | number)[]): Reply =>
  stream(...pieces, finish('tool_calls'), usageChunk, done)

const error = (message: string, code: number) => ({
  message,
  type: code < 500 ? 'BadRequestError' : 'InternalServerError',
  param: null,
  code,
})
export const refusal = (message: string, code = 400): Reply => ({
  status: code,
  headers: { 'content-type': 'application/json' },
  pieces: [JSON.stringify({ error: error(message, code) })],
})
export const errorEvent = (message: string, code = 500): string => data({ error: error(message, code) })
