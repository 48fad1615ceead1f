import { chunksOf, type Said, saidInBody, saidInChunks, type WireChunk, type WireUsage } from '../client.ts'
import type { Errand } from './errands.ts'

/** One answer as it came over the wire. */
interface Heard {
  readonly status: number
  readonly contentType: string
  readonly text: string
}

interface Checked {
  /** What is wrong with the answer, a sentence each; empty when the contract holds. */
  readonly wrong: readonly string[]
  readonly id?: string
  readonly said?: Said
}

/** Holds one whole answer against the contract: shape, order of chunks, counts, and that it is the answer to this request. */
export function check(errand: Errand, { status, contentType, text }: Heard): Checked {
  const expected = errand.status ?? 200
  if (status !== expected) return { wrong: [`status ${status} instead of ${expected}: ${text.slice(0, 200)}`] }
  if (status !== 200) return { wrong: errorShape(text) }
  try {
    const streamed = errand.body.stream === true
    if (!contentType.startsWith(streamed ? 'text/event-stream' : 'application/json'))
      return { wrong: [`content type ${contentType}`] }
    const { chunks, done } = streamed ? chunksOf(text) : { chunks: [], done: true }
    const said = streamed ? saidInChunks(chunks) : saidInBody(text)
    const id: string = streamed ? (chunks[0]?.id ?? '') : JSON.parse(text).id
    const wrong = [
      ...(done ? [] : ['the stream has no [DONE]']),
      ...(streamed ? orderOf(chunks, errand) : []),
      ...counts(said.usage, errand),
      ...content(said, errand),
    ]
    return { wrong, id, said }
  } catch (error) {
    return { wrong: [`unreadable: ${error instanceof Error ? error.message : error}: ${text.slice(-200)}`] }
  }
}

function errorShape(text: string): string[] {
  const keys = Object.keys(JSON.parse(text).error ?? {}).join()
  return keys === 'message,type,param,code' ? [] : [`an error of the keys ${keys}`]
}

/** Contract C73 to C78. */
function orderOf(chunks: readonly WireChunk[], { body }: Errand): string[] {
  const wrong: string[] = []
  const heads = new Set(chunks.map((c) => [c.id, c.object, c.created, c.model, c.system_fingerprint].join(' ')))
  if (heads.size !== 1) wrong.push(`chunks of ${heads.size} different answers`)
  let stage = 0
  for (const [index, { choices }] of chunks.entries()) {
    const [choice] = choices
    if (!choice) continue
    const { delta } = choice
    if ((delta.role !== undefined) !== (index === 0)) wrong.push(`role in chunk ${index}`)
    const now = delta.tool_calls ? 3 : delta.role ? 0 : delta.content ? 2 : delta.reasoning_content ? 1 : 4
    if (now < stage) wrong.push(`a step back in chunk ${index}`)
    if ((now === 4) !== (choice.finish_reason !== null)) wrong.push(`an ending without a reason in chunk ${index}`)
    stage = now
  }
  if (chunks.filter((chunk) => chunk.usage).length !== 1) wrong.push('not exactly one usage')
  const asked = body.stream_options !== undefined
  if ((chunks.at(-1)?.choices.length === 0) !== asked) wrong.push('usage is not where it was asked for')
  return wrong
}

/** Contract C83 and C84. */
function counts(usage: WireUsage, { body }: Errand): string[] {
  const { prompt_tokens: prompt, completion_tokens: completion } = usage
  const holds =
    usage.total_tokens === prompt + completion &&
    usage.prompt_cache_hit_tokens + usage.prompt_cache_miss_tokens === prompt &&
    usage.prompt_tokens_details.cached_tokens === usage.prompt_cache_hit_tokens &&
    usage.completion_tokens_details.reasoning_tokens <= completion &&
    completion <= Number(body.max_tokens ?? Infinity) &&
    prompt > 0
  return holds ? [] : [`the counts do not agree: ${JSON.stringify(usage)}`]
}

function content(said: Said, { kind, mark, body }: Errand): string[] {
  const wrong: string[] = []
  const thinks = JSON.stringify(body.thinking) !== '{"type":"disabled"}'
  if ((said.reasoning !== undefined) !== thinks) wrong.push(`reasoning is ${typeof said.reasoning}`)
  if (/<\/?think>|｜/.test(said.content + (said.reasoning ?? ''))) wrong.push('markup in the answer')
  if (kind === 'stop' && /[ea]/.test(said.content)) wrong.push('part of a stop was sent')
  if (mark === undefined) return wrong
  const found = kind === 'call' ? said.calls[0]?.arguments : said.content
  if (said.finishReason === 'length') return wrong
  if (JSON.parse(found ?? '').id !== mark) wrong.push(`the answer of another request: ${found}`)
  return wrong
}
