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
  const ones = borrow ? `${lowA + 10} - ${lowB} = ${lowA + 10 - lowB}, borrow 1` : `${lowA} - ${lowB} = ${lowA - lowB}`
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
  return draw.from([
    `What is ${expression}?`,
    expression,
    `Calculate ${expression}.`,
    `${expression} = ?`,
    `How much is ${expression}?`,
    `what's ${expression}`,
    `Compute ${expression}`,
    `${expression}?`,
    `What's ${expression}?`,
    `Please calculate ${expression}.`,
    `Can you tell me what ${expression} is?`,
    `Solve ${expression}.`,
    `${expression} =`,
    `what is ${expression}`,
    `Tell me ${expression}.`,
    `Work out ${expression}.`,
    `I need to know ${expression}.`,
    `Give me the result of ${expression}.`,
  ])
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
    : draw.from([
        `Add ${a} and ${b}.`,
        `What is the sum of ${a} and ${b}?`,
        `Sum ${a} and ${b}`,
        `What is ${a} added to ${b}?`,
        `What do you get if you add ${a} and ${b}?`,
        `The sum of ${a} and ${b}?`,
      ])
  return { domain: 'arithmetic', user, ...sum(a, b) }
}

function plainDifference(draw: Draw): Turn {
  const [a, b] = pair(draw, (x, y) => x >= y || (y < 10 && draw.chance(0.3)))
  const user = draw.chance(0.8)
    ? asked(
        draw,
        draw.weighted([
          [4, `${a} - ${b}`],
          [1, `${a}-${b}`],
          [3, `${a} minus ${b}`],
        ]),
      )
    : draw.from([
        `Subtract ${b} from ${a}.`,
        `What is ${a} take away ${b}?`,
        `Take ${b} away from ${a}.`,
        `What is the difference between ${a} and ${b}?`,
        `What is left if you take ${b} from ${a}?`,
        `How much is ${a} less ${b}?`,
      ])
  return { domain: 'arithmetic', user, ...difference(a, b) }
}

function product(draw: Draw): Turn {
  const [a, b] = [draw.int(0, 10), draw.int(0, 10)]
  const answer = `${a} * ${b} = ${a * b}`
  return {
    domain: 'arithmetic',
    user: asked(draw, `${a} ${draw.pick(['*', 'times', 'x'])} ${b}`),
    answer,
    think: `${answer}.`,
  }
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
    const user = draw.from([
      `${name} has ${a} ${things} and gets ${b} more. How many ${things} does ${name} have?`,
      `I have ${a} ${things} and buy ${b} more. How many ${things} do I have?`,
      `There are ${a} ${things} in a box and ${b} on the table. How many ${things} are there?`,
      `If I have ${a} ${things} and you give me ${b}, how many do I have?`,
      `${name} finds ${a} ${things} in the morning and ${b} in the evening. How many in total?`,
      `You have ${a} ${things}. I give you ${b} more. How many ${things} do you have now?`,
    ])
    return { domain: 'arithmetic', user, ...sum(a, b) }
  }
  const [a, b] = pair(draw, (x, y) => x >= y)
  const user = draw.from([
    `${name} has ${a} ${things} and loses ${b}. How many ${things} are left?`,
    `I have ${a} ${things} and give away ${b}. How many do I have left?`,
    `There are ${a} ${things} in a box. I take out ${b}. How many ${things} are left?`,
    `If I have ${a} ${things} and sell ${b}, how many remain?`,
    `${name} had ${a} ${things} but ate ${b} of them. How many are left?`,
    `You have ${a} ${things}. I take ${b}. How many ${things} do you still have?`,
  ])
  return { domain: 'arithmetic', user, ...difference(a, b) }
}

export const arithmetic = (draw: Draw): Turn =>
  draw.weighted([
    [10, plainSum],
    [8, plainDifference],
    [2, product],
    [1, inWords],
    [3, story],
  ] as const)(draw)
