import { thinkingInTemplate } from './openai-wire/template-fields.ts'
import type { Wire } from './openai-wire/wire.ts'

/** The server of llama.cpp, its chat API (contract section 17, rows LS). */
export const llamaServer: Wire = {
  kind: 'llama-server',
  defaults: { model: 'default', thinking: true },
  path: '/v1',
  health: { path: '/health', load: ['llamacpp:requests_processing', 'llamacpp:requests_deferred'] },
  ownFields: ({ thinking }) => ({
    chat_template_kwargs: thinkingInTemplate(thinking),
    reasoning_format: 'deepseek',
    // It has no salt: what one user left in a slot must not be found there by another (contract LS4).
    cache_prompt: false,
    // Reports while it reads a long prompt are progress, and keep the deadline away (contract C105).
    return_progress: true,
    timings_per_token: true,
    ...neutralSampling,
  }),
  takesSeed: true,
  takesStrict: false,
  format: 'json_schema',
  // An object for `tool_choice` is read as `auto`, without a word.
  takesNamedChoice: false,
  runningUsage: false,
  historyReasoning: 'reasoning_content',
  wantsReasoning: false,
  switchesThinking: true,
  forcesCallsWithoutThinking: false,
  thinksWithFixedSampling: 'deepseek',
  leaksReasoning: true,
  endsWithUser: true,
  logprobsWithoutTools: true,
  callSyntaxes: ['dsml', 'hermes'],
  trimsNewlines: true,
}

/** Every sampler beside temperature and top_p, switched off: its defaults, and flags of its start, would cut the choice. */
const neutralSampling = {
  top_k: 0,
  min_p: 0,
  typical_p: 1,
  top_n_sigma: -1,
  xtc_probability: 0,
  dry_multiplier: 0,
  dynatemp_range: 0,
  mirostat: 0,
  repeat_penalty: 1,
}
