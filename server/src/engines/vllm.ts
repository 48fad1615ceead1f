import { thinkingInTemplate } from './openai-wire/template-fields.ts'
import type { Wire } from './openai-wire/wire.ts'

/** vLLM's chat API (contract section 17, rows VL). */
export const vllm: Wire = {
  kind: 'vllm',
  defaults: { thinking: true },
  path: '/v1',
  health: { path: '/health', load: ['vllm:num_requests_running', 'vllm:num_requests_waiting'] },
  ownFields: ({ thinking, namespace }) => ({
    // The level goes to the template alone: older builds refuse `max` in the field `reasoning_effort`.
    chat_template_kwargs: thinkingInTemplate(thinking),
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
  historyReasoning: 'reasoning',
  wantsReasoning: false,
  switchesThinking: true,
  forcesCallsWithoutThinking: false,
  thinksWithFixedSampling: 'deepseek',
  leaksReasoning: true,
  endsWithUser: false,
  callSyntaxes: ['dsml', 'hermes'],
  trimsNewlines: true,
}
