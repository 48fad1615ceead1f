import { type Double, doublesOf } from '../double.ts'
import type { Body } from '../model.ts'
import { type Payload, refusalOf } from '../voice.ts'
import { deepseek as voice } from '../voices/deepseek.ts'

/** Rows DS of contract section 17. */

const row = doublesOf(voice)
const refused = (message: string) => refusalOf(voice, 400, message)
const beat = ': keep-alive\n\n'

const limitMax = 8192

const lacksReasoning = ({ messages }: Body): boolean =>
  messages.some((message: Body) => message.role === 'assistant' && typeof message.reasoning_content !== 'string')
const forcesCall = ({ tool_choice }: Body): boolean =>
  tool_choice === 'required' || typeof tool_choice?.function === 'object'

export const deepseekRows: readonly Double[] = [
  row('DS1', '400 where an assistant turn lacks reasoning_content', {
    refuses: (body) =>
      voice.thinks(body) && lacksReasoning(body)
        ? refused('The reasoning_content in the thinking mode must be passed back to the API.')
        : undefined,
  }),
  row('DS2', '400 for a forced call while it thinks', {
    refuses: (body) =>
      voice.thinks(body) && forcesCall(body) ? refused('Thinking mode does not support this tool_choice') : undefined,
  }),
  row('DS3', '400 for JSON mode without the word and for json_schema; the first answer in JSON mode is empty', () => {
    let empty = true
    return {
      refuses({ response_format, messages }) {
        if (response_format?.type === 'json_schema') return refused('This response_format type is unavailable now')
        return response_format?.type === 'json_object' && !/json/i.test(JSON.stringify(messages))
          ? refused("Prompt must contain the word 'json' in some form to use 'response_format' of type 'json_object'.")
          : undefined
      },
      words(words, { response_format }) {
        if (response_format?.type !== 'json_object' || !empty) return words
        empty = false
        return { ...words, content: [] }
      },
    }
  }),
  row('DS4', 'blank lines before a JSON body, `: keep-alive` comments in a stream', {
    stream: (events) => events.flatMap((event): Payload[] => [beat, 5, beat, event]),
    reply: (reply, { stream }) => (stream ? reply : { ...reply, pieces: ['\n', 5, '\n\n', ...reply.pieces] }),
  }),
  row('DS5', 'usage on the finish chunk, in a chunk of its own, or in both with other numbers, in turn', () => {
    let asked = 0
    return {
      stream(events, { stream_options }) {
        const way = asked++ % 3
        if (!stream_options?.include_usage) return events
        const [finish, usage] = events.slice(-2) as [Body, Body]
        const { usage: _, ...bare } = finish
        if (way === 0) return [...events.slice(0, -2), finish]
        if (way === 1) return [...events.slice(0, -2), bare, usage]
        const fewer = { ...usage.usage, completion_tokens: 1, total_tokens: usage.usage.prompt_tokens + 1 }
        return [...events.slice(0, -2), { ...bare, usage: fewer }, usage]
      },
    }
  }),
  row(
    'DS6',
    'finish_reason `insufficient_system_resource`, or `aborted`, in turn',
    {
      turn: (turn, _body, index) => ({ ...turn, finish: index % 2 ? 'aborted' : 'insufficient_system_resource' }),
    },
    { alone: 'fails' },
  ),
  row(
    'DS7',
    '429 with `Retry-After: 7`, then 402, then 401',
    {
      refuses(_body, index) {
        if (index % 3 === 0) return refusalOf(voice, 429, 'Rate limit reached', { 'retry-after': '7' })
        return index % 3 === 1
          ? refusalOf(voice, 402, 'Insufficient Balance')
          : refusalOf(voice, 401, 'Authentication Fails, Your api key: ****9f3c is invalid')
      },
    },
    { alone: 'fails' },
  ),
  row(
    'DS8',
    'begins, then leaves the stream open without another byte',
    {
      stream: (events) => events.slice(0, 3),
      reply: (reply, { stream }) => ({ ...reply, pieces: reply.pieces.slice(0, stream ? -1 : 0), ends: 'silent' }),
    },
    { alone: 'fails', stalls: true },
  ),
  row(
    'DS9',
    'ends without [DONE], in turn before and after its finish reason',
    {
      reply(reply, { stream }, index) {
        if (!stream) return reply
        const events = reply.pieces.slice(0, -1)
        const end = events.findIndex((event) => /"finish_reason":"/.test(String(event)))
        return { ...reply, pieces: index % 2 ? events : events.slice(0, end) }
      },
    },
    { alone: 'may fail' },
  ),
  row('DS10', `400 for max_tokens over ${limitMax}`, {
    refuses: ({ max_tokens }) =>
      max_tokens > limitMax
        ? refused(`Invalid max_tokens value, the valid range of max_tokens is [1, ${limitMax}]`)
        : undefined,
  }),
  row('DS11', '`stop` with nothing at all, an answer, then `stop` with reasoning alone, in turn', {
    words(words, body, index) {
      if (index % 3 === 0) return { reasoning: [], content: [], calls: [] }
      const plain = words.calls.length === 0 && !body.response_format && voice.thinks(body)
      return index % 3 === 2 && plain ? { ...words, content: [] } : words
    },
  }),
  row('DS12', 'answers as a model of another name', {
    stream: (events) => events.map((event) => ({ ...event, model: 'deepseek-v4-flash-0731' })),
    whole: (answer) => ({ ...answer, model: 'deepseek-v4-flash-0731' }),
  }),
]
