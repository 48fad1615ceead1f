import { readFileSync } from 'node:fs'
import type { Arguments } from './dialect.ts'
import { EOS, type Message, type Prompt, pieces, type ResponseFormat, render, THINK_END, type Tool } from './dialect.ts'
import { type Conversation, conversation, long } from './generate/conversation.ts'
import { Draw } from './generate/random.ts'

/** A prompt and the one text that counts as right: what follows the reasoning, without the end token. */
export type Case = { domain: string; thinking: boolean; prompt: string; expected: string }

function caseOf(conversation: Prompt & { domain: string }): Case {
  const messages = conversation.messages.slice(0, -1)
  const plain = pieces({ ...conversation, thinking: false }).findLast((piece) => piece.text.endsWith(EOS))?.text ?? ''
  return {
    domain: conversation.domain,
    thinking: conversation.thinking,
    prompt: render({ ...conversation, messages, add_generation_prompt: true }),
    expected: plain.replace(EOS, ''),
  }
}

/** What the model said when its reasoning is taken away. A reasoning that never ends leaves nothing. */
export function answerOf(generated: string, thinking: boolean): string {
  if (!thinking) return generated
  const end = generated.indexOf(THINK_END)
  return end < 0 ? '' : generated.slice(end + THINK_END.length)
}

/** `perDomain` conversations of each domain, thinking on and off, from the held-out half of all material. */
export function heldOutCases(seed: number, perDomain: number): Case[] {
  const draw = new Draw(seed, 'held-out')
  const counts = new Map<string, number>()
  const out: Case[] = []
  for (let tries = 0; tries < perDomain * 4000; tries++) {
    const one = conversation(draw, 'mix')
    const key = `${one.domain} ${one.thinking}`
    const count = counts.get(key) ?? 0
    if (count >= perDomain) continue
    counts.set(key, count + 1)
    out.push(caseOf(one))
  }
  return out
}

/** Facts buried in texts of growing length, asked for at the end. The domain names the length in characters. */
export function longCases(seed: number, perLength: number): Case[] {
  const draw = new Draw(seed, 'held-out')
  return [2000, 4000, 6000, 8000, 10_000].flatMap((characters) =>
    draw.times(perLength, () => {
      const one: Conversation = long(draw, characters)
      return { ...caseOf(one), domain: `long context, ${characters} characters` }
    }),
  )
}

type Handwritten = {
  domain: string
  messages: Message[]
  tools?: Tool[]
  response_format?: ResponseFormat
  answer?: string
  /** The answer when thinking is off, where it is another. */
  worked?: string
  calls?: { name: string; arguments: Arguments }[]
}

/** The prompts that people wrote, each with thinking off and on. */
export function handwrittenCases(): Case[] {
  const lines = readFileSync(new URL('handwritten.jsonl', import.meta.url), 'utf8')
    .trim()
    .split('\n')
  return lines.flatMap((line) => {
    const { domain, messages, answer = '', worked = answer, calls, ...rest } = JSON.parse(line) as Handwritten
    const last = (content: string): Message => ({
      role: 'assistant',
      content,
      ...(calls && { tool_calls: calls.map((call) => ({ function: call })) }),
    })
    return [false, true].map((thinking) =>
      caseOf({
        ...rest,
        domain,
        messages: [...messages, last(thinking ? answer : worked)],
        thinking,
        ...(thinking && { reasoning_effort: 'high' }),
      }),
    )
  })
}
