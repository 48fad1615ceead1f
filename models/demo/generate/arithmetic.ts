import type { Draw } from './random.ts'
import { personName } from './text.ts'
import type { Turn } from './turn.ts'

/** A tenth of all pairs of numbers is held out, the same in every way of asking. */
const isHeldOutPair = (a: number, b: number): boolean => (a * 37 + b * 101 + a * b) % 10 === 3

/** Two numbers of which `fits` holds and that this split may see; small ones more often. */
function pair(draw: Draw, fits: (a: number, b: number) => boolean): [number, number] {
  for (;;) {
    const limit = draw.weighted([
      [2, 10],
      [3, 30],
      [5, 99],
    ])
    const a = draw.int(0, limit)
    const b = draw.int(0, limit)
    const small = a < 10 && b < 10
    if (fits(a, b) && (small ? draw.split === 'train' : isHeldOutPair(a, b) === (draw.split === 'held-out')))
      return [a, b]
  }
}

const WORDS =
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty'.split(
    ' ',
  )

const digits = (n: number): readonly [number, number] => [Math.floor(n / 10), n % 10]

function sumSteps(a: number, b: number): string {
  const [[highA, lowA], [highB, lowB]] = [digits(a), digits(b)]
  const ones = lowA + lowB
  const carry = ones > 9
  const tens = carry ? `${highA} + ${highB} + 1 = ${highA + highB + 1}` : `${highA} + ${highB} = ${highA + highB}`
  return `Ones: ${lowA} + ${lowB} = ${ones}${carry ? ', carry 1' : ''}. Tens: ${tens}. So ${a} + ${b} = ${a + b}.`
}

function differenceSteps(a: number, b: number): string {
  const [[highA, lowA], [highB, lowB]] = [digits(a), digits(b)]
  const borrow = lowA < lowB
  // The digits first: only with them before its eyes the model sees whether it has to borrow.
  const ones = borrow
    ? `${lowA} - ${lowB}, borrow 1, ${lowA + 10} - ${lowB} = ${lowA + 10 - lowB}`
    : `${lowA} - ${lowB} = ${lowA - lowB}`
  const tens = borrow ? `${highA} - ${highB} - 1 = ${highA - highB - 1}` : `${highA} - ${highB} = ${highA - highB}`
  return `Ones: ${ones}. Tens: ${tens}. So ${a} - ${b} = ${a - b}.`
}

type Result = Pick<Turn, 'answer' | 'think' | 'worked'>

/** Above the single digits the steps are said, in the reasoning or, without one, in the answer. */
function result(a: number, b: number, answer: string, steps: string): Result {
  return a < 10 && b < 10 ? { answer, think: `${answer}.` } : { answer, think: steps, worked: steps }
}
const sum = (a: number, b: number): Result => result(a, b, `${a} + ${b} = ${a + b}`, sumSteps(a, b))
const difference = (a: number, b: number): Result => result(a, b, `${a} - ${b} = ${a - b}`, differenceSteps(a, b))

function asked(draw: Draw, expression: string): string {
  return draw.way(
    (expression) => [
      `What is ${expression}?`,
      expression,
      `Calculate ${expression}.`,
      `${expression} = ?`,
      `How much is ${expression}?`,
      `Can you calculate ${expression}?`,
      `what's ${expression}`,
      `Compute ${expression}`,
      `${expression}?`,
      `What's ${expression}?`,
      `Solve ${expression}`,
      `Solve ${expression}.`,
      `Work out ${expression}`,
      `Please calculate ${expression}.`,
      `Can you tell me what ${expression} is?`,
      `${expression} =`,
      `Tell me what ${expression} is.`,
      `Please work out ${expression}.`,
      `Tell me ${expression}.`,
      `I want the result of ${expression}.`,
      `What will ${expression} be?`,
      `I need to know ${expression}.`,
      `Give me the result of ${expression}.`,
      `Tell me the result of ${expression}.`,
      `I want to know what ${expression} is.`,
      `What is the result of ${expression}?`,
      `${expression} is what?`,
      `What do you get for ${expression}?`,
      `How much will ${expression} be?`,
      `I want to know ${expression}.`,
    ],
    expression,
  )
}

function plainSum(draw: Draw): Turn {
  const [a, b] = pair(draw, () => true)
  const user = draw.chance(0.8)
    ? asked(
        draw,
        draw.weighted([
          [4, `${a} + ${b}`],
          [1, `${a}+${b}`],
          [3, `${a} plus ${b}`],
        ]),
      )
    : draw.way(
        (a, b) => [
          `Add ${a} and ${b}.`,
          `What is the sum of ${a} and ${b}?`,
          `Sum ${a} and ${b}`,
          `What is ${a} added to ${b}?`,
          `What do you get if you add ${a} and ${b}?`,
          `The sum of ${a} and ${b}?`,
          `How much do you get if you add ${a} and ${b}?`,
          `What are ${a} and ${b} together?`,
          `Add up ${a} and ${b}.`,
          `Tell me the sum of ${a} and ${b}.`,
          `What is ${a} and ${b}?`,
          `How much are ${a} and ${b} together?`,
        ],
        a,
        b,
      )
  return { domain: 'arithmetic', user, ...sum(a, b) }
}

function plainDifference(draw: Draw): Turn {
  // Half of them have to borrow, which is the hard part.
  const borrow = draw.chance(0.5)
  const [a, b] = pair(draw, (x, y) => (x >= y && (!borrow || x % 10 < y % 10)) || (y < 10 && draw.chance(0.3)))
  const user = draw.chance(0.8)
    ? asked(
        draw,
        draw.weighted([
          [4, `${a} - ${b}`],
          [1, `${a}-${b}`],
          [3, `${a} minus ${b}`],
        ]),
      )
    : draw.way(
        (b, a) => [
          `Subtract ${b} from ${a}.`,
          `What is ${a} take away ${b}?`,
          `Take ${b} away from ${a}.`,
          `What is left if you take ${b} from ${a}?`,
          `Subtract ${b} from ${a}`,
          `What do you get if you take ${b} away from ${a}?`,
          `What is left if you subtract ${b} from ${a}?`,
          `What do you get if you subtract ${b} from ${a}?`,
        ],
        b,
        a,
      )
  return { domain: 'arithmetic', user, ...difference(a, b) }
}

function inWords(draw: Draw): Turn {
  const [a, b] = [draw.int(0, 20), draw.int(0, 20)]
  return draw.chance(0.6) || a < b
    ? { domain: 'arithmetic', user: asked(draw, `${WORDS[a]} plus ${WORDS[b]}`), ...sum(a, b) }
    : { domain: 'arithmetic', user: asked(draw, `${WORDS[a]} minus ${WORDS[b]}`), ...difference(a, b) }
}

function story(draw: Draw): Turn {
  const things = draw.pick([
    'apples',
    'books',
    'coins',
    'pencils',
    'cookies',
    'stamps',
    'marbles',
    'flowers',
    'eggs',
    'tickets',
  ])
  const name = personName(draw)
  if (draw.chance(0.5)) {
    const [a, b] = pair(draw, () => true)
    const user = draw.way(
      (name, a, things, b) => [
        `${name} has ${a} ${things} and gets ${b} more. How many ${things} does ${name} have?`,
        `I have ${a} ${things} and buy ${b} more. How many ${things} do I have?`,
        `There are ${a} ${things} in a box and ${b} on the table. How many ${things} are there?`,
        `If I have ${a} ${things} and you give me ${b}, how many do I have?`,
        `${name} finds ${a} ${things} in the morning and ${b} in the evening. How many in total?`,
        `There are ${a} ${things} on the table. I put ${b} more there. How many are there now?`,
        `You have ${a} ${things}. I give you ${b} more. How many ${things} do you have now?`,
        `I had ${a} ${things} and got ${b} more. How many do I have now?`,
        `If you have ${a} ${things} and get ${b} more, how many ${things} do you have?`,
        `${name} had ${a} ${things} and found ${b} more. How many ${things} in total?`,
        `I buy ${a} ${things} in the morning and ${b} more in the evening. How many did I buy?`,
        `${name} has ${a} ${things} and buys ${b} more. How many ${things} does ${name} have now?`,
      ],
      name,
      a,
      things,
      b,
    )
    return { domain: 'arithmetic', user, ...sum(a, b) }
  }
  const [a, b] = pair(draw, (x, y) => x >= y)
  const user = draw.way(
    (name, a, things, b) => [
      `${name} has ${a} ${things} and loses ${b}. How many ${things} are left?`,
      `I have ${a} ${things} and give away ${b}. How many do I have left?`,
      `There are ${a} ${things} in a box. I take out ${b}. How many ${things} are left?`,
      `If I have ${a} ${things} and sell ${b}, how many are left?`,
      `${name} had ${a} ${things} but ate ${b} of them. How many are left?`,
      `I have ${a} ${things} and lose ${b}. How many ${things} do I have left?`,
      `I had ${a} ${things} and sold ${b}. How many ${things} are left?`,
      `You have ${a} ${things}. I take ${b}. How many ${things} do you still have?`,
      `I had ${a} ${things} and ate ${b}. How many do I still have?`,
      `${name} had ${a} ${things} and gave away ${b}. How many ${things} are left?`,
      `There are ${a} ${things}. ${b} are taken away. How many are left?`,
      `${name} had ${a} ${things} and lost ${b}. How many are left?`,
    ],
    name,
    a,
    things,
    b,
  )
  return { domain: 'arithmetic', user, ...difference(a, b) }
}

/** A sum whose result a small model knows at once. */
export function smallSum(draw: Draw): Turn {
  const [a, b] = [draw.int(0, 9), draw.int(0, 9)]
  return { domain: 'arithmetic', user: asked(draw, `${a} ${draw.pick(['+', 'plus'])} ${b}`), ...sum(a, b) }
}

export const arithmetic = (draw: Draw): Turn =>
  draw.weighted([
    [10, plainSum],
    [8, plainDifference],
    [1, inWords],
    [3, story],
  ] as const)(draw)
