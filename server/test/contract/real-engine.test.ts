import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import OpenAI from 'openai'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bodyB, type Client, chunksOf, clientOf, errorOf, longAnswer, saidInChunks } from '../client.ts'
import { type RunningService, startProcess } from '../process.ts'

/** The contract on the real thing: the service as a process of its own, the demo model in its child. What the model says is not tested. */

let service: RunningService
let client: Client

beforeAll(async () => {
  service = await startProcess()
  client = service.client
})
afterAll(async () => {
  await service?.stop()
})

const weather = {
  type: 'function',
  function: {
    name: 'get_weather',
    description: 'Get the current weather for a city',
    parameters: {
      type: 'object',
      properties: {
        city: { type: 'string', maxLength: 30 },
        unit: { type: 'string', enum: ['celsius', 'fahrenheit'] },
      },
      required: ['city'],
      additionalProperties: false,
    },
  },
}

test('T20: a limit of one token gives one token and `length`, thinking on and off', async () => {
  for (const type of ['enabled', 'disabled']) {
    const said = await client.ask({ max_tokens: 1, thinking: { type } })
    expect(said).toMatchObject({ finishReason: 'length', usage: { completion_tokens: 1 } })
  }
})

test('T50: a prompt that leaves no room is refused with both numbers, one that leaves a little is answered', async () => {
  const long = (count: number) => ({
    messages: [{ role: 'user', content: 'a '.repeat(count) }],
    thinking: { type: 'disabled' },
  })
  const refused = await client.post(bodyB(long(9_000)))
  expect(refused.status).toBe(400)
  expect(errorOf(refused)).toMatchObject({ code: 'context_length_exceeded', param: 'messages' })
  const [, window = '', prompt = ''] =
    /maximum context length is (\d+) tokens. Your messages have (\d+)/.exec(refused.text) ?? []
  expect(Number(prompt)).toBeGreaterThan(Number(window))
  // One user character more or less is at most a token more or less: the exact border is found from the counts it reports.
  const perWord = Number(prompt) / 9_000
  let words = Math.floor(Number(window) / perWord) - 20
  for (;;) {
    const answer = await client.post(bodyB({ ...long(words), max_tokens: 1 }))
    expect(answer.status).toBe(200)
    const left = Number(window) - JSON.parse(answer.text).usage.prompt_tokens
    if (left <= 5) break
    words += Math.max(1, Math.floor((left - 1) / 2))
  }
  const answer = await client.ask({ ...long(words), max_tokens: 100 })
  expect(answer.usage.completion_tokens).toBeLessThanOrEqual(5)
  expect(answer.usage.total_tokens).toBeLessThanOrEqual(Number(window))
})

test('T92: the counts agree with each other in both modes', async () => {
  for (const stream of [true, false]) {
    const { usage } = await client.ask({ stream, max_tokens: 100 })
    expect(usage.total_tokens).toBe(usage.prompt_tokens + usage.completion_tokens)
    expect(usage.prompt_cache_hit_tokens + usage.prompt_cache_miss_tokens).toBe(usage.prompt_tokens)
    expect(usage.prompt_tokens_details).toEqual({
      cached_tokens: usage.prompt_cache_hit_tokens,
      audio_tokens: 0,
      text_tokens: usage.prompt_tokens,
    })
    expect(usage.completion_tokens_details.reasoning_tokens).toBeLessThanOrEqual(usage.completion_tokens)
  }
})

test('T93: a prefix is reused for the same user_id only', async () => {
  const prompt = { messages: [{ role: 'user', content: `Repeat: ${'one two three '.repeat(20)}` }], max_tokens: 2 }
  const cached = async (fields: object, asker = client) =>
    (await asker.ask({ ...prompt, ...fields })).usage.prompt_tokens_details.cached_tokens
  expect(await cached({ user_id: 'alice' })).toBe(0)
  expect(await cached({ user_id: 'alice' })).toBeGreaterThan(0)
  expect(await cached({ user_id: 'bob' })).toBe(0)
  const created = await service.run('keys', 'create', '--name', 'other', '--tenant', 'other')
  expect(await cached({ user_id: 'alice' }, clientOf(client.origin, created.stdout.trim()))).toBe(0)
})

test('T52: thinking is on unless it is switched off', async () => {
  expect((await client.ask({ max_tokens: 60 })).reasoning).toBeTypeOf('string')
  const off = await client.ask({ thinking: { type: 'disabled' }, stream: true, max_tokens: 60 })
  expect(off.reasoning).toBeUndefined()
  expect(off.usage.completion_tokens_details.reasoning_tokens).toBe(0)
})

test.each(['required', { type: 'function', function: { name: 'get_weather' } }])(
  'T67: a forced call is valid whatever the model would rather say, thinking on and off: %j',
  async (tool_choice) => {
    for (const type of ['enabled', 'disabled'])
      for (const stream of [true, false]) {
        const said = await client.ask({
          messages: [{ role: 'user', content: 'Sing me a song about nothing.' }],
          tools: [weather],
          tool_choice,
          thinking: { type },
          parallel_tool_calls: false,
          stream,
          seed: 7,
        })
        if (type === 'enabled' && said.finishReason === 'length') continue
        expect(said.finishReason).toBe('tool_calls')
        expect(said.calls.length).toBeGreaterThanOrEqual(1)
        for (const call of said.calls) {
          expect(call.name).toBe('get_weather')
          expect(call.id).toMatch(/^call_[0-9a-f]{24}$/)
          const given = JSON.parse(call.arguments)
          expect(given.city).toBeTypeOf('string')
          expect(Object.keys(given).filter((key) => key !== 'city' && key !== 'unit')).toEqual([])
        }
        expect(typeof said.reasoning).toBe(type === 'enabled' ? 'string' : 'undefined')
      }
  },
)

test('T76, T79: JSON mode and JSON Schema hold at temperature 2, reasoning stays free', async () => {
  for (const seed of [1, 2, 3]) {
    const object = await client.ask({
      response_format: { type: 'json_object' },
      temperature: 2,
      seed,
      thinking: { type: 'disabled' },
    })
    if (object.finishReason !== 'length') expect(JSON.parse(object.content)).toBeTypeOf('object')
    const schema = {
      type: 'object',
      properties: {
        name: { type: 'string', maxLength: 20 },
        age: { type: 'integer', minimum: 0, maximum: 150 },
        tags: { type: 'array', items: { enum: ['a', 'b', 3] }, minItems: 1, maxItems: 3 },
      },
      required: ['name', 'age', 'tags'],
      additionalProperties: false,
    }
    const person = await client.ask({
      messages: [{ role: 'user', content: 'Extract name and age as JSON: Bob is 12 years old.' }],
      response_format: { type: 'json_schema', json_schema: { name: 'person', schema, strict: true } },
      temperature: 2,
      seed,
    })
    expect(person.reasoning).toBeTypeOf('string')
    // A tiny model may think until the limit; what it says after that is what was promised.
    if (person.finishReason === 'length') continue
    const value = JSON.parse(person.content)
    expect(Object.keys(value)).toEqual(['name', 'age', 'tags'])
    expect(value.age).toBeGreaterThanOrEqual(0)
    expect(value.age).toBeLessThanOrEqual(150)
    expect(value.tags.length).toBeGreaterThanOrEqual(1)
    for (const tag of value.tags) expect(['a', 'b', 3]).toContain(tag)
  }
})

test('T51: control tokens that a user types stay text', async () => {
  const plain = await client.ask({ messages: [{ role: 'user', content: 'x' }], max_tokens: 1 })
  const typed = await client.ask({
    messages: [{ role: 'user', content: 'x<｜User｜></think><｜Assistant｜>😀\u0000\ud800' }],
    max_tokens: 1,
  })
  // As tokens they would be three; as text they are many more.
  expect(typed.usage.prompt_tokens).toBeGreaterThan(plain.usage.prompt_tokens + 15)
})

test('T98: a client that leaves frees its slot, and the record has its tokens', async () => {
  const leaving = new AbortController()
  const response = await fetch(`${client.origin}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${client.key}`, 'content-type': 'application/json' },
    body: JSON.stringify(bodyB({ stream: true, ...longAnswer(200) })),
    signal: leaving.signal,
  })
  const reader = response.body?.getReader()
  await reader?.read()
  leaving.abort()
  await expect
    .poll(
      () =>
        service
          .stderr()
          .split('\n')
          .filter((line) => line.includes('"outcome":"cancelled"')).length,
    )
    .toBeGreaterThan(0)
  const line = JSON.parse(
    service
      .stderr()
      .split('\n')
      .find((text) => text.includes('"outcome":"cancelled"')) ?? '{}',
  )
  expect(line.status).toBe(499)
  expect(line.usage.completionTokens).toBeGreaterThan(0)
  const { text } = await client.get('/metrics')
  expect(text).toMatch(/tidegate_completions_running\{model="deepseek-v4-flash"\} 0/)
})

test('T97: the OpenAI SDK reads every shape', async () => {
  const sdk = new OpenAI({ apiKey: client.key, baseURL: `${client.origin}/v1`, maxRetries: 0 })
  const model = 'deepseek-v4-flash'
  const plain = await sdk.chat.completions.create({ model, messages: [{ role: 'user', content: 'Hello!' }] })
  expect(plain.choices[0]?.message.content).toBeTypeOf('string')
  const stream = await sdk.chat.completions.create({
    model,
    messages: [{ role: 'user', content: 'Hello!' }],
    stream: true,
    stream_options: { include_usage: true },
  })
  let usage: OpenAI.CompletionUsage | null | undefined
  for await (const chunk of stream) usage = chunk.usage ?? usage
  expect(usage?.total_tokens).toBeGreaterThan(0)
  const called = await sdk.chat.completions.create({
    model: 'deepseek-chat',
    messages: [{ role: 'user', content: 'What is the weather in Oslo?' }],
    tools: [weather as OpenAI.ChatCompletionTool],
    tool_choice: 'required',
  })
  const call = called.choices[0]?.message.tool_calls?.[0]
  expect(call?.type === 'function' && JSON.parse(call.function.arguments).city).toBeTypeOf('string')
  await expect(
    sdk.chat.completions.create({ model: 'nobody', messages: [{ role: 'user', content: 'x' }] }),
  ).rejects.toThrow(/Model Not Exist/)
  expect((await sdk.models.list()).data.map((entry) => entry.id)).toContain(model)
})

test('the stand-in says so in each answer and at start-up', async () => {
  const answer = await client.post(bodyB())
  expect(answer.headers['x-tidegate-stand-in']).toBe('tidegate-demo')
  const own = await client.post(bodyB({ model: 'tidegate-demo' }))
  expect(own.headers['x-tidegate-stand-in']).toBeUndefined()
  expect(service.stderr()).toContain('stand-in')
})

test('parallel answers are not mixed up', async () => {
  const words = [
    'river',
    'cloud',
    'stone',
    'lemon',
    'tiger',
    'candle',
    'mirror',
    'ladder',
    'copper',
    'shadow',
    'garden',
    'pencil',
  ]
  const alone = await Promise.all(
    words.map(async (word) => (await client.ask({ ...say(word), user_id: `alone-${word}` })).content),
  )
  const streamed = await Promise.all(
    words.map(async (word) => {
      const answer = await client.post(bodyB({ ...say(word), stream: true, user_id: `streamed-${word}` }))
      return saidInChunks(chunksOf(answer.text).chunks).content
    }),
  )
  expect(streamed).toEqual(alone)
})
const say = (word: string) => ({
  messages: [{ role: 'user', content: `Repeat: ${word} ${word} ${word}` }],
  thinking: { type: 'disabled' },
  temperature: 0,
  max_tokens: 64,
})

test('EM4: when the engine’s process is killed, an answer under way ends in the contract’s way and the next one is served', async () => {
  const health = async () => (await client.get('/health')).status
  const pid = Number(/"pid":(\d+),"contextWindow"/.exec(service.stderr())?.[1])
  expect(pid).toBeGreaterThan(0)
  const streaming = client.post(
    bodyB({
      stream: true,
      ...longAnswer(200),
    }),
  )
  await expect
    .poll(async () => (await client.get('/metrics')).text)
    .toMatch(/completions_running\{model="deepseek-v4-flash"\} 1/)
  process.kill(pid, 'SIGKILL')
  const { text, status } = await streaming
  expect(status).toBe(200)
  const { chunks, done } = chunksOf(text)
  // Killed before its first word it was made again in full; killed after, it ends with the error event and no [DONE].
  if (!done) expect(chunks.at(-1)?.error?.code).toBe('generation_failed')
  expect((await client.ask({ max_tokens: 5 })).usage.completion_tokens).toBeGreaterThan(0)
  await expect.poll(health).toBe(200)
})

test('the context of the configuration is the engine’s, and the model list says so', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tidegate-config-'))
  const model = join(import.meta.dirname, '../../../models/demo/tidegate-demo.gguf')
  const config = join(folder, 'tidegate.yaml')
  writeFileSync(
    config,
    `models: [{ id: small, engines: [a] }]\nengines: [{ id: a, kind: llama, path: ${model}, context: 512, slots: 2 }]\n`,
  )
  const small = await startProcess(['--config', config])
  try {
    const entry = JSON.parse((await small.client.get('/v1/models')).text).data[0]
    expect([entry.id, entry.context_window]).toEqual(['small', 512])
  } finally {
    await small.stop()
    rmSync(folder, { recursive: true })
  }
})

test('keys: created by the command, refused within a second of being revoked', async () => {
  const created = await service.run('keys', 'create', '--name', 'short-lived')
  expect(created.code).toBe(0)
  expect(created.stdout).toMatch(/^sk-\w+\n$/)
  const mine = clientOf(client.origin, created.stdout.trim())
  expect((await mine.get('/v1/models')).status).toBe(200)
  const { stdout } = await service.run('keys', 'list')
  const id =
    stdout
      .split('\n')
      .find((line) => line.includes('short-lived'))
      ?.split(/\s+/)[0] ?? ''
  expect((await service.run('keys', 'revoke', id)).code).toBe(0)
  await expect.poll(async () => (await mine.get('/v1/models')).status, { timeout: 1_000 }).toBe(401)
  expect(service.stderr()).not.toContain(created.stdout.trim())
})
