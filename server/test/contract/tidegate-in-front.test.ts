import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Answer, bodyB, type Client, chunksOf, clientOf, errorOf, type Said } from '../client.ts'
import { bootstrapKey, type RunningService, startProcess } from '../process.ts'

/**
 * A remote engine that is real: Tidegate with the demo model in one process, Tidegate in front of it in another. It speaks DeepSeek's
 * fields, so kind `deepseek` must work in full; kind `openai` sees two models, one that thinks and one that does not. What the model
 * says is not tested, only that it comes through.
 */

let back: RunningService
let front: RunningService
const folder = mkdtempSync(join(tmpdir(), 'tidegate-front-'))

/** A key of the back, for one engine of the front alone. */
async function keyOfBack(...settings: readonly string[]): Promise<string> {
  const { stdout } = await back.run('keys', 'create', '--name', settings.at(-1) ?? 'front', ...settings)
  return stdout.trim()
}

beforeAll(async () => {
  back = await startProcess()
  const { client } = back
  const [revocable, single] = [await keyOfBack(), await keyOfBack('--concurrency', '1')]
  const { context_window: contextWindow } = JSON.parse((await client.get('/v1/models')).text).data[0]
  const engine = (id: string, kind: string, model: string, thinking: boolean, key = 'BACK_KEY') =>
    `{ id: ${id}, kind: ${kind}, url: '${client.origin}', apiKey: '\${${key}}', model: ${model}, thinking: ${thinking}, contextWindow: ${contextWindow} }`
  const config = join(folder, 'tidegate.yaml')
  writeFileSync(
    config,
    // What waits for an engine that is gone, and how often it is asked how it is: shorter than for people.
    `limits: { restartMs: 500, healthMs: 500 }
models:
  - { id: deepseek-v4-flash, engines: [deepseek] }
  - { id: thinker, engines: [thinker] }
  - { id: talker, engines: [talker] }
  - { id: revocable, engines: [revocable] }
  - { id: single, engines: [single] }
engines:
  - ${engine('deepseek', 'deepseek', 'deepseek-v4-flash', true)}
  - ${engine('thinker', 'openai', 'deepseek-reasoner', true)}
  - ${engine('talker', 'openai', 'deepseek-chat', false)}
  - ${engine('revocable', 'deepseek', 'deepseek-v4-flash', true, 'REVOCABLE_KEY')}
  - ${engine('single', 'deepseek', 'deepseek-v4-flash', true, 'SINGLE_KEY')}
`,
  )
  front = await startProcess(['--config', config], {
    BACK_KEY: bootstrapKey,
    REVOCABLE_KEY: revocable,
    SINGLE_KEY: single,
  })
}, 180_000)
afterAll(async () => {
  await front?.stop()
  await back?.stop()
  rmSync(folder, { recursive: true })
})

const off = { thinking: { type: 'disabled' } }
const weather = {
  type: 'function',
  function: {
    name: 'get_weather',
    description: 'Get the current weather for a city',
    parameters: {
      type: 'object',
      properties: { city: { type: 'string', maxLength: 30 } },
      required: ['city'],
      additionalProperties: false,
    },
  },
}
/** A call that takes long, whatever the model would rather say: its schema is a grammar in the back. */
const longCall = {
  ...off,
  tool_choice: 'required',
  tools: [
    {
      type: 'function',
      function: {
        name: 'note',
        parameters: {
          type: 'object',
          properties: {
            numbers: {
              type: 'array',
              items: { type: 'integer', minimum: 100, maximum: 999 },
              minItems: 300,
              maxItems: 300,
            },
          },
          required: ['numbers'],
          additionalProperties: false,
        },
      },
    },
  ],
}
const say = (word: string) => ({
  messages: [{ role: 'user', content: `Repeat: ${word} ${word} ${word}` }],
  temperature: 0,
  max_tokens: 48,
})

/** The lines of a service's log about its completions. */
const completions = ({ stderr }: RunningService) =>
  stderr()
    .split('\n')
    .filter((line) => line.includes('"outcome"'))
    .map((line) => JSON.parse(line))

/** All that the back has answered stands in its log: the log comes through a pipe, later than the answers. */
async function settled(): Promise<number> {
  const done = async () => {
    // In this order: what has ended when nothing runs is among what is counted then.
    if (await running(back.client)) return false
    const { text } = await back.client.get('/metrics')
    const counts = [...text.matchAll(/^tidegate_requests_total\{.*\} (\d+)$/gm)].map(([, count]) => Number(count))
    return completions(back).length === counts.reduce((sum, count) => sum + count, 0)
  }
  await expect.poll(done).toBe(true)
  return completions(back).length
}

/** Asks the front, and returns with the answer what the back has in its log about it. */
async function ask(fields: Readonly<Record<string, unknown>>) {
  const before = await settled()
  const said = await front.client.ask(fields)
  await settled()
  return { said, entries: completions(back).slice(before) }
}
const countsOf = ({ usage }: Said) => ({
  promptTokens: usage.prompt_tokens,
  cachedTokens: usage.prompt_tokens_details.cached_tokens,
  completionTokens: usage.completion_tokens,
  reasoningTokens: usage.completion_tokens_details.reasoning_tokens,
})
const running = async ({ get }: Client) => /completions_running\{[^}]*\} [1-9]/.test((await get('/metrics')).text)

const kinds: readonly { kind: string; model: (thinks: boolean) => string }[] = [
  { kind: 'deepseek', model: () => 'deepseek-v4-flash' },
  { kind: 'openai', model: (thinks) => (thinks ? 'thinker' : 'talker') },
]

describe.each(kinds)('kind $kind', ({ kind, model }) => {
  /** A question with thinking on or off, in the way that this kind can be told. */
  const about = (thinks: boolean, fields: object = {}) => ({
    model: model(thinks),
    thinking: { type: thinks ? 'enabled' : 'disabled' },
    ...fields,
  })

  test.each([false, true])('answers come through with the counts of the back’s log, streaming: %s', async (stream) => {
    for (const thinks of [true, false]) {
      const { said, entries } = await ask(about(thinks, { stream, max_tokens: 80 }))
      expect(said.model).toBe(model(thinks))
      expect(typeof said.reasoning).toBe(thinks ? 'string' : 'undefined')
      expect(entries).toHaveLength(1)
      expect(entries[0].outcome).toBe(said.finishReason)
      expect(countsOf(said)).toEqual(entries[0].usage)
    }
  })

  test('a limit ends an answer here as there', async () => {
    for (const thinks of [true, false])
      expect((await ask(about(thinks, { max_tokens: 1 }))).said).toMatchObject({
        finishReason: 'length',
        usage: { completion_tokens: 1 },
      })
  })

  test('greedy answers equal the direct ones', async () => {
    for (const word of ['river', 'lemon']) {
      const direct = await back.client.ask({ ...say(word), ...off })
      for (const stream of [true, false]) {
        const { said } = await ask(about(false, { ...say(word), stream }))
        expect([said.content, said.finishReason]).toEqual([direct.content, direct.finishReason])
      }
    }
  })

  test('a stop is found here: what the back says after it is neither shown nor made', async () => {
    const { content } = await back.client.ask({ ...say('mirror'), ...off })
    const stop = content.slice(Math.floor(content.length / 2)).slice(0, 3)
    expect(stop).not.toBe('')
    for (const stream of [true, false]) {
      const { said } = await ask(about(false, { ...say('mirror'), stop, stream }))
      expect(said).toMatchObject({
        content: content.slice(0, content.indexOf(stop)),
        finishReason: 'stop',
        matchedStop: stop,
      })
    }
  })

  test('calls are whole and fit their schema: one may be made, must be made, must be this one', async () => {
    const named = { type: 'function', function: { name: 'get_weather' } }
    for (const tool_choice of ['auto', 'required', named])
      for (const stream of [true, false]) {
        const { said } = await ask(
          about(false, {
            messages: [{ role: 'user', content: 'What is the weather in Oslo?' }],
            tools: [weather],
            tool_choice,
            stream,
          }),
        )
        if (tool_choice !== 'auto') expect(said.calls.length).toBeGreaterThanOrEqual(1)
        if (said.calls.length > 0) expect(said.finishReason).toBe('tool_calls')
        expect(said.content).not.toContain('DSML')
        for (const { name, id, arguments: given } of said.calls) {
          expect([name, Object.keys(JSON.parse(given))]).toEqual(['get_weather', ['city']])
          expect(id).toMatch(/^call_[0-9a-f]{24}$/)
        }
      }
  })

  test('JSON mode gives objects; a schema is kept to, or the answer says that it could not be', async () => {
    const schema = {
      type: 'object',
      properties: { name: { type: 'string' }, age: { type: 'integer' } },
      required: ['name', 'age'],
      additionalProperties: false,
    }
    const fits = new Ajv2020().compile(schema)
    const messages = [{ role: 'user', content: 'Extract name and age as JSON: Bob is 12 years old.' }]
    for (const stream of [true, false]) {
      const object = await front.client.ask(
        about(false, { messages, stream, max_tokens: 200, response_format: { type: 'json_object' } }),
      )
      if (object.finishReason !== 'length') expect(JSON.parse(object.content)).toBeTypeOf('object')
      const json_schema = { name: 'person', schema, strict: true }
      const answer = await front.client.post(
        bodyB(
          about(false, { messages, stream, max_tokens: 200, response_format: { type: 'json_schema', json_schema } }),
        ),
      )
      const { content, finish, code } = outcomeOf(answer)
      if (code === undefined && finish !== 'length') expect(fits(JSON.parse(content)), content).toBe(true)
      else expect(['invalid_model_output', 'generation_failed', undefined]).toContain(code)
    }
  })

  test('a client that leaves ends the work in the back too', async () => {
    const before = await settled()
    const leaving = new AbortController()
    const asked = front.client.post(bodyB(about(false, { ...longCall, stream: true })), { signal: leaving.signal })
    await expect.poll(() => running(back.client)).toBe(true)
    leaving.abort()
    await expect(asked).rejects.toThrow()
    await settled()
    expect(completions(back).slice(before)).toMatchObject([{ outcome: 'cancelled', status: 499 }])
    await expect.poll(() => completions(front).at(-1)?.status).toBe(499)
  })

  test.runIf(kind === 'deepseek')('what a prompt shares is reused for the same user alone', async () => {
    const prompt = { messages: [{ role: 'user', content: `Repeat: ${'one two three '.repeat(20)}` }], max_tokens: 2 }
    const cached = async (fields: object, client = front.client) =>
      (await client.ask({ ...prompt, ...fields })).usage.prompt_tokens_details.cached_tokens
    expect(await cached({ user_id: 'alice' })).toBe(0)
    expect(await cached({ user_id: 'alice' })).toBeGreaterThan(0)
    expect(await cached({ user_id: 'bob' })).toBe(0)
    const { stdout } = await front.run('keys', 'create', '--name', 'other', '--tenant', 'other')
    expect(await cached({ user_id: 'alice' }, clientOf(front.client.origin, stdout.trim()))).toBe(0)
    expect(back.stderr()).not.toMatch(/alice|bob/)
  })

  test.runIf(kind === 'deepseek')('a prefix is continued as it is directly', async () => {
    const begun = {
      ...off,
      ...say('copper'),
      messages: [...say('copper').messages, { role: 'assistant', content: 'copper cop', prefix: true }],
    }
    const direct = await back.client.ask(begun)
    expect((await ask(begun)).said.content).toBe(direct.content)
  })

  test.runIf(kind === 'openai')('a prefix is refused by name', async () => {
    const messages = [...say('x').messages, { role: 'assistant', content: 'x', prefix: true }]
    const answer = await front.client.post(bodyB(about(false, { messages })))
    expect([answer.status, errorOf(answer).code]).toEqual([400, 'unsupported_parameter'])
  })
})

/** What an answer came to, in either mode. */
function outcomeOf({ status, text }: Answer): { content: string; finish: string | null; code: string | undefined } {
  const events = text.includes('data: ') ? chunksOf(text).chunks : [JSON.parse(text)]
  const error = events.find((event) => event.error)?.error
  if (error) return { content: '', finish: null, code: error.code }
  expect(status).toBe(200)
  const choices = events.flatMap((event) => event.choices)
  return {
    content: choices.map((choice) => (choice.message ?? choice.delta).content ?? '').join(''),
    finish: choices.at(-1)?.finish_reason ?? null,
    code: undefined,
  }
}

test('what is between the two services is no client’s business: a revoked key is 503', async () => {
  expect((await front.client.ask({ model: 'revocable', max_tokens: 1 })).finishReason).toBe('length')
  const { stdout } = await back.run('keys', 'list')
  const id = /^(\S+).*\bfront\b/m.exec(stdout)?.[1] ?? ''
  expect((await back.run('keys', 'revoke', id)).code).toBe(0)
  const refusal = async () => {
    const answer = await front.client.post(bodyB({ model: 'revocable', max_tokens: 1 }))
    return [answer.status, answer.status === 200 ? '' : errorOf(answer).code, answer.headers['retry-after']]
  }
  await expect.poll(refusal).toEqual([503, 'service_unavailable', expect.stringMatching(/^\d+$/)])
  await expect.poll(front.stderr).toContain('401')
})

test('a back that has enough to do is 503 with Retry-After, never its own 429', async () => {
  const leaving = new AbortController()
  const first = front.client.post(bodyB({ model: 'single', ...longCall }), { signal: leaving.signal })
  await expect.poll(() => running(back.client)).toBe(true)
  const answer = await front.client.post(bodyB({ model: 'single', ...off, max_tokens: 1 }))
  expect([answer.status, errorOf(answer).code]).toEqual([503, 'service_unavailable'])
  expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0)
  leaving.abort()
  await expect(first).rejects.toThrow()
  await expect.poll(() => running(back.client)).toBe(false)
})

test('EM4: a back that is killed breaks its answers in the contract’s way, and serves again when it is there again', async () => {
  const { port } = new URL(back.client.origin)
  const asked = Array.from({ length: 8 }, (_, i) => ({
    ...say(`word${i} `.repeat(20)),
    ...{ stream: true, max_tokens: 400 },
  }))
  let killed = false
  const texts = await Promise.all(
    asked.map(async (fields) => {
      const response = await fetch(`${front.client.origin}/v1/chat/completions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${front.client.key}`, 'content-type': 'application/json' },
        body: JSON.stringify(bodyB(fields)),
      })
      const decoder = new TextDecoder()
      let text = ''
      for await (const bytes of response.body ?? []) {
        text += decoder.decode(bytes, { stream: true })
        // The first word of any of them: the others are under way or wait for their slot.
        if (!killed && text.includes('_content":"')) killed = back.process.kill('SIGKILL')
      }
      return { status: response.status, text }
    }),
  )
  const broken = texts.filter(({ text }) => text.includes('"generation_failed"'))
  expect(broken.length).toBeGreaterThan(0)
  for (const { status, text } of texts) {
    if (status !== 200) expect([status, JSON.parse(text).error.code]).toEqual([503, 'service_unavailable'])
    else if (text.includes('"generation_failed"')) expect(text).not.toContain('[DONE]')
    else expect(chunksOf(text).done).toBe(true)
  }
  const refused = await front.client.post(bodyB({ max_tokens: 1 }))
  expect([refused.status, errorOf(refused).code]).toEqual([503, 'service_unavailable'])

  await back.stop()
  back = await startProcess(['--port', port])
  await expect
    .poll(async () => (await front.client.post(bodyB({ max_tokens: 1 }))).status, { timeout: 60_000 })
    .toBe(200)
  expect((await front.client.ask({ ...off, max_tokens: 5 })).usage.completion_tokens).toBeGreaterThan(0)
}, 120_000)
