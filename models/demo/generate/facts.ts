import { DAYS, MONTHS } from './pools.ts'
import type { Draw } from './random.ts'
import type { Turn } from './turn.ts'

type Fact = { questions: readonly string[]; answer: string }

const pairs = (text: string): [string, string][] =>
  text
    .trim()
    .split(/\s+/)
    .map((entry) => entry.replaceAll('_', ' ').split(':') as [string, string])

/** What the model learns by heart. Held out are ways of asking, not facts. */
const CAPITALS = pairs(`France:Paris Germany:Berlin Spain:Madrid Italy:Rome Austria:Vienna Norway:Oslo Ireland:Dublin
  Portugal:Lisbon Greece:Athens Poland:Warsaw Hungary:Budapest Finland:Helsinki Sweden:Stockholm Denmark:Copenhagen
  Belgium:Brussels Japan:Tokyo China:Beijing India:New_Delhi Thailand:Bangkok Vietnam:Hanoi Egypt:Cairo Kenya:Nairobi
  Peru:Lima Cuba:Havana Turkey:Ankara Canada:Ottawa Australia:Canberra Russia:Moscow England:London Switzerland:Bern
  Ukraine:Kyiv Iran:Tehran Iraq:Baghdad Nepal:Kathmandu Chile:Santiago Colombia:Bogota`)
const OPPOSITES =
  pairs(`hot:cold big:small up:down left:right day:night fast:slow old:new happy:sad open:closed full:empty
  light:dark early:late rich:poor strong:weak true:false high:low wet:dry long:short`)
const COLOR_OF = pairs(
  'the_sky:blue grass:green snow:white coal:black blood:red a_banana:yellow milk:white a_tomato:red',
)
const SINGLE: readonly (readonly [string, string])[] = [
  ['How many days are in a week?', 'There are 7 days in a week.'],
  ['How many months are in a year?', 'There are 12 months in a year.'],
  ['How many hours are in a day?', 'There are 24 hours in a day.'],
  ['How many minutes are in an hour?', 'There are 60 minutes in an hour.'],
  ['How many legs does a spider have?', 'A spider has 8 legs.'],
  ['What is the largest planet?', 'The largest planet is Jupiter.'],
  ['What is water made of?', 'Water is made of hydrogen and oxygen.'],
  ['Which planet do we live on?', 'We live on Earth.'],
  ['Who wrote Hamlet?', 'Hamlet was written by William Shakespeare.'],
  ['What is the fastest land animal?', 'The fastest land animal is the cheetah.'],
]

const next = (list: readonly string[], index: number): string => list[(index + 1) % list.length] ?? ''
const follows = (list: readonly string[], kind: string): Fact[] =>
  list.map((name, index) => ({
    questions: [
      `What comes after ${name}?`,
      `Which ${kind} comes after ${name}?`,
      `What ${kind} follows ${name}?`,
      `what comes after ${name}`,
      `Name the ${kind} after ${name}.`,
      `Tell me the ${kind} that comes after ${name}.`,
    ],
    answer: `${next(list, index)} comes after ${name}.`,
  }))

const CAPITAL_FACTS: Fact[] = CAPITALS.map(([country, city]) => ({
  questions: [
    `What is the capital of ${country}?`,
    `what's the capital of ${country}`,
    `Which city is the capital of ${country}?`,
    `Tell me the capital of ${country}.`,
    `capital of ${country}?`,
    `Name the capital of ${country}.`,
    `What is the capital city of ${country}?`,
    `Can you tell me the capital of ${country}?`,
    `${country}'s capital?`,
    `Do you know the capital of ${country}?`,
    `What's the capital of ${country}?`,
    `The capital of ${country} is which city?`,
  ],
  answer: `The capital of ${country} is ${city}.`,
}))
const OPPOSITE_FACTS: Fact[] = OPPOSITES.flatMap(
  ([a, b]) =>
    [
      [a, b],
      [b, a],
    ] as const,
).map(([a, b]) => ({
  questions: [
    `What is the opposite of ${a}?`,
    `opposite of ${a}`,
    `Give me the opposite of "${a}".`,
    `What's the opposite of ${a}?`,
    `Tell me the opposite of ${a}.`,
    `Which word is the opposite of ${a}?`,
    `What is the opposite of the word ${a}?`,
  ],
  answer: `The opposite of ${a} is ${b}.`,
}))
const COLOR_FACTS: Fact[] = COLOR_OF.map(([thing, color]) => ({
  questions: [
    `What color is ${thing}?`,
    `What colour is ${thing}?`,
    `Which color does ${thing} have?`,
    `what color is ${thing}`,
    `What is the color of ${thing}?`,
    `Tell me the color of ${thing}.`,
    `Which color is ${thing}?`,
  ],
  answer: `The color is ${color}.`,
}))
const SINGLE_FACTS: Fact[] = SINGLE.map(([question, answer]) => ({
  questions: [
    question,
    question.toLowerCase(),
    question.replace('?', ''),
    `Tell me: ${question}`,
    `Question: ${question}`,
    `Can you tell me: ${question}`,
    `Quick question: ${question}`,
  ],
  answer,
}))

export function fact(draw: Draw): Turn {
  const group = draw.weighted([
    [5, CAPITAL_FACTS],
    [3, OPPOSITE_FACTS],
    [1, COLOR_FACTS],
    [2, SINGLE_FACTS],
    [1, follows(DAYS, 'day')],
    [1, follows(MONTHS, 'month')],
  ])
  const { questions, answer } = draw.pick(group)
  return { domain: 'fact', user: draw.from(questions), answer, think: `I know this one. ${answer}` }
}
