import { ADJECTIVES, NAMES, NOUNS, VERBS } from './pools.ts'
import type { Draw } from './random.ts'
import { capitalized, madeUp, personName, phrase } from './text.ts'
import type { Turn } from './turn.ts'

/** Turns whose answer is a text of some length: said back, counted, listed, told. */

const echoForms = (text: string): string[] => [
  `Repeat: ${text}`,
  `Say: ${text}`,
  `Echo: ${text}`,
  `Repeat after me: ${text}`,
  `Say "${text}"`,
  `Please repeat this text: ${text}`,
  `Say exactly: ${text}`,
  `Repeat the following: ${text}`,
  `Reply with "${text}" and nothing else.`,
  `Reply with exactly: ${text}`,
  `Answer only with: ${text}`,
  `Output the text "${text}"`,
  `Respond with exactly "${text}".`,
  `Please say: ${text}`,
  `Repeat this: ${text}`,
  `Write exactly this: ${text}`,
  `Print: ${text}`,
  `Repeat this sentence: ${text}`,
  `Can you repeat this? ${text}`,
  `Say this back to me: ${text}`,
  `Reply with: ${text}`,
  `Copy this text: ${text}`,
  `Repeat word for word: ${text}`,
  `Echo this back: ${text}`,
  `Say exactly this and nothing else: ${text}`,
  `Repeat the sentence "${text}"`,
  `Just say "${text}"`,
  `Reply only with the following text: ${text}`,
  `Return exactly "${text}"`,
  `Repeat exactly: ${text}`,
]

export function echo(draw: Draw): Turn {
  const text = draw.chance(0.04) ? draw.times(draw.int(2, 4), () => phrase(draw)).join('\n') : phrase(draw)
  return {
    domain: 'echo',
    user: draw.from(echoForms(text)),
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
    user: draw.pick(echoForms(text)),
    answer: text,
    think: 'The user wants the text said back. I copy it.',
  }
}

/** The barest copying there is: a few unrelated words, always asked for in the same way. */
export function bareCopy(draw: Draw): Turn {
  const text = draw
    .times(draw.int(2, 14), () =>
      draw.chance(0.4) ? madeUp(draw) : draw.pick(draw.chance(0.7) ? NOUNS : draw.chance(0.5) ? VERBS : NAMES),
    )
    .join(' ')
  return { domain: 'echo', user: `Repeat: ${text}`, answer: text, think: '' }
}

export function counting(draw: Draw): Turn {
  const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i).join(', ')
  const last = draw.weighted<() => number>([
    [7, () => draw.int(2, 20)],
    [2, () => draw.int(20, 60)],
    [1, () => draw.int(60, 110)],
  ])()
  if (draw.chance(0.75)) {
    const user = draw.from([
      `Count to ${last}.`,
      `Count from 1 to ${last}.`,
      `Please count to ${last}`,
      `List the numbers from 1 to ${last}.`,
      `count from 1 to ${last}`,
      `Count to ${last} please.`,
      `Can you count to ${last}?`,
      `Write the numbers from 1 to ${last}.`,
      `Count up to ${last}.`,
      `count to ${last}`,
      `Count from one to ${last}.`,
      `Say the numbers from 1 to ${last}.`,
      `Print the numbers 1 to ${last}.`,
    ])
    return { domain: 'counting', user, answer: range(1, last), think: `I count from 1 to ${last}.` }
  }
  if (draw.chance(0.5)) {
    const from = draw.int(2, 80)
    const to = from + draw.int(2, 20)
    return {
      domain: 'counting',
      user: draw.from([
        `Count from ${from} to ${to}.`,
        `List the numbers from ${from} to ${to}.`,
        `count from ${from} to ${to}`,
        `Please count from ${from} to ${to}.`,
        `Write the numbers from ${from} to ${to}.`,
        `Can you count from ${from} to ${to}?`,
      ]),
      answer: range(from, to),
      think: `I count from ${from} to ${to}.`,
    }
  }
  const text = draw.chance(0.5) ? draw.from(NOUNS) : capitalized(madeUp(draw))
  const times = draw.int(2, 12)
  return {
    domain: 'counting',
    user: draw.from([
      `Say ${text} ${times} times.`,
      `Write "${text}" ${times} times.`,
      `Repeat the word ${text} ${times} times.`,
      `Repeat "${text}" ${times} times.`,
      `Print ${text} ${times} times.`,
      `Give me the word ${text} ${times} times.`,
    ]),
    answer: Array.from({ length: times }, (_, i) => `${i + 1}. ${text}`).join('\n'),
    think: `I write ${text} ${times} times.`,
  }
}

const LISTS = [
  ['colors', 'red blue green yellow black white orange purple pink brown'],
  ['fruits', 'apple banana orange lemon pear cherry grape mango peach plum'],
  ['animals', 'dog cat horse bear fox lion tiger rabbit sheep cow'],
  ['cities', 'Paris London Tokyo Cairo Lima Oslo Rome Berlin Madrid Delhi'],
  ['planets', 'Mercury Venus Earth Mars Jupiter Saturn Uranus Neptune'],
  ['days', 'Monday Tuesday Wednesday Thursday Friday Saturday Sunday'],
  ['vegetables', 'carrot potato tomato onion cabbage spinach pea bean leek beet'],
  ['countries', 'France Germany Spain Italy Japan China India Egypt Peru Canada'],
] as const
const NUMERALS = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten']

export function list(draw: Draw): Turn {
  const [kind, text] = draw.pick(LISTS)
  const all = text.split(' ')
  const count = draw.int(1, Math.min(draw.chance(0.7) ? 5 : 10, all.length))
  const n = draw.chance(0.5) ? NUMERALS[count - 1] : count
  const what = count === 1 ? kind.replace(/ies$/, 'y').replace(/oes$/, 'o').replace(/s$/, '') : kind
  return {
    domain: 'list',
    think: `I list ${count} ${what}.`,
    user: draw.from([
      `Name ${n} ${what}.`,
      `List ${n} ${what}.`,
      `Give me ${n} ${what}`,
      `Tell me ${n} ${what}.`,
      `Write a list of ${n} ${what}.`,
      `Can you name ${n} ${what}?`,
      `name ${n} ${what}`,
      `Please list ${n} ${what}.`,
      `I need ${n} ${what}.`,
      `List ${n} ${what} please.`,
      `Give me a list of ${n} ${what}.`,
      `What are ${n} ${what}?`,
    ]),
    answer: all
      .slice(0, count)
      .map((entry, i) => `${i + 1}. ${entry}`)
      .join('\n'),
  }
}

export function story(draw: Draw): Turn {
  const adjective = draw.from(ADJECTIVES)
  const plain = draw.chance(0.25)
  const hero = plain ? 'fox' : draw.chance(0.8) ? draw.from(NOUNS) : madeUp(draw)
  const trait = plain ? 'little' : draw.chance(0.6) ? adjective : 'little'
  const named = draw.chance(0.2) ? personName(draw) : undefined
  const who = named ?? `the ${hero}`
  const Who = capitalized(who)
  const long = draw.chance(0.4)
  const a = (text: string) => (/^[aeiou]/.test(text) ? `an ${text}` : `a ${text}`)
  const about = named ?? (plain ? '' : a(trait === 'little' && draw.chance(0.9) ? hero : `${trait} ${hero}`))
  const spoken = named ? '' : about.split(' ').length > 2 || plain ? trait : 'little'
  const opening = named
    ? `Once upon a time there lived a child called ${named}.`
    : `Once upon a time there was ${a(`${spoken} ${hero}`)}.`
  const size = long ? 'long ' : draw.pick(['', 'short '])
  const users = about
    ? [
        `Tell me a ${size}story about ${about}.`,
        `Write a ${size}story about ${about}`,
        `Write a ${size}story about ${about}.`,
        `Can you tell me a ${size}story about ${about}?`,
        `Please write a ${size}story about ${about}.`,
        `I want a ${size}story about ${about}.`,
        `tell a ${size}story about ${about}`,
        `Make up a ${size}story about ${about}.`,
      ]
    : [
        `Tell me a ${size}story.`,
        `Write a ${size}story.`,
        `Tell a ${size}story`,
        `Can you tell me a ${size}story?`,
        `Please tell me a ${size}story.`,
        `I want to hear a ${size}story.`,
        `write a ${size}story`,
      ]
  const short = [
    `${opening} Every morning ${who} walked to the river and looked at the water.`,
    `One day ${who} met a friend. "Come with me," said the friend, "and I will show you the world." So ${who} went along.`,
    `They saw mountains, forests and the wide sea. In the evening they came home, tired and happy. And ${who} was never alone again.`,
  ]
  const more = [
    `On the first day they crossed a dark forest. The trees were tall and the path was narrow, but ${who} was not afraid. A kind owl showed them the way.`,
    `On the second day they climbed a mountain. The wind was cold and the stones were sharp. At the top ${who} could see the whole land, with its villages, its fields and its silver rivers.`,
    `On the third day they reached the sea. The waves were high and the sky was gray. ${Who} found a small boat, and together they sailed to an island full of flowers.`,
    `On the island lived a wise old turtle. "What are you looking for?" asked the turtle. ${Who} thought for a while and said, "I am looking for a home." The turtle smiled. "A home is where your friends are," it said.`,
  ]
  const parts = long ? [short[0], short[1], ...more, short[2]] : short
  return {
    domain: 'story',
    user: draw.from(users),
    answer: `${parts.join(long ? '\n\n' : ' ')} The end.`,
    think: named ? `I tell a story about ${named}.` : `I tell a story about ${a(`${spoken} ${hero}`)}.`,
  }
}
