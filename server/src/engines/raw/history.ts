import type { Message } from '../../completion/request.ts'
import { isMembers } from '../../lib/json-members.ts'
import type { Dialect } from './dialect.ts'
import type { Fence } from './fence.ts'

/** A message as chat templates know them. Every string of a user is fenced. */
export type TemplateMessage = {
  role: 'system' | 'user' | 'assistant' | 'tool'
  content: string
  reasoning_content?: string
  tool_calls?: { id: string; type: 'function'; function: { name: string; arguments: Record<string, unknown> } }[]
  tool_call_id?: string
  name?: string
}

type AssistantMessage = Extract<Message, { role: 'assistant' }>

/** @returns the messages for the template, each tool result with the name of its function */
export function templateMessages(messages: readonly Message[], dialect: Dialect, fence: Fence): TemplateMessage[] {
  let calls: AssistantMessage['toolCalls'] = []
  const written = messages.map((message) => {
    if (message.role === 'assistant' && message.toolCalls.length > 0) calls = message.toolCalls
    const called = message.role === 'tool' ? calls.find(({ id }) => id === message.toolCallId) : undefined
    return templateMessage(message, called?.name, fence)
  })
  return dialect.writesTools ? written : withoutTools(written)
}

function templateMessage(message: Message, name: string | undefined, fence: Fence): TemplateMessage {
  const content = fence.guard(message.content)
  switch (message.role) {
    case 'system':
    case 'user':
      return { role: message.role, content }
    case 'tool':
      return {
        role: 'tool',
        content,
        tool_call_id: fence.guard(message.toolCallId),
        ...(name === undefined ? {} : { name: fence.guard(name) }),
      }
    case 'assistant': {
      const calls = message.toolCalls.map(({ id, name, arguments: written }) => ({
        id: fence.guard(id),
        type: 'function' as const,
        function: { name: fence.guard(name), arguments: fence.guardAll(argumentsOf(written)) },
      }))
      return {
        role: 'assistant',
        content,
        reasoning_content: fence.guard(message.reasoning ?? ''),
        ...(calls.length ? { tool_calls: calls } : {}),
      }
    }
  }
}

/** What is not one JSON object becomes a single argument named `arguments` (contract C125). */
export function argumentsOf(written: string): Record<string, unknown> {
  if (written.trim() === '') return {}
  return isMembers(written) ? JSON.parse(written) : { arguments: written }
}

/** For templates that know no tools: calls and results as text, in the syntax that `toolsInWords` asks the model for. */
function withoutTools(messages: readonly TemplateMessage[]): TemplateMessage[] {
  return messages.map((message) => {
    if (message.role === 'tool')
      return { role: 'user', content: `<tool_response>\n${message.content}\n</tool_response>` }
    const { tool_calls: calls, ...rest } = message
    if (!calls) return message
    const written = calls.map(({ function: call }) => `<tool_call>\n${JSON.stringify(call)}\n</tool_call>`)
    return { ...rest, content: [message.content, ...written].filter((text) => text !== '').join('\n') }
  })
}

/**
 * The same conversation for templates that are stricter than we are (contract C28), milder changes first: neighbours of one role joined;
 * then also without system messages, whose text goes to the user.
 */
export function easierMessages(messages: readonly TemplateMessage[]): TemplateMessage[][] {
  const asUser = messages.map((message) =>
    message.role === 'system' ? { ...message, role: 'user' as const } : message,
  )
  return [alternating(messages), alternating(asUser)]
}

function alternating(messages: readonly TemplateMessage[]): TemplateMessage[] {
  const out: TemplateMessage[] = []
  for (const message of messages) {
    const last = out.at(-1)
    if (message.role === 'assistant' && (!last || last.role === 'system')) out.push({ role: 'user', content: '' })
    const joins = last?.role === message.role && message.role !== 'tool' && !last.tool_calls
    if (!joins) out.push(message)
    else out[out.length - 1] = { ...last, ...message, content: `${last.content}\n\n${message.content}` }
  }
  return out
}
