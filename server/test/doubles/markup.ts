import type { Words } from './model.ts'

/** Calls as a model writes them, for engines that fail to read them. */

const parameterOf = (value: unknown): [flag: string, text: string] =>
  typeof value === 'string' ? ['true', value] : ['false', JSON.stringify(value)]

/** DeepSeek V4's call block (contract section 19), line by line. */
export function dsmlOf(calls: Words['calls']): readonly string[] {
  const invokes = calls.flatMap(({ name, arguments: written }) => [
    `<｜DSML｜invoke name="${name}">\n`,
    ...Object.entries(JSON.parse(written.join(''))).map(([key, value]) => {
      const [flag, text] = parameterOf(value)
      return `<｜DSML｜parameter name="${key}" string="${flag}">${text}</｜DSML｜parameter>\n`
    }),
    '</｜DSML｜invoke>\n',
  ])
  return ['<｜DSML｜tool_calls>\n', ...invokes, '</｜DSML｜tool_calls>']
}

/** Hermes' form, one element a call. */
export const hermesOf = (calls: Words['calls']): readonly string[] =>
  calls.flatMap(({ name, arguments: written }) => [
    '<tool_call>\n',
    `{"name": ${JSON.stringify(name)}, "arguments": `,
    ...written,
    '}\n</tool_call>',
  ])
