import OpenAI from 'openai'
import { expect, test } from 'vitest'
import { telling } from '../../../test/replicas.ts'
import type { CompletionEvent } from '../../completion/event.ts'
import type { Serve } from '../../completion/serve.ts'
import {
  failed,
  finished,
  greeting,
  saying,
  started,
  startTestServer,
  type TestServer,
  usage,
} from '../http-fixture.ts'

const client = ({ port }: TestServer): OpenAI =>
  new OpenAI({ apiKey: 'sk-good', baseURL: `http://127.0.0.1:${port}/v1`, maxRetries: 0 })
const hello = { model: 'deepseek-v4-flash', messages: [{ role: 'user' as const, content: 'Hello!' }] }

const slowly = (events: readonly CompletionEvent[]): Serve =>
  telling(async function* () {
    for (const event of events) {
      await new Promise((resolve) => setTimeout(resolve, 60))
      yield event
    }
  })
const calling: readonly CompletionEvent[] = [
  started,
  { type: 'tool-call', index: 0, call: { id: 'call_0', name: 'get_weather', arguments: '{"city":"Oslo"}' }, tokens: 1 },
  { type: 'tool-call', index: 1, call: { id: 'call_1', name: 'get_time', arguments: '{}' }, tokens: 1 },
  { type: 'finished', reason: 'tool-calls', matchedStop: null, usage },
]

test('T97: the OpenAI SDK reads whole answers, newlines before them included', async () => {
  const server = await startTestServer({ serve: slowly(greeting), limits: { keepaliveMs: 40 } })
  const answer = await client(server).chat.completions.create(hello)
  expect(answer.choices[0]?.message).toMatchObject({ content: 'Hello!', reasoning_content: 'The user greets me.' })
  expect(answer.usage?.total_tokens).toBe(23)
})

test('T97: the OpenAI SDK reads streams, heartbeats and usage included', async () => {
  const server = await startTestServer({ serve: slowly(greeting), limits: { keepaliveMs: 40 } })
  const stream = client(server).chat.completions.stream({ ...hello, stream_options: { include_usage: true } })
  const answer = await stream.finalChatCompletion()
  expect(answer.choices[0]?.message.content).toBe('Hello!')
  expect(answer.usage?.total_tokens).toBe(23)
})

test('T97: the OpenAI SDK puts calls together', async () => {
  const server = await startTestServer({ serve: saying(calling) })
  const answer = await client(server).chat.completions.stream(hello).finalChatCompletion()
  expect(answer.choices[0]?.message.tool_calls).toMatchObject([
    { id: 'call_0', function: { name: 'get_weather', arguments: '{"city":"Oslo"}' } },
    { id: 'call_1', function: { name: 'get_time', arguments: '{}' } },
  ])
})

test('T97: the OpenAI SDK lists models and knows our errors', async () => {
  const openai = client(await startTestServer())
  expect((await openai.models.list()).data.map(({ id }) => id)).toEqual(['deepseek-v4-flash'])
  await expect(openai.chat.completions.create({ ...hello, temperature: 9 })).rejects.toMatchObject({
    status: 400,
    code: 'invalid_request_error',
    param: 'temperature',
    requestID: expect.stringMatching(/^req_/),
  })
})

test('T104: the OpenAI SDK raises when an answer breaks', async () => {
  const broken: CompletionEvent[] = [started, { type: 'text', text: 'Hel', tokens: 1 }, failed('engine-lost')]
  const openai = client(await startTestServer({ serve: slowly(broken), limits: { keepaliveMs: 40 } }))
  await expect(openai.chat.completions.stream(hello).finalChatCompletion()).rejects.toThrow('incomplete')
  await expect(openai.chat.completions.create(hello)).rejects.toThrow()
})

test('an answer of nothing but its end is no error to the SDK', async () => {
  const openai = client(await startTestServer({ serve: saying([started, finished]) }))
  expect((await openai.chat.completions.create(hello)).choices[0]?.message.content).toBe('')
})
