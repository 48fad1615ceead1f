import type { Thinking } from '../../completion/request.ts'
import type { HealthPaths } from '../probe.ts'
import type { CallSyntax } from '../raw/call-syntax.ts'

/**
 * How a chat API is told to go on exactly where a last assistant message ends (contract C29, C116): by a mark on the message, or by one on
 * the request, as transformers, vLLM and SGLang have it.
 */
export const prefixModes = ['prefix', 'continue-final-message'] as const
export type PrefixMode = (typeof prefixModes)[number]

/** What is different from one chat API to the next: all that an engine kind of this family is. Behaviour is shared. */
export interface Wire {
  readonly kind: string
  /** What stands in the configuration when the operator is silent; an address or a model that is absent here must be given. */
  readonly defaults: {
    readonly url?: string
    readonly model?: string
    /** Absent: nobody knows, and reasoning that comes is shown. */
    readonly thinking?: boolean
    /** Nobody is served without a key. */
    readonly needsKey?: true
  }
  /** Goes before `/chat/completions` where the configured address has no path of its own. */
  readonly path: string
  /** Absent: it is judged by its answers alone. */
  readonly health?: HealthPaths
  /** Goes before `/chat/completions` where a last assistant message is to be gone on with; absent: that is asked for where all is. */
  readonly prefixPath?: string
  /** Absent: nobody knows that it goes on with a message, unless the operator does. */
  readonly prefixMode?: PrefixMode
  /** The fields that only this API knows. Nobody else gets them: strict servers refuse what they do not know. */
  readonly ownFields: (about: { readonly thinking: Thinking; readonly namespace: string }) => object
  readonly takesSeed: boolean
  /** `strict` of a tool goes along; we check the arguments in any case. */
  readonly takesStrict: boolean
  /** What `response_format` can be: a mode for objects, or the schema itself. Neither is trusted. */
  readonly format: 'json_object' | 'json_schema'
  /** A schema that is only a hint goes there as one; else it is sent as a rule, and in words where that is refused. */
  readonly takesHints?: true
  /** It takes the name of the one function that is to be called; else it is offered that function alone, and must call. */
  readonly takesNamedChoice: boolean
  /** Each chunk tells the usage so far when it is asked to (contract C86). */
  readonly runningUsage: boolean
  /** The field of an assistant turn that carries the reasoning of the history; absent where nobody reads any. */
  readonly historyReasoning?: 'reasoning_content' | 'reasoning'
  /** That field is in each assistant turn, empty where no reasoning is known. */
  readonly wantsReasoning: boolean
  /** It thinks or not as its own fields say; else nobody can switch it. */
  readonly switchesThinking: boolean
  /** A forced call cannot be had with thinking on (contract C46). */
  readonly forcesCallsWithoutThinking: boolean
  /** Temperature and top_p are 1 while such a model thinks (contract C16); `deepseek`: one that is called so. */
  readonly thinksWithFixedSampling: 'every-model' | 'deepseek' | 'none'
  /** Its parser may be off or miss the closing tag: then the text begins with reasoning that no opening tag announces. */
  readonly leaksReasoning: boolean
  /** A last assistant turn would be continued, or refused: an empty user turn behind it asks for a new one (contract C30). */
  readonly endsWithUser: boolean
  /** It refuses log probabilities beside tools. */
  readonly logprobsWithoutTools?: true
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
  /** Holds the key in place of `apiKey`; read again when the key is refused. */
  readonly apiKeyFile?: string
  readonly model: string
  /** Where it tells whether it takes requests, under its root; absent: where its kind does. */
  readonly healthPath?: string
  readonly concurrency: number
  readonly contextWindow: number
  readonly maxOutput: number
  /** Absent: the model may think or not. */
  readonly thinking?: boolean
  readonly logprobs: boolean
  /** What the operator knows of it. */
  readonly prefixMode?: PrefixMode
  /** Engines with the same word go on with one another's answers. */
  readonly equivalence?: string
}

/** @returns undefined where nobody knows that it goes on with a last assistant message */
export const prefixModeOf = (wire: Wire, upstream: Upstream): PrefixMode | undefined =>
  upstream.prefixMode ?? wire.prefixMode

/** Where the API is: an address without a path gets the usual one. */
export const apiOf = (wire: Wire, url: string): URL => {
  const base = new URL(url)
  return new URL(base.pathname.replace(/\/+$/, '') || wire.path || '/', base)
}

/** @returns where requests go */
export function endpointOf(wire: Wire, url: string, face: 'chat' | 'prefix'): URL {
  const base = apiOf(wire, url)
  const path = base.pathname.replace(/\/+$/, '')
  if (face === 'chat' || wire.prefixPath === undefined) return new URL(`${path}/chat/completions`, base)
  return new URL(`${path.replace(/\/(v1|beta)$/, '')}${wire.prefixPath}/chat/completions`, base)
}
