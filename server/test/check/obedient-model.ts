import type { Generation } from '../../src/engines/token-engine.ts'
import type { Script } from '../scripted-engine.ts'

/** What a model says that does as it is asked: enough of one for every check of `tidegate check` to find its answer. */
export function obedient({ prompt, constraints }: Generation): Script {
  const text = prompt.join('')
  const thinking = text.endsWith('<think>') ? 'I·think·about·it·first.</think>' : ''
  return thinking + answerTo(text, constraints)
}

function answerTo(text: string, constraints: Generation['constraints']): string {
  const asked = text.slice(text.lastIndexOf('<｜User｜>'))
  const forced = constraints.find(({ after, gbnf }) => gbnf.includes('invoke') && !after?.includes('DSML'))
  const called =
    (forced?.gbnf ?? text).includes('book_table') && !forced?.gbnf.includes('get_weather') ? table : weather
  if (forced || (text.includes('## Tools') && asked.includes('Use the tool'))) return `\n\n${called}`
  if (text.includes('colour')) return letters('{"colour": "teal", "count": 3, "tags": ["x"]}')
  if (/json/i.test(text)) return letters('{"greeting": "Hello!"}')
  const repeated = /Repeat: ([^<]*)/.exec(asked)?.[1]
  if (repeated !== undefined) return letters(repeated)
  if (asked.includes('Count')) return Array.from({ length: 20 }, (_, i) => `${i + 1}, `).join('·')
  if (asked.includes('letters.')) return ' ·c.'
  return 'Hello·! ·How ·can ·I ·help ·you ·today·?'
}

const letters = (text: string): string => [...text].join('·')

const call = (name: string, ...parameters: readonly string[]): string =>
  [
    '<｜DSML｜tool_calls>',
    `<｜DSML｜invoke name="${name}">`,
    ...parameters.map((parameter) => `<｜DSML｜parameter ${parameter}</｜DSML｜parameter>`),
    '</｜DSML｜invoke>',
    '</｜DSML｜tool_calls>',
  ].join('\n·')
const weather = call('get_weather', 'name="city" string="true">Oslo')
const table = call('book_table', 'name="guests" string="false">4', 'name="area" string="true">garden')
