import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { CompletionEvent } from '../../src/completion/event.ts'
import { defaultLimits } from '../../src/completion/limits.ts'
import type { CompletionRequest } from '../../src/completion/request.ts'
import { type RemoteKind, remoteKinds } from '../../src/engines/kinds.ts'
import { answerChat } from '../../src/engines/openai-wire/answer.ts'
import { createManners } from '../../src/engines/openai-wire/late-close.ts'
import { hearPieces } from '../../src/engines/openai-wire/reader-fixture.ts'
import type { Transport } from '../../src/engines/openai-wire/transport.ts'
import { createSseReader, type SseEvent } from '../../src/lib/sse.ts'
import { doubles } from '../doubles/catalog.ts'
import type { Double } from '../doubles/double.ts'
import type { Replies, Reply } from '../doubles/replies.ts'
import { speaking } from '../doubles/speaking.ts'
import { voices } from '../doubles/voices.ts'
import { told as allTold, callOf, requestOf } from '../replicas.ts'
import { chatDoubled } from './chat-harness.ts'

/** What is said does not depend on how an engine's bytes were packed: cut at every byte, any two chunks in one. */

const kinds = Object.keys(remoteKinds) as RemoteKind[]

const limits = { maxTokens: 500, sampling: { temperature: 0.5, topP: 1 } }
const schema = { type: 'object', properties: { city: { type: 'string' }, days: { type: 'integer' } } }
const requests: Readonly<Record<string, Partial<CompletionRequest>>> = {
  'reasoning and text': { ...limits, thinking: { enabled: true, effort: 'high' }, stop: ['else'] },
  'a call': {
    ...limits,
    thinking: { enabled: true, effort: 'high' },
    tools: [{ name: 'f', parameters: schema, strict: false }],
    toolChoice: { type: 'auto' },
  },
  JSON: { ...limits, format: { type: 'json_object' } },
}

const bytesOf = ({ pieces }: Reply): Uint8Array =>
  Buffer.concat(
    pieces.flatMap((piece) => (typeof piece === 'string' || piece instanceof Uint8Array ? [Buffer.from(piece)] : [])),
  )

/** How one reply comes over the wire. */
type Packing = (reply: Uint8Array) => readonly Uint8Array[]
const whole: Packing = (bytes) => [bytes]
const cutAt =
  (at: number): Packing =>
  (bytes) => [bytes.subarray(0, at), bytes.subarray(at)]

/** All that the engine is heard to say of a double's replies, with its text joined. */
async function told(kind: RemoteKind, replies: Replies, request: Partial<CompletionRequest>, packing = whole) {
  let asked = 0
  const transport: Transport = {
    async ask(body, _face, _signal, ear) {
      if (typeof replies !== 'function') throw new Error('A double of the catalogue looks at its request.')
      const received = { method: 'POST', path: '/v1/chat/completions', headers: {}, body, port: 1 }
      return hearPieces(packing(bytesOf(replies(received, asked++))), ear)
    },
    close: async () => undefined,
  }
  const upstream = {
    ...{ id: 'double', url: 'http://127.0.0.1', model: 'm', concurrency: 1, contextWindow: 100_000, maxOutput: 1_000 },
    ...{ thinking: true, logprobs: false },
  }
  const serve = answerChat({
    ...{ wire: remoteKinds[kind], upstream, transport, limits: defaultLimits },
    onFailure: () => undefined,
    manners: createManners(() => undefined),
  })
  const events: CompletionEvent[] = await allTold(serve, requestOf(request), callOf())
  const joined = (type: 'reasoning' | 'text') => events.map((event) => (event.type === type ? event.text : '')).join('')
  return {
    begun: events[0],
    reasoning: joined('reasoning'),
    text: joined('text'),
    calls: events.flatMap((event) => (event.type === 'tool-call' ? [[event.call.name, event.call.arguments]] : [])),
    end: events.at(-1),
  }
}

/** Without what can only be counted in deltas: the tokens of reasoning, and all of them where a stop ended the answer. */
const uncounted = ({ end, ...said }: Awaited<ReturnType<typeof told>>) => {
  if (end?.type !== 'finished') return { ...said, end }
  const { reasoningTokens: _, ...usage } = end.usage
  return { ...said, end: { ...end, usage: usage.estimated ? undefined : usage } }
}

/** The bytes that a double answers this request with at first. */
async function recorded({ kind, replies }: Double, request: Partial<CompletionRequest>): Promise<Uint8Array> {
  const taken: Uint8Array[] = []
  await told(kind, replies(), request, (bytes) => {
    taken.push(bytes)
    return [bytes]
  })
  return taken[0] ?? new Uint8Array()
}

function eventsIn(pieces: readonly Uint8Array[]): readonly SseEvent[] {
  const reader = createSseReader(100_000)
  return [...pieces.flatMap((piece) => reader.read(piece)), ...reader.end()]
}

/** Each kind's own, and those that frame their events in ways of their own. */
const framings = doubles.filter(
  ({ name, kind }) => name === kind || ['SG11', 'LS5', 'LS6', 'DS4', 'OA5', 'OA6', 'OA10', 'OA11'].includes(name),
)

test.each(framings)('$name: its events are the same, at whichever byte they are cut', async (double) => {
  for (const request of double.name === double.kind ? Object.values(requests) : [requests['a call'] ?? {}]) {
    const bytes = await recorded(double, request)
    const events = eventsIn([bytes])
    expect(events.length).toBeGreaterThan(0)
    for (let at = 1; at < bytes.length; at++) {
      const cut = eventsIn(cutAt(at)(bytes))
      // Comparing is dearer than reading: a look at each text is enough to find the place.
      if (cut.length !== events.length || cut.some((event, i) => event.data !== events[i]?.data))
        expect(cut, `cut at ${at}`).toEqual(events)
    }
    expect(eventsIn(Array.from(bytes, (_, at) => bytes.subarray(at, at + 1)))).toEqual(events)
  }
})

const recordings = new URL('../recordings/', import.meta.url)
const recording = (name: string) => readFileSync(new URL(`llama-server-${name}`, recordings))

test.each([
  ['reasoning.sse', 'reasoning and text', { reasoning: '2 + 3 = 5.', text: '2 + 3 = 5', calls: [] }],
  ['call.sse', 'a call', { reasoning: '', text: '', calls: [['get_weather', '{"city":"Oslo"}']] }],
  ['json.sse', 'JSON', { text: '{"city": "Oslo"}', calls: [] }],
] as const)('a real llama-server, %s: read as it is meant, at whichever byte it is cut', async (name, asked, meant) => {
  const bytes = recording(name)
  const request = {
    ...requests[asked],
    ...(name !== 'reasoning.sse' && { thinking: { enabled: false, effort: 'high' } as const }),
  }
  const replies = () => ({ pieces: [bytes] })
  const expected = await told('llama-server', replies, request)
  expect(expected).toMatchObject({ ...meant, end: { type: 'finished' } })
  expect(await told('llama-server', replies, request, (all) => Array.from(all, (byte) => Buffer.of(byte)))).toEqual(
    expected,
  )
  const events = eventsIn([bytes])
  for (let at = 1; at < bytes.length; at++) expect(eventsIn(cutAt(at)(bytes)).length).toBe(events.length)
})

test('a real llama-server’s refusal of a long prompt is the client’s', async () => {
  const { client } = await chatDoubled('llama-server', {
    status: 400,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    pieces: [recording('overflow.json')],
  })
  await expect(client.ask()).rejects.toThrow(/^400 .*2048 tokens.*3005 tokens.*context_length_exceeded/)
})

describe.each(kinds)('%s', (kind) => {
  const double = doubles.find(({ name }) => name === kind) as Double

  test('one short answer, cut at every byte, is one answer', async () => {
    const asking = requests['reasoning and text'] ?? {}
    const replies = () => speaking(voices[kind], ['a·é</think>b·😀'], true)
    const expected = await told(kind, replies(), asking)
    expect(expected).toMatchObject({ reasoning: 'aé', text: 'b😀' })
    const length = await recorded({ ...double, replies }, asking).then((bytes) => bytes.length)
    for (let at = 1; at < length; at++) expect(await told(kind, replies(), asking, cutAt(at))).toEqual(expected)
  })

  test.each(Object.entries(requests))(
    '%s: any two events may come in one packet, any two deltas in one event',
    async (_, request) => {
      const expected = await told(kind, double.replies(), request)
      expect(expected.end).toMatchObject({ type: 'finished' })
      const events = Buffer.from(await recorded(double, request))
        .toString()
        .split(/(?<=\n\n)/)
      for (let first = 0; first + 1 < events.length; first++) {
        const packed = [...events.slice(0, first), events.slice(first, first + 2).join(''), ...events.slice(first + 2)]
        const packets = packed.map((packet) => Buffer.from(packet))
        expect(await told(kind, double.replies(), request, () => packets)).toEqual(expected)
        const joined = joinedDelta(events[first] ?? '', events[first + 1] ?? '')
        if (!joined) continue
        const fewer = [...events.slice(0, first), joined, ...events.slice(first + 2)].map((event) => Buffer.from(event))
        expect(uncounted(await told(kind, double.replies(), request, () => fewer))).toEqual(uncounted(expected))
      }
    },
  )

  test('over a real socket a client hears the same, however the bytes come', async () => {
    const replies = double.replies()
    const random = fc.sample(fc.array(fc.nat(20_000), { maxLength: 12 }), { numRuns: 24, seed: 3 })
    const { client } = await chatDoubled(kind, (received, index) => {
      if (typeof replies !== 'function') throw new Error('A double of the catalogue looks at its request.')
      const reply = replies(received, 0)
      const bytes = bytesOf(reply)
      const cuts = [...new Set((random[index] ?? []).map((cut) => cut % bytes.length))].sort((a, b) => a - b)
      return { ...reply, pieces: [0, ...cuts].map((from, i) => bytes.subarray(from, cuts[i] ?? bytes.length)) }
    })
    const tools = [{ type: 'function', function: { name: 'f', parameters: schema } }]
    const answers = await Promise.all(
      random.map((_, round) => client.ask({ stream: round % 2 === 0, ...(round % 3 === 0 && { tools }) })),
    )
    const heard = answers.map(({ calls, ...said }, round) => ({
      ...said,
      calls: calls.map((call) => call.arguments),
      called: round % 3 === 0,
    }))
    for (const called of [true, false])
      expect(new Set(heard.filter((one) => one.called === called).map((one) => JSON.stringify(one))).size).toBe(1)
  })
})

/** Two deltas of one sort as one, as an engine sends them that is asked less often; undefined where they are of two sorts. */
function joinedDelta(first: string, second: string): string | undefined {
  const [a, b] = [first, second].map((event) =>
    event.includes('"delta"') ? JSON.parse(event.slice('data: '.length)) : undefined,
  )
  const [one, two] = [a?.choices[0], b?.choices[0]]
  if (!one || !two || two.finish_reason || one.delta.role || two.delta.tool_calls?.[0].id) return undefined
  const keysOf = (delta: object) => Object.entries(delta).filter(([, value]) => value !== null)
  const [[key, value] = [], [otherKey, other] = []] = [keysOf(one.delta)[0], keysOf(two.delta)[0]]
  if (key !== otherKey || key === undefined) return undefined
  if (typeof value === 'string') one.delta[key] = value + other
  else value[0].function.arguments += other[0].function.arguments
  return `data: ${JSON.stringify(a)}\n\n`
}
