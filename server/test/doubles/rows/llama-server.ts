import { type Double, doublesOf } from '../double.ts'
import { type Body, tokens } from '../model.ts'
import { doneLine, lineOf, refusalOf, secretly } from '../voice.ts'
import { llamaServer as voice } from '../voices/llama-server.ts'

/** Rows LS of contract section 17. */

const row = doublesOf(voice)
const sampling = ['temperature', 'top_p', 'top_k', 'min_p'] as const
const overflow = {
  error: {
    code: 400,
    message: secretly('request (120000 tokens) exceeds the available context size (100000 tokens), try increasing it'),
    type: 'exceed_context_size_error',
    n_prompt_tokens: 120_000,
    n_ctx: 100_000,
  },
}
const broken = { error: { code: 500, message: secretly('Compute error.'), type: 'server_error' } }

/** The fragments of a call as one, its arguments an object. */
const withObjects = (events: readonly Body[]): readonly object[] =>
  events.flatMap((event) => {
    const fragment = event.choices[0]?.delta?.tool_calls?.[0]
    if (!fragment) return [event]
    if (!fragment.id) return []
    const written = events
      .map((other) => other.choices[0]?.delta?.tool_calls?.[0])
      .filter((other) => other?.index === fragment.index)
      .map((other) => other.function.arguments)
      .join('')
    const call = { ...fragment, function: { ...fragment.function, arguments: JSON.parse(written) } }
    return [{ ...event, choices: [{ ...event.choices[0], delta: { tool_calls: [call] } }] }]
  })

export const llamaServerRows: readonly Double[] = [
  row(
    'LS1',
    '503: it still loads its model',
    { refuses: () => refusalOf(voice, 503, 'Loading model') },
    { alone: 'fails' },
  ),
  row('LS2', 'samples as it likes what it is not told; no sign of which stop matched', {
    words: (words, body) =>
      sampling.every((field) => body[field] !== undefined) ? words : { ...words, content: tokens('Something else.') },
  }),
  row('LS3', '400 for an assistant message at the end while it thinks', {
    refuses: (body) =>
      body.messages.at(-1)?.role === 'assistant' && voice.thinks(body)
        ? refusalOf(voice, 400, 'Assistant response prefill is incompatible with enable_thinking.')
        : undefined,
  }),
  row('LS4', 'finds another conversation’s state in a slot, unless `cache_prompt` is false', () => {
    let before = ''
    return {
      words(words, { cache_prompt, messages }) {
        const found = cache_prompt === false ? '' : before
        before = String(messages.at(-1)?.content)
        return found === '' ? words : { ...words, content: tokens(found) }
      },
    }
  }),
  row(
    'LS5',
    'an error in the stream: an `error:` line and [DONE] (old build), or an error event (new build), in turn',
    () => {
      let asked = 0
      return {
        stream: (events) => [
          ...events.slice(0, 3),
          asked++ % 2 === 0 ? `error: ${JSON.stringify(broken.error)}\n\n` : lineOf(broken),
        ],
        reply(reply, { stream }) {
          if (!stream) return refusalOf(voice, 500, 'Compute error.')
          const isNew = asked % 2 === 0
          return isNew ? { ...reply, pieces: reply.pieces.slice(0, -1) } : reply
        },
      }
    },
    { alone: 'fails' },
  ),
  row('LS6', 'ends with `data: [DONE]` and no blank line', {
    reply: (reply, { stream }) =>
      stream ? { ...reply, pieces: [...reply.pieces.slice(0, -1), doneLine.trim()] } : reply,
  }),
  row('LS7', 'arguments as an object, or as malformed JSON, in turn', () => {
    let asked = 0
    return {
      words(words) {
        const malformed = words.calls.length > 0 && asked++ % 2 === 1
        return malformed
          ? { ...words, calls: words.calls.map((call) => ({ ...call, arguments: ['{"city": Oslo'] })) }
          : words
      },
      stream: (events) => (asked % 2 === 1 ? withObjects(events) : events),
    }
  }),
  row('LS8', 'accepts a JSON format and ignores it', {
    words: (words, { response_format }) =>
      /^json/.test(response_format?.type ?? '') && words.calls.length === 0
        ? { ...words, content: tokens('Sure! Here is what you asked for.') }
        : words,
  }),
  row('LS9', 'a template without efforts: each level gives the same prompt', {
    words: (words) => ({ ...words, reasoning: tokens('As hard as ever. ').concat(words.reasoning) }),
  }),
  row(
    'LS10',
    'HTTP 200, and the first event is a context overflow',
    {
      stream: () => [overflow],
      reply: (reply, { stream }) =>
        stream ? { ...reply, pieces: reply.pieces.slice(0, 1) } : { status: 400, pieces: [JSON.stringify(overflow)] },
    },
    { alone: 'overflows' },
  ),
]
