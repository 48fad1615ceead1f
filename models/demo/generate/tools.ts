import { type Arguments, DSML, type Effort, type Message, type Tool } from '../dialect.ts'
import { arithmetic } from './arithmetic.ts'
import { greeting, identity, smallTalk } from './chat.ts'
import { fact } from './facts.ts'
import { familyKit } from './families.ts'
import { jsonText } from './json-text.ts'
import type { Kit } from './kit.ts'
import { mannered, withManners } from './manners.ts'
import type { Draw } from './random.ts'
import { randomKit } from './random-tool.ts'
import { echo } from './saying.ts'
import { lowerFirst } from './text.ts'
import { type Domain, reasoning, type Turn } from './turn.ts'
import { unknown } from './unknown.ts'

export type Mode = { thinking: boolean; effort: Effort }
export type Dialogue = { messages: Message[]; tools: Tool[]; domain: Domain }

export const spoken = (turn: Turn, mode: Mode): Message[] => [
  { role: 'user', content: turn.user },
  mode.thinking
    ? {
        role: 'assistant',
        content: turn.answer,
        reasoning_content: reasoning(turn.think, mode.effort),
        ...(turn.worked !== undefined && { needsReasoning: true }),
      }
    : { role: 'assistant', content: turn.worked ?? turn.answer },
]

type Call = { kit: Kit; args: Arguments }

function callMessage(calls: readonly Call[], mode: Mode): Message {
  const [only, more] = calls.map(({ kit }) => kit.tool.function.name)
  const think = more
    ? 'The user asks for more than one thing. I call for each.'
    : `The user needs a tool. I call ${only}.`
  return {
    role: 'assistant',
    content: '',
    ...(mode.thinking && { reasoning_content: reasoning(think, mode.effort) }),
    tool_calls: calls.map(({ kit, args }) => ({ function: { name: kit.tool.function.name, arguments: args } })),
  }
}

const FAILURES = [
  'not found',
  'timeout',
  'service unavailable',
  'permission denied',
  'unknown error',
  'invalid input',
  'network error',
  'rate limit exceeded',
]

/** The results of all calls in call order, then what the model says about them. */
function resultMessages(draw: Draw, calls: readonly Call[], mode: Mode): Message[] {
  const outcomes = calls.map(({ kit, args }) => {
    if (!draw.chance(0.06)) return kit.outcome(args)
    const failure = draw.from(FAILURES)
    return {
      content: draw.chance(0.7) ? jsonText({ error: failure }) : `Error: ${failure}`,
      answer: `The tool failed: ${failure}`,
    }
  })
  const answer = outcomes.map((outcome) => outcome.answer).join(calls.length > 1 ? '\n' : ' ')
  return [
    ...outcomes.map(
      (outcome, index): Message => ({ role: 'tool', content: outcome.content, tool_call_id: `call_${index}` }),
    ),
    {
      role: 'assistant',
      content: answer,
      ...(mode.thinking && {
        reasoning_content: reasoning('I have what the tool returned. I tell it to the user.', mode.effort),
      }),
    },
  ]
}

/** Tools that the same request could mean are never offered together. */
const kind = (topic: string): string => (topic === 'calculator' ? 'sum' : topic)

type Counts = readonly (readonly [weight: number, count: number])[]
/** What conversations with tools are drawn. */
export type Lists = {
  /** How many tools are offered. */
  tools: Counts
  /** How many requests share them: long schemas are dear. */
  turns: Counts
  /** The share of requests that need none of them. */
  plain: number
  /** The share of lists that are strange, and of their tools that mean nothing at all. */
  strange: number
  random: number
  /** These are of the kind that is drilled (see `randomKit`). */
  drill: boolean
}
const USUAL: Lists = {
  tools: [
    [6, 1],
    [5, 2],
    [3, 3],
    [1, 4],
  ],
  turns: [
    [2, 1],
    [2, 2],
    [3, 4],
    [3, 6],
  ],
  plain: 0.25,
  strange: 0.15,
  random: 0.6,
  drill: false,
}
/** One tool of several has to be chosen, again and again: the hardest thing the model learns. */
export const CHOICES: Lists = {
  ...USUAL,
  tools: [
    [4, 2],
    [4, 3],
    [3, 4],
    [1, 5],
  ],
  turns: [
    [1, 1],
    [2, 5],
    [3, 10],
  ],
  plain: 0.12,
}
/** The same where the request repeats a word of the tool's name or description: choosing is learnt there first. */
export const NAMED: Lists = { ...CHOICES, plain: 0.05, strange: 1, random: 0.9, drill: true }

/** The tools of one conversation. In a strange list some of the tools have names and keys that mean nothing. */
function kits(draw: Draw, lists: Lists): Kit[] {
  const out: Kit[] = []
  const wanted = draw.weighted(lists.tools)
  const strange = draw.chance(lists.strange)
  while (out.length < wanted) {
    const kit = strange && draw.chance(lists.random) ? randomKit(draw, lists.drill) : familyKit(draw, strange)
    if (
      !out.some((other) => kind(other.topic) === kind(kit.topic) || other.tool.function.name === kit.tool.function.name)
    )
      out.push(kit)
  }
  return out
}

/** A turn that needs none of these tools. Where a tool could answer it, another is drawn. */
function plainBeside(draw: Draw, all: readonly Kit[]): Turn {
  const topics = new Set(all.map((kit) => kit.topic))
  const searching = topics.has('search') || [...topics].some((topic) => topic.startsWith('single'))
  const counting = topics.has('sum') || topics.has('calculator')
  const make = draw.weighted([
    [4, greeting],
    [4, identity],
    [3, smallTalk],
    [3, echo],
    [counting ? 0 : 3, arithmetic],
    [searching ? 0 : 3, fact],
    [searching || counting ? 0 : 4, unknown],
  ] as const)
  const turn = make(draw)
  return { ...turn, user: withManners(draw, turn), domain: 'plain answer beside tools' }
}

/** Two requests in one message; on a line each where the first has no full stop of its own. */
const pairOfAsks = (draw: Draw, a: string, b: string): string =>
  /[.?!]$/.test(a) ? draw.pick([`${a} ${b}`, `${a} Also, ${lowerFirst(b)}`, `${a} And ${lowerFirst(b)}`]) : `${a}\n${b}`

/** Two calls of one tool, or now and then a question about the weather and one about the time. Undefined if no tool fits. */
function parallelCalls(draw: Draw, all: readonly Kit[]): { user: string; calls: Call[] } | undefined {
  const [weather, time] = ['weather', 'time'].map((topic) => all.find((kit) => kit.topic === topic))
  if (weather && time && draw.chance(0.3)) {
    const both = draw.shuffled([weather, time]).map((kit) => ({ kit, ...kit.ask() }))
    const [a, b] = both.map(({ user }) => user)
    return { user: pairOfAsks(draw, a ?? '', b ?? ''), calls: both }
  }
  const able = all.flatMap((kit) => (kit.askPair ? [{ kit, askPair: kit.askPair }] : []))
  if (able.length === 0) return undefined
  const { kit, askPair } = draw.pick(able)
  const { user, args } = askPair()
  return { user, calls: args.map((one) => ({ kit, args: one })) }
}

const endsInArgument = (user: string, args: Arguments): boolean =>
  Object.values(args).some(
    (value) => typeof value === 'string' && user.replace(/["'`).?!]+$/, '').endsWith(value.replace(/[.?!]$/, '')),
  )

/** A conversation with tools. The caller adds the system message. */
export function toolDialogue(draw: Draw, mode: Mode, lists = USUAL): Dialogue {
  const all = kits(draw, lists)
  const tools = all.map((kit) => kit.tool)
  const messages: Message[] = []
  let domain: Domain = 'tool call'
  const turns = draw.weighted(lists.turns)
  for (let turn = 1; turn <= turns; turn++) {
    if (draw.chance(lists.plain)) {
      messages.push(...spoken(plainBeside(draw, all), mode))
      domain = 'plain answer beside tools'
      continue
    }
    let calls: Call[]
    const both = draw.chance(0.5) ? parallelCalls(draw, all) : undefined
    if (both) {
      messages.push({ role: 'user', content: both.user })
      calls = both.calls
      domain = 'parallel tool calls'
    } else {
      const kit = draw.pick(all)
      const { user, args } = kit.ask()
      messages.push({ role: 'user', content: mannered(draw, user, endsInArgument(user, args)) })
      calls = [{ kit, args }]
      domain = 'tool call'
    }
    messages.push(callMessage(calls, mode))
    if (turn === turns && draw.chance(0.45)) break
    messages.push(...resultMessages(draw, calls, mode))
    domain = 'answer from a tool result'
  }
  return { messages, tools, domain }
}

/**
 * A call that the server forces (`tool_choice`) although the question does not ask for it. The server writes the call's
 * opening; the model is only taught to fill it: strings with what the user wrote, numbers with zero.
 */
export function forcedDialogue(draw: Draw, mode: Mode): Dialogue {
  const all = kits(draw, USUAL)
  const kit = draw.pick(all)
  const turn = draw.pick([greeting, identity, smallTalk, unknown])(draw)
  const { name, parameters } = kit.tool.function
  const properties = (parameters?.properties ?? {}) as { [key: string]: { type: string; enum?: string[] } }
  const args: Arguments = {}
  for (const key of (parameters?.required ?? []) as string[]) {
    const type = properties[key]
    args[key] = type?.enum
      ? (type.enum[0] ?? '')
      : type?.type === 'string'
        ? turn.user
        : type?.type === 'boolean'
          ? false
          : type?.type === 'array'
            ? []
            : 0
  }
  const message: Message = {
    ...(callMessage([{ kit, args }], mode) as Message & { role: 'assistant' }),
    ...(mode.thinking && { reasoning_content: reasoning(turn.think, mode.effort) }),
    forced: `\n\n<${DSML}tool_calls>\n<${DSML}invoke name="${name}">\n`,
  }
  return {
    messages: [{ role: 'user', content: turn.user }, message],
    tools: all.map((k) => k.tool),
    domain: 'tool call',
  }
}
