import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { CompletionEvent, TokenLogprob } from '../../completion/event.ts'
import { chunksOf, finished, greeting, started, usage } from '../http-fixture.ts'
import { type AnswerHead, bodyEncoder, streamEncoder } from './encode.ts'

const head: AnswerHead = {
  id: 'chatcmpl-6f',
  created: 1795305600,
  model: 'deepseek-v4-flash',
  fingerprint: 'fp_3b1c9a77e0d2',
  thinking: true,
  logprobs: false,
  heartbeat: 'comment',
}
const written = (events: readonly CompletionEvent[], encoder: ReturnType<typeof bodyEncoder>): string =>
  events.map((event) => (event.type === 'failed' ? encoder.broken(event.failure) : encoder.encode(event))).join('')

const streamed = (
  events: readonly CompletionEvent[],
  changed: Partial<AnswerHead> = {},
  includeUsage = false,
): string => written(events, streamEncoder({ ...head, ...changed }, includeUsage))
const whole = (events: readonly CompletionEvent[], changed: Partial<AnswerHead> = {}) =>
  JSON.parse(written(events, bodyEncoder({ ...head, ...changed })))

const call = (index: number, name: string, text: string): CompletionEvent => ({
  type: 'tool-call',
  index,
  call: { id: `call_${index}`, name, arguments: text },
  tokens: 1,
})
const calling: readonly CompletionEvent[] = [
  started,
  call(0, 'get_weather', '{"city":"Oslo"}'),
  call(1, 'get_time', '{}'),
  { type: 'finished', reason: 'tool-calls', matchedStop: null, usage },
]

const prefix = `"id":"chatcmpl-6f","object":"chat.completion.chunk","created":1795305600,"model":"deepseek-v4-flash","system_fingerprint":"fp_3b1c9a77e0d2"`
const counts = `{"prompt_tokens":12,"completion_tokens":11,"total_tokens":23,"prompt_cache_hit_tokens":4,"prompt_cache_miss_tokens":8,"prompt_tokens_details":{"cached_tokens":4,"audio_tokens":0,"text_tokens":12},"completion_tokens_details":{"reasoning_tokens":8,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}`
const lines = (...data: readonly string[]): string =>
  data.map((line) => `data: ${line.replaceAll('P,', `${prefix},`).replaceAll('=U', `:${counts}`)}\n\n`).join('')

test('T88, T90: reasoning, content and asked usage, byte for byte as contract section 10 has it', () => {
  expect(streamed(greeting, {}, true)).toBe(
    lines(
      '{P,"choices":[{"index":0,"delta":{"role":"assistant","content":"","reasoning_content":""},"finish_reason":null}],"usage":null}',
      '{P,"choices":[{"index":0,"delta":{"reasoning_content":"The user greets me."},"finish_reason":null}],"usage":null}',
      '{P,"choices":[{"index":0,"delta":{"content":"Hello!"},"finish_reason":null}],"usage":null}',
      '{P,"choices":[{"index":0,"delta":{},"finish_reason":"stop","matched_stop":null}],"usage":null}',
      '{P,"choices":[],"usage"=U}',
      '[DONE]',
    ),
  )
})

test('T70, T90: two calls without thinking and without asked usage, byte for byte', () => {
  expect(streamed(calling, { thinking: false })).toBe(
    lines(
      '{P,"choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}',
      '{P,"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"call_0","type":"function","function":{"name":"get_weather","arguments":""}}]},"finish_reason":null}]}',
      '{P,"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\\"city\\":\\"Oslo\\"}"}}]},"finish_reason":null}]}',
      '{P,"choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"id":"call_1","type":"function","function":{"name":"get_time","arguments":""}}]},"finish_reason":null}]}',
      '{P,"choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"function":{"arguments":"{}"}}]},"finish_reason":null}]}',
      '{P,"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls","matched_stop":null}],"usage"=U}',
      '[DONE]',
    ),
  )
})

test('T1: the whole answer has exactly the keys of section 9, in their order', () => {
  expect(written(greeting, bodyEncoder(head))).toBe(
    `{"id":"chatcmpl-6f","object":"chat.completion","created":1795305600,"model":"deepseek-v4-flash","choices":[{"index":0,"message":{"role":"assistant","content":"Hello!","reasoning_content":"The user greets me."},"logprobs":null,"finish_reason":"stop","matched_stop":null}],"usage":${counts},"system_fingerprint":"fp_3b1c9a77e0d2"}`,
  )
})

test('C70: calls come with empty content', () => {
  expect(whole(calling).choices[0]).toMatchObject({
    message: {
      role: 'assistant',
      content: '',
      reasoning_content: '',
      tool_calls: [{ id: 'call_0', type: 'function' }, {}],
    },
    finish_reason: 'tool_calls',
  })
})

test('T53: without thinking nobody sees reasoning, whatever the engine did', () => {
  expect(streamed(greeting, { thinking: false })).not.toContain('reasoning_content')
  expect(whole(greeting, { thinking: false }).choices[0].message).toEqual({ role: 'assistant', content: 'Hello!' })
})

test('T68: an engine that had to leave the thinking out takes the key back', () => {
  const events: readonly CompletionEvent[] = [{ ...started, thinking: false } as CompletionEvent, ...calling.slice(1)]
  expect(streamed(events)).not.toContain('reasoning_content')
  expect(whole(events).choices[0].message).not.toHaveProperty('reasoning_content')
  expect(
    whole([{ ...started, thinking: true } as CompletionEvent, finished], { thinking: false }).choices[0].message,
  ).toEqual({ role: 'assistant', content: '' })
})

test('an answer of nothing still has its role chunk and its finish', () => {
  const chunks = chunksOf(streamed([started, finished]))
  expect(chunks.map((chunk) => chunk.choices[0]?.finish_reason)).toEqual([null, 'stop'])
})

test('a matched stop is named on the finish chunk and in the body', () => {
  const events: CompletionEvent[] = [
    { type: 'text', text: 'a', tokens: 1 },
    { ...finished, matchedStop: 'END' } as CompletionEvent,
  ]
  expect(chunksOf(streamed(events)).at(-1)?.choices[0]?.matched_stop).toBe('END')
  expect(whole(events).choices[0].matched_stop).toBe('END')
})

describe('heartbeats', () => {
  const form = (heartbeat: AnswerHead['heartbeat']) => streamEncoder({ ...head, heartbeat }, false)

  test('T96: every form', () => {
    expect(form('comment').heartbeat()).toBe(': keep-alive\n\n')
    expect(form('line').heartbeat()).toBe(': keep-alive\n')
    expect(form('off').heartbeat()).toBe('')
    expect(bodyEncoder(head).heartbeat()).toBe('\n')
    expect(bodyEncoder({ ...head, heartbeat: 'off' }).heartbeat()).toBe('')
  })

  test('T96: as chunks, the role comes first and only once', () => {
    const encoder = form('chunk')
    const text = encoder.heartbeat() + encoder.heartbeat() + greeting.map((event) => written([event], encoder)).join('')
    expect(chunksOf(text).map((chunk) => chunk.choices[0]?.delta)).toEqual([
      { role: 'assistant', content: '', reasoning_content: '' },
      {},
      { reasoning_content: 'The user greets me.' },
      { content: 'Hello!' },
      {},
    ])
  })
})

describe('log probabilities', () => {
  const probable = (token: string): TokenLogprob => ({
    token,
    bytes: [...Buffer.from(token)],
    logprob: -0.5,
    top: [{ token: 'x', bytes: [120], logprob: Number.NEGATIVE_INFINITY }],
  })
  const events: readonly CompletionEvent[] = [
    { type: 'reasoning', text: 'r', tokens: 1, logprobs: [probable('r')] },
    { type: 'text', text: '', tokens: 1, logprobs: [probable('a')] },
    { type: 'text', text: 'ab', tokens: 1, logprobs: [probable('b')] },
    { type: 'text', text: '', tokens: 1, logprobs: [probable('cut')] },
    finished,
  ]
  const wire = (token: string) => ({
    token,
    logprob: -0.5,
    bytes: [...Buffer.from(token)],
    top_logprobs: [{ token: 'x', logprob: -9999, bytes: [120] }],
  })

  test('C82: they come with the text they belong to, and never alone', () => {
    expect(chunksOf(streamed(events, { logprobs: true })).map((chunk) => chunk.choices[0]?.logprobs)).toEqual([
      undefined,
      { content: [], reasoning_content: [wire('r')] },
      { content: [wire('a'), wire('b')] },
      undefined,
    ])
    expect(whole(events, { logprobs: true }).choices[0].logprobs).toEqual({
      content: [wire('a'), wire('b')],
      reasoning_content: [wire('r')],
    })
  })

  test('they are left out when nobody asked', () => {
    expect(streamed(events)).not.toContain('logprobs')
    expect(whole(events).choices[0].logprobs).toBeNull()
  })
})

describe('of any answer', () => {
  const text = fc.string({ unit: fc.constantFrom('', 'a', '"', '\n', '😀', 'é', '</think>', '\u0000'), maxLength: 6 })
  const delta = (type: 'reasoning' | 'text') => fc.record({ type: fc.constant(type), text, tokens: fc.nat(3) })
  const reason = fc.constantFrom('stop', 'length', 'tool-calls', 'content-filter')
  const answer = fc
    .tuple(
      fc.array(delta('reasoning'), { maxLength: 4 }),
      fc.array(delta('text'), { maxLength: 4 }),
      fc.array(fc.tuple(text, text), { maxLength: 3 }),
      fc.record({ type: fc.constant('finished'), reason, matchedStop: fc.option(text), usage: fc.constant(usage) }),
    )
    .map(([reasoning, content, calls, end]): CompletionEvent[] => [
      started,
      ...reasoning,
      ...content,
      ...calls.map(([name, arg], index) => call(index, name, arg)),
      end,
    ])

  test('T91: the fold of the stream is the whole answer', () => {
    fc.assert(
      fc.property(answer, fc.boolean(), fc.boolean(), (events, includeUsage, thinking) => {
        expect(fold(streamed(events, { thinking }, includeUsage))).toEqual(whole(events, { thinking }))
      }),
    )
  })

  test('T88, T89: the shape of the stream', () => {
    fc.assert(
      fc.property(answer, fc.boolean(), (events, includeUsage) => {
        const stream = streamed(events, {}, includeUsage)
        expect(stream.endsWith('data: [DONE]\n\n')).toBe(true)
        const chunks = chunksOf(stream)
        const same = chunks.map(({ choices: _, usage: __, ...rest }) => JSON.stringify(rest))
        expect(new Set(same).size).toBe(1)
        const deltas = chunks.flatMap((chunk) => chunk.choices.map((choice) => choice.delta))
        expect(deltas.filter((one) => 'role' in one)).toHaveLength(1)
        for (const one of deltas.slice(1)) {
          expect(Object.values(one).every((value) => value !== null && value !== '')).toBe(true)
          expect(Object.keys(one).length).toBeLessThanOrEqual(1)
        }
        expect(chunks.filter((chunk) => chunk.choices[0]?.finish_reason != null)).toHaveLength(1)
        expect(chunks.filter((chunk) => chunk.usage != null)).toHaveLength(1)
        expect(chunks.filter((chunk) => chunk.choices.length === 0)).toHaveLength(includeUsage ? 1 : 0)
        expect(chunks.filter((chunk) => 'usage' in chunk)).toHaveLength(includeUsage ? chunks.length : 1)
      }),
    )
  })
})

/** What a client makes of a stream. */
function fold(stream: string): unknown {
  const chunks = chunksOf(stream)
  const message: { [key: string]: unknown; role?: unknown; tool_calls?: { function: { arguments: string } }[] } = {}
  for (const { delta } of chunks.flatMap((chunk) => chunk.choices)) {
    for (const key of ['content', 'reasoning_content'] as const)
      if (key in delta) message[key] = `${message[key] ?? ''}${delta[key]}`
    if ('role' in delta) message.role = delta.role
    for (const { index, ...fragment } of (delta.tool_calls ?? []) as {
      index: number
      function: { arguments: string }
    }[]) {
      message.tool_calls ??= []
      const known = message.tool_calls[index]
      if (known) known.function.arguments += fragment.function.arguments
      else message.tool_calls[index] = structuredClone(fragment)
    }
  }
  const first: { readonly [key: string]: unknown } = chunks[0] ?? {}
  const { id, created, model, system_fingerprint } = first
  const { finish_reason, matched_stop } = chunks.flatMap((chunk) => chunk.choices).at(-1) ?? {}
  return {
    id,
    object: 'chat.completion',
    created,
    model,
    choices: [{ index: 0, message, logprobs: null, finish_reason, matched_stop }],
    usage: chunks.find((chunk) => chunk.usage != null)?.usage,
    system_fingerprint,
  }
}
