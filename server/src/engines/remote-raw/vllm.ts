import { Refused } from './asking.ts'
import { completionsBody, readCompletions } from './completions.ts'
import { readTokenizerConfig } from './tokenizer-config.ts'
import type { RawWire } from './wire.ts'

/** `/v1/completions` and `/tokenize` of vLLM; `/tokenizer_info` where the operator of the server switched it on. */
export const vllm: RawWire = {
  tokenizePath: '/tokenize',
  tokenize: (prompt, model) => ({ model, prompt, add_special_tokens: false }),
  generatePath: '/v1/completions',
  generate: (ask) => ({
    ...completionsBody(ask),
    add_special_tokens: false,
    spaces_between_special_tokens: false,
    ...(ask.gbnf !== undefined && { structured_outputs: { grammar: ask.gbnf } }),
  }),
  read: readCompletions,
  async describe(asking, signal) {
    try {
      return readTokenizerConfig(await asking('/tokenizer_info', undefined, signal))
    } catch (error) {
      // It is off unless vLLM was started with it.
      if (error instanceof Refused && error.refusal.status === 404) return {}
      throw error
    }
  },
  async contextWindow(asking, model, signal) {
    const { max_model_len: length } = await asking('/tokenize', this.tokenize('a', model), signal)
    return typeof length === 'number' ? length : undefined
  },
  constrains: false,
}
