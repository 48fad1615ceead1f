import OpenAI from 'openai'
import Previous from 'openai-4'
import { describe, expect, test } from 'vitest'
import type { Served } from '../contract/harness.ts'
import { absent, breaking, calling, model, person, services, slow, thinking, weather } from './services.ts'

/** The OpenAI SDK for Node, this generation and the one on node-fetch, reads what we write and raises what we refuse. */

// The two differ in their types, and in nothing that is used here.
const libraries = { 'openai 7': OpenAI, 'openai 4': Previous as unknown as typeof OpenAI }

type Message = OpenAI.ChatCompletionMessageParam
const messages: Message[] = [{ role: 'user', content: 'How is the weather in Oslo?' }]
const tools: OpenAI.ChatCompletionTool[] = [
  { type: 'function', function: { name: 'get_weather', description: 'The weather of a city.', parameters: weather } },
]

interface Heard {
  readonly content: string
  readonly reasoning: string
  readonly calls: { id: string; name: string; arguments: string }[]
  readonly finish: string | null
  readonly total: number
}

/** The same question in both modes, read the way applications read it. */
async function ask(
  openai: OpenAI,
  stream: boolean,
  fields: Partial<OpenAI.ChatCompletionCreateParamsNonStreaming>,
): Promise<Heard> {
  const body = { model, messages, ...fields }
  if (!stream) {
    const { choices, usage } = await openai.chat.completions.create({ ...body, stream: false })
    const [choice] = choices
    return {
      content: choice?.message.content ?? '',
      reasoning: reasoningOf(choice?.message),
      calls: (choice?.message.tool_calls ?? []).flatMap((call) =>
        call.type === 'function' ? [{ id: call.id, ...call.function }] : [],
      ),
      finish: choice?.finish_reason ?? null,
      total: usage?.total_tokens ?? 0,
    }
  }
  const heard = { content: '', reasoning: '', calls: [] as Heard['calls'], finish: null as string | null, total: 0 }
  const chunks = await openai.chat.completions.create({
    ...body,
    stream: true,
    stream_options: { include_usage: true },
  })
  for await (const { choices, usage } of chunks) {
    heard.total = usage?.total_tokens ?? heard.total
    for (const { delta, finish_reason } of choices) {
      heard.content += delta.content ?? ''
      heard.reasoning += reasoningOf(delta)
      heard.finish = finish_reason ?? heard.finish
      for (const { index, id = '', function: part } of delta.tool_calls ?? []) {
        const call = heard.calls[index] ?? { id, name: part?.name ?? '', arguments: '' }
        heard.calls[index] = { ...call, arguments: call.arguments + (part?.arguments ?? '') }
      }
    }
  }
  return heard
}
/** DeepSeek's field, which the SDK's types do not know. */
const reasoningOf = (said: object | undefined): string =>
  String((said as { reasoning_content?: unknown } | undefined)?.reasoning_content ?? '')

describe.each(Object.entries(libraries))('%s', (_, Library) => {
  const clientOf = ({ client }: Served, options: { maxRetries?: number; apiKey?: string } = {}): OpenAI =>
    new Library({ apiKey: client.key, baseURL: `${client.origin}/v1`, maxRetries: 0, ...options })

  describe.each(Object.entries(services))('over %s', (_, service) => {
    describe.each([false, true])('streaming: %s', (stream) => {
      test('an answer with its reasoning and its usage', async () => {
        const openai = clientOf(await service([thinking('Greet.', 'Hel·lo')]))
        const heard = await ask(openai, stream, {})
        expect(heard).toMatchObject({ content: 'Hello', reasoning: 'Greet.', finish: 'stop' })
        expect(heard.total).toBeGreaterThan(0)
      })

      test('calls and their results go round, though the history forgets the reasoning', async () => {
        const openai = clientOf(
          await service([calling('Oslo', 'Rome'), calling('Bern'), thinking('All there.', 'Mild.')]),
        )
        const history = [...messages]
        const asked: unknown[] = []
        for (;;) {
          const { content, calls, finish } = await ask(openai, stream, { messages: history, tools })
          if (finish !== 'tool_calls') {
            expect([content, finish]).toEqual(['Mild.', 'stop'])
            break
          }
          asked.push(calls.map((call) => JSON.parse(call.arguments).city))
          history.push({
            role: 'assistant',
            content,
            tool_calls: calls.map(({ id, ...call }) => ({ id, type: 'function', function: call })),
          })
          for (const { id } of calls) history.push({ role: 'tool', tool_call_id: id, content: 'mild' })
        }
        expect(asked).toEqual([['Oslo', 'Rome'], ['Bern']])
      })

      test('JSON that keeps to its schema, made once more where the model did not', async () => {
        const openai = clientOf(await service([thinking('x', '{"name": 3}'), '{"name": "Bob", "age": 12}']))
        const { content } = await ask(openai, stream, {
          response_format: { type: 'json_schema', json_schema: { name: 'person', schema: person, strict: true } },
        })
        expect(JSON.parse(content)).toEqual({ name: 'Bob', age: 12 })
      })
    })
  })

  test.each([false, true])('silences full of heartbeats are waited through, streaming: %s', async (stream) => {
    const openai = clientOf(await slow('Greet.·</think>·Hel·lo'))
    expect(await ask(openai, stream, {})).toMatchObject({ content: 'Hello', reasoning: 'Greet.' })
  })

  test.each([false, true])('an answer that breaks off is raised, streaming: %s', async (stream) => {
    await expect(ask(clientOf(await breaking()), stream, {})).rejects.toThrow(Library.APIError)
  })

  test('each refusal becomes the exception that it stands for', async () => {
    const service = await services['a token engine']?.(['</think>Hello'])
    if (!service) throw new Error('There is a token engine.')
    const openai = clientOf(service)
    await expect(ask(clientOf(service, { apiKey: 'sk-nobody' }), false, {})).rejects.toThrow(
      Library.AuthenticationError,
    )
    await expect(ask(openai, true, { temperature: 9 })).rejects.toThrow(Library.BadRequestError)
    await expect(ask(openai, false, { temperature: 9 })).rejects.toMatchObject({
      ...{ status: 400, type: 'invalid_request_error', code: 'invalid_request_error', param: 'temperature' },
    })
    await expect(ask(openai, false, { model: 'nobody' })).rejects.toThrow(Library.NotFoundError)
    await expect(ask(clientOf(await absent()), false, {})).rejects.toMatchObject({ status: 503 })
  })

  test('the SDK tries again when the answer says later, and not when it says never', async () => {
    const busy = await slow('</think>·Hello', 300)
    const client = await busy.clientFor({ settings: { concurrency: 1 } })
    const first = ask(clientOf({ ...busy, client }), true, {})
    await expect.poll(async () => (await client.get('/metrics')).text).toMatch(/completions_running\{[^}]*\} 1/)
    await expect(ask(clientOf({ ...busy, client }), false, {})).rejects.toThrow(Library.RateLimitError)
    expect((await ask(clientOf({ ...busy, client }, { maxRetries: 3 }), false, {})).content).toBe('Hello')
    expect((await first).content).toBe('Hello')

    const wrong = await services['a token engine']?.([thinking('x', 'no JSON')])
    if (!wrong) throw new Error('There is a token engine.')
    const json = { response_format: { type: 'json_object' } } as const
    await expect(ask(clientOf(wrong, { maxRetries: 3 }), false, json)).rejects.toMatchObject({
      ...{ status: 500, code: 'invalid_model_output' },
    })
    expect(wrong.log().match(/"outcome"/g)).toHaveLength(1)
  })
})
