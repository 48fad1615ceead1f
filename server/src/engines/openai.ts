import type { Engine } from './engine.ts'
import { type ChatSurroundings, chatEngine } from './openai-wire/engine.ts'
import type { Upstream, Wire } from './openai-wire/wire.ts'

/** Any server that speaks OpenAI's chat completions, of which nothing more is known (contract section 17, rows OA). */
const wire: Wire = {
  kind: 'openai',
  path: '/v1',
  ownFields: () => ({}),
  takesSeed: true,
  takesStrict: true,
  wantsReasoning: false,
  forcesCallsWithoutThinking: false,
  thinksWithFixedSampling: false,
  callSyntaxes: ['dsml', 'hermes'],
  trimsNewlines: true,
}

export const openai = (upstream: Upstream, surroundings: ChatSurroundings): Engine =>
  chatEngine(wire, upstream, surroundings)
