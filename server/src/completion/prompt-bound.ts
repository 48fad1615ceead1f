import type { CompletionRequest } from './request.ts'

/** What a template may write around all messages, its own system prompt and rules for tools included, where nobody knows better. */
export const tokensAroundMax = 2_048
/** What a template may write around each message. */
const tokensAroundMessage = 64

/**
 * No prompt that is made of this request has more tokens: a token has at least one byte.
 * @param around what the template writes around all messages at most
 */
export function promptBound({ messages, tools, format }: CompletionRequest, around = tokensAroundMax): number {
  let bytes = 0
  for (const message of messages) {
    bytes += Buffer.byteLength(message.content)
    if (message.role !== 'assistant') continue
    bytes += Buffer.byteLength(message.reasoning ?? '')
    for (const { name, arguments: written } of message.toolCalls)
      bytes += 64 + Buffer.byteLength(name) + 2 * Buffer.byteLength(written)
  }
  if (tools.length > 0) bytes += 2 * Buffer.byteLength(JSON.stringify(tools))
  if (format.type === 'json_schema') bytes += 2 * Buffer.byteLength(JSON.stringify(format.schema))
  return bytes + messages.length * tokensAroundMessage + around
}
