import { type Area, broken, type Check, cannotTell, judged, kept } from '../check.ts'
import { afterCall, callOf, user } from '../samples.ts'
import { type Acceptance, accepts, type Refusal, refuses, withoutTools } from '../statuses.ts'
import { at, parsed, textAt } from '../wire-json.ts'

const hi = user('Hello!')
const question = { role: 'user', content: 'What is the weather in Oslo?' }
const twoCalls = {
  role: 'assistant',
  content: null,
  tool_calls: [callOf('call_1', '{"city":"Oslo"}'), callOf('call_2', '{"city":"Rome"}')],
}
const result = (id: string) => ({ role: 'tool', tool_call_id: id, content: 'Sunny.' })
const calling = (...calls: readonly object[]) => [
  question,
  { role: 'assistant', content: null, tool_calls: calls },
  result('call_1'),
]

export const messageRefusals: readonly Refusal[] = [
  {
    id: 'T41',
    title: 'the role must be one that is known',
    contract: 'section 4',
    cases: [
      [{ messages: [{ role: 'function', name: 'f', content: 'x' }] }, 'messages[0].role'],
      [{ messages: [{ content: 'x' }] }, 'messages[0].role'],
    ],
  },
  {
    id: 'T42',
    title: 'a user says something: content missing, null or an empty list is refused',
    contract: 'C20',
    cases: [
      [{ messages: [{ role: 'user' }] }, 'messages[0].content'],
      [{ messages: [{ role: 'user', content: null }] }, 'messages[0].content'],
      [{ messages: [{ role: 'user', content: [] }] }, 'messages[0].content'],
    ],
  },
  {
    id: 'T45',
    title: 'a tool message answers a call',
    contract: 'C25',
    unless: withoutTools,
    cases: [
      [{ messages: [question, result('call_9')] }, 'messages[1]'],
      [
        { messages: [...calling(callOf('call_1', '{}')).slice(0, 2), { role: 'tool', content: 'Sunny.' }] },
        'messages[2].tool_call_id',
      ],
    ],
  },
  {
    id: 'T46',
    title: 'every call is answered before the talk goes on',
    contract: 'C26',
    unless: withoutTools,
    cases: [[{ messages: [question, twoCalls, result('call_1'), question] }, 'messages[1]']],
  },
  {
    id: 'T49',
    title: 'prefix stands on the last assistant message only',
    contract: 'C29',
    cases: [
      [{ messages: [{ ...question, prefix: true }] }, 'messages[0].prefix'],
      [{ messages: [question, { role: 'assistant', content: 'It', prefix: true }, question] }, 'messages[1].prefix'],
    ],
  },
]

const acceptances: readonly Acceptance[] = [
  {
    id: 'T43',
    title: 'text may come in parts, and be empty',
    contract: 'C20',
    cases: [
      {
        messages: [
          {
            role: 'user',
            content: [
              { type: 'text', text: 'Hello' },
              { type: 'text', text: 'there!' },
            ],
          },
        ],
      },
      { messages: user('') },
    ],
  },
  {
    id: 'T44',
    title: 'an assistant turn may have calls without text, or neither',
    contract: 'C23',
    cases: [{ messages: [question, { role: 'assistant', content: null }, question] }, { messages: afterCall() }],
    unless: withoutTools,
  },
  {
    id: 'C27',
    title: 'results of tools may come in any order',
    contract: 'C27',
    cases: [{ messages: [question, twoCalls, result('call_2'), result('call_1')] }],
    unless: withoutTools,
  },
  {
    id: 'T47',
    title: 'arguments in the history may be anything: broken JSON, an object, nothing',
    contract: 'C24',
    cases: ['not json', { city: 'Oslo' }, ''].map((args) => ({ messages: calling(callOf('call_1', args)) })),
    unless: withoutTools,
  },
  {
    id: 'T48',
    title: 'the role developer is taken',
    contract: 'section 4',
    cases: [{ messages: [{ role: 'developer', content: 'Be brief.' }, ...hi] }],
  },
  {
    id: 'C28',
    title: 'messages of one role in a row, and a late system message, are taken',
    contract: 'C28',
    cases: [
      { messages: [...hi, ...hi] },
      { messages: [...hi, { role: 'system', content: 'Be brief.' }, ...hi] },
      { messages: [{ role: 'system', content: 'Be brief.' }] },
    ],
  },
  {
    id: 'T51',
    title: 'control tokens, NUL and lone surrogates in a message are text',
    contract: 'C4, C129',
    cases: [{ messages: user('<｜User｜></think><|im_end|>😀\u0000\ud800') }],
  },
  {
    id: 'C37',
    title: 'no 400 for a history without reasoning_content, or with it',
    contract: 'C37',
    cases: [{ messages: afterCall() }, { messages: afterCall({ reasoning_content: 'I look it up.' }) }],
    unless: withoutTools,
  },
]

/** A window that is larger is not filled: it would cost the operator more than it tells. */
const windowMax = 40_000

const overflow: Check = {
  id: 'T50',
  title: 'a prompt that does not fit is refused by name',
  contract: 'C15',
  async run(probe) {
    const { window } = probe.survey
    if (window === undefined) return cannotTell('the window is not told by /models')
    if (window > windowMax) return cannotTell(`the window of ${window} tokens is too large to fill`)
    const answer = await probe.chat({ messages: user('a '.repeat(window * 2)), max_tokens: 1 })
    if (answer.status === 200) return broken(`more than ${window} tokens were taken: the prompt was cut`)
    const error = at(parsed(answer.text), 'error')
    const code = at(error, 'code')
    if (answer.status !== 400) return broken(`${answer.trouble ?? answer.status} instead of 400`)
    return judged([
      ...(code === 'context_length_exceeded' ? [] : [`the code is ${JSON.stringify(code ?? null)}`]),
      ...(/maximum context length/.test(textAt(error, 'message'))
        ? []
        : ['no "maximum context length" in the message']),
    ])
  },
}

const prefix: Check = {
  id: 'C29',
  title: 'prefix goes on with a text that was begun',
  contract: 'C29',
  async run(probe) {
    const begun = 'The first three letters are a, b,'
    const messages = [...user('Say the first three letters.'), { role: 'assistant', content: begun, prefix: true }]
    const answer = await probe.chat({ ...probe.survey.quiet, messages, temperature: 0, max_tokens: 32 })
    const error = at(parsed(answer.text), 'error', 'code')
    if (answer.status === 400 && error === 'unsupported_parameter')
      return { verdict: 'not-offered', reason: 'it refuses prefix by name' }
    if (answer.status !== 200) return broken(`${answer.trouble ?? answer.status}`)
    const content = textAt(parsed(answer.text), 'choices', 0, 'message', 'content')
    if (content.startsWith(begun)) return broken('the answer repeats the text')
    return /^\s*(and )?c\b/i.test(content) ? kept : cannotTell('the answer may be a new one or go on')
  },
}

export const messages: Area = {
  name: 'Messages',
  checks: [...messageRefusals.map(refuses), ...acceptances.map(accepts), prefix, overflow],
}
