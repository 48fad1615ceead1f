import * as up from './doubles/chat.ts'
import type { Received, Reply } from './doubles/replies.ts'

/** What a model behind a chat API has to say, token by token. */
export interface Speech {
  readonly reasoning?: readonly string[]
  readonly content?: readonly string[]
  readonly call?: { readonly name: string; readonly arguments: readonly string[] }
}

export interface MortalChat extends Speech {
  /** After how many tokens each reply ends, one after the other; those behind them come to their end. */
  readonly deaths: readonly number[]
  readonly ends?: Reply['ends']
  /** What it says before its answer goes on behind a prefix, though it should not. */
  readonly repeats?: (prefix: string) => string
  /** It takes what comes behind a prefix for reasoning, as parsers do that look for its end. */
  readonly misplaces?: true
}

type Token = readonly [channel: 'reasoning' | 'content' | 'call', text: string]

const isPrefix = ({ path, body }: Received): boolean =>
  body.continue_final_message === true
    ? body.add_generation_prompt === false && path === '/v1/chat/completions'
    : body.messages.at(-1)?.prefix === true && path === '/beta/chat/completions'

/**
 * A chat API with one thing to say, wherever it is asked: behind a prefix it says the rest. Its replies break off as `deaths` has it. What
 * it never said it does not go on with.
 */
export function mortalChat(chat: MortalChat): (received: Received) => Reply {
  const { reasoning = [], content = [], call, deaths, ends = 'reset', repeats, misplaces } = chat
  const left = [...deaths]
  const all: readonly Token[] = [
    ...reasoning.map((text): Token => ['reasoning', text]),
    ...content.map((text): Token => ['content', text]),
    ...(call?.arguments ?? []).map((text): Token => ['call', text]),
  ]
  return (received) => {
    // A question about its health, which comes where a test takes long.
    if (received.method === 'GET') return { pieces: [] }
    const goesOn = isPrefix(received)
    const last = received.body.messages.at(-1)
    if (!goesOn && last.role === 'assistant') return up.refusal(400, 'This is no way to go on.')
    const rest = goesOn ? restOf(all, last.reasoning_content ?? last.reasoning ?? '', last.content) : all
    if (!rest) return up.refusal(400, `It never said ${JSON.stringify([last.reasoning_content, last.content])}.`)
    const taken = rest.slice(0, received.body.max_tokens)
    const death = left.shift() ?? Infinity
    const said = taken.slice(0, death)
    const channel = misplaces && goesOn ? 'reasoning' : undefined
    const again = goesOn ? repeats?.(last.content || last.reasoning_content) : undefined
    const pieces = said.map(([own, text], index) => {
      const isFirst = index === 0 || said[index - 1]?.[0] !== own
      if (own === 'call')
        return up.call(0, isFirst ? { id: 'u1', name: call?.name ?? '', arguments: text } : { arguments: text })
      return (channel ?? own) === 'reasoning' ? up.reasoning(text) : up.content(text)
    })
    const first = again ? [up.content(again)] : []
    if (death < taken.length) return { ...up.stream(...first, ...pieces), ends }
    const whole = taken.length < rest.length ? 'length' : call ? 'tool_calls' : 'stop'
    const stood = all.length - rest.length
    return up.stream(
      ...first,
      ...pieces,
      up.finish(whole),
      up.data({ choices: [], usage: usageOf(stood, taken) }),
      up.done,
    )
  }
}

/** The prompt is 12 tokens, and the prefix beside it. */
function usageOf(stood: number, said: readonly Token[]) {
  const reasoning_tokens = said.filter(([channel]) => channel === 'reasoning').length
  return {
    prompt_tokens: 12 + stood,
    completion_tokens: said.length,
    total_tokens: 12 + stood + said.length,
    completion_tokens_details: { reasoning_tokens },
  }
}

/** @returns what comes behind these words, the first token cut where it was said in part; undefined where they never came */
function restOf(all: readonly Token[], reasoning: string, content: string): readonly Token[] | undefined {
  const channel = content === '' ? 'reasoning' : 'content'
  const words = content === '' ? reasoning : content
  const from = all.findIndex(([own]) => own === channel)
  let left = words
  for (let at = from; at >= 0 && at < all.length; at++) {
    const [own, text] = all[at] ?? ['call', '']
    if (left === '') return all.slice(at)
    if (own !== channel) return undefined
    if (text.startsWith(left))
      return text === left ? all.slice(at + 1) : [[own, text.slice(left.length)], ...all.slice(at + 1)]
    if (!left.startsWith(text)) return undefined
    left = left.slice(text.length)
  }
  return left === '' && from >= 0 ? [] : undefined
}
