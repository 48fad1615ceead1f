import type { Message, Prompt } from '../dialect.ts'
import { arithmetic } from './arithmetic.ts'
import { greeting, HELLO, identity, smallTalk } from './chat.ts'
import { fact } from './facts.ts'
import { json, jsonByKeys } from './json.ts'
import { withManners } from './manners.ts'
import { memory, needle, reading } from './memory.ts'
import type { Draw } from './random.ts'
import { rule } from './rules.ts'
import { bareCopy, counting, drillCopy, echo, story } from './saying.ts'
import { systemText } from './system.ts'
import { sentence } from './text.ts'
import { CHOICES, forcedDialogue, type Lists, type Mode, NAMED, spoken, toolDialogue } from './tools.ts'
import type { Domain, Turn } from './turn.ts'
import { unknown } from './unknown.ts'

/** A finished conversation. Its domain is that of its last turn. */
export type Conversation = Prompt & { domain: Domain }

/**
 * What is made, in the order of learning: `copy` is bare copying, `drill` harder copying and sums, `choice` the choice of a tool
 * by the words of the request, `mix` is everything, `tools` the choice of a tool as it is in `mix`, but denser, `long` fills the context.
 */
export type Course = 'copy' | 'drill' | 'choice' | 'mix' | 'tools' | 'long'

/** A conversation with thinking practises it in its last turn only, so there are more of them. */
const mode = (draw: Draw): Mode => ({
  thinking: draw.chance(0.6),
  effort: draw.weighted([
    [2, 'low'],
    [5, 'high'],
    [2, 'max'],
  ] as const),
})
const asPrompt = (m: Mode) => ({ thinking: m.thinking, ...(m.thinking && { reasoning_effort: m.effort }) })

const plainTurn = (draw: Draw): Turn => {
  const turn = draw.weighted<(draw: Draw) => Turn>([
    [9, greeting],
    [9, identity],
    [5, smallTalk],
    [14, unknown],
    [11, fact],
    [9, echo],
    [18, arithmetic],
    [5, counting],
    [6, story],
    [3, reading],
  ])(draw)
  return { ...turn, user: withManners(draw, turn) }
}

/** With thinking on, only the last turn has its reasoning: the earlier ones are shown without. */
const turnCount = (draw: Draw, m: Mode): number =>
  m.thinking
    ? draw.weighted([
        [7, 1],
        [3, 2],
        [1, 4],
      ])
    : draw.weighted([
        [3, 1],
        [2, 2],
        [2, 4],
        [2, 7],
      ])

const withSystem = (draw: Draw, probability: number): Message[] =>
  draw.chance(probability) ? [{ role: 'system', content: systemText(draw) }] : []

function plain(draw: Draw): Conversation {
  const m = mode(draw)
  const messages = withSystem(draw, 0.4)
  const count = turnCount(draw, m)
  const turns = draw.times(count, () => (draw.chance(0.1) ? jsonByKeys(draw) : plainTurn(draw)))
  messages.push(...turns.flatMap((turn) => spoken(turn, m)))
  return { messages, ...asPrompt(m), domain: turns.at(-1)?.domain ?? 'greeting' }
}

/** A sum with its steps in the reasoning, or sum after sum with them in the answers. */
function sums(draw: Draw): Conversation {
  const m = mode(draw)
  const turns = draw.times(m.thinking ? draw.int(1, 2) : draw.int(3, 8), () => {
    const turn = arithmetic(draw)
    return { ...turn, user: withManners(draw, turn) }
  })
  return { messages: turns.flatMap((turn) => spoken(turn, m)), ...asPrompt(m), domain: 'arithmetic' }
}

/** One or two facts that are told, and asked for up to four turns later. */
function remembering(draw: Draw): Conversation {
  const m = mode(draw)
  const facts = [memory(draw)]
  while (!m.thinking && draw.chance(0.4)) {
    const more = memory(draw)
    if (!facts.some(({ topic }) => topic === more.topic)) facts.push(more)
  }
  // Nothing in between may tell another name or another thing.
  const between = (most: number): Turn[] =>
    draw
      .times(draw.int(0, most), () => plainTurn(draw))
      .filter(({ domain, answer }) => domain !== 'memory' && (domain !== 'greeting' || answer === HELLO))
  const turns = facts.flatMap(({ told }) => [told, ...between(1)])
  for (const { asked } of draw.shuffled(facts)) turns.push(...between(facts.length === 1 ? 2 : 1), asked)
  return {
    messages: [...withSystem(draw, 0.3), ...turns.flatMap((turn) => spoken(turn, m))],
    ...asPrompt(m),
    domain: 'memory',
  }
}

function ruled(draw: Draw): Conversation {
  const m = mode(draw)
  const { system, next } = rule(draw)
  const turns = draw.times(Math.min(turnCount(draw, m), 3), next)
  const content = draw.weighted<() => string>([
    [3, () => system],
    [3, () => `${systemText(draw)} ${system}`],
    [1, () => `${system} ${systemText(draw, 1)}`],
    [1, () => `${systemText(draw, 0)}\n\n${system}`],
  ])()
  return {
    messages: [{ role: 'system', content }, ...turns.flatMap((turn) => spoken(turn, m))],
    ...asPrompt(m),
    domain: 'system rule',
  }
}

function inJson(draw: Draw): Conversation {
  const m = mode(draw)
  const { next, format } = json(draw)
  const turns = draw.times(turnCount(draw, m), next)
  return {
    messages: [...withSystem(draw, 0.35), ...turns.flatMap((turn) => spoken(turn, m))],
    ...(format && { response_format: format }),
    ...asPrompt(m),
    domain: 'JSON',
  }
}

function withTools(draw: Draw, lists?: Lists): Conversation {
  const m = mode(draw)
  const { messages, tools, domain } =
    draw.split === 'train' && draw.chance(0.04) ? forcedDialogue(draw, m) : toolDialogue(draw, m, lists)
  // A client that lost the reasoning of earlier turns is common; those turns are not learnt from.
  const kept = messages.map((message, index): Message => {
    if (message.role !== 'assistant' || index >= messages.length - 3 || !draw.chance(0.05)) return message
    const { reasoning_content: _, ...rest } = message
    return rest
  })
  return { messages: [...withSystem(draw, 0.35), ...kept], tools, ...asPrompt(m), domain }
}

function copying(draw: Draw): Conversation {
  const turns = draw.times(draw.int(1, 6), () => bareCopy(draw))
  const m: Mode = { thinking: false, effort: 'low' }
  return { messages: turns.flatMap((turn) => spoken(turn, m)), ...asPrompt(m), domain: 'echo' }
}

/** The same kind of turn again and again: copying and adding, densely. */
function drill(draw: Draw): Conversation {
  if (draw.chance(0.25)) return sums(draw)
  const make = draw.chance(0.6) ? drillCopy : arithmetic
  const m: Mode = { thinking: false, effort: 'low' }
  const turns = draw.times(make === arithmetic ? draw.int(3, 10) : draw.int(1, 3), () => make(draw))
  return {
    messages: turns.flatMap((turn) => spoken(turn, m)),
    ...asPrompt(m),
    domain: make === arithmetic ? 'arithmetic' : 'echo',
  }
}

/** A long text with facts buried in it, many turns, and a last question about one of the facts. */
export function long(draw: Draw, characters = draw.int(1500, 11_000)): Conversation {
  const m = mode(draw)
  const needles = draw.times(draw.int(2, 5), () => needle(draw))
  const share = draw.pick([0.2, 0.6, 0.9])
  const text: string[] = needles.map(({ statement }) => statement)
  while (text.join(' ').length < characters * share) text.push(...draw.times(20, () => sentence(draw)))
  const buried = draw.shuffled(text).join(' ')
  const asSystem = draw.chance(0.5)
  const messages: Message[] = asSystem ? [{ role: 'system', content: buried }] : []
  const turns: Turn[] = []
  let size = buried.length
  while (size < characters) {
    const turn = draw.chance(0.15) ? draw.pick(needles).turn : draw.chance(0.08) ? jsonByKeys(draw) : plainTurn(draw)
    turns.push(turn)
    size += turn.user.length + turn.answer.length + 20
  }
  turns.push(draw.pick(needles).turn)
  const [head, ...rest] = turns
  if (head) messages.push(...spoken(asSystem ? head : { ...head, user: `${buried}\n\n${head.user}` }, m))
  messages.push(...rest.flatMap((turn) => spoken(turn, m)))
  return { messages, ...asPrompt(m), domain: 'long context' }
}

const mix = (draw: Draw): Conversation =>
  draw.weighted<(draw: Draw) => Conversation>([
    [30, plain],
    [7, sums],
    [13, remembering],
    [5, ruled],
    [14, inJson],
    [31, withTools],
  ])(draw)

const courses: Record<Course, (draw: Draw) => Conversation> = {
  copy: copying,
  drill: (draw) => (draw.chance(0.75) ? drill(draw) : mix(draw)),
  mix,
  choice: (draw) => withTools(draw, NAMED),
  tools: (draw) => withTools(draw, CHOICES),
  long,
}

export const conversation = (draw: Draw, course: Course): Conversation => courses[course](draw)
