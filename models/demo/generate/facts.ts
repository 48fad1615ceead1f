import { DAYS, MONTHS } from './pools.ts'
import type { Draw } from './random.ts'
import type { Turn } from './turn.ts'

/** Ways to ask for it, with what it is about in them. */
type Fact = { about: string; questions: (it: string) => readonly string[]; answer: string }

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
const SINGLE: readonly (readonly [string, readonly string[]])[] = [
  [
    'There are 7 days in a week.',
    [
      'How many days are in a week?',
      'How many days are there in one week?',
      'One week is how many days?',
      'Tell me how many days are in a week.',
      'How many days make a week?',
    ],
  ],
  [
    'There are 12 months in a year.',
    [
      'How many months are in a year?',
      'How many months are there in one year?',
      'One year is how many months?',
      'Tell me how many months are in a year.',
      'How many months make a year?',
    ],
  ],
  [
    'There are 24 hours in a day.',
    [
      'How many hours are in a day?',
      'How many hours are there in one day?',
      'One day is how many hours?',
      'Tell me how many hours are in a day.',
      'How many hours make a day?',
    ],
  ],
  [
    'There are 60 minutes in an hour.',
    [
      'How many minutes are in an hour?',
      'How many minutes are there in one hour?',
      'One hour is how many minutes?',
      'Tell me how many minutes are in an hour.',
      'How many minutes make an hour?',
    ],
  ],
  [
    'A spider has 8 legs.',
    [
      'How many legs does a spider have?',
      'How many legs do spiders have?',
      'What number of legs does a spider have?',
      'Tell me how many legs a spider has.',
      'A spider has how many legs?',
    ],
  ],
  [
    'The largest planet is Jupiter.',
    [
      'What is the largest planet?',
      'Which planet is the largest?',
      'What is the name of the largest planet?',
      'Tell me the largest planet.',
      'Name the largest planet.',
    ],
  ],
  [
    'Water is made of hydrogen and oxygen.',
    [
      'What is water made of?',
      'What does water consist of?',
      'Of what is water made?',
      'Tell me what water is made of.',
      'Which elements make water?',
    ],
  ],
  [
    'We live on Earth.',
    [
      'Which planet do we live on?',
      'On which planet do we live?',
      'What planet do we live on?',
      'Tell me which planet we live on.',
      'What is the planet called that we live on?',
    ],
  ],
  [
    'Hamlet was written by William Shakespeare.',
    [
      'Who wrote Hamlet?',
      'Who is the author of Hamlet?',
      'By whom was Hamlet written?',
      'Tell me who wrote Hamlet.',
      'Which writer wrote Hamlet?',
    ],
  ],
  [
    'The fastest land animal is the cheetah.',
    [
      'What is the fastest land animal?',
      'Which land animal is the fastest?',
      'What is the fastest animal on land?',
      'Tell me the fastest land animal.',
      'Name the fastest land animal.',
    ],
  ],
]

const next = (list: readonly string[], index: number): string => list[(index + 1) % list.length] ?? ''
const follows = (list: readonly string[], kind: string): Fact[] =>
  list.map((name, index) => ({
    about: name,
    questions: (it) => [
      `What comes after ${it}?`,
      `Which ${kind} comes after ${it}?`,
      `What ${kind} follows ${it}?`,
      `what comes after ${it}`,
      `Name the ${kind} after ${it}.`,
      `Tell me the ${kind} that comes after ${it}.`,
      `Which ${kind} follows ${it}?`,
      `What is the ${kind} after ${it}?`,
      `What ${kind} comes after ${it}?`,
      `Which ${kind} is next after ${it}?`,
      `Tell me what comes after ${it}.`,
      `What is the next ${kind} after ${it}?`,
      `Do you know which ${kind} comes after ${it}?`,
      `Tell me the ${kind} after ${it}.`,
      `After ${it} comes which ${kind}?`,
      `Can you tell me what comes after ${it}?`,
      `Name the ${kind} that follows ${it}.`,
      `Which ${kind} do we have after ${it}?`,
    ],
    answer: `${next(list, index)} comes after ${name}.`,
  }))

const CAPITAL_FACTS: Fact[] = CAPITALS.map(([country, city]) => ({
  about: country,
  questions: (it) => [
    `What is the capital of ${it}?`,
    `what's the capital of ${it}`,
    `Which city is the capital of ${it}?`,
    `Tell me the capital of ${it}.`,
    `capital of ${it}?`,
    `Do you know what the capital of ${it} is?`,
    `Name the capital of ${it}.`,
    `What is the capital city of ${it}?`,
    `Can you tell me the capital of ${it}?`,
    `${it}'s capital?`,
    `I want to know the capital of ${it}.`,
    `Do you know the capital of ${it}?`,
    `What's the capital of ${it}?`,
    `The capital of ${it} is which city?`,
    `What is ${it}'s capital?`,
    `What is the capital called in ${it}?`,
    `Tell me what the capital city of ${it} is.`,
    `What city is the capital of ${it}?`,
    `Say the capital of ${it}.`,
    `${it} has which capital?`,
    `Which is the capital of ${it}?`,
    `What city is the capital city of ${it}?`,
    `Give me the capital of ${it}.`,
    `I need the capital of ${it}.`,
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
  about: a,
  questions: (it) => [
    `What is the opposite of ${it}?`,
    `opposite of ${it}`,
    `Give me the opposite of "${it}".`,
    `What's the opposite of ${it}?`,
    `Tell me the opposite of ${it}.`,
    `Which word is the opposite of ${it}?`,
    `What is the opposite of the word ${it}?`,
    `Do you know the opposite of ${it}?`,
    `Which word means the opposite of ${it}?`,
    `Say the opposite of ${it}.`,
    `I want to know the opposite of ${it}.`,
    `Can you tell me the opposite of ${it}?`,
    `The opposite of ${it} is what?`,
    `What word is the opposite of ${it}?`,
    `Name the opposite of ${it}.`,
    `The opposite of ${it}?`,
    `What do you call the opposite of ${it}?`,
    `Give me the opposite of ${it}.`,
    `Tell me what the opposite of ${it} is.`,
  ],
  answer: `The opposite of ${a} is ${b}.`,
}))
const COLOR_FACTS: Fact[] = COLOR_OF.map(([thing, color]) => ({
  about: thing,
  questions: (it) => [
    `What color is ${it}?`,
    `What colour is ${it}?`,
    `Which color does ${it} have?`,
    `what color is ${it}`,
    `What is the color of ${it}?`,
    `Tell me the color of ${it}.`,
    `Which color is ${it}?`,
    `Do you know the color of ${it}?`,
    `What is the colour of ${it}?`,
    `Tell me what color ${it} is.`,
    `Say the color of ${it}.`,
    `Which colour is ${it}?`,
    `Can you tell me the color of ${it}?`,
    `I want to know the color of ${it}.`,
    `What color does ${it} have?`,
    `The color of ${it}?`,
    `Name the color of ${it}.`,
    `Tell me which color ${it} has.`,
  ],
  answer: `The color is ${color}.`,
}))
const SINGLE_FACTS: Fact[] = SINGLE.map(([answer, asked]) => ({
  about: '',
  questions: () => asked.flatMap((q) => [q, q.toLowerCase(), q.replace(/[?.]$/, '')]),
  answer,
}))

export const FACT_GROUPS = [
  [5, CAPITAL_FACTS],
  [3, OPPOSITE_FACTS],
  [1, COLOR_FACTS],
  [2, SINGLE_FACTS],
  [1, follows(DAYS, 'day')],
  [1, follows(MONTHS, 'month')],
] as const

export function fact(draw: Draw): Turn {
  const { questions, about, answer } = draw.pick(draw.weighted(FACT_GROUPS))
  return { domain: 'fact', user: draw.way(questions, about), answer, think: 'I know this one.' }
}
