import { expect, test } from 'vitest'
import { remoteKinds } from '../../src/engines/kinds.ts'
import { chatEngine } from '../../src/engines/openai-wire/engine.ts'
import { rawEngine } from '../../src/engines/raw/engine.ts'
import { bodyB, type Client, chunksOf, saidInChunks } from '../client.ts'
import { startUpstream } from '../doubles/upstream.ts'
import { mortalChat, type Speech } from '../mortal-chat.ts'
import { type Death, mortalModel } from '../mortal-model.ts'
import { scriptedEngine } from '../scripted-engine.ts'
import { limitsOf, serving } from './harness.ts'
import { faultsOf } from './invariants.ts'

/** C121: a chat API and a token engine of one equivalence group go on for one another, from the words that were said. */

const off = { thinking: { type: 'disabled' } }
const weather = { type: 'function', function: { name: 'get_weather', parameters: { type: 'object' } } }
const words = (text: string) => text.split('·')
const callOf = (city: string) =>
  `\n\n·<｜DSML｜tool_calls>·\n·<｜DSML｜invoke name="get_weather">·\n·<｜DSML｜parameter name="city" string="true">·${city}·</｜DSML｜parameter>·\n·</｜DSML｜invoke>·\n·</｜DSML｜tool_calls>`

/** The same answer as the two of them write it. */
const answers: Readonly<Record<string, { readonly fields: object; readonly raw: string; readonly speech: Speech }>> = {
  'reasoning and text': {
    fields: {},
    raw: 'Let· me· see·:· 😀·.·</think>·Yes·,· it·\n· is·.',
    speech: { reasoning: words('Let· me· see·:· 😀·.'), content: words('Yes·,· it·\n· is·.') },
  },
  text: {
    fields: { ...off, stop: ['END OF IT'] },
    raw: 'a·END· OF· US·b·\n\n·END· OF·.',
    speech: { content: words('a·END· OF· US·b·\n\n·END· OF·.') },
  },
  'a call behind text': {
    fields: { tools: [weather] },
    raw: `I· look·.·</think>·Well·,· now·.·${callOf('Oslo')}`,
    speech: {
      reasoning: words('I· look·.'),
      content: words('Well·,· now·.'),
      call: { name: 'get_weather', arguments: words('{"city"·:·"Oslo"·}') },
    },
  },
}

interface Both {
  readonly raw: string
  readonly speech: Speech
  readonly deaths: { readonly token?: readonly Death[]; readonly chat?: readonly number[] }
  /** Which of the two answers at first; the other one is the only one that is left when that dies. */
  readonly first: 'token' | 'chat'
  readonly equivalence?: string
}

/** The service in front of a token engine and the DeepSeek API. @returns what the latter was asked too */
async function both({ raw, speech, deaths, first, equivalence = 'same' }: Both) {
  const limits = limitsOf()
  const upstream = await startUpstream(mortalChat({ ...speech, deaths: deaths.chat ?? [] }))
  const model = mortalModel(raw, deaths.token ?? [])
  let token = 0
  let asked = 0
  const engine = scriptedEngine({
    id: 'token',
    runs(generation) {
      token++
      // It learns the prompt from its first run, which goes on with an answer here.
      const [stands] = generation.written ?? []
      if (stands && token === 1) model({ ...generation, prompt: generation.prompt.slice(0, stands.piece) })
      return model(generation)
    },
    // Whoever is not to be first is not there until the other one has been asked.
    ready: () => (first === 'token' ? token === 0 : upstream.received.length > 0),
  })
  const served = await serving(
    (log) => [
      rawEngine(engine, limits, 'same'),
      {
        ...chatEngine(
          remoteKinds.deepseek,
          {
            ...{ id: 'chat', url: upstream.url, apiKey: 'sk-1', model: 'm', concurrency: 9, contextWindow: 100_000 },
            ...{ maxOutput: 50_000, thinking: true, logprobs: false, equivalence },
          },
          { limits, log },
        ),
        ready: () => (first === 'chat' ? asked++ >= 0 && upstream.received.length === 0 : token > 0),
      },
    ],
    limits,
  )
  return { ...served, upstream, engine }
}

async function ask(client: Client, fields: object) {
  const answer = await client.post(bodyB({ ...fields, stream: true }))
  expect(answer.status, answer.text).toBe(200)
  expect(faultsOf(answer, { ...fields, stream: true })).toEqual([])
  const { chunks, done } = chunksOf(answer.text)
  expect(done, answer.text).toBe(true)
  const { content, reasoning, calls, finishReason } = saidInChunks(chunks)
  return { content, reasoning, finishReason, calls: calls.map(({ name, arguments: written }) => [name, written]) }
}

/** Each makes a service: not everywhere, but in each part of an answer. */
const cuts = (last: number): readonly number[] =>
  Array.from({ length: last }, (_, index) => index + 1).filter((after) => after % 3 === 1 || after === last)

const lengthOf = ({ reasoning = [], content = [] }: Speech) => reasoning.length + content.length

test.each(Object.entries(answers))('a chat API goes on for a token engine, in or before %s', async (_, one) => {
  const { fields, raw, speech } = one
  const undisturbed = await ask((await both({ ...one, deaths: {}, first: 'token' })).client, fields)
  for (const after of cuts(words(raw).length - 1)) {
    const { client, upstream } = await both({
      raw,
      speech,
      deaths: { token: [{ after, ends: 'lost' }] },
      first: 'token',
    })
    expect(await ask(client, fields), `broken off after ${after}`).toEqual(undisturbed)
    expect(upstream.received).toHaveLength(1)
  }
})

test.each(Object.entries(answers))('a token engine goes on for a chat API, in or before %s', async (_, one) => {
  const { fields, raw, speech } = one
  const undisturbed = await ask((await both({ ...one, deaths: {}, first: 'chat' })).client, fields)
  for (const after of cuts(lengthOf(speech) - (speech.call ? 0 : 1))) {
    const { client, engine } = await both({ raw, speech, deaths: { chat: [after] }, first: 'chat' })
    expect(await ask(client, fields), `broken off after ${after}`).toEqual(undisturbed)
    expect(engine.runs).toHaveLength(1)
  }
})

test.each([
  ['no equivalence joins them', 'another', 'a· b·c'],
  ['the words hold a control token', 'same', 'a· <｜User｜>·c'],
])('it ends where %s', async (_, equivalence, text) => {
  const { client, engine } = await both({
    ...{ raw: text, speech: { content: words(text) }, deaths: { chat: [2] }, first: 'chat', equivalence },
  })
  const { chunks, done } = chunksOf((await client.post(bodyB({ ...off, stream: true }))).text)
  expect([chunks.at(-1)?.error?.code, done]).toEqual(['generation_failed', false])
  expect(engine.runs).toHaveLength(0)
})
