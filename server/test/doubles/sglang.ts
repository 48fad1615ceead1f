import { data, done } from './chat.ts'
import type { Reply } from './upstream.ts'

/** The words of SGLang's chat API: every field in every chunk, null where it says nothing; `created` anew each time. */

let created = 1_795_305_600

export const chunk = (delta: object, choice: object = {}, more: object = {}): string =>
  data({
    id: '7f9c1d',
    object: 'chat.completion.chunk',
    created: created++,
    model: 'upstream-model',
    choices: [
      {
        index: 0,
        delta: { role: null, content: null, reasoning_content: null, tool_calls: null, ...delta },
        logprobs: null,
        finish_reason: null,
        matched_stop: null,
        ...choice,
      },
    ],
    usage: null,
    ...more,
  })

export const reasoning = (words: string): string => chunk({ reasoning_content: words })
export const content = (words: string): string => chunk({ content: words })
/** The first fragment of a call has its id and name, later ones have neither. */
export const call = (index: number, id: string | null, name: string | null, args: string): string =>
  chunk({ tool_calls: [{ id, index, type: 'function', function: { name, arguments: args } }] })
/** 1 is the id of the token that ended the text. */
export const finish = (reason = 'stop', matched: unknown = 1): string =>
  chunk({}, { finish_reason: reason, matched_stop: matched })

export const usage = {
  prompt_tokens: 12,
  total_tokens: 32,
  completion_tokens: 20,
  prompt_tokens_details: null,
  reasoning_tokens: 8,
}
export const usageChunk = data({
  id: '7f9c1d',
  object: 'chat.completion.chunk',
  created: 1,
  model: 'm',
  choices: [],
  usage,
})

export const stream = (...pieces: readonly (string | number)[]): Reply => ({
  pieces: [chunk({ role: 'assistant', content: '' }), ...pieces],
})
export const answer = (...pieces: readonly (string | number)[]): Reply => stream(...pieces, finish(), usageChunk, done)
export const calls = (...pieces: readonly (string | number)[]): Reply =>
  stream(...pieces, finish('tool_calls', null), usageChunk, done)

const error = (message: string, code: number) => ({
  object: 'error',
  message,
  type: code < 500 ? 'BadRequestError' : 'InternalServerError',
  param: null,
  code,
})
export const refusal = (message: string, code = 400): Reply => ({
  status: code,
  headers: { 'content-type': 'application/json' },
  pieces: [JSON.stringify(error(message, code))],
})
export const errorEvent = (message: string, code = 500): string => data({ error: error(message, code) })
