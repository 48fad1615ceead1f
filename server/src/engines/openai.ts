import type { Wire } from './openai-wire/wire.ts'

/** Any server that speaks OpenAI's chat completions, of which nothing more is known (contract section 17, rows OA). */
export const openai: Wire = {
  kind: 'openai',
  defaults: {},
  path: '/v1',
  health: { path: 'models' },
  ownFields: () => ({}),
  takesSeed: true,
  takesStrict: true,
  format: 'json_object',
  takesNamedChoice: true,
  runningUsage: false,
  wantsReasoning: false,
  switchesThinking: false,
  forcesCallsWithoutThinking: false,
  thinksWithFixedSampling: 'none',
  leaksReasoning: true,
  endsWithUser: false,
  callSyntaxes: ['dsml', 'hermes'],
  trimsNewlines: true,
}
