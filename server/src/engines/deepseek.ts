import type { Engine } from './engine.ts'
import { type ChatSurroundings, chatEngine } from './openai-wire/engine.ts'
import type { Upstream, Wire } from './openai-wire/wire.ts'

/** The DeepSeek API (contract section 17, rows DS). */
const wire: Wire = {
  kind: 'deepseek',
  path: '',
  prefixPath: '/beta',
  ownFields: ({ thinking, namespace }) => ({
    thinking: { type: thinking.enabled ? 'enabled' : 'disabled' },
    ...(thinking.enabled && { reasoning_effort: thinking.effort }),
    // Our salt, never the id that the client sent (contract C99).
    user_id: namespace,
  }),
  takesSeed: false,
  takesStrict: false,
  wantsReasoning: true,
  forcesCallsWithoutThinking: true,
  thinksWithFixedSampling: true,
  callSyntaxes: ['dsml'],
  trimsNewlines: false,
}

export const deepseek = (upstream: Upstream, surroundings: ChatSurroundings): Engine =>
  chatEngine(wire, upstream, surroundings)
