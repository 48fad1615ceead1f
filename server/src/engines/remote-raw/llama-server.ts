import { isObject, type Json, logprobOf } from '../openai-wire/chunk.ts'
import type { Asking } from './asking.ts'
import type { Described, RawAsk, RawEvent, RawWire } from './wire.ts'

/** `/completion` of llama.cpp's llama-server, with `/tokenize` and `/props` (contract section 17, rows LS). */
export const llamaServer: RawWire = {
  tokenizePath: '/tokenize',
  tokenize: (content) => ({ content, add_special: false, parse_special: true }),
  tokenizePlain: (content) => ({ content, add_special: false, parse_special: false }),
  generatePath: '/completion',
  generate,
  read,
  describe,
  constrains: true,
}

/** llama.cpp's seeds are 32 bits, of which the largest means "random". */
const seeds = 2 ** 32 - 1

function generate({ prompt, maxTokens, sampling, gbnf, banned, logprobs }: RawAsk): object {
  const { temperature, topP, seed } = sampling
  return {
    prompt,
    n_predict: maxTokens,
    stream: true,
    // Complete, because its own defaults differ from the contract's, and the operator can change them (contract C18).
    temperature,
    top_p: topP,
    top_k: 0,
    min_p: 0,
    typical_p: 1,
    top_n_sigma: -1,
    repeat_penalty: 1,
    dry_multiplier: 0,
    xtc_probability: 0,
    dynatemp_range: 0,
    mirostat: 0,
    samplers: ['top_k', 'top_p', 'min_p', 'temperature'],
    seed: seed === undefined ? -1 : ((seed % seeds) + seeds) % seeds,
    ignore_eos: false,
    // It has no salt: what it kept of one conversation could come up in another (contract LS4).
    cache_prompt: false,
    return_tokens: true,
    return_progress: true,
    // Without this list the last event repeats the whole prompt.
    response_fields: [
      'content',
      'tokens',
      'stop',
      'stop_type',
      'tokens_predicted',
      'tokens_evaluated',
      'truncated',
      'timings',
    ],
    ...(gbnf !== undefined && { grammar: gbnf }),
    ...(banned.length > 0 && { logit_bias: banned.map((token) => [token, false]) }),
    ...(logprobs && { n_probs: Math.max(1, logprobs.top) }),
  }
}

function read(body: Json): readonly RawEvent[] {
  const { prompt_progress: progress, timings, stop_type: ended } = body
  if (isObject(progress)) {
    const { processed } = progress
    return typeof processed === 'number' ? [{ type: 'progress', promptTokensRead: processed }] : []
  }
  const [token] = Array.isArray(body.tokens) ? body.tokens : []
  const logprobs = Array.isArray(body.completion_probabilities) ? body.completion_probabilities.flatMap(logprobOf) : []
  const cached = isObject(timings) && typeof timings.cache_n === 'number' ? timings.cache_n : undefined
  return [
    ...(typeof body.tokens_predicted === 'number'
      ? [
          {
            type: 'counts',
            counts: { completion: body.tokens_predicted, ...(cached !== undefined && { cached }) },
          } as const,
        ]
      : []),
    {
      type: 'text',
      text: typeof body.content === 'string' ? body.content : '',
      ...(typeof token === 'number' && { token }),
      ...(logprobs.length > 0 && { logprobs }),
    },
    ...(body.stop === true
      ? [{ type: 'end', reason: body.truncated === true ? 'limit' : String(ended) } as const]
      : []),
  ]
}

async function describe(asking: Asking, signal: AbortSignal): Promise<Described> {
  const props = await asking('/props', undefined, signal)
  const settings = isObject(props.default_generation_settings) ? props.default_generation_settings : {}
  return {
    ...(typeof props.chat_template === 'string' && { chatTemplate: props.chat_template }),
    ...(typeof props.bos_token === 'string' && { bosToken: props.bos_token }),
    ...(typeof props.eos_token === 'string' && { eosToken: props.eos_token }),
    ...(typeof settings.n_ctx === 'number' && { contextWindow: settings.n_ctx }),
    ...(typeof props.total_slots === 'number' && { slots: props.total_slots }),
    ...(typeof props.model_path === 'string' && { weights: props.model_path }),
  }
}
