import { type Agent, request } from 'undici'
import { type Client, chunksOf, saidInChunks, type WireChunk } from '../client.ts'

/** What one client got, and how. */
export interface Heard {
  /** `x-request-id`: its name in the logs of the gateway. */
  readonly request: string
  /** Everything that was said, as one text: two answers are equal if these are. */
  readonly said: string
  readonly completionTokens: number
  /** What is wrong with the stream itself; empty: nothing. */
  readonly faults: readonly string[]
  /** The longest time without a byte of the answer. */
  readonly gapMs: number
}

export async function hear(client: Client, agent: Agent, body: unknown, onData: () => void): Promise<Heard> {
  const response = await request(`${client.origin}/v1/chat/completions`, {
    dispatcher: agent,
    method: 'POST',
    headers: { authorization: `Bearer ${client.key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  const about = { request: String(response.headers['x-request-id']) }
  let text = ''
  let gapMs = 0
  let last: number | undefined
  response.body.setEncoding('utf8')
  for await (const part of response.body) {
    text += part
    if (!part.includes('data: ')) continue
    const now = performance.now()
    if (last !== undefined) gapMs = Math.max(gapMs, now - last)
    last = now
    onData()
  }
  if (response.statusCode !== 200)
    return { ...about, said: '', completionTokens: 0, faults: [`${response.statusCode} ${text}`], gapMs }
  const { chunks, done } = chunksOf(text)
  const failed = chunks.find(({ error }) => error)
  if (failed) return { ...about, said: '', completionTokens: 0, faults: [JSON.stringify(failed.error)], gapMs }
  const { reasoning, content, calls, finishReason, usage } = saidInChunks(chunks)
  const said = JSON.stringify([reasoning, content, calls.map((call) => [call.name, call.arguments]), finishReason])
  return {
    ...about,
    said,
    completionTokens: usage.completion_tokens,
    faults: [...faultsIn(chunks), ...(done ? [] : ['no end'])],
    gapMs,
  }
}

/** One stream has one name, one role chunk, one finish, and calls in their order. */
function faultsIn(chunks: readonly WireChunk[]): string[] {
  const names = new Set(chunks.map(({ id, created, model }) => `${id} ${created} ${model}`))
  const choices = chunks.flatMap(({ choices }) => choices)
  const calls = choices.flatMap(({ delta }) => delta.tool_calls ?? [])
  const ids = calls.flatMap(({ id }) => id ?? [])
  return [
    ...(names.size === 1 ? [] : ['several names']),
    ...(choices.filter(({ delta }) => delta.role).length === 1 ? [] : ['not one role chunk']),
    ...(choices.filter((choice) => choice.finish_reason).length === 1 ? [] : ['not one finish']),
    ...(new Set(ids).size === ids.length ? [] : ['a call twice']),
  ]
}
