import { expect, test } from 'vitest'
import { bodyB, type Client, chunksOf, saidInChunks } from '../client.ts'
import * as up from '../doubles/chat.ts'
import { type MortalChat, mortalChat, type Speech } from '../mortal-chat.ts'
import { type ChatDoubledOptions, chatDoubled } from './chat-harness.ts'
import { faultsOf } from './invariants.ts'

/** C116: chat APIs that break off go on behind a prefix, where they have an exact way to; else the stream ends as C95 has it. */

const weather = { type: 'function', function: { name: 'get_weather', parameters: { type: 'object' } } }
const words = (text: string) => text.split('·')
const off = { thinking: { type: 'disabled' } }

/** So many that one is left when others are left alone for their failures. */
const accounts = 12

async function ask(client: Client, fields: object) {
  const answer = await client.post(bodyB({ ...fields, stream: true }))
  expect(answer.status, answer.text).toBe(200)
  expect(faultsOf(answer, { ...fields, stream: true })).toEqual([])
  const { chunks, done } = chunksOf(answer.text)
  expect(done, answer.text).toBe(true)
  const { calls, usage, ...said } = saidInChunks(chunks)
  const { prompt_tokens, completion_tokens, completion_tokens_details } = usage
  return {
    ...said,
    calls: calls.map(({ name, arguments: written }) => [name, written]),
    usage: [prompt_tokens, completion_tokens, completion_tokens_details.reasoning_tokens],
  }
}

const contentOf = (chunks: ReturnType<typeof chunksOf>['chunks']) =>
  chunks.map(({ choices }) => choices?.[0]?.delta.content ?? '').join('')

const lengthOf = ({ reasoning = [], content = [], call }: Speech) =>
  reasoning.length + content.length + (call?.arguments.length ?? 0)

const answers: Readonly<Record<string, readonly [object, Speech]>> = {
  reasoning: [{}, { reasoning: words('Let· me· see·:· 😀·\n· Yes·.'), content: words('Yes·,· it· is·.') }],
  content: [off, { content: words('One·\n·\n·   · two·,· 日本· 😀· and· three·.·\n·\n·End·.') }],
  'held stop prefix': [{ ...off, stop: ['END OF IT'] }, { content: words('a·END· OF· US·b·END· OF·.') }],
  'a call': [
    { tools: [weather] },
    {
      reasoning: words('I· look·.'),
      content: words('Well·,· now·.'),
      call: { name: 'get_weather', arguments: words('{"city"·:· "Os·lo"·}') },
    },
  ],
  'a call behind reasoning': [
    { tools: [weather] },
    { reasoning: words('I· look·.'), call: { name: 'get_weather', arguments: words('{·}') } },
  ],
  json: [
    { response_format: { type: 'json_object' } },
    { reasoning: words('Some· JSON·.'), content: words('{·"a"·:· [·1·,· 2·]·}') },
  ],
}

const doubled = (chat: MortalChat, options: ChatDoubledOptions = {}) =>
  chatDoubled('deepseek', mortalChat(chat), { accounts, ...options })

test.each(Object.entries(answers))(
  'C116: the DeepSeek API goes on through its prefix mode, wherever it breaks off, in or before %s',
  async (_, [fields, speech]) => {
    const undisturbed = await ask((await doubled({ ...speech, deaths: [] })).client, fields)
    const chat = { reply: mortalChat({ ...speech, deaths: [] }) }
    const { client, upstream } = await chatDoubled('deepseek', (received) => chat.reply(received), { accounts })
    for (let after = 1; after < lengthOf(speech); after++) {
      const before = upstream.received.length
      chat.reply = mortalChat({ ...speech, deaths: [after] })
      const answer = await ask(client, fields)
      // White space that is written again counts again.
      const [prompt, completion, reasoning] = answer.usage
      expect(answer, `broken off after ${after}`).toEqual({ ...undisturbed, usage: expect.any(Array) })
      expect(prompt).toBeLessThanOrEqual(12)
      expect(completion).toBeGreaterThanOrEqual(undisturbed.usage[1] ?? 0)
      expect((completion ?? 0) - (undisturbed.usage[1] ?? 0)).toBeLessThanOrEqual(12 - (prompt ?? 0))
      expect(reasoning).toBeGreaterThanOrEqual(undisturbed.usage[2] ?? 0)
      expect(upstream.received.length).toBe(before + 2)
    }
  },
)

test('what stands goes along as it was written, and nothing else changes', async () => {
  const speech = { reasoning: words('Let· me· see·.'), content: words('One· two· three·.') }
  const { client, upstream } = await doubled({ ...speech, deaths: [2, 3] })
  await ask(client, { max_tokens: 50, temperature: 0.5 })
  const [first, second, third] = upstream.received
  expect([first?.path, second?.path, third?.path]).toEqual([
    '/chat/completions',
    '/beta/chat/completions',
    '/beta/chat/completions',
  ])
  const { messages, ...fields } = first?.body ?? {}
  expect(second?.body).toEqual({
    ...fields,
    max_tokens: 48,
    messages: [...messages, { role: 'assistant', content: '', reasoning_content: 'Let me', prefix: true }],
  })
  expect(third?.body).toEqual({
    ...fields,
    max_tokens: 45,
    messages: [...messages, { role: 'assistant', content: 'One', reasoning_content: 'Let me see.', prefix: true }],
  })
})

test('C29, C116: a prefix of the client stays before what stands', async () => {
  const chat = { content: words('def· f·(·x·)·:·\n·    ·return· x'), deaths: [4] }
  const { client, upstream } = await doubled(chat)
  const messages = [
    { role: 'user', content: 'Code!' },
    { role: 'assistant', content: 'def f(', prefix: true },
  ]
  expect(await ask(client, { ...off, messages })).toMatchObject({ content: 'x):\n    return x' })
  expect(upstream.received[1]?.body.messages.slice(1)).toMatchObject([{ content: 'def f(x):', prefix: true }])
})

test('C118: an answer that breaks off with its last token has all it may have, and nobody is asked', async () => {
  const { client, upstream } = await chatDoubled('deepseek', up.stream(up.content('a'), up.content('b')))
  const asked = await ask(client, { ...off, max_tokens: 2 })
  expect(asked).toMatchObject({ content: 'ab', finishReason: 'length', usage: [expect.any(Number), 2, 0] })
  expect(upstream.received).toHaveLength(1)
})

test('C119: JSON goes on without a mode that would begin it anew, and is checked as a whole', async () => {
  const content = words('{·"a"·:· "x·y"·}')
  const { client, upstream } = await doubled({ content, deaths: [4] })
  const answer = await ask(client, { ...off, response_format: { type: 'json_object' } })
  expect(JSON.parse(answer.content)).toEqual({ a: 'xy' })
  expect(upstream.received[0]?.body.response_format).toEqual({ type: 'json_object' })
  expect(upstream.received[1]?.body).not.toHaveProperty('response_format')
})

test('C112: an API that tells the prefix once more is not heard twice', async () => {
  const content = words('A· line· that· is· long· enough· to· be· known·.·\n·Another· one·.')
  const { client } = await doubled({ content, deaths: [11], repeats: (prefix) => prefix })
  expect((await ask(client, off)).content).toBe(content.join(''))
})

test('a prefix mode that is refused ends a stream that began, and restarts an answer of which nothing was shown', async () => {
  const content = words('One· two· three·.')
  const refusing = (received: Parameters<ReturnType<typeof mortalChat>>[0], deaths: readonly number[]) =>
    received.path.startsWith('/beta') ? { status: 404, pieces: [] } : mortalChat({ content, deaths })(received)
  const { client, upstream } = await chatDoubled('deepseek', (received, index) => refusing(received, index ? [] : [2]))
  const whole = await client.ask(off)
  expect(whole.content).toBe('One two three.')
  expect(upstream.received.map(({ path }) => path)).toEqual([
    '/chat/completions',
    '/beta/chat/completions',
    '/chat/completions',
  ])
  const streamed = await chatDoubled('deepseek', (received) => refusing(received, [2]))
  const { chunks, done } = chunksOf((await streamed.client.post(bodyB({ ...off, stream: true }))).text)
  expect([contentOf(chunks), chunks.at(-1)?.error?.code, done]).toEqual(['One two', 'generation_failed', false])
})

test('C121: another address is another API, whatever it calls its model', async () => {
  const content = words('One· two· three·.')
  const { client, upstreams } = await chatDoubled('deepseek', mortalChat({ content, deaths: [2] }), {
    replicas: [mortalChat({ content, deaths: [2] })],
  })
  expect((await ask(client, off)).content).toBe('One two three.')
  expect(upstreams.map(({ received }) => received.length).toSorted()).toEqual([0, 2])
})

test('C121: the operator can say that two addresses are as good as one', async () => {
  const content = words('One· two· three·.')
  const { client, upstreams } = await chatDoubled('deepseek', mortalChat({ content, deaths: [2] }), {
    replicas: [mortalChat({ content, deaths: [2] })],
    engine: { equivalence: 'as good' },
  })
  expect((await ask(client, off)).content).toBe('One two three.')
  expect(upstreams.map(({ received }) => received.length)).toEqual([1, 1])
})

test.each(['vllm', 'sglang', 'openai'] as const)(
  'C116: the chat API of %s goes on in text once its operator says how, and not inside reasoning',
  async (kind) => {
    const speech = { reasoning: words('Let· me· see·.'), content: words('One· two,·\n· three·.') }
    const options = { accounts, engine: { prefixMode: 'continue-final-message' } } as const
    for (const more of [{}, { misplaces: true } as const])
      for (let after = 5; after < lengthOf(speech); after++) {
        const { client, upstream } = await chatDoubled(
          kind,
          mortalChat({ ...speech, ...more, deaths: [after] }),
          options,
        )
        expect(await ask(client, {})).toMatchObject({ reasoning: 'Let me see.', content: 'One two,\n three.' })
        const { body } = upstream.received.at(-1) ?? {}
        expect(body).toMatchObject({ continue_final_message: true, add_generation_prompt: false })
        expect(body.messages.at(-1)).not.toHaveProperty('prefix')
      }
    for (const [deaths, told] of [
      [[2], options],
      [[6], { accounts }],
    ] as const) {
      const { client, upstream } = await chatDoubled(kind, mortalChat({ ...speech, deaths }), told)
      const { chunks, done } = chunksOf((await client.post(bodyB({ stream: true }))).text)
      expect([chunks.at(-1)?.error?.code, done, upstream.received.length]).toEqual(['generation_failed', false, 1])
    }
  },
)

test('the operator can have broken streams of a chat API end', async () => {
  const { client } = await doubled({ content: words('a·b·c'), deaths: [2] }, { model: { resume: false } })
  const { chunks, done } = chunksOf((await client.post(bodyB({ ...off, stream: true }))).text)
  expect([chunks.at(-1)?.error?.code, done]).toEqual(['generation_failed', false])
})
