import { type Family, text, told, whole } from '../kit.ts'
import { someNumber } from '../text.ts'

const ADDING = {
  names: [
    '[add|sum|sum_up|add_up|plus][||||_numbers|_two|_two_numbers|_values|_ints]',
    '[get|calculate|compute|make|find|math]_[sum|addition|the_sum|total]',
    '[addition|adder|sum_of_two|total_of_two]',
  ],
  about: [
    '[Add|Adds|Sum up|Add up] [two numbers|numbers|two values|a pair of numbers|two integers][||.]',
    '[Returns|Compute|Calculate|Gets|Computes] [the sum|a sum][||| of two numbers| of two values| of numbers][||.]',
    '[Sum|The sum|Addition] of two [numbers|values|integers][||.]',
  ],
  asks: [
    "[What is|What's|How much is|Calculate|Compute|Tell me|Work out|I need] {0} [plus|+] {1}[|?|.]",
    '[Add|Add up|Sum up|Sum] [|the numbers ]{0} and {1}[||.]',
    '{0} [+|plus] {1}[|| = ?| =|?]',
    "[What is|What's|Tell me|Give me|Calculate|I need|Compute|Find|Get] the [sum|total] of {0} and {1}[|?|.]",
    'Use [the|your] tool to add {0} and {1}.',
    '[How much are|What are|What do I get for] {0} and {1} [together|in total|added up]?',
  ],
}
const MULTIPLYING = {
  names: [
    '[multiply|mul|times|product][||||_numbers|_two|_two_numbers|_values|_ints]',
    '[get|calculate|compute|make|find|math]_[product|multiplication|the_product]',
    '[multiplication|multiplier|product_of_two]',
  ],
  about: [
    '[Multiply|Multiplies] [two numbers|numbers|two values|a pair of numbers|two integers][||.]',
    '[Returns|Compute|Calculate|Gets|Computes] [the product|a product][||| of two numbers| of two values| of numbers][||.]',
    '[Product|The product|Multiplication] of two [numbers|values|integers][||.]',
  ],
  asks: [
    "[What is|What's|How much is|Calculate|Compute|Tell me|Work out|I need] {0} [times|*] {1}[|?|.]",
    'Multiply [|the numbers ]{0} [and|by|with] {1}[||.]',
    '{0} [*|times] {1}[|| = ?| =|?]',
    "[What is|What's|Tell me|Give me|Calculate|I need|Compute|Find|Get] the product of {0} and {1}[|?|.]",
    'Use [the|your] tool to multiply {0} [and|by] {1}.',
  ],
}

export const adder: Family = (draw) => {
  const [x, y] = draw.pick([
    ['a', 'b'],
    ['x', 'y'],
    ['first', 'second'],
    ['num1', 'num2'],
    ['left', 'right'],
    ['one', 'two'],
    ['m', 'n'],
    ['number1', 'number2'],
    ['value1', 'value2'],
    ['first_number', 'second_number'],
    ['lhs', 'rhs'],
    ['p', 'q'],
  ] as const)
  const adding = draw.chance(0.7)
  const { names, about, asks } = adding ? ADDING : MULTIPLYING
  return {
    names,
    about,
    properties: { [x]: whole(draw, ['First number', 'A number']), [y]: whole(draw, ['Second number', 'A number']) },
    ask: () => {
      const [a, b] = [someNumber(draw), someNumber(draw)]
      return { user: draw.said(asks, a, b), args: { [x]: a, [y]: b } }
    },
    outcome: (args) => {
      const [a, b] = Object.values(args).map(Number) as [number, number]
      const r = adding ? a + b : a * b
      return {
        content: told(draw, r, ['result', 'sum', 'value', 'total', 'answer', 'output']),
        answer: `The result is ${r}.`,
      }
    },
  }
}

export const calculator: Family = (draw) => {
  const key = draw.pick('expression expr input formula calculation math term equation what'.split(' '))
  return {
    names: [
      '[calculator|calculate|math|compute|evaluate|calc|arithmetic|solver]',
      '[eval|evaluate|run|solve|do|compute|calculate]_[math|calculation|expression|formula|arithmetic|term][||||_now]',
      '[math|pocket|simple]_[calculator|tool|solver|eval]',
    ],
    about: [
      '[Evaluate|Evaluates|Calculate|Calculates|Compute|Solve|Work out] [a math expression|an expression|a formula|expressions|the value of an expression][||.]',
      '[Simple calculator|Calculator|A calculator|Pocket calculator|Does arithmetic|Does math|Calculates][||.]',
    ],
    properties: { [key]: text(draw, ['The expression', 'Math expression', 'What to calculate, e.g. 2 + 3']) },
    ask: () => {
      const count = draw.chance(0.8) ? 2 : 3
      const e = draw.times(count, () => String(someNumber(draw))).join(` ${draw.pick(['+', '-', '*', '/'])} `)
      const user = draw.said(
        [
          '[Calculate|Compute|Evaluate|Solve|Work out|I need|Find|Do the math:] {0}[||.]',
          "[What is|What's|How much is|what's] {0}[||?]",
          '{0}[|| = ?| =|?]',
          'Use [the|your|a] calculator [for|to compute|to get|to calculate] {0}.',
          '[I need|Give me|Tell me|Get|Find] the [result|value] of {0}.',
          '[The result|The value] of {0}?',
        ],
        e,
      )
      return { user, args: { [key]: e } }
    },
    outcome: () => {
      const r = someNumber(draw)
      return {
        content: told(draw, r, ['result', 'value', 'answer', 'output', 'total']),
        answer: `The result is ${r}.`,
      }
    },
  }
}
