import type { Wire } from './openai-wire/wire.ts'

/** Another Tidegate, a node behind this one. It keeps the contract: what a client may ask of us is asked of it as it was. */
export const tidegate: Wire = {
  kind: 'tidegate',
  defaults: { thinking: true, needsKey: true },
  path: '/v1',
  // Before its door is closed it says there that it will be.
  health: { path: '/health/ready', load: ['tidegate_completions_running'] },
  prefixMode: 'prefix',
  ownFields: ({ thinking, namespace }) => ({
    thinking: { type: thinking.enabled ? 'enabled' : 'disabled' },
    ...(thinking.enabled && { reasoning_effort: thinking.effort }),
    // Our salt, never the id that the client sent (contract C99).
    user_id: namespace,
  }),
  takesSeed: true,
  takesStrict: true,
  format: 'json_schema',
  takesHints: true,
  takesNamedChoice: true,
  runningUsage: false,
  historyReasoning: 'reasoning_content',
  wantsReasoning: false,
  switchesThinking: true,
  forcesCallsWithoutThinking: false,
  // Whether its model thinks so is for it to know (contract C16).
  thinksWithFixedSampling: 'none',
  leaksReasoning: false,
  endsWithUser: false,
  callSyntaxes: ['dsml', 'hermes'],
  trimsNewlines: false,
}
