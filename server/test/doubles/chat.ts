import type { Replies, Reply } from './upstream.ts'

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

/**
 * A chat API in front of a model whose raw text is this, one text a run, `·` between tokens. It gives the reasoning apart and keeps
 * to the limit; calls stay markup in the content.
 */
export const speaking =
  (runs: readonly string[]): Replies =>
  ({ body }, index) => {
    const raw = runs[Math.min(index, runs.length - 1)] ?? ''
    const text = raw.replaceAll('·', '')
    const close = '</think>'
    const closed = text.indexOf(close)
    // A first run that never closes its reasoning is all reasoning; later ones are what is left to say.
    const border = body.thinking?.type !== 'enabled' ? -1 : closed < 0 && index === 0 ? text.length : closed
    let at = 0
    const deltas = raw.split('·').map((token) => {
      const from = at
      at += token.length
      const thought = border < 0 ? '' : text.slice(from, Math.min(at, border))
      const said = border < 0 ? token : text.slice(Math.max(from, border + close.length), at)
      return (thought && reasoning(thought)) + (said && content(said))
    })
    const isCut = deltas.length > body.max_tokens
    const told = deltas.slice(0, body.max_tokens).filter((delta) => delta !== '')
    return stream(...told, finish(isCut ? 'length' : 'stop'), done)
  }
