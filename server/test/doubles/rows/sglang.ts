import { type Double, doublesOf } from '../double.ts'
import { dsmlOf } from '../markup.ts'
import { type Body, tokens } from '../model.ts'
import { refusalOf, secretly } from '../voice.ts'
import { sglang as voice } from '../voices/sglang.ts'

/** Rows SG of contract section 17. */

const row = doublesOf(voice)
const refused = (message: string) => refusalOf(voice, 400, message)
const endsWithAssistant = ({ messages }: Body): boolean => messages.at(-1)?.role === 'assistant'

const isObject = (json: unknown): boolean => {
  try {
    const value: unknown = JSON.parse(String(json))
    return typeof value === 'object' && value !== null && !Array.isArray(value)
  } catch {
    return false
  }
}

/** What an older build makes of the level: the field first, then the template's own. */
const effortOf = ({ reasoning_effort, chat_template_kwargs: told }: Body): string | undefined =>
  [reasoning_effort, told?.reasoning_effort].find((effort) => effort === 'high' || effort === 'max')

const finishesWith = (event: Body, members: object): object =>
  event.choices?.[0]?.finish_reason ? { ...event, choices: [{ ...event.choices[0], ...members }] } : event

const contextWindow = 100_000
const rawDefault = 16

const extras = { metadata: { weight_version: 'default' }, sglext: { cached_tokens_details: null } }
const withExtras = (answer: Body): object => ({
  ...answer,
  ...extras,
  choices: answer.choices.map((choice: Body) => ({ ...choice, hidden_states: null })),
})

export const sglangRows: readonly Double[] = [
  row('SG1', 'thinks only if `chat_template_kwargs.thinking` is true', {
    thinks: ({ chat_template_kwargs: told }) => told?.thinking === true,
  }),
  row('SG2', '`reasoning</think>answer` in the content: its parser was off', {
    words: ({ reasoning, content, calls }, body) => ({
      reasoning: [],
      content: voice.thinks(body) ? [...reasoning, '</think>', ...content] : content,
      calls,
    }),
  }),
  row('SG3', 'older build: drops every effort but `high` and `max`; without one its reasoning is another', {
    words: (words, body) => ({
      ...words,
      reasoning: tokens(`${effortOf(body) ?? 'no'} effort: `).concat(words.reasoning),
    }),
  }),
  row('SG4', '`matched_stop: 1` on the finish chunk, beside `tool_calls` too', {
    stream: (events) => events.map((event) => finishesWith(event, { matched_stop: 1 })),
    whole: (answer) => ({ ...answer, choices: [{ ...answer.choices[0], matched_stop: 1 }] }),
  }),
  row('SG5', 'nulls in every delta, a new `created` in each chunk, its own `id` and `model`', {
    stream: (events) =>
      events.map((event: Body, index) => ({
        ...event,
        created: event.created + index,
        model: '/models/upstream',
        choices: event.choices.map((choice: Body) => ({
          ...choice,
          delta: { role: null, content: null, reasoning_content: null, tool_calls: null, ...choice.delta },
        })),
      })),
  }),
  row('SG6', 'later fragments of its two calls with `id: null`, `name: null`, `type: "function"`', {
    words: (words) => ({ ...words, calls: words.calls.flatMap((call) => [call, call]) }),
  }),
  row('SG7', 'keeps tools with `tool_choice: "none"`, and writes a call into the content', {
    words: (words, { tools, tool_choice }) =>
      tools?.length > 0 && tool_choice === 'none'
        ? {
            ...words,
            content: [
              ...words.content,
              ...dsmlOf([{ name: tools[0].function.name, arguments: ['{"city": ', '"Oslo"}'] }]),
            ],
          }
        : words,
  }),
  row('SG8', 'with tools and a format it forgets the tools', {
    words: (words, { tools, response_format }) =>
      tools?.length > 0 && response_format && response_format.type !== 'text'
        ? { ...words, content: tokens('{"answer": 42}'), calls: [] }
        : words,
  }),
  row('SG9', 'no `prompt_tokens_details`, or null; `reasoning_tokens` at the top of the usage', () => {
    let asked = 0
    const change = (answer: Body): object => {
      if (!answer.usage) return answer
      const { prompt_tokens_details: _, ...bare } = answer.usage
      return { ...answer, usage: asked % 2 ? bare : { ...bare, prompt_tokens_details: null } }
    }
    return {
      turn(turn) {
        asked++
        return turn
      },
      stream: (events) => events.map(change),
      whole: change,
    }
  }),
  row(
    'SG10',
    'refuses with a flat error body and an integer code',
    { refuses: () => refused('Unsupported value') },
    { alone: 'fails' },
  ),
  row(
    'SG11',
    'HTTP 200, some deltas, an error event, [DONE]',
    {
      stream: (events) => [...events.slice(0, 3), { error: voice.refusal(500, secretly('CUDA out of memory')) }],
      reply: (reply, { stream }) => (stream ? reply : refusalOf(voice, 500, 'CUDA out of memory')),
    },
    { alone: 'fails' },
  ),
  row('SG12', '`finish_reason: "abort"`', { turn: (turn) => ({ ...turn, finish: 'abort' }) }, { alone: 'fails' }),
  row('SG13', 'takes an assistant message at the end for a user’s', {
    words: (words, body) => (endsWithAssistant(body) ? { ...words, content: tokens('You said something.') } : words),
  }),
  row('SG14', '400 for arguments in the history that are not a JSON object', {
    refuses: ({ messages }) =>
      messages
        .flatMap((message: Body) => message.tool_calls ?? [])
        .every((call: Body) => isObject(call.function.arguments))
        ? undefined
        : refused('Tool call arguments must be a JSON object'),
  }),
  row('SG15', '400 for `top_p: 0` and for a limit over the window; applies penalties', {
    refuses: ({ top_p, max_tokens }) => {
      if (top_p === 0) return refused('top_p must be in (0, 1], got 0.0.')
      return max_tokens > contextWindow - 100
        ? refused(
            `Requested token count exceeds the model's maximum context length of ${contextWindow} tokens. You requested a total of ` +
              `${max_tokens + 100} tokens: 100 tokens from the input messages and ${max_tokens} tokens for the completion. Please ` +
              'reduce the number of tokens in the input messages or the completion to fit within the limit.',
          )
        : undefined
    },
    words: (words, { frequency_penalty, presence_penalty }) =>
      frequency_penalty || presence_penalty ? { ...words, content: tokens('Penalised.') } : words,
  }),
  row('SG16', `stops after ${rawDefault} tokens when no limit is sent`, {
    turn: (turn, { max_tokens, max_completion_tokens }) =>
      max_tokens === undefined && max_completion_tokens === undefined && turn.counts.completion > rawDefault
        ? {
            ...turn,
            finish: 'length',
            words: {
              reasoning: turn.words.reasoning.slice(0, rawDefault),
              content: turn.words.content.slice(0, Math.max(0, rawDefault - turn.words.reasoning.length)),
              calls: [],
            },
          }
        : turn,
  }),
  row('SG17', 'a call inside unclosed reasoning, swallowed into `reasoning_content`', {
    words: (words, body) =>
      words.calls.length > 0 && voice.thinks(body)
        ? { reasoning: [...words.reasoning, '\n\n', ...dsmlOf(words.calls)], content: [], calls: [] }
        : words,
  }),
  row('SG18', '`metadata.weight_version`, `sglext`, `hidden_states` in its answers', {
    stream: (events) => events.map(withExtras),
    whole: withExtras,
  }),
]
