import type { Message, ToolCall } from '../../../completion/request.ts'
import { refuse } from './fields.ts'

/** Both texts are DeepSeek's, word for word: clients look for them (contract C25, C26). */
const answersNothing = "Messages with role 'tool' must be a response to a preceding message with 'tool_calls'"
const leftUnanswered =
  "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. (insufficient tool messages following tool_calls message)"

/** Calls and their answers belong together. @throws ServeError `invalid-request` */
export function checkConversation(messages: readonly Message[], path: string): void {
  let turn: Turn | undefined
  const requireAnswers = () => {
    if (turn && turn.open > 0) refuse(`${path}[${turn.place}]`, leftUnanswered)
  }
  for (let place = 0; place < messages.length; place++) {
    const message = messages[place] as Message
    if (message.role === 'tool') {
      const at = () => `${path}[${place}]`
      const answered = turn?.answered.get(message.toolCallId)
      if (!turn || answered === undefined) refuse(at(), answersNothing)
      if (answered) refuse(`${at()}.tool_call_id`, `'${at()}.tool_call_id' answers a call that has its answer.`)
      turn.answered.set(message.toolCallId, true)
      turn.open--
    } else if (message.role !== 'system') {
      requireAnswers()
      if (message.role === 'assistant' && message.toolCalls.length > 0) turn = turnOf(message.toolCalls, place)
    }
  }
  requireAnswers()
}

/** The latest message with calls. */
interface Turn {
  readonly place: number
  /** By the id of the call. */
  readonly answered: Map<string, boolean>
  /** Calls without an answer. */
  open: number
}

function turnOf(calls: readonly ToolCall[], place: number): Turn {
  const answered = new Map<string, boolean>()
  for (const { id } of calls) answered.set(id, false)
  return { place, answered, open: answered.size }
}

/** Results come in any order and go on in the order of their calls (contract C27). @param messages checked */
export function inCallOrder(messages: readonly Message[]): readonly Message[] {
  const isPlain = (message: Message) => message.role !== 'assistant' || message.toolCalls.length < 2
  if (messages.every(isPlain)) return messages
  const ordered = [...messages]
  for (const [start, message] of messages.entries()) {
    if (message.role !== 'assistant' || message.toolCalls.length < 2) continue
    const order = new Map(message.toolCalls.map((call, i) => [call.id, i]))
    const rank = (i: number): number => {
      const result = messages[i]
      return result?.role === 'tool' ? (order.get(result.toolCallId) ?? 0) : 0
    }
    const places = resultPlaces(messages, start + 1)
    const sorted = places.toSorted((a, b) => rank(a) - rank(b))
    for (const [k, place] of places.entries()) ordered[place] = messages[sorted[k] ?? place] ?? message
  }
  return ordered
}

/** @returns where the tool messages stand that follow a turn with calls; all are there before the next turn. */
function resultPlaces(messages: readonly Message[], from: number): number[] {
  const places: number[] = []
  for (let i = from; i < messages.length; i++) {
    const role = messages[i]?.role
    if (role === 'user' || role === 'assistant') break
    if (role === 'tool') places.push(i)
  }
  return places
}
