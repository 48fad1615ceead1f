import type { Thinking } from '../../completion/request.ts'
import type { CallSyntax } from '../raw/call-syntax.ts'

/** What is different from one chat API to the next: all that an engine kind of this family is. Behaviour is shared. */
export interface Wire {
  readonly kind: string
  /** Goes before `/chat/completions` where the configured address has no path of its own. */
  readonly path: string
  /** The path that continues a last assistant message (contract C29); absent where nothing does. */
  readonly prefixPath?: string
  /** The fields that only this API knows. Nobody else gets them: strict servers refuse what they do not know. */
  readonly ownFields: (about: { readonly thinking: Thinking; readonly namespace: string }) => object
  readonly takesSeed: boolean
  /** `strict` of a tool goes along; we check the arguments in any case. */
  readonly takesStrict: boolean
  /** Each assistant turn of the history carries `reasoning_content`, empty where none is known. */
  readonly wantsReasoning: boolean
  /** A forced call cannot be had with thinking on (contract C46). */
  readonly forcesCallsWithoutThinking: boolean
  /** Temperature and top_p are 1 while it thinks (contract C16). */
  readonly thinksWithFixedSampling: boolean
  /** How its models write calls, for when markup comes in place of calls. */
  readonly callSyntaxes: readonly CallSyntax['name'][]
  /** Newlines around inline reasoning and before the answer are layout. */
  readonly trimsNewlines: boolean
}

/** How to reach one upstream and what is known of it: from the configuration. */
export interface Upstream {
  readonly id: string
  readonly url: string
  /** Sent to this address and to no other; never logged. */
  readonly apiKey?: string
  readonly model: string
  readonly concurrency: number
  readonly contextWindow: number
  readonly maxOutput: number
  readonly thinking: boolean
  readonly logprobs: boolean
}

/** @returns where requests go, or undefined when this API has no such face */
export function endpointOf(wire: Wire, url: string, face: 'chat' | 'prefix'): URL | undefined {
  const base = new URL(url)
  const path = base.pathname.replace(/\/+$/, '') || wire.path
  if (face === 'chat') return new URL(`${path}/chat/completions`, base)
  if (wire.prefixPath === undefined) return undefined
  return new URL(`${path.replace(/\/(v1|beta)$/, '')}${wire.prefixPath}/chat/completions`, base)
}
