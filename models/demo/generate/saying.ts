import { arithmetic } from './arithmetic.ts'
import { greeting, identity } from './chat.ts'
import { fact } from './facts.ts'
import { ADJECTIVES, CITIES, COLORS, JOBS, NAMES, NOUNS, PAST_VERBS, VERBS } from './pools.ts'
import type { Draw } from './random.ts'
import { capitalized, item, madeUp, personName, phrase } from './text.ts'
import type { Turn } from './turn.ts'
import { unknown } from './unknown.ts'

/** Turns whose answer is a text of some length: said back, counted, listed, told. */

/** Patterns, see `Draw.said`. */
const ECHO_FORMS = [
  '[Repeat|Say|Echo|Print|Output|Write|Copy|Reply with|Answer with|Answer only with|Respond with|Return|Type]: {0}',
  '[Repeat|Say|Echo|Output|Write|Copy|Reply with|Return|Print|Type] [exactly|only|just|this|the following|exactly this|word for word|this text|this sentence|the text|after me|this line|what follows]: {0}',
  '[Please|Now|Please just|Just] [repeat|say|echo|write|copy|output|print] [this|the following|exactly|this text|this sentence|after me|only]: {0}',
  '[Repeat|Say|Echo|Output|Write|Copy|Return|Print|Just say|Reply with|Respond with|Type] [||exactly |the text |the words |the sentence |only ]"{0}"[||.| and nothing else.]',
  '[Say|Echo|Repeat|Write|Give] [this|the following|this text] back[| to me]: {0}',
  '[Can|Could] you [repeat|say|echo|copy] [this|this text|the following|that after me]? {0}',
  '[Repeat|Say|Write|Output] exactly [this|the following] and nothing else: {0}',
  '[Reply|Answer|Respond] [only |]with [exactly |][this|the following text|the text that follows|these words]: {0}',
]

/** What people say to the model elsewhere: ordinary English, and a temptation to answer instead of repeating. */
const quoted = (draw: Draw): string => draw.pick([greeting, identity, fact, unknown, unknown, arithmetic])(draw).user

export function echo(draw: Draw): Turn {
  const text = draw.weighted<() => string>([
    [19, () => phrase(draw)],
    [5, () => quoted(draw)],
    [1, () => draw.times(draw.int(2, 4), () => phrase(draw)).join('\n')],
  ])()
  return {
    domain: 'echo',
    user: draw.said(ECHO_FORMS, text),
    answer: text,
    think: 'The user wants the text said back. I copy it.',
  }
}

/** Long stretches of made-up words: this is what forms the copying heads early. */
export function drillCopy(draw: Draw): Turn {
  const text = draw.chance(0.5)
    ? phrase(draw)
    : draw.times(draw.int(3, 28), () => (draw.chance(0.5) ? madeUp(draw) : draw.from(NOUNS))).join(' ')
  return {
    domain: 'echo',
    user: draw.said(ECHO_FORMS, text),
    answer: text,
    think: 'The user wants the text said back. I copy it.',
  }
}

const EVERY_WORD = [NOUNS, NOUNS, VERBS, NAMES, ADJECTIVES, PAST_VERBS, CITIES, JOBS, COLORS]

/**
 * The barest copying there is: a few unrelated words, always asked for in the same way. Here no word is held out: what is
 * measured later is whether a word can be handled in a place of its own, not whether its token was ever written before.
 */
export function bareCopy(draw: Draw): Turn {
  const one = (): string => (draw.chance(0.35) ? madeUp(draw) : draw.pick(draw.pick(EVERY_WORD)))
  const text = draw.chance(0.25)
    ? quoted(draw)
    : draw
        .times(draw.int(2, 14), () =>
          draw.weighted<() => string>([
            [9, one],
            [1, () => `${one()}_${one()}`],
            [1, () => capitalized(one())],
            [1, () => `"${one()}"`],
            [1, () => item(draw)],
          ])(),
        )
        .join(draw.chance(0.9) ? ' ' : ', ')
  return { domain: 'echo', user: `Repeat: ${text}`, answer: text, think: '' }
}

export function counting(draw: Draw): Turn {
  const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i).join(', ')
  const last = draw.weighted<() => number>([
    [7, () => draw.int(2, 20)],
    [2, () => draw.int(20, 60)],
    [1, () => draw.int(60, 100)],
  ])()
  if (draw.chance(0.7)) {
    const user = draw.way(
      (last) => [
        `Count to ${last}.`,
        `Count from 1 to ${last}.`,
        `Please count to ${last}`,
        `List the numbers from 1 to ${last}.`,
        `count from 1 to ${last}`,
        `Please count from 1 to ${last}.`,
        `Can you count to ${last}?`,
        `Write the numbers from 1 to ${last}.`,
        `Count up to ${last}.`,
        `count to ${last}`,
        `Count from one to ${last}.`,
        `Say the numbers from 1 to ${last}.`,
      ],
      last,
    )
    return { domain: 'counting', user, answer: range(1, last), think: 'I count.' }
  }
  const from = draw.int(2, 80)
  const to = from + draw.int(2, 20)
  return {
    domain: 'counting',
    user: draw.way(
      (from, to) => [
        `Count from ${from} to ${to}.`,
        `List the numbers from ${from} to ${to}.`,
        `count from ${from} to ${to}`,
        `Write the numbers from ${from} to ${to}.`,
        `Can you count from ${from} to ${to}?`,
        `Please count from ${from} to ${to}.`,
        `Say the numbers from ${from} to ${to}.`,
      ],
      from,
      to,
    ),
    answer: range(from, to),
    think: 'I count.',
  }
}

export const storyForms = (size: string, hero: string): string[] => [
  `Tell me a ${size}story about ${hero}.`,
  `Write a ${size}story about ${hero}`,
  `Write a ${size}story about ${hero}.`,
  `Can you tell me a ${size}story about ${hero}?`,
  `Please write a ${size}story about ${hero}.`,
  `I want a ${size}story about ${hero}.`,
  `tell a ${size}story about ${hero}`,
  `Make up a ${size}story about ${hero}.`,
  `Please tell me a ${size}story about ${hero}.`,
  `Tell me a ${size}tale about ${hero}.`,
  `Do you know a ${size}story about ${hero}?`,
  `I would like a ${size}story about ${hero}.`,
  `A ${size}story about ${hero}, please.`,
  `Tell the children a ${size}story about ${hero}.`,
  `Could you write a ${size}story about ${hero}?`,
  `Give me a ${size}story about ${hero}.`,
  `Invent a ${size}story about ${hero}.`,
  `Let me hear a ${size}story about ${hero}.`,
  `Start a ${size}story about ${hero}.`,
  `I want to hear a ${size}story about ${hero}.`,
]

export const anyStoryForms = (size: string): string[] => [
  `Tell me a ${size}story.`,
  `Write a ${size}story.`,
  `Tell a ${size}story`,
  `Can you tell me a ${size}story?`,
  `Please tell me a ${size}story.`,
  `I want to hear a ${size}story.`,
  `write a ${size}story`,
  `Give me a ${size}story.`,
  `Please write a ${size}story.`,
  `I would like a ${size}story.`,
  `Do you know a ${size}story?`,
  `Let me hear a ${size}story.`,
  `Could you tell a ${size}story?`,
  `Tell the children a ${size}story.`,
  `A ${size}story, please.`,
  `Make up a ${size}story.`,
]

/** One story about anybody; the hero is called what the user called it, and is a little fox if nobody says. */
export function story(draw: Draw): Turn {
  const a = (text: string) => (/^[aeiou]/.test(text) ? `an ${text}` : `a ${text}`)
  const anybody = draw.chance(0.15)
  const hero = anybody ? 'fox' : draw.chance(0.8) ? draw.from(NOUNS) : madeUp(draw)
  const name = !anybody && draw.chance(0.2) ? personName(draw) : undefined
  const told = name ?? a(anybody ? 'little fox' : draw.chance(0.5) ? hero : `${draw.from(ADJECTIVES)} ${hero}`)
  const who = name ?? `the ${hero}`
  const long = draw.chance(0.4)
  const opening = name ? `Once upon a time there lived a child called ${name}.` : `Once upon a time there was ${told}.`
  const size = long ? 'long ' : draw.pick(['', 'short '])
  const short = [
    `${opening} Every morning ${who} walked to the river and looked at the water.`,
    `One day ${who} met a friend. "Come with me," said the friend, "and I will show you the world." So they went along.`,
    `They saw mountains, forests and the wide sea. In the evening they came home, tired and happy. And ${who} was never alone again.`,
  ]
  const more = [
    `On the first day they crossed a dark forest. The trees were tall and the path was narrow, but they were not afraid. A kind owl showed them the way.`,
    `On the second day they climbed a mountain. The wind was cold and the stones were sharp. At the top they could see the whole land, with its villages, its fields and its silver rivers.`,
    `On the third day they reached the sea. The waves were high and the sky was gray. They found a small boat, and together they sailed to an island full of flowers.`,
    `On the island lived a wise old turtle. "What are you looking for?" asked the turtle. They thought for a while and said, "We are looking for a home." The turtle smiled. "A home is where your friends are," it said.`,
  ]
  const parts = long ? [short[0], short[1], ...more, short[2]] : short
  return {
    domain: 'story',
    user: anybody ? draw.way(anyStoryForms, size) : draw.way(storyForms, size, told),
    answer: `${parts.join(long ? '\n\n' : ' ')} The end.`,
    think: 'I tell a story.',
  }
}
