import { ServeError } from '../../completion/failure.ts'
import type { CompletionRequest, Message, ResponseFormat, Thinking, Tool } from '../../completion/request.ts'
import { membersOf } from '../../lib/json-members.ts'
import { argumentsOf } from '../raw/history.ts'
import { samplingOf } from '../raw/plan.ts'
import { formatInWords, templateFormat, toolObject } from '../raw/prompt.ts'
import type { Upstream, Wire } from './wire.ts'

/** The body of a chat request. It is always complete, so that no default of an upstream matters (contract C18). */
export interface ChatBody {
  readonly model: string
  readonly messages: readonly object[]
  readonly stream: true
  readonly stream_options: { readonly include_usage: true }
  readonly temperature: number
  readonly top_p: number
  readonly max_tokens: number
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
  const { temperature, topP, seed } = samplingOf(request.sampling, wire.thinksWithFixedSampling && thinking.enabled)
  // An upstream that is told of both tends to forget the tools; then words alone ask for the format.
  const enforceable = tools.length === 0 && wantsObject(format)
  const words = formatInWords(templateFormat(format), enforceable ? request.messages : [])
  const messages = withSystemText(request.messages, words)
  return {
    model: upstream.model,
    messages: messages.map((message, i) => encodeMessage(message, i, wire)),
    stream: true,
    stream_options: { include_usage: true },
    temperature,
    top_p: topP,
    max_tokens: Math.min(request.maxTokens, upstream.maxOutput),
    ...(seed !== undefined && wire.takesSeed && { seed }),
    ...(tools.length > 0 && {
      tools: tools.map((tool) => encodeTool(tool, wire)),
      tool_choice: encodeChoice(request.toolChoice),
    }),
    ...(enforceable && { response_format: { type: 'json_object' } }),
    ...(request.logprobs && { logprobs: true, top_logprobs: request.logprobs.top }),
    ...wire.ownFields({ thinking, namespace }),
  }
}

/** JSON mode gives objects only; a schema for anything else is left to words and to our own check. */
const wantsObject = (format: ResponseFormat): boolean =>
  format.type === 'json_object' ||
  (format.type === 'json_schema' && (format.schema.type === 'object' || 'properties' in format.schema))

function encodeMessage(message: Message, index: number, wire: Wire): object {
  const { role, content } = message
  switch (role) {
    case 'system':
    case 'user':
      return { role, content }
    case 'tool':
      return { role, content, tool_call_id: message.toolCallId }
    case 'assistant': {
      if (message.prefix && wire.prefixPath === undefined)
        throw new ServeError({
          code: 'unsupported-parameter',
          message: `'messages[${index}].prefix' is not supported by this model.`,
          param: `messages[${index}].prefix`,
        })
      const calls = message.toolCalls.map(({ id, name, arguments: written }) => ({
        id,
        type: 'function',
        function: { name, arguments: membersOf(written) ? written : JSON.stringify(argumentsOf(written)) },
      }))
      return {
        role,
        content,
        ...(wire.wantsReasoning && { reasoning_content: message.reasoning ?? '' }),
        ...(calls.length > 0 && { tool_calls: calls }),
        ...(message.prefix && { prefix: true }),
      }
    }
  }
}

function encodeTool(tool: Tool, wire: Wire): object {
  const { type, function: described } = toolObject(tool)
  return { type, function: { ...described, ...(tool.strict && wire.takesStrict && { strict: true }) } }
}

const encodeChoice = (choice: CompletionRequest['toolChoice']): unknown =>
  choice.type === 'function' ? { type: 'function', function: { name: choice.name } } : choice.type

function withSystemText(messages: readonly Message[], words: readonly string[]): readonly Message[] {
  if (words.length === 0) return messages
  const [first, ...rest] = messages
  return first?.role === 'system'
    ? [{ role: 'system', content: [first.content, ...words].join('\n\n') }, ...rest]
    : [{ role: 'system', content: words.join('\n\n') }, ...messages]
}
