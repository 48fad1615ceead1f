import { ServeError } from '../../completion/failure.ts'
import type { CompletionRequest, Message, ResponseFormat, Thinking, Tool } from '../../completion/request.ts'
import { isMembers } from '../../lib/json-members.ts'
import { argumentsOf } from '../raw/history.ts'
import { samplingOf } from '../raw/plan.ts'
import { formatInWords, templateFormat, toolObject } from '../raw/prompt.ts'
import { type PrefixMode, prefixModeOf, type Upstream, type Wire } from './wire.ts'

/** The body of a chat request. It is always complete, so that no default of an upstream matters (contract C18). */
export interface ChatBody {
  readonly model: string
  readonly messages: readonly object[]
  readonly stream: true
  readonly stream_options?: { readonly include_usage: true; readonly continuous_usage_stats?: true }
  readonly temperature: number
  readonly top_p: number
  readonly max_tokens: number
  /** Goes by another name over there; never sent. */
  readonly limitField?: 'max_completion_tokens'
  readonly [field: string]: unknown
}

/** What the plan decided of a request. */
export interface ChatContent {
  readonly thinking: Thinking
  /** Empty when the model must not know of any (contract C45). */
  readonly tools: readonly Tool[]
  readonly format: ResponseFormat
}

/**
 * Stops are never sent: these APIs do not tell which one matched, and would match them in the reasoning too (contract C61).
 * @throws ServeError unsupported-parameter for a message that this API cannot continue
 */
export function encodeRequest(
  request: CompletionRequest,
  { thinking, tools, format }: ChatContent,
  { wire, upstream, namespace }: { readonly wire: Wire; readonly upstream: Upstream; readonly namespace: string },
): ChatBody {
  const { temperature, topP, seed } = samplingOf(
    request.sampling,
    thinking.enabled && samplesFixed(wire, upstream, request),
  )
  // An upstream that is told of both tends to forget the tools; then words alone ask for the format (contract C59, SG8).
  const responseFormat = tools.length === 0 ? encodeFormat(format, wire) : undefined
  // In JSON mode alone the client's own word for it will do (contract C55).
  const words = formatInWords(templateFormat(format), responseFormat?.type === 'json_object' ? request.messages : [])
  const messages = withSystemText(request.messages, words)
  const last = messages.at(-1)
  const goesOn = last?.role === 'assistant' && last.prefix
  const prefixMode = prefixModeOf(wire, upstream)
  const asksForTurn = wire.endsWithUser && last?.role === 'assistant' && !goesOn
  const { toolChoice } = request
  const offered =
    toolChoice.type === 'function' && !wire.takesNamedChoice
      ? tools.filter(({ name }) => name === toolChoice.name)
      : tools
  return {
    model: upstream.model,
    messages: [
      ...messages.map((message, i) => encodeMessage(message, i, wire, prefixMode)),
      ...(asksForTurn ? [{ role: 'user', content: '' }] : []),
    ],
    stream: true,
    stream_options: { include_usage: true, ...(wire.runningUsage && { continuous_usage_stats: true }) },
    temperature,
    top_p: topP,
    max_tokens: Math.min(request.maxTokens, upstream.maxOutput),
    ...(seed !== undefined && wire.takesSeed && { seed }),
    ...(offered.length > 0 && {
      tools: offered.map((tool) => encodeTool(tool, wire)),
      tool_choice: encodeChoice(toolChoice, wire),
    }),
    ...(responseFormat && { response_format: responseFormat }),
    ...(request.logprobs && { logprobs: true, top_logprobs: request.logprobs.top }),
    ...(goesOn &&
      prefixMode === 'continue-final-message' && {
        continue_final_message: true,
        add_generation_prompt: false,
      }),
    ...wire.ownFields({ thinking, namespace }),
  }
}

const samplesFixed = (wire: Wire, upstream: Upstream, request: CompletionRequest): boolean =>
  wire.thinksWithFixedSampling === 'every-model' ||
  // All that a chat API says of its weights is what somebody called them.
  (wire.thinksWithFixedSampling === 'deepseek' && /deepseek/i.test(`${upstream.model} ${request.model}`))

/** @returns what the upstream can enforce of the format; the rest is left to words and to our own check */
function encodeFormat(format: ResponseFormat, wire: Wire) {
  if (format.type === 'json_schema' && wire.format === 'json_schema') {
    const { name, schema, strict } = format
    // A schema that is a hint to us may be a rule to them: what keeps to it is the better answer (contract C56).
    return { type: 'json_schema', json_schema: { name, schema, strict: strict || !wire.takesHints } }
  }
  return wantsObject(format) ? { type: 'json_object' } : undefined
}

/** JSON mode gives objects only. */
const wantsObject = (format: ResponseFormat): boolean =>
  format.type === 'json_object' ||
  (format.type === 'json_schema' && (format.schema.type === 'object' || 'properties' in format.schema))

function encodeMessage(message: Message, index: number, wire: Wire, prefixMode: PrefixMode | undefined): object {
  const { role, content } = message
  switch (role) {
    case 'system':
    case 'user':
      return { role, content }
    case 'tool':
      return { role, content, tool_call_id: message.toolCallId }
    case 'assistant': {
      if (message.prefix && prefixMode === undefined)
        throw new ServeError({
          code: 'unsupported-parameter',
          message: `'messages[${index}].prefix' is not supported by this model.`,
          param: `messages[${index}].prefix`,
        })
      const calls = message.toolCalls.map(({ id, name, arguments: written }) => ({
        id,
        type: 'function',
        function: { name, arguments: isMembers(written) ? written : JSON.stringify(argumentsOf(written)) },
      }))
      return {
        role,
        content,
        ...(wire.historyReasoning &&
          (wire.wantsReasoning || message.reasoning) && { [wire.historyReasoning]: message.reasoning ?? '' }),
        ...(calls.length > 0 && { tool_calls: calls }),
        ...(message.prefix && prefixMode === 'prefix' && { prefix: true }),
      }
    }
  }
}

function encodeTool(tool: Tool, wire: Wire): object {
  const { type, function: described } = toolObject(tool)
  return { type, function: { ...described, ...(tool.strict && wire.takesStrict && { strict: true }) } }
}

function encodeChoice(choice: CompletionRequest['toolChoice'], wire: Wire): unknown {
  if (choice.type !== 'function') return choice.type
  return wire.takesNamedChoice ? { type: 'function', function: { name: choice.name } } : 'required'
}

/** @returns the messages with these words behind the system's own */
export function withSystemText<M extends object>(
  messages: readonly M[],
  words: readonly string[],
): readonly (M | { readonly role: 'system'; readonly content: string })[] {
  if (words.length === 0) return messages
  const [first, ...rest] = messages
  return first && 'role' in first && first.role === 'system' && 'content' in first
    ? [{ role: 'system', content: [first.content, ...words].join('\n\n') }, ...rest]
    : [{ role: 'system', content: words.join('\n\n') }, ...messages]
}
