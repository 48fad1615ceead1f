import { type Area, broken, type Check, cannotTell, judged, kept, tried } from '../check.ts'
import type { Fields, Probe } from '../probe.ts'
import { type Said, saidIn, streamIn } from '../reading.ts'
import { jsonSchema, user } from '../samples.ts'
import { deltaFaults, grammarFaults, headFaults, usageFaults } from '../stream-faults.ts'
import { disagreements, missingCounts } from '../usage-faults.ts'
import { at, isObject, parsed, shown } from '../wire-json.ts'

const greeting: Fields = { max_tokens: 64, temperature: 0 }
const count = { messages: user('Count from 1 to 20.'), temperature: 0 }
/** Known to speak, by the survey; a failure of one of them is said once, by whoever meets it. */
const unanswered = (answer: { status: number; trouble?: string }) =>
  broken(`no answer (${answer.trouble ?? answer.status})`)

const ask = (probe: Probe, fields: Fields) => probe.chat({ ...probe.survey.quiet, ...greeting, ...fields })
const stream = (probe: Probe, more: Fields = {}) => ask(probe, { stream: true, ...more })

const topKeys = ['id', 'object', 'created', 'model', 'choices', 'usage', 'system_fingerprint']
const choiceKeys = ['index', 'message', 'logprobs', 'finish_reason', 'matched_stop']
const messageKeys = ['role', 'content', 'reasoning_content', 'tool_calls']

const shape: Check = {
  id: 'C67',
  title: 'an answer has the keys of the contract, and no other',
  contract: 'section 9, C67',
  async run(probe) {
    const answer = await ask(probe, {})
    const body = parsed(answer.text)
    const choice = at(body, 'choices', 0)
    const message = at(choice, 'message')
    if (!isObject(body) || !isObject(choice) || !isObject(message)) return unanswered(answer)
    const places = [
      [body, topKeys, ''],
      [choice, choiceKeys, 'choices[].'],
      [message, messageKeys, 'message.'],
    ] as const
    const optional = ['reasoning_content', 'tool_calls']
    const missing = places.flatMap(([value, keys, place]) =>
      keys.filter((key) => !(key in value) && !optional.includes(key)).map((key) => place + key),
    )
    const others = places.flatMap(([value, keys, place]) =>
      Object.keys(value)
        .filter((key) => !(keys as readonly string[]).includes(key))
        .map((key) => place + key),
    )
    return judged([
      ...(missing.length > 0 ? [`no ${missing.join(', ')}`] : []),
      ...(others.length > 0 ? [`also has ${others.join(', ')}`] : []),
    ])
  },
}

const values: Check = {
  id: 'C73',
  title: 'id, object, created, role and content are of the right kind; model is the name that was asked for',
  contract: 'section 9',
  async run(probe) {
    const answer = await ask(probe, {})
    const body = parsed(answer.text)
    const message = at(body, 'choices', 0, 'message')
    if (!isObject(body)) return unanswered(answer)
    const age = Math.abs(Date.now() / 1000 - Number(body.created))
    return judged([
      ...(/^chatcmpl-[0-9a-f]{32}$/.test(String(body.id)) ? [] : [`id is ${shown(body.id)}`]),
      ...(body.object === 'chat.completion' ? [] : [`object is ${shown(body.object)}`]),
      ...(Number.isSafeInteger(body.created) && age < 86_400 ? [] : [`created is ${shown(body.created)}`]),
      ...(body.model === probe.model ? [] : [`model is ${shown(body.model)}`]),
      ...(at(message, 'role') === 'assistant' ? [] : [`role is ${shown(at(message, 'role'))}`]),
      ...(typeof at(message, 'content') === 'string' ? [] : [`content is ${shown(at(message, 'content'))}`]),
    ])
  },
}

const finishReasons: Check = {
  id: 'C68',
  title: 'finish_reason is stop, length, tool_calls or content_filter',
  contract: 'section 9, C68',
  async run(probe) {
    const answers = [await ask(probe, {}), await ask(probe, { max_tokens: 1 }), await stream(probe)]
    const reasons = answers.map((answer) => saidIn(answer)?.finishReason)
    const strange = reasons.filter((one) => !['stop', 'length', 'tool_calls', 'content_filter'].includes(String(one)))
    return judged([...new Set(strange)].map((reason) => `it is ${shown(reason)}`))
  },
}

/** A judge of one plain stream. */
const ofStream = (faults: (stream: ReturnType<typeof streamIn>) => readonly string[]): Check['run'] => {
  return async (probe) => {
    const answer = await stream(probe)
    return answer.status === 200 ? judged(faults(streamIn(answer))) : unanswered(answer)
  }
}

const usageInStreams: Check = {
  id: 'T90',
  title: 'a stream has one usage: on a chunk of its own if asked for, else on the finish chunk',
  contract: 'C78',
  async run(probe) {
    const faults: string[] = []
    for (const [say, options] of [
      ['asked', { include_usage: true }],
      ['not asked', { include_usage: false }],
      ['silent', undefined],
    ] as const) {
      const answer = await stream(probe, options && { stream_options: options })
      if (answer.status !== 200) return unanswered(answer)
      const found = usageFaults(streamIn(answer), options?.include_usage === true)
      faults.push(...found.map((fault) => `${say}: ${fault}`))
    }
    return judged(faults)
  },
}

const fold: Check = {
  id: 'T91',
  title: 'a stream says what the plain answer says',
  contract: 'C69',
  run: (probe) =>
    tried(async (nth) => {
      const fields = { ...probe.survey.quiet, ...count, max_tokens: 64 }
      const one = saidIn(await probe.chat(fields, { nth }))
      const streamed = saidIn(await probe.chat({ ...fields, stream: true }, { nth }))
      const again = saidIn(await probe.chat(fields, { nth: nth + 1 }))
      if (!one || !streamed || !again) return cannotTell('one of the answers failed')
      if (same(one, streamed)) return kept
      if (!same(one, again)) return cannotTell('the model says something else each time, also at temperature 0')
      return nth < 2 ? cannotTell('not yet') : broken(differenceOf(one, streamed))
    }),
}

const parts = ['content', 'reasoning', 'finishReason'] as const
const same = (one: Said, other: Said): boolean => parts.every((part) => (one[part] ?? '') === (other[part] ?? ''))
const differenceOf = (one: Said, other: Said): string =>
  parts
    .filter((part) => one[part] !== other[part])
    .map((part) => `${part} is ${shown(one[part], 32)} and ${shown(other[part], 32)} in the stream`)
    .join('; ')

const signs = '😀漢é🎉'
const sayings: readonly Fields[] = [
  { messages: user(`Repeat: ${signs} ${signs} ${signs}`) },
  // Where the server can force the model, it says them for certain.
  { messages: user('Hello!'), response_format: jsonSchema({ type: 'object', ...only('sign', { enum: [signs] }) }) },
  { messages: user(`Say this: ${signs}`) },
]

function only(name: string, schema: object) {
  return { properties: { [name]: schema }, required: [name], additionalProperties: false }
}

const characters: Check = {
  id: 'T94',
  title: 'characters are never cut between two chunks',
  contract: 'C80',
  run: (probe) =>
    tried(async (nth) => {
      const fields = { ...probe.survey.quiet, ...sayings[nth], max_tokens: probe.survey.room, temperature: 0 }
      const answer = await probe.chat({ ...fields, stream: true })
      const content = saidIn(answer)?.content ?? ''
      const pieces = streamIn(answer).chunks.map((chunk) => at(chunk, 'choices', 0, 'delta', 'content'))
      if (pieces.some((piece) => typeof piece === 'string' && !piece.isWellFormed()))
        return broken('half of a surrogate pair in a chunk')
      if (content.includes('\uFFFD')) {
        // A small model may itself say bytes that are no character: then they are in the plain answer too.
        const plain = saidIn(await probe.chat(fields))?.content ?? '\uFFFD'
        return plain.includes('\uFFFD')
          ? cannotTell('the model says broken characters')
          : broken('U+FFFD in the stream')
      }
      return content.includes('😀') ? kept : cannotTell('the model says no emoji')
    }),
}

const counts: Check = {
  id: 'C83',
  title: 'usage has all of its counts',
  contract: 'C83',
  async run(probe) {
    const usage = saidIn(await ask(probe, {}))?.usage
    return usage ? judged(missingCounts(usage)) : broken('there is no usage')
  },
}

const sums: Check = {
  id: 'T92',
  title: 'the counts of usage agree with one another, also in streams',
  contract: 'C83, C84',
  async run(probe) {
    const answers = [await ask(probe, {}), await stream(probe, { stream_options: { include_usage: true } })]
    const usages = answers.map((answer) => saidIn(answer)?.usage).filter((usage) => usage !== undefined)
    return usages.length === 0 ? broken('there is no usage') : judged([...new Set(usages.flatMap(disagreements))])
  },
}

const oneToken: Check = {
  id: 'T20',
  title: 'max_tokens: 1 gives one token and "length", thinking or not',
  contract: 'C14',
  async run(probe) {
    const faults: string[] = []
    for (const fields of [probe.survey.quiet, {}]) {
      const said = saidIn(await probe.chat({ ...count, ...fields, max_tokens: 1 }))
      if (!said) return broken('no answer')
      const tokens = said.usage?.completion_tokens
      if (said.finishReason !== 'length') faults.push(`finish_reason is ${shown(said.finishReason)}`)
      if (tokens !== 1) faults.push(`completion_tokens is ${shown(tokens)}`)
    }
    return judged([...new Set(faults)])
  },
}

const smallerLimit: Check = {
  id: 'T21',
  title: 'of max_tokens and max_completion_tokens the smaller one counts',
  contract: 'section 2',
  async run(probe) {
    const faults: string[] = []
    for (const limits of [
      { max_tokens: 5, max_completion_tokens: 3 },
      { max_tokens: 3, max_completion_tokens: 5 },
      { max_tokens: undefined, max_completion_tokens: 3 },
    ]) {
      const answer = await probe.chat({ ...probe.survey.quiet, ...count, ...limits })
      const tokens = saidIn(answer)?.usage?.completion_tokens
      if (answer.status !== 200) faults.push(`${shown(limits)}: ${answer.trouble ?? answer.status}`)
      else if (!(Number(tokens) <= 3)) faults.push(`${shown(limits)}: ${shown(tokens)} tokens`)
    }
    return judged(faults)
  },
}

export const answers: Area = { name: 'Answers', checks: [shape, values, finishReasons] }

export const streams: Area = {
  name: 'Streams',
  checks: [
    {
      id: 'T88',
      title: 'a stream is one role chunk, the text, one finish chunk, and [DONE] last',
      contract: 'C72, C74, C75, C77',
      run: ofStream(grammarFaults),
    },
    {
      id: 'C71',
      title: 'a stream is data and comments: no event, id or retry lines',
      contract: 'C71',
      run: ofStream(({ otherLines }) => (otherLines.length > 0 ? [`there is the line ${shown(otherLines[0])}`] : [])),
    },
    {
      id: 'T89',
      title: 'id, created, model and fingerprint are the same on every chunk',
      contract: 'C73',
      run: ofStream(headFaults),
    },
    {
      id: 'C76',
      title: 'no null, and nothing empty, in a delta',
      contract: 'C76',
      run: ofStream(deltaFaults),
    },
    usageInStreams,
    fold,
    characters,
  ],
}

export const usage: Area = { name: 'Usage and limits', checks: [counts, sums, oneToken, smallerLimit] }
