import type { Message } from '../../../completion/request.ts'
import { refuse } from './fields.ts'

/** Both texts are DeepSeek's, word for word: clients look for them (contract C25, C26). */
const answersNothing = "Messages with role 'tool' must be a response to a preceding message with 'tool_calls'"
const leftUnanswered =
  "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. (insufficient tool messages following tool_calls message)"

/** Calls and their answers belong together. @throws ServeError `invalid-request` */
export function checkConversation(messages: readonly Message[], path: string): void {
  let turn: { readonly at: string; readonly ids: ReadonlySet<string>; readonly open: Set<string> } | undefined
  const requireAnswers = () => {
    if (turn && turn.open.size > 0) refuse(turn.at, leftUnanswered)
  }
  for (const [i, message] of messages.entries()) {
    const at = `${path}[${i}]`
    if (message.role === 'tool') {
      const id = message.toolCallId
      if (!turn?.ids.has(id)) refuse(at, answersNothing)
      if (!turn.open.delete(id))
        refuse(`${at}.tool_call_id`, `'${at}.tool_call_id' answers a call that has its answer.`)
    } else if (message.role !== 'system') {
      requireAnswers()
      if (message.role === 'assistant' && message.toolCalls.length > 0) {
        const ids = new Set(message.toolCalls.map((call) => call.id))
        turn = { at, ids, open: new Set(ids) }
      }
    }
  }
  requireAnswers()
}

/** Results come in any order and go on in the order of their calls (contract C27). @param messages checked */
export function inCallOrder(messages: readonly Message[]): readonly Message[] {
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
