import type { Draw } from './random.ts'
import { capitalized, lowerFirst } from './text.ts'
import type { Turn } from './turn.ts'

/** Ways to ask a question; the question comes without its mark and in lower case. */
const QUESTION_FRAMES: readonly ((q: string) => string)[] = [
  (q) => q,
  (q) => `${q}?`,
  (q) => `${capitalized(q)}`,
  (q) => `Hi, ${q}?`,
  (q) => `Hello, ${q}?`,
  (q) => `Hey, ${q}?`,
  (q) => `Please tell me: ${q}?`,
  (q) => `Question: ${q}?`,
  (q) => `Quick question: ${q}?`,
  (q) => `I have a question: ${q}?`,
  (q) => `One more thing: ${q}?`,
  (q) => `So ${q}?`,
  (q) => `And ${q}?`,
  (q) => `OK, ${q}?`,
  (q) => `Now, ${q}?`,
  (q) => `Excuse me, ${q}?`,
  (q) => `Could you help? ${capitalized(q)}?`,
  (q) => `Thanks. ${capitalized(q)}?`,
  (q) => `Tell me, ${q}?`,
]
/** What may follow a question whose end is not a text of its own. */
const QUESTION_ENDS: readonly ((q: string) => string)[] = [
  (q) => `${capitalized(q)}, please?`,
  (q) => `${capitalized(q)} please?`,
  (q) => `${capitalized(q)}? Thanks!`,
  (q) => `${capitalized(q)}? I am curious.`,
  (q) => `${capitalized(q)}? Please tell me.`,
  (q) => `${capitalized(q)} again?`,
]
/** Ways to ask for something to be done; the request comes without its full stop and in lower case. */
const REQUEST_FRAMES: readonly ((r: string) => string)[] = [
  (r) => r,
  (r) => capitalized(r),
  (r) => `Please ${r}`,
  (r) => `please ${r}`,
  (r) => `Can you ${r}`,
  (r) => `Could you ${r}`,
  (r) => `Could you please ${r}`,
  (r) => `I want you to ${r}`,
  (r) => `I need you to ${r}`,
  (r) => `I would like you to ${r}`,
  (r) => `Now ${r}`,
  (r) => `OK, ${r}`,
  (r) => `Next, ${r}`,
  (r) => `Hey, ${r}`,
  (r) => `Hi! ${capitalized(r)}`,
  (r) => `Hello, please ${r}`,
  (r) => `Hi, can you ${r}`,
  (r) => `Would you ${r}`,
  (r) => `Just ${r}`,
  (r) => `Then ${r}`,
  (r) => `Also, ${r}`,
]
const REQUEST_ENDS: readonly ((r: string) => string)[] = [
  (r) => `${capitalized(r)} please.`,
  (r) => `${capitalized(r)}, please.`,
  (r) => `${capitalized(r)} for me.`,
  (r) => `${capitalized(r)} for me, please.`,
  (r) => `${capitalized(r)} now.`,
  (r) => `${capitalized(r)}. Thanks!`,
  (r) => `${capitalized(r)}, thank you.`,
  (r) => `Can you ${r}?`,
  (r) => `Could you ${r}?`,
  (r) => `Could you please ${r}?`,
  (r) => `Would you ${r}?`,
  (r) => `I want you to ${r}.`,
  (r) => `I need you to ${r}.`,
  (r) => `Please ${r}.`,
  (r) => `Please ${r}!`,
]

const QUESTION = /^(what|what's|which|who|how|where|when|why|is|are|does|will|do i|has)\b/i
const REQUEST =
  /^(add|adjust|answer|append|ask|book|browse|calculate|call|cast|change|check|compare|compose|compute|contact|convert|copy|count|create|define|delete|deliver|describe|do(?! you)|draw|echo|email|enter|evaluate|execute|explain|extract|fetch|fill|find|follow|forecast|format|get|give|google|greet|hear|introduce|invent|keep|let|list|load|locate|look|mail|make|message|multiply|name|notify|open|order|output|pick|plan|play|post|print|put|read|remember|remind|repeat|reply|reserve|respond|return|roll|run|save|say|schedule|search|see|send|set|show|solve|start|stream|subtract|sum|switch|take|tell|text|throw|toss|trace|track|translate|turn|type|use|view|visit|wake|watch|work|write)\b/i

const lowered = (text: string): string => (/^I\b/.test(text) ? text : lowerFirst(text))

/**
 * The same request as people really write it: put politely, with a word before or after it, without its capital or its full stop.
 * @param open the request ends in a text of its own, to which nothing may be added
 */
export function mannered(draw: Draw, user: string, open: boolean): string {
  if (draw.chance(0.45)) return user
  const kind = QUESTION.test(user) ? 'question' : REQUEST.test(user) ? 'request' : undefined
  if (!kind)
    return draw.chance(0.2) ? `${draw.pick(['OK,', 'Hi,', 'Now', 'And', 'So,', 'Next:'])} ${lowered(user)}` : user
  const ends = kind === 'question' ? QUESTION_ENDS : REQUEST_ENDS
  const frames = kind === 'question' ? QUESTION_FRAMES : REQUEST_FRAMES
  const [, body = user, mark = ''] = /^(.*?)([.?!]?)$/s.exec(user) ?? []
  if (open) return draw.pick(frames.filter((frame) => !frame('x').endsWith('?')))(lowered(user))
  if (/please|thank/i.test(body) || draw.chance(0.3)) {
    const framed = draw.pick(frames)(lowered(body))
    return /[?]$/.test(framed) ? framed : draw.chance(0.7) ? framed + mark : framed
  }
  return draw.pick(ends)(lowered(body))
}

/** A turn's request in some manner; greetings and small talk stay as they are. */
export const withManners = (draw: Draw, { domain, user }: Turn): string =>
  domain === 'greeting' || domain === 'small talk' ? user : mannered(draw, user, domain === 'echo')
