import { type Double, doublesOf } from '../double.ts'
import type { Body } from '../model.ts'
import type { Reply } from '../replies.ts'
import { doneLine, jsonReply, lineOf, type Payload, refusalOf, secretly, secrets } from '../voice.ts'
import { openai as voice } from '../voices/openai.ts'

/** Rows OA of contract section 17. */

const row = doublesOf(voice)

/** What OpenAI's API reference lists for the request and for its messages. */
const knownFields: ReadonlySet<string> = new Set(
  `model messages stream stream_options temperature top_p max_tokens max_completion_tokens seed tools tool_choice
  parallel_tool_calls response_format stop n logprobs top_logprobs frequency_penalty presence_penalty logit_bias user
  reasoning_effort`.split(/\s+/),
)
const knownInMessages: ReadonlySet<string> = new Set('role content name tool_calls tool_call_id refusal'.split(' '))

const finishOf = (event: Body): unknown => event.choices?.[0]?.finish_reason

/** The events with one changed: the finish chunk. */
const withFinish = (events: readonly object[], change: (event: Body) => readonly Payload[]): readonly Payload[] =>
  events.flatMap((event) => (finishOf(event) ? change(event) : [event]))

function strangeEndings(): (event: Body) => readonly Payload[] {
  let asked = 0
  return (event) => {
    const [choice] = event.choices
    const { finish_reason: _, ...missing } = choice
    const ways = [missing, ...[null, 'eos', 'function_call'].map((reason) => ({ ...choice, finish_reason: reason }))]
    return [{ ...event, choices: [ways[asked++ % ways.length]] }]
  }
}

const noise =
  'data: : keep-alive\n\ndata: \n\nevent: ping\n\nevent: ping\ndata: now\n\n: hm\n\ndata: {"type":"ping"}\n\n'

/** The same events with other line ends and cuts, all of them within the rules of server-sent events. */
function scattered({ pieces }: Reply): Reply['pieces'] {
  const events = pieces.map((piece, index) => {
    const data = String(piece).trim().slice('data: '.length)
    const comma = data.indexOf(',')
    if (comma < 0) return `data:${data}\n\n`
    const twoLines = `data:${data.slice(0, comma + 1)}\r\ndata: ${data.slice(comma + 1)}\r\n\r\n`
    return [twoLines, `data:${data}\r\r`, `data: ${data}\n\n`][index % 3]
  })
  const bytes = Buffer.from(`\uFEFF${events.join('')}`)
  const size = 7
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size))
}

/** Every fragment of a call with index 0, the id and the name. */
function sameIndex(events: readonly object[]): readonly object[] {
  let open: Body = {}
  return events.map((event: Body) => {
    const fragment = event.choices?.[0]?.delta?.tool_calls?.[0]
    if (!fragment) return event
    if (fragment.id) open = fragment
    const call = {
      ...{ index: 0, id: open.id, type: 'function' },
      function: { name: open.function.name, arguments: fragment.function.arguments },
    }
    return { ...event, choices: [{ ...event.choices[0], delta: { tool_calls: [call] } }] }
  })
}

/** Between two UTF-16 units of every character that has two. */
const inHalves = (pieces: readonly string[]): readonly string[] =>
  pieces.flatMap((piece) => piece.split(/(?<=[\uD800-\uDBFF])(?=[\uDC00-\uDFFF])/))

const otherChoice = { index: 1, delta: { content: 'No.' }, finish_reason: null }

export const openaiRows: readonly Double[] = [
  row('OA1', '400 for fields that are not OpenAI’s', {
    refuses(body) {
      const unknown = [
        ...Object.keys(body).filter((field) => !knownFields.has(field)),
        ...body.messages.flatMap((message: Body) => Object.keys(message).filter((key) => !knownInMessages.has(key))),
      ]
      return unknown.length > 0
        ? refusalOf(voice, 400, `Unrecognized request argument supplied: ${unknown.join(', ')}`)
        : undefined
    },
  }),
  row('OA2', 'no usage in a stream', {
    stream: (events) => events.filter((event: Body) => event.choices.length > 0),
  }),
  row('OA3', '<think>…</think> inline in the content', {
    thinks: () => true,
    words: ({ reasoning, content, calls }) => ({
      reasoning: [],
      content: ['<thi', 'nk>', ...reasoning, '</think', '>\n\n', ...content],
      calls,
    }),
  }),
  row('OA4', 'finish_reason missing, `null`, `eos`, `function_call`, in turn, then [DONE]', () => {
    const strange = strangeEndings()
    return { stream: (events) => withFinish(events, strange) }
  }),
  row('OA5', 'CRLF, CR, a byte order mark, `data:` without a space, two `data:` lines an event, cuts anywhere', {
    reply: (reply, { stream }) => (stream ? { ...reply, pieces: scattered(reply) } : reply),
  }),
  row('OA6', '`data: : keep-alive`, empty `data:`, `event: ping` between its events', {
    stream: (events) => events.flatMap((event) => [noise, event]),
  }),
  row(
    'OA7',
    'a malformed JSON event in mid-stream',
    {
      stream: (events) => [...events.slice(0, 3), 'data: {"choices":[\n\n', ...events.slice(3)],
      reply: (reply, { stream }) => (stream ? reply : { ...reply, pieces: ['{"choices":['] }),
    },
    { alone: 'fails' },
  ),
  row(
    'OA8',
    'HTTP 200 with a JSON error to a stream request, or a page of HTML with 502, in turn',
    {
      refuses: (_body, index) =>
        index % 2 === 0
          ? jsonReply({ error: { message: secretly('upstream connect error'), code: 500 } })
          : {
              status: 502,
              headers: { 'content-type': 'text/html' },
              pieces: [`<html><h1>502 Bad Gateway</h1>${secretly('nginx')}</html>`],
            },
    },
    { alone: 'fails' },
  ),
  row('OA9', 'two calls with index 0, id and name in every fragment', {
    words: (words) => ({ ...words, calls: words.calls.flatMap((call) => [call, call]) }),
    stream: sameIndex,
  }),
  row('OA10', 'events behind the finish chunk and behind [DONE], and a second [DONE]', {
    stream: (events, _body, { words }) => [
      ...withFinish(events, (event) => [
        event,
        { ...event, choices: [{ index: 0, delta: voice.content(' there'), finish_reason: null }] },
        { ...event, choices: [{ ...event.choices[0], finish_reason: 'length' }] },
      ]),
      doneLine,
      lineOf({ choices: [{ index: 0, delta: { content: words.content.join('') }, finish_reason: null }] }),
      lineOf({ choices: [], usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 } }),
    ],
  }),
  row('OA11', 'the halves of a character in two chunks', {
    words: (words) => ({ ...words, content: inHalves(words.content), reasoning: inHalves(words.reasoning) }),
  }),
  row('OA12', 'a second choice beside the first; text behind the calls', {
    stream: (events, _body, { words }) => [
      ...withFinish(events, (event) => [
        ...(words.calls.length > 0
          ? [{ ...event, choices: [{ index: 0, delta: voice.content('Done!'), finish_reason: null }] }]
          : []),
        event,
      ]).flatMap((event: Body) =>
        event.choices.length > 0 ? [{ ...event, choices: [otherChoice, ...event.choices] }] : [event],
      ),
    ],
    whole: (answer) => ({
      ...answer,
      choices: [{ ...answer.choices[0], index: 1, message: { role: 'assistant', content: 'No.' } }, ...answer.choices],
    }),
  }),
  row(
    'OA13',
    'a redirect',
    {
      refuses: () => ({ status: 307, headers: { location: `http://${secrets[0]}/v1/chat/completions` }, pieces: [] }),
    },
    { alone: 'fails' },
  ),
]
