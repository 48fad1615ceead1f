import { thinkingInTemplate } from './openai-wire/template-fields.ts'
import type { Wire } from './openai-wire/wire.ts'

/** SGLang's chat API (contract section 17, rows SG). */
export const sglang: Wire = {
  kind: 'sglang',
  defaults: { thinking: true },
  path: '/v1',
  health: { path: '/health', load: ['sglang:num_running_reqs', 'sglang:num_queue_reqs'] },
  ownFields: ({ thinking, namespace }) => ({
    // Older builds look for the level in one of two places (contract SG3).
    ...(thinking.enabled && { reasoning_effort: thinking.effort }),
    chat_template_kwargs: thinkingInTemplate(thinking),
    separate_reasoning: true,
    top_k: -1,
    min_p: 0,
    repetition_penalty: 1,
    cache_salt: namespace,
  }),
  takesSeed: true,
  takesStrict: true,
  format: 'json_schema',
  takesNamedChoice: true,
  runningUsage: true,
  historyReasoning: 'reasoning_content',
  wantsReasoning: false,
  switchesThinking: true,
  forcesCallsWithoutThinking: false,
  thinksWithFixedSampling: 'deepseek',
  leaksReasoning: true,
  endsWithUser: true,
  callSyntaxes: ['dsml', 'hermes'],
  trimsNewlines: true,
}
