import type { Wire } from './openai-wire/wire.ts'

/** The DeepSeek API (contract section 17, rows DS). */
export const deepseek: Wire = {
  kind: 'deepseek',
  defaults: { url: 'https://api.deepseek.com', model: 'deepseek-v4-flash', thinking: true, needsKey: true },
  path: '',
  prefixPath: '/beta',
  prefixMode: 'prefix',
  ownFields: ({ thinking, namespace }) => ({
    thinking: { type: thinking.enabled ? 'enabled' : 'disabled' },
    ...(thinking.enabled && { reasoning_effort: thinking.effort }),
    // Our salt, never the id that the client sent (contract C99).
    user_id: namespace,
  }),
  takesSeed: false,
  takesStrict: false,
  format: 'json_object',
  takesNamedChoice: true,
  runningUsage: false,
  historyReasoning: 'reasoning_content',
  wantsReasoning: true,
  switchesThinking: true,
  forcesCallsWithoutThinking: true,
  thinksWithFixedSampling: 'every-model',
  leaksReasoning: false,
  endsWithUser: false,
  callSyntaxes: ['dsml'],
  trimsNewlines: false,
}
