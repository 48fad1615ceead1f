import { expect, test } from 'vitest'
import { bodyB, type Client, chunksOf, saidInChunks } from '../client.ts'
import { type Death, mortalModel } from '../mortal-model.ts'
import type { ScriptedEngine } from '../scripted-engine.ts'
import { doubled } from './harness.ts'
import { faultsOf } from './invariants.ts'

/** Section "Continuing a broken stream": replicas die in the middle of answers, and no client notices. */

const weather = { type: 'function', function: { name: 'get_weather', parameters: { type: 'object' } } }
const call = [
  '<｜DSML｜tool_calls>',
  '<｜DSML｜invoke name="get_weather">',
  '<｜DSML｜parameter name="city" string="true">Oslo</｜DSML｜parameter>',
  '</｜DSML｜invoke>',
  '<｜DSML｜invoke name="get_weather">',
  '<｜DSML｜parameter name="days" string="false">3</｜DSML｜parameter>',
  '</｜DSML｜invoke>',
  '</｜DSML｜tool_calls>',
].join('·\n·')

/** What a model says, and to which request: each in a part of an answer that is hard to break. */
const answers = {
  reasoning: [{}, 'Let· me· see·.· 😀·\n·</think>·\n\n·Yes·,· it· is·.'],
  content: [{ thinking: { type: 'disabled' } }, 'One· 😀· two·,\n·\n three·.'],
  'call arguments': [{ tools: [weather] }, `I· look·.·</think>·\n\n·Well·.·\n\n·${call}`],
  'held stop prefix': [{ stop: ['END OF IT'], thinking: { type: 'disabled' } }, 'a·END· OF· US·b·END· OF· IT·c'],
  json: [
    { thinking: { type: 'disabled' }, response_format: { type: 'json_object' } },
    '```json\n·{·"a"·: ·[·1·,· 2·]·,· "b"·: ·"x·y"·}·\n```',
  ],
  logprobs: [{ logprobs: true, top_logprobs: 1 }, 'hm·</think>·One· two·.'],
} as const satisfies Record<string, readonly [object, string]>

async function ask(client: Client, fields: object) {
  const answer = await client.post(bodyB({ ...fields, stream: true }))
  expect(answer.status).toBe(200)
  // They know nothing of log probabilities.
  if (!('logprobs' in fields)) expect(faultsOf(answer, { ...fields, stream: true })).toEqual([])
  const { chunks, done } = chunksOf(answer.text)
  expect(done).toBe(true)
  const { calls, usage, ...said } = saidInChunks(chunks)
  const { prompt_tokens, completion_tokens, completion_tokens_details } = usage
  return {
    ...said,
    calls: calls.map(({ name, arguments: written }) => [name, written]),
    usage: [prompt_tokens, completion_tokens, completion_tokens_details.reasoning_tokens],
    logprobs: chunks.flatMap(({ choices }) => choices[0]?.logprobs ?? []),
  }
}

const metric = async (client: Client, name: string) =>
  (await client.get('/metrics', {})).text.split('\n').filter((line) => line.startsWith(`${name}{`))

const runsOf = (engines: readonly ScriptedEngine[]) => engines.flatMap(({ runs }) => runs)

test.each(Object.entries(answers))(
  'T100, SG11, C112: a replica killed at any token, in or before %s, leaves no trace',
  async (_, [fields, raw]) => {
    const undisturbed = await ask((await doubled([raw])).client, fields)
    const model = { current: mortalModel(raw, []) }
    const runs = (...args: Parameters<typeof model.current>) => model.current(...args)
    // So many that one is left when others are left alone for their failures.
    const { client, engines } = await doubled(runs, { replicas: Array.from({ length: 12 }, () => runs) })
    for (const [after] of raw.split('·').entries()) {
      const before = runsOf(engines).length
      model.current = mortalModel(raw, [{ after, ends: 'lost' }])
      expect(await ask(client, fields)).toEqual(undisturbed)
      // A death behind the stop was none.
      if (!('stop' in fields)) expect(runsOf(engines)).toHaveLength(before + 2)
    }
  },
)

test('C112, C117: an answer in one piece is gone on with, too, and counted once', async () => {
  const runs = mortalModel('half· an· answer', [{ after: 2, ends: 'lost' }])
  const { client } = await doubled(runs, { replicas: [runs] })
  const { content, usage } = await client.ask({ thinking: { type: 'disabled' } })
  expect([content, usage.completion_tokens]).toEqual(['half an answer', 3])
})

test('T105, DS8: a replica that stalls is replaced after inter_token_ms', async () => {
  const runs = mortalModel('1·2·3·4·5·6·7', [{ after: 5, ends: 'stall' }])
  const { client } = await doubled(runs, { replicas: [runs], limits: { interTokenMs: 150 } })
  const began = performance.now()
  expect((await ask(client, { thinking: { type: 'disabled' } })).content).toBe('1234567')
  expect(performance.now() - began).toBeGreaterThan(149)
  expect(await metric(client, 'tidegate_stream_resumes_total')).toEqual([
    'tidegate_stream_resumes_total{phase="text",reason="timeout"} 1',
  ])
})

test('T106, C118: the limit is one over all attempts', async () => {
  const runs = mortalModel(Array.from({ length: 80 }, (_, i) => `${i} `).join('·'), [{ after: 20, ends: 'lost' }])
  const { client, engines } = await doubled(runs, { replicas: [runs] })
  const answer = await ask(client, { thinking: { type: 'disabled' }, max_tokens: 50 })
  expect(answer).toMatchObject({ finishReason: 'length', usage: [expect.any(Number), 50, 0] })
  const limits = engines.flatMap(({ got }) => got.map(({ maxTokens }) => maxTokens))
  expect(limits.toSorted()).toEqual([30, 50])
})

test('C118: an answer that breaks off with its last token has all it may have', async () => {
  const runs = mortalModel('a·b·c·d', [{ after: 2, ends: 'lost' }])
  const { client, engines } = await doubled(runs, { replicas: [runs] })
  const answer = await ask(client, { thinking: { type: 'disabled' }, max_tokens: 2 })
  expect(answer).toMatchObject({ content: 'ab', finishReason: 'length', usage: [expect.any(Number), 2, 0] })
  expect(runsOf(engines)).toHaveLength(1)
})

test('C123: no more than max_attempts that add nothing; what came is charged', async () => {
  const deaths = [2, 2, 2, 0, 0].map((after): Death => ({ after, ends: 'lost' }))
  const runs = mortalModel('a·b·c·d·e·f·g·h·i', deaths)
  const { client, engines, log } = await doubled(runs, { replicas: [runs, runs, runs] })
  const { text } = await client.post(bodyB({ thinking: { type: 'disabled' }, stream: true }))
  const { chunks, done } = chunksOf(text)
  expect(chunks.map(({ choices }) => choices?.[0]?.delta.content ?? '').join('')).toBe('abcdef')
  expect([chunks.at(-1)?.error?.code, done]).toEqual(['generation_failed', false])
  expect(runsOf(engines)).toHaveLength(5)
  expect(log()).toMatch(/"completionTokens":6,/)
})

test('C121: a replica of other weights does not go on with it; the same one does when it is back', async () => {
  const runs = mortalModel('a·b·c', [{ after: 2, ends: 'lost' }])
  const { client, engines } = await doubled(runs, { replicas: [runs], factsOf: (index) => ({ digest: `${index}` }) })
  expect((await ask(client, { thinking: { type: 'disabled' } })).content).toBe('abc')
  expect(engines.map((engine) => engine.runs.length).toSorted()).toEqual([0, 2])
})

test.each([
  ['other weights are as good, and gets no tokens of them', (index: number) => ({ digest: `${index}` }), []],
  ['the same weights are, and gets their tokens', () => ({}), [1, 2]],
])('C121: a replica goes on when the operator says that %s', async (_, factsOf, tokens) => {
  const runs = mortalModel('a·bb·ccc', [{ after: 2, ends: 'lost' }])
  const { client, engines } = await doubled(runs, {
    ...{ replicas: [runs], factsOf, equivalence: 'as good', namesTokens: true },
  })
  expect((await ask(client, { thinking: { type: 'disabled' } })).content).toBe('abbccc')
  expect(engines.map((engine) => engine.runs.length)).toEqual([1, 1])
  const written = engines.flatMap(({ got }) => got.flatMap(({ written = [] }) => written))
  expect(written.map((one) => one.tokens)).toEqual([tokens])
})

test('the operator can have broken streams end', async () => {
  const runs = mortalModel('a·b·c', [{ after: 2, ends: 'lost' }])
  const { client } = await doubled(runs, { replicas: [runs], resume: false })
  const { text } = await client.post(bodyB({ thinking: { type: 'disabled' }, stream: true }))
  expect(chunksOf(text).chunks.at(-1)?.error?.code).toBe('generation_failed')
})
