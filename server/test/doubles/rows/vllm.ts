import { type Double, doublesOf } from '../double.ts'
import { dsmlOf, hermesOf } from '../markup.ts'
import { type Body, tokens, type Words } from '../model.ts'
import { refusalOf, secretly } from '../voice.ts'
import { vllm as voice } from '../voices/vllm.ts'

/** Rows VL of contract section 17. */

const row = doublesOf(voice)
const refused = (message: string) => refusalOf(voice, 400, message)
const isNamed = ({ tool_choice }: Body): boolean => typeof tool_choice === 'object' && tool_choice !== null
const wantsJson = ({ response_format }: Body): boolean => /^json/.test(response_format?.type ?? '')

/** What is left of the reasoning's end in the content, in turn: its tag, a part of the tag, its last words and the tag. */
function leaks({ reasoning, content, calls }: Words, index: number): Words {
  const tail = index % 3 === 2 ? reasoning.slice(-2) : []
  return {
    reasoning: reasoning.slice(0, reasoning.length - tail.length),
    content: [...tail, index % 3 === 1 ? '/think>' : '</think>', ...content],
    calls,
  }
}

/** The first words, without the rest of the markup: nobody can read a call from it. */
const broken = (calls: Words['calls']): readonly string[] => dsmlOf(calls).slice(0, 2)

const rounds = 600

export const vllmRows: readonly Double[] = [
  row('VL1', 'reasoning in a field `reasoning`', {}),
  row('VL2', 'thinks unless it is told not to', {}),
  row('VL3', 'applies `stop` inside the reasoning: the answer ends there', {
    turn(turn, { stop }) {
      const text = turn.words.reasoning.join('')
      const at = [stop ?? []].flat().map((one: string) => text.indexOf(one))
      const first = Math.min(...at.filter((place) => place >= 0))
      if (first === Infinity) return turn
      return { ...turn, finish: 'stop', words: { reasoning: tokens(text.slice(0, first)), content: [], calls: [] } }
    },
  }),
  row('VL4', 'content begins with `</think>`, `/think>`, or the tail of the reasoning, in turn', {
    words: (words, body, index) => (voice.thinks(body) ? leaks(words, index) : words),
  }),
  row('VL5', '400 for `tools: []`, a choice without tools, `top_p: 0`, an empty stop string', {
    refuses({ tools, tool_choice, top_p, stop }) {
      if (tools?.length === 0) return refused('tools must not be an empty array')
      if (tool_choice && !tools) return refused('When using `tool_choice`, `tools` must be set.')
      if (top_p === 0) return refused('top_p must be in (0, 1], got 0.0.')
      return [stop ?? []].flat().includes('') ? refused('stop cannot contain an empty string.') : undefined
    },
  }),
  row('VL6', 'calls as markup in the content: broken, as DSML, as Hermes JSON, in turn', {
    words: (words, _body, index) =>
      words.calls.length > 0
        ? {
            ...words,
            content: [...words.content, ...([broken, dsmlOf, hermesOf][index % 3] ?? dsmlOf)(words.calls)],
            calls: [],
          }
        : words,
  }),
  row('VL7', 'a named choice leaks markup, or has arguments `""`, in turn', {
    words(words, body, index) {
      if (!isNamed(body)) return words
      return index % 2 === 0
        ? { ...words, content: dsmlOf(words.calls), calls: [] }
        : { ...words, calls: words.calls.map(({ name }) => ({ name, arguments: [''] })) }
    },
  }),
  row('VL8', '`finish_reason: "tool_calls"` without calls: at first, then once in a while', {
    turn: (turn, _body, index) =>
      turn.words.calls.length > 0 && index % 2 === 0
        ? { ...turn, words: { ...turn.words, content: tokens('I will not call.'), calls: [] } }
        : turn,
  }),
  row('VL9', 'a named choice ends with `finish_reason: "stop"`; `stop_reason` in the choice', {
    turn: (turn, body) => (isNamed(body) ? { ...turn, finish: 'stop' } : turn),
    stream: (events) =>
      events.map((event: Body) => ({
        ...event,
        choices: event.choices.map((choice: Body) =>
          choice.finish_reason ? { ...choice, stop_reason: 128_009 } : choice,
        ),
      })),
  }),
  row(
    'VL10',
    'an error with an integer code, or such an event in the stream, then [DONE], in turn',
    {
      refuses: (_body, index) => (index % 2 === 0 ? refused('Invalid value') : undefined),
      stream: (events) => [...events.slice(0, 3), voice.refusal(500, secretly('EngineDeadError'))],
      reply: (reply, { stream }) => (stream || reply.status !== 200 ? reply : refusalOf(voice, 500, 'EngineDeadError')),
    },
    { alone: 'fails' },
  ),
  row(
    'VL11',
    'accepts the request and never sends a byte',
    { reply: () => ({ pieces: [], mute: true }) },
    { alone: 'fails', stalls: true },
  ),
  row('VL12', 'JSON mode: the JSON in `reasoning` and no content, or the schema ignored, in turn', {
    words(words, body, index) {
      if (!wantsJson(body) || words.calls.length > 0) return words
      return index % 2 === 0
        ? { ...words, reasoning: words.content, content: [] }
        : { ...words, content: tokens('{"unasked": [1, 2]}') }
    },
  }),
  row('VL13', 'ignores `continue_final_message`: an assistant message at the end is a finished turn', {
    words: (words, { messages }) =>
      messages.at(-1)?.role === 'assistant' ? { ...words, content: tokens('As I said.') } : words,
  }),
  row('VL14', 'goes round in a loop in its reasoning until the limit', {
    words: (words, body) =>
      voice.thinks(body)
        ? {
            reasoning: Array.from({ length: rounds }, () => tokens('Wait, I look again. ')).flat(),
            content: [],
            calls: [],
          }
        : words,
    turn: (turn, body) => (voice.thinks(body) ? { ...turn, finish: 'length' } : turn),
  }),
  row('VL15', 'usage in every chunk: running counts', {
    stream: (events, _body, { counts }) =>
      events.map((event: Body, index) => ({
        ...event,
        usage: event.usage ?? voice.usage({ ...counts, completion: Math.min(index, counts.completion) }),
      })),
  }),
]
