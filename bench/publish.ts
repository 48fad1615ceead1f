/** Puts what was measured where people read it: docs/reports/bench.{md,json,svg} and the README's sentence. By itself: what the last run has measured. */
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { chartOf } from './chart.ts'
import { type Results, rowsOf, sentenceOf, tableOf } from './report.ts'

const root = join(import.meta.dirname, '..')
const marks = ['<!-- bench -->\n', '\n<!-- /bench -->'] as const

/** @throws Error where the text has no place for it */
export function between(text: string, inside: string): string {
  const [begin, end] = marks
  const from = text.indexOf(begin)
  const to = text.indexOf(end, from)
  if (from < 0 || to < 0) throw new Error(`There is no ${begin.trim()} … ${end.trim()} to write the result into.`)
  return text.slice(0, from + begin.length) + inside + text.slice(to)
}

export function publish(results: Results): void {
  const { conditions, at } = results
  const file = (name: string) => join(root, 'docs/reports', name)
  const listed = Object.entries(conditions).map(([name, value]) => {
    return `- ${name}: ${
      typeof value === 'object' && value
        ? Object.entries(value)
            .map(([of, one]) => `${of} ${one || '–'}`)
            .join(', ')
        : value
    }`
  })
  const page = [
    `# Tidegate beside nginx and Portkey, as of ${at.slice(0, 10)}`,
    '`npm run bench -- --publish` wrote this page, [the figures](bench.json) and the chart. Medians over the rounds, and how far they lie apart; times are those above the engine alone. What is read from it: [cost.md](cost.md).',
    '![The figures as bars](bench.svg)',
    sentenceOf(results),
    tableOf(results),
    ['Conditions:', '', ...listed].join('\n'),
  ]
  writeFileSync(file('bench.md'), `${page.join('\n\n')}\n`)
  writeFileSync(file('bench.svg'), chartOf(results))
  writeFileSync(file('bench.json'), `${JSON.stringify({ ...results, rows: rowsOf(results) }, null, 2)}\n`)
  execFileSync(join(root, 'node_modules/.bin/biome'), ['format', '--write', file('bench.json')], { stdio: 'inherit' })
  const readme = join(root, 'README.md')
  writeFileSync(readme, between(readFileSync(readme, 'utf8'), sentenceOf(results)))
}

if (import.meta.main) publish(JSON.parse(readFileSync(join(import.meta.dirname, 'results/latest.json'), 'utf8')))
