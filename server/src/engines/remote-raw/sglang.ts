import { isObject } from '../openai-wire/chunk.ts'
import { completionsBody, readCompletions } from './completions.ts'
import type { RawWire } from './wire.ts'

/** `/v1/completions` and `/v1/tokenize` of SGLang. It tells nobody its model's template: the operator must. */
export const sglang: RawWire = {
  tokenizePath: '/v1/tokenize',
  tokenize: (prompt, model) => ({ model, prompt, add_special_tokens: false }),
  generatePath: '/v1/completions',
  generate: (ask) => ({ ...completionsBody(ask), ...(ask.gbnf !== undefined && { ebnf: ask.gbnf }) }),
  read: readCompletions,
  describe: async () => ({}),
  async contextWindow(asking, model, signal) {
    const { data } = await asking('/v1/models', undefined, signal)
    const models: readonly unknown[] = Array.isArray(data) ? data : []
    const own = models.find((one) => isObject(one) && one.id === model) ?? models[0]
    return isObject(own) && typeof own.max_model_len === 'number' ? own.max_model_len : undefined
  },
  constrains: false,
}
