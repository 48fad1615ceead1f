import { describe, expect, test } from 'vitest'
import { bodyB, type Client, chunksOf, errorOf, saidInBody, saidInChunks } from '../client.ts'
import { doubles } from '../doubles/catalog.ts'
import type { Double } from '../doubles/double.ts'
import { secrets } from '../doubles/voice.ts'
import { apiKey, chatDoubled } from './chat-harness.ts'
import { faultsOf } from './invariants.ts'

/** Every double of section 17 behind the whole service: what the contract promises whatever happens, for requests of every sort. */

const off = { thinking: { type: 'disabled' } }
const weather = {
  type: 'function',
  function: {
    name: 'get_weather',
    parameters: {
      type: 'object',
      properties: { city: { type: 'string' }, days: { type: 'integer' } },
      required: ['city', 'days'],
      additionalProperties: false,
    },
  },
}
const format = { type: 'json_schema', json_schema: { name: 'x', strict: true, schema: weather.function.parameters } }
const user = { role: 'user', content: 'Hello!' }
const turn = {
  role: 'assistant',
  content: null,
  tool_calls: [{ id: 'c1', type: 'function', function: { name: 'get_weather', arguments: 'not JSON' } }],
}

const requests: readonly Readonly<Record<string, unknown>>[] = [
  {},
  off,
  { ...off, max_tokens: 3 },
  { max_tokens: 3 },
  { ...off, stop: ['three', 'greet'], temperature: 0, top_p: 0 },
  { stop: ['three', 'greet'], frequency_penalty: 1, user_id: 'alice' },
  { tools: [weather] },
  { ...off, tools: [weather], tool_choice: 'required' },
  { tools: [weather], tool_choice: 'required' },
  {
    tools: [weather, { type: 'function', function: { name: 'other' } }],
    tool_choice: { type: 'function', function: { name: 'get_weather' } },
  },
  { ...off, tools: [weather], tool_choice: 'none' },
  { ...off, tools: [weather], response_format: { type: 'json_object' } },
  { ...off, response_format: { type: 'json_object' } },
  { response_format: format },
  { ...off, response_format: format },
  { tools: [weather], messages: [user, turn, { role: 'tool', tool_call_id: 'c1', content: 'sunny' }] },
  { messages: [user, { role: 'assistant', content: 'Hi.' }] },
]

const behaving = ({ kind }: Double) => doubles.find(({ name }) => name === kind)?.replies() ?? []

/** Asks, and finds nothing wrong with the answer. */
async function asked(client: Client, fields: Readonly<Record<string, unknown>>) {
  const answer = await client.post(bodyB(fields))
  expect(faultsOf(answer, fields), `${JSON.stringify(fields)}\n${answer.text}`).toEqual([])
  return answer
}

const withoutIds = (said: ReturnType<typeof saidInBody>) => ({
  ...said,
  calls: said.calls.map(({ name, arguments: written }) => [name, written]),
})

test.each(doubles.filter(({ alone }) => alone === 'answers' || alone === 'may fail'))(
  'every promise holds in front of $name: $does',
  async (double) => {
    // One for each mode: some doubles answer in turns, and both shall hear the same.
    const [plainly, streaming] = await Promise.all([
      chatDoubled(double.kind, double.replies()),
      chatDoubled(double.kind, double.replies()),
    ])
    for (const [index, fields] of requests.entries()) {
      const options = index % 2 === 0 ? { stream_options: { include_usage: true } } : {}
      const [whole, stream] = await Promise.all([
        asked(plainly.client, fields),
        asked(streaming.client, { ...fields, stream: true, ...options }),
      ])
      if (double.alone === 'may fail') continue
      if (index < 2) expect([whole.status, stream.status]).toEqual([200, 200])
      expect(stream.status === 200 && chunksOf(stream.text).done).toBe(whole.status === 200)
      if (whole.status === 200)
        expect(withoutIds(saidInChunks(chunksOf(stream.text).chunks))).toEqual(withoutIds(saidInBody(whole.text)))
    }
    for (const log of [plainly.log(), streaming.log()])
      for (const secret of [...secrets, apiKey, 'Hello!']) expect(log).not.toContain(secret)
  },
)

describe.each(doubles.filter(({ alone }) => alone === 'fails' || alone === 'overflows'))('$name: $does', (double) => {
  const limits = double.stalls ? { firstTokenMs: 500, interTokenMs: 500 } : {}

  test('alone, it is an error as the contract has them', async () => {
    const { client, log } = await chatDoubled(double.kind, double.replies(), { limits })
    const [whole, stream] = [await asked(client, off), await asked(client, { ...off, stream: true })]
    const isOverflow = double.alone === 'overflows'
    if (whole.status === 200) throw new Error(whole.text)
    expect(errorOf(whole).code === 'context_length_exceeded').toBe(isOverflow)
    if (stream.status === 200 && chunksOf(stream.text).done) {
      // What each attempt adds stands, so that an answer may come to its end in several (contract C123); then it is whole.
      const well = await asked((await chatDoubled(double.kind, behaving(double))).client, off)
      const { content, finishReason } = saidInBody(well.text)
      expect(saidInChunks(chunksOf(stream.text).chunks)).toMatchObject({ content, finishReason })
    }
    for (const secret of [...secrets, apiKey]) expect(log()).not.toContain(secret)
  })

  test.skipIf(double.alone === 'overflows')(
    'beside another replica nobody hears of it before the first word',
    async () => {
      // Long enough for the one that behaves, on a busy machine.
      const patient = double.stalls ? { firstTokenMs: 3_000, interTokenMs: 3_000 } : {}
      const replicas = [behaving(double)]
      const { client } = await chatDoubled(double.kind, double.replies(), { limits: patient, replicas })
      for (let round = 0; round < 2; round++) expect((await asked(client, off)).status).toBe(200)
    },
  )
})
