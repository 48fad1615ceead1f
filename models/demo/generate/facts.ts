import { DAYS, MONTHS } from './pools.ts'
import type { Draw } from './random.ts'
import { capitalized } from './text.ts'
import type { Turn } from './turn.ts'

/** What it is about, and the patterns that ask for it (see `Draw.said`). */
type Fact = { about: string; questions: readonly string[]; answer: string }

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
/** Also asked of countries whose capital nobody taught. */
export const CAPITAL_ASKS: readonly string[] = [
  "[|||So |And |Question: |Quick question: ][what is|what's|which is|name|tell me|say|give me] the [capital|capital city] of {0}[?|?|]",
  '[|||So |And |Question: ][which|what] [city|town] is the [capital|capital city] of {0}[?|?|]',
  '[Tell me|Can you tell me|Do you know|I want to know|Say|Could you tell me|Please tell me] the [capital|capital city] of {0}[.|?|]',
  '[Tell me|Can you tell me|Do you know|I want to know|Could you tell me] [what|which city] the [capital|capital city] of {0} is[.|?|]',
  '[|The |the ][capital|capital city] of {0}[?|| please| is what?| is which city?]',
  "[What is|What's|Tell me|Name] {0}'s [capital|capital city][?|.|]",
  '{0} has which capital[?|]',
  '[I need|I am looking for|I forgot] the [capital|capital city] of {0}[.|]',
  '[How is|What is] the capital of {0} called[?|]',
]
const OPPOSITES =
  pairs(`hot:cold big:small up:down left:right day:night fast:slow old:new happy:sad open:closed full:empty
  light:dark early:late rich:poor strong:weak true:false high:low wet:dry long:short`)
const COLOR_OF = pairs(
  'the_sky:blue grass:green snow:white coal:black blood:red a_banana:yellow milk:white a_tomato:red',
)
const OPENING = '[|||Do you know: |Tell me: |Question: |Please: |And |So ]'

const SINGLE: readonly (readonly [string, readonly string[]])[] = [
  ...(
    [
      ['7', 'days', 'week'],
      ['12', 'months', 'year'],
      ['24', 'hours', 'day'],
      ['60', 'minutes', 'hour'],
    ] as const
  ).map(([count, many, one]): readonly [string, readonly string[]] => {
    const a = one === 'hour' ? 'an' : 'a'
    return [
      `There are ${count} ${many} in ${a} ${one}.`,
      [
        `${OPENING}how many ${many} [are|are there] in [${a}|one] ${one}[?|?|]`,
        `${OPENING}how many ${many} [does|do you count in|make|make up] [${a}|one] ${one}[?|?|| have?]`,
        `[Tell me|Can you tell me|Do you know|I want to know] how many ${many} [are in|there are in|make] [${a}|one] ${one}[.|?|]`,
        `[One|A single] ${one} [is|has|makes] how many ${many}[?|]`,
        `[What is the|Tell me the|Give me the] number of ${many} in [${a}|one] ${one}[?|.]`,
      ],
    ]
  }),
  [
    'A spider has 8 legs.',
    [
      `${OPENING}how many legs [does a spider have|do spiders have|has a spider got|are on a spider][?|?|]`,
      '[Tell me|Do you know|Can you tell me|I want to know] how many legs [a spider has|spiders have][.|?|]',
      '[A spider has|Spiders have] how many legs[?|]',
      '[What is the|Tell me the|Give me the|What] number of legs [of a spider|does a spider have][?|.]',
    ],
  ],
  [
    'The largest planet is Jupiter.',
    [
      `${OPENING}[what is|which is|name|tell me] the [largest|biggest] planet[?|?|]`,
      `${OPENING}[which|what] planet is the [largest|biggest][?|| one?| of all?]`,
      '[Tell me|Do you know|Can you tell me|I want to know] which planet is the [largest|biggest][.|?|]',
      'What is the name of the [largest|biggest] planet[?|]',
    ],
  ],
  [
    'Water is made of hydrogen and oxygen.',
    [
      `${OPENING}what [is water made of|does water consist of|is in water|is water made from][?|?|]`,
      '[Tell me|Do you know|Can you tell me|I want to know] what water [is made of|consists of][.|?|]',
      '[Of what is water made|From what is water made|Which elements make water|Which elements are in water|What elements make up water][?|]',
    ],
  ],
  [
    'We live on Earth.',
    [
      `${OPENING}[which|what] planet do we [live|all live] on[?|?|]`,
      `${OPENING}on [which|what] planet do we [live|all live][?|?|]`,
      '[Tell me|Do you know|Can you tell me|I want to know] [which|what] planet we live on[.|?|]',
      '[What is the planet called|What is the name of the planet] [that |]we live on[?|]',
    ],
  ],
  [
    'Hamlet was written by William Shakespeare.',
    [
      `${OPENING}who [wrote|has written|is the author of|is the writer of] Hamlet[?|?|]`,
      '[Tell me|Do you know|Can you tell me|I want to know] who [wrote|has written|is the author of] Hamlet[.|?|]',
      '[By whom was Hamlet written|Which writer wrote Hamlet|Which poet wrote Hamlet|Hamlet was written by whom][?|]',
    ],
  ],
  [
    'The fastest land animal is the cheetah.',
    [
      `${OPENING}[what is|which is|name|tell me] the fastest [land animal|animal on land][?|?|]`,
      `${OPENING}[which|what] [land animal|animal on land] is the fastest[?|?|]`,
      '[Tell me|Do you know|Can you tell me|I want to know] which [land animal|animal on land] is the fastest[.|?|]',
    ],
  ],
]

const next = (list: readonly string[], index: number): string => list[(index + 1) % list.length] ?? ''
const follows = (list: readonly string[], kind: string): Fact[] =>
  list.map((name, index) => ({
    about: name,
    questions: [
      `${OPENING}[what|which ${kind}|what ${kind}|which] [comes|follows|is|comes next|is next] after {0}[?|?|]`,
      `${OPENING}[what|which ${kind}|what ${kind}] follows {0}[?|?|]`,
      `[Name|Tell me|Say|Give me|I need] the ${kind} [after|that comes after|that follows|following] {0}[.|]`,
      `[Tell me|Can you tell me|Do you know|I want to know|Say] [what|which ${kind}] [comes after|follows|is next after] {0}[.|?|]`,
      `[What is|What's] the [next ${kind}|${kind}] after {0}[?|]`,
      `After {0} [comes|follows] [what|which ${kind}|what ${kind}][?|]`,
      `[It is|Today is|We have|Now it is] {0}. [What|Which ${kind}] [comes next|comes after that|is next|follows]?`,
    ],
    answer: `${next(list, index)} comes after ${name}.`,
  }))

const CAPITAL_FACTS: Fact[] = CAPITALS.map(([country, city]) => ({
  about: country,
  questions: CAPITAL_ASKS,
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
  questions: [
    `${OPENING}[what is|what's|which is|give me|name|say|tell me] the opposite of [{0}|{0}|"{0}"|the word {0}][?|?|]`,
    `${OPENING}[which|what] word [is|means] the opposite of [{0}|{0}|"{0}"][?|?|]`,
    '[Tell me|Can you tell me|Do you know|I want to know|Say] [what the opposite of {0} is|the opposite of {0}|the opposite of "{0}"][.|?|]',
    '[|The |the ]opposite of {0}[?|| please| is what?| is which word?]',
    '[What do you call|What would be|What could be] the opposite of {0}[?|]',
    '[I need|I want|Give me] a word that means the opposite of {0}[.|]',
  ],
  answer: `The opposite of ${a} is ${b}.`,
}))
const COLOR_FACTS: Fact[] = COLOR_OF.map(([thing, color]) => ({
  about: thing,
  questions: [
    `${OPENING}[what|which] [color|colour] [is|has] {0}[?|?|]`,
    `${OPENING}[what|which] [color|colour] does {0} have[?|?|]`,
    `${OPENING}[what is|what's|name|say|tell me|give me] the [color|colour] of {0}[?|?|]`,
    '[Tell me|Can you tell me|Do you know|I want to know|Say] [what|which] [color|colour] {0} [is|has][.|?|]',
    '[Tell me|Can you tell me|Do you know|I want to know] the [color|colour] of {0}[.|?|]',
    '[|The |the ][color|colour] of {0}[?|| please| is what?]',
  ],
  answer: `The color is ${color}.`,
}))
const SINGLE_FACTS: Fact[] = SINGLE.map(([answer, questions]) => ({ about: '', questions, answer }))

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
  const user = draw.said(questions, about)
  return {
    domain: 'fact',
    user: draw.chance(0.8) ? capitalized(user) : user,
    answer,
    think: 'I know this one.',
  }
}
