import { type Arguments, DSML, type Effort, type Message, type Tool } from '../dialect.ts'
import { arithmetic } from './arithmetic.ts'
import { greeting, identity, smallTalk } from './chat.ts'
import { fact } from './facts.ts'
import { familyKit } from './families.ts'
import { jsonText } from './json-text.ts'
import type { Kit } from './kit.ts'
import { mannered } from './manners.ts'
import type { Draw } from './random.ts'
import { randomKit } from './random-tool.ts'
import { echo } from './saying.ts'
import { lowerFirst, phrase } from './text.ts'

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

const listed = (args: Arguments): string =>
  Object.entries(args)
    .map(([key, value]) => `${key} ${typeof value === 'string' ? value : jsonText(value)}`)
    .join(', ')

function callMessage(calls: readonly Call[], mode: Mode): Message {
  const think = calls.map(({ kit, args }) => {
    const given = listed(args)
    return `I call ${kit.tool.function.name}${given ? ` with ${given}` : ''}.`
  })
  return {
    role: 'assistant',
    content: '',
    ...(mode.thinking && { reasoning_content: reasoning(`The user needs a tool. ${think.join(' ')}`, mode.effort) }),
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
    const failure = draw.chance(0.7) ? draw.from(FAILURES) : phrase(draw)
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

function kits(draw: Draw): Kit[] {
  const out: Kit[] = []
  const wanted = draw.weighted([
    [5, 1],
    [5, 2],
    [3, 3],
    [1, 4],
    [1, 6],
  ])
  while (out.length < wanted) {
    const kit = draw.chance(0.55) ? familyKit(draw) : randomKit(draw)
    if (!out.some((other) => other.topic === kit.topic || other.tool.function.name === kit.tool.function.name))
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
  return { ...make(draw), domain: 'plain answer beside tools' }
}

const pairOfAsks = (draw: Draw, a: string, b: string): string =>
  draw.from([
    `${a} ${b}`,
    `${a} Also, ${lowerFirst(b)}`,
    `${a} And ${lowerFirst(b)}`,
    `1. ${a}\n2. ${b}`,
    `${a} Then ${lowerFirst(b)}`,
    `${a}\n${b}`,
    `First: ${a} Second: ${b}`,
    `Two things. ${a} ${b}`,
  ])

function parallelCalls(draw: Draw, all: readonly Kit[]): { user: string; calls: Call[] } {
  const weather = all.find((kit) => kit.topic === 'weather' || kit.topic === 'time')
  if (weather && draw.chance(0.6)) {
    const asks = draw.times(draw.chance(0.75) ? 2 : 3, () => weather.ask())
    const places = asks.map(({ args }) => String(Object.values(args)[0]))
    const key = Object.keys(asks[0]?.args ?? {})[0] ?? ''
    const text = places.length === 2 ? places.join(' and ') : `${places.slice(0, -1).join(', ')} and ${places.at(-1)}`
    const what = weather.topic === 'weather' ? 'the weather' : 'the time'
    const user = draw.from([
      `What is ${what} in ${text}?`,
      `Tell me ${what} in ${text}.`,
      `${what} in ${text}`,
      `Compare ${what} in ${text}.`,
      `I need ${what} in ${text}.`,
      `What's ${what} in ${text}?`,
      `Give me ${what} for ${text}.`,
      `Check ${what} in ${text}.`,
    ])
    return { user, calls: places.map((place) => ({ kit: weather, args: { [key]: place } })) }
  }
  const kit = draw.pick(all)
  const other = all.length > 1 && draw.chance(0.7) ? draw.pick(all.filter((k) => k !== kit)) : kit
  const [a, b] = [kit.ask(), other.ask()]
  return {
    user: pairOfAsks(draw, a.user, b.user),
    calls: [
      { kit, args: a.args },
      { kit: other, args: b.args },
    ],
  }
}

const endsInArgument = (user: string, args: Arguments): boolean =>
  Object.values(args).some((value) => typeof value === 'string' && user.endsWith(value))

/** A conversation with tools. The caller adds the system message. */
export function toolDialogue(draw: Draw, mode: Mode): Dialogue {
  const all = kits(draw)
  const tools = all.map((kit) => kit.tool)
  const messages: Message[] = []
  let domain: Domain = 'tool call'
  const turns = draw.weighted([
    [3, 1],
    [4, 2],
    [3, 3],
    [2, 4],
  ])
  for (let turn = 1; turn <= turns; turn++) {
    if (draw.chance(0.25)) {
      messages.push(...spoken(plainBeside(draw, all), mode))
      domain = 'plain answer beside tools'
      continue
    }
    let calls: Call[]
    if (draw.chance(0.13)) {
      const both = parallelCalls(draw, all)
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
  const all = kits(draw)
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
