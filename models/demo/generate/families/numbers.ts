import { type Family, text, told, whole } from '../kit.ts'
import { someNumber } from '../text.ts'

export const adder: Family = (draw) => {
  const [x, y] = draw.pick([
    ['a', 'b'],
    ['x', 'y'],
    ['first', 'second'],
    ['num1', 'num2'],
    ['left', 'right'],
  ] as const)
  const kind = draw.chance(0.7) ? 'add' : 'multiply'
  return {
    names:
      kind === 'add'
        ? [
            'add',
            'add_numbers',
            'sum',
            'calculate_sum',
            'plus',
            'addition',
            'add_two',
            'addNumbers',
            'sum_numbers',
            'get_sum',
            'math_add',
            'compute_sum',
          ]
        : ['multiply', 'product', 'times', 'mul', 'multiply_numbers', 'get_product', 'multiplyNumbers'],
    about:
      kind === 'add'
        ? [
            'Add two numbers',
            'Returns the sum of two numbers',
            'Sum of two values',
            'Adds numbers',
            'Add numbers',
            'Compute a sum',
          ]
        : ['Multiply two numbers', 'Returns the product of two numbers', 'Product of two values'],
    properties: { [x]: whole(draw, ['First number', 'A number']), [y]: whole(draw, ['Second number', 'A number']) },
    ask: () => {
      const a = someNumber(draw)
      const b = someNumber(draw)
      return {
        user:
          kind === 'add'
            ? draw.way(
                (a, b) => [
                  `What is ${a} plus ${b}?`,
                  `Add ${a} and ${b}.`,
                  `${a} + ${b}`,
                  `Calculate ${a} + ${b}.`,
                  `Sum of ${a} and ${b}?`,
                  `What is ${a} + ${b}?`,
                  `What is the sum of ${a} and ${b}?`,
                  `add ${a} and ${b}`,
                  `How much is ${a} + ${b}?`,
                  `Please add ${a} and ${b}.`,
                  `Add up ${a} and ${b}`,
                  `Use the tool to add ${a} and ${b}.`,
                ],
                a,
                b,
              )
            : draw.way(
                (a, b) => [
                  `What is ${a} times ${b}?`,
                  `Multiply ${a} and ${b}.`,
                  `${a} * ${b}`,
                  `Calculate ${a} * ${b}.`,
                  `Product of ${a} and ${b}?`,
                  `Multiply ${a} by ${b}.`,
                  `What is ${a} * ${b}?`,
                ],
                a,
                b,
              ),
        args: { [x]: a, [y]: b },
      }
    },
    outcome: (args) => {
      const [a, b] = Object.values(args).map(Number) as [number, number]
      const r = kind === 'add' ? a + b : a * b
      return { content: told(draw, r, ['result', 'sum', 'value']), answer: `The result is ${r}.` }
    },
  }
}

export const calculator: Family = (draw) => {
  const key = draw.pick(['expression', 'expr', 'input', 'formula'])
  return {
    names: [
      'calculator',
      'calculate',
      'eval_math',
      'math',
      'compute',
      'evaluate',
      'calc',
      'run_calculation',
      'solve_math',
      'evaluate_expression',
      'do_math',
      'arithmetic',
    ],
    about: [
      'Evaluate a math expression',
      'Calculate an expression',
      'Simple calculator',
      'Does arithmetic',
      'Calculates',
      'Compute the value of an expression',
    ],
    properties: { [key]: text(draw, ['The expression', 'Math expression', 'What to calculate, e.g. 2 + 3']) },
    ask: () => {
      const e = draw
        .times(
          draw.weighted([
            [4, 2],
            [1, 3],
          ]),
          () => String(someNumber(draw)),
        )
        .join(` ${draw.pick(['+', '-', '*', '/'])} `)
      return {
        user: draw.way(
          (e) => [
            `Calculate ${e}.`,
            `What is ${e}?`,
            `Compute ${e}`,
            `How much is ${e}?`,
            e,
            `${e} = ?`,
            `Please calculate ${e}.`,
            `Use the calculator for ${e}.`,
            `what's ${e}`,
            `Evaluate ${e}.`,
            `Work out ${e}.`,
            `I need ${e}.`,
          ],
          e,
        ),
        args: { [key]: e },
      }
    },
    outcome: () => {
      const r = someNumber(draw)
      return { content: told(draw, r, ['result', 'value', 'answer']), answer: `The result is ${r}.` }
    },
  }
}
