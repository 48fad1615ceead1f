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

function sumSteps(a: number, b: number): string {
  if (a < 10 && b < 10) return `${a} + ${b} = ${a + b}.`
  const [ones, tens] = [(a % 10) + (b % 10), Math.floor(a / 10) + Math.floor(b / 10)]
  const carried =
    ones > 9
      ? `${Math.floor(a / 10)} + ${Math.floor(b / 10)} + 1 = ${tens + 1}`
      : `${Math.floor(a / 10)} + ${Math.floor(b / 10)} = ${tens}`
  return `Ones: ${a % 10} + ${b % 10} = ${ones}${ones > 9 ? ', carry 1' : ''}. Tens: ${carried}. So ${a} + ${b} = ${a + b}.`
}

function differenceSteps(a: number, b: number): string {
  if (a < b) return `${b} is bigger, so the result is negative. ${b} - ${a} = ${b - a}. So ${a} - ${b} = ${a - b}.`
  if (a < 10) return `${a} - ${b} = ${a - b}.`
  const borrow = a % 10 < b % 10
  const ones = borrow
    ? `${(a % 10) + 10} - ${b % 10} = ${(a % 10) + 10 - (b % 10)}, borrow 1`
    : `${a % 10} - ${b % 10} = ${(a % 10) - (b % 10)}`
  const [high, low] = [Math.floor(a / 10), Math.floor(b / 10)]
  const tens = borrow ? `${high} - ${low} - 1 = ${high - low - 1}` : `${high} - ${low} = ${high - low}`
  return `Ones: ${ones}. Tens: ${tens}. So ${a} - ${b} = ${a - b}.`
}

const sum = (a: number, b: number) => ({ answer: `${a} + ${b} = ${a + b}`, think: sumSteps(a, b) })
const difference = (a: number, b: number) => ({ answer: `${a} - ${b} = ${a - b}`, think: differenceSteps(a, b) })

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
  const [a, b] = pair(draw, (x, y) => x >= y || draw.chance(0.1))
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
