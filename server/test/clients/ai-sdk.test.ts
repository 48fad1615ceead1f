import { createDeepSeek } from '@ai-sdk/deepseek'
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { APICallError, generateText, jsonSchema, type LanguageModel, Output, stepCountIs, streamText, tool } from 'ai'
import { describe, expect, test } from 'vitest'
import type { Served } from '../contract/harness.ts'
import { absent, breaking, calling, model, person, services, slow, thinking, weather } from './services.ts'

/** The AI SDK with its two providers that fit: texts, streams, tool loops and objects, and our refusals as its errors. */

const providers: Readonly<Record<string, (service: Served) => LanguageModel>> = {
  '@ai-sdk/deepseek': ({ client }) => createDeepSeek({ baseURL: client.origin, apiKey: client.key })(model),
  '@ai-sdk/openai-compatible': ({ client }) =>
    createOpenAICompatible({
      name: 'tidegate',
      baseURL: `${client.origin}/v1`,
      apiKey: client.key,
      includeUsage: true,
      supportsStructuredOutputs: true,
    })(model),
}

// Warnings of what a provider does without are no news here.
Object.assign(globalThis, { AI_SDK_LOG_WARNINGS: false })

type Ask = Omit<Parameters<typeof generateText>[0], 'prompt'>
const prompt = 'How is the weather in Oslo?'

/** The same question in both modes, all steps of it together. */
async function ask(streaming: boolean, fields: Ask) {
  const question = { maxRetries: 0, ...fields, prompt } as Parameters<typeof generateText>[0]
  if (!streaming) return generateText(question)
  const raised: unknown[] = []
  const answer = streamText({ ...question, onError: ({ error }) => void raised.push(error) } as Parameters<
    typeof streamText
  >[0])
  let text = ''
  for await (const part of answer.textStream) text += part
  if (raised.length > 0) throw raised[0]
  const [finishReason, reasoningText, usage, steps, output] = await Promise.all([
    ...[answer.finishReason, answer.reasoningText, answer.usage, answer.steps],
    answer.output,
  ])
  return { text, finishReason, reasoningText, usage, steps, output } as unknown as Awaited<
    ReturnType<typeof generateText>
  >
}

describe.each(Object.entries(providers))('%s', (_, provider) => {
  describe.each(Object.entries(services))('over %s', (_, service) => {
    describe.each([false, true])('streaming: %s', (streaming) => {
      test('a text with its reasoning and its usage', async () => {
        const answer = await ask(streaming, { model: provider(await service([thinking('Greet.', 'Hel·lo')])) })
        expect(answer).toMatchObject({ text: 'Hello', reasoningText: 'Greet.', finishReason: 'stop' })
        expect(answer.usage.totalTokens).toBeGreaterThan(0)
      })

      test('a loop of steps with tools ends with an answer', async () => {
        const cities: string[] = []
        const answer = await ask(streaming, {
          model: provider(await service([calling('Oslo', 'Rome'), calling('Bern'), thinking('All there.', 'Mild.')])),
          tools: {
            get_weather: tool({
              description: 'The weather of a city.',
              inputSchema: jsonSchema<{ city: string }>(weather),
              execute: async ({ city }) => {
                cities.push(city)
                return { sky: 'mild' }
              },
            }),
          },
          stopWhen: stepCountIs(5),
          // An application that keeps no reasoning: the next step must be answered all the same (contract C38).
          prepareStep: ({ messages }) => ({
            messages: messages.map((message) =>
              message.role === 'assistant' && typeof message.content !== 'string'
                ? { ...message, content: message.content.filter(({ type }) => type !== 'reasoning') }
                : message,
            ),
          }),
        })
        expect(cities).toEqual(['Oslo', 'Rome', 'Bern'])
        expect(answer.steps.map(({ finishReason }) => finishReason)).toEqual(['tool-calls', 'tool-calls', 'stop'])
        expect(answer.steps.at(-1)?.text).toBe('Mild.')
      })

      test('an object that keeps to its schema, made once more where the model did not', async () => {
        const answer = await ask(streaming, {
          model: provider(await service([thinking('x', '{"name": 3'), '{"name": "Bob", "age": 12}'])),
          output: Output.object({ schema: jsonSchema<{ name: string; age: number }>(person) }),
        })
        expect(answer.output).toEqual({ name: 'Bob', age: 12 })
      })
    })
  })

  test.each([false, true])('silences full of heartbeats are waited through, streaming: %s', async (streaming) => {
    const answer = await ask(streaming, { model: provider(await slow('Greet.·</think>·Hel·lo')) })
    expect(answer).toMatchObject({ text: 'Hello', reasoningText: 'Greet.' })
  })

  test.each([false, true])('an answer that breaks off is raised, streaming: %s', async (streaming) => {
    await expect(ask(streaming, { model: provider(await breaking()) })).rejects.toThrow()
  })

  test('each refusal is an error with its status, and says whether to try again', async () => {
    const service = await services['a token engine']?.(['</think>Hello'])
    if (!service) throw new Error('There is a token engine.')
    const stranger = provider({ ...service, client: { ...service.client, key: 'sk-nobody' } })
    const refused = (one: LanguageModel, fields: Omit<Ask, 'model'> = {}) =>
      ask(false, { model: one, ...fields } as Ask).then(
        () => 'answered',
        (error: unknown) => APICallError.isInstance(error) && [error.statusCode, error.isRetryable],
      )
    expect(await refused(stranger)).toEqual([401, false])
    expect(await refused(provider(service), { stopSequences: Array.from({ length: 100 }, String) })).toEqual([
      400,
      false,
    ])
    expect(await refused(provider(await absent()))).toEqual([503, true])
  })

  test('the SDK tries again when the answer says later', async () => {
    const busy = await slow('</think>·Hello', 300)
    const client = await busy.clientFor({ settings: { concurrency: 1 } })
    const one = provider({ ...busy, client })
    const first = ask(true, { model: one })
    await expect.poll(async () => (await client.get('/metrics')).text).toMatch(/completions_running\{[^}]*\} 1/)
    expect((await ask(false, { model: one, maxRetries: 3 })).text).toBe('Hello')
    expect((await first).text).toBe('Hello')
  })
})
