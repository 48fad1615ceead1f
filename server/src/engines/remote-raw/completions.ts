import type { TokenLogprob } from '../../completion/event.ts'
import { isObject, type Json, reportedOf } from '../openai-wire/chunk.ts'
import type { RawAsk, RawEvent } from './wire.ts'

/** What vLLM and SGLang share: OpenAI's old `/v1/completions` with token ids for a prompt, and more fields than it ever had. */

/** A complete set, so that no default of a server or of its model matters (contract C18). */
export function completionsBody({ model, prompt, maxTokens, sampling, banned, logprobs, namespace }: RawAsk) {
  const { temperature, topP, seed } = sampling
  return {
    model,
    prompt,
    max_tokens: maxTokens,
    stream: true,
    stream_options: { include_usage: true, continuous_usage_stats: true },
    temperature,
    top_p: topP,
    top_k: -1,
    min_p: 0,
    repetition_penalty: 1,
    // Thinking and calls are marked by tokens that are special to some models.
    skip_special_tokens: false,
    cache_salt: namespace,
    ...(seed !== undefined && { seed }),
    ...(banned.length > 0 && { logit_bias: Object.fromEntries(banned.map((token) => [token, -100])) }),
    ...(logprobs && { logprobs: logprobs.top }),
  }
}

export function readCompletions(body: Json): readonly RawEvent[] {
  const choices: readonly unknown[] = Array.isArray(body.choices) ? body.choices : []
  const choice = choices.find((one): one is Json => isObject(one) && (one.index ?? 0) === 0)
  const logprobs = isObject(choice?.logprobs) ? logprobsOf(choice.logprobs) : []
  return [
    ...(isObject(body.usage) ? [{ type: 'counts', counts: reportedOf(body.usage) } as const] : []),
    ...(typeof choice?.text === 'string'
      ? [{ type: 'text', text: choice.text, ...(logprobs.length > 0 && { logprobs }) } as const]
      : []),
    ...(typeof choice?.finish_reason === 'string' ? [{ type: 'end', reason: choice.finish_reason } as const] : []),
  ]
}

/** Lists beside one another: the tokens, their log probabilities, and the likeliest in their places. */
function logprobsOf({ tokens, token_logprobs: values, top_logprobs: tops }: Json): readonly TokenLogprob[] {
  if (!Array.isArray(tokens) || !Array.isArray(values)) return []
  return tokens.flatMap((token: unknown, i) => {
    const logprob: unknown = values[i]
    const top: unknown = Array.isArray(tops) ? tops[i] : undefined
    if (typeof token !== 'string' || typeof logprob !== 'number') return []
    const likeliest = Object.entries(isObject(top) ? top : {}).filter(
      (pair): pair is [string, number] => typeof pair[1] === 'number',
    )
    return [
      {
        ...alternative(token, logprob),
        top: likeliest.sort(([, a], [, b]) => b - a).map(([text, value]) => alternative(text, value)),
      },
    ]
  })
}

const alternative = (token: string, logprob: number) => ({ token, logprob, bytes: [...Buffer.from(token)] })
