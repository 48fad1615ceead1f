/** The CPU of each gateway as bars, one group for each load: times nginx, on a logarithmic axis. */
import { figure, type Results } from './report.ts'
import { scenarios } from './scenarios.ts'

const colours = { nginx: '#8a8f98', tidegate: '#0f766e', portkey: '#b45309' } as const
const left = 230
const width = 900
const barHeight = 16
const groupHeight = 3 * barHeight + 22

export function chartOf(results: Results): string {
  const shown = scenarios.filter(({ name }) => results.measured.tidegate?.[name])
  const names = Object.keys(colours).filter((name) => results.measured[name]) as (keyof typeof colours)[]
  const ratio = (subject: string, scenario: string) =>
    figure(results, subject, scenario, 'cpu').median / figure(results, 'nginx', scenario, 'cpu').median
  const most = Math.max(2, ...shown.flatMap(({ name }) => names.map((subject) => ratio(subject, name))))
  const x = (value: number) => left + ((width - left - 90) * Math.log(Math.max(1, value))) / Math.log(most)
  const height = 70 + shown.length * groupHeight + 40
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="13">`,
    '<title>CPU time beside nginx</title>',
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    `<text x="16" y="28" font-size="17" font-weight="600">CPU time beside nginx (shorter is better)</text>`,
    `<text x="16" y="48" fill="#555">${escaped(`${results.at.slice(0, 10)}, ${results.conditions.processor}, Node ${results.conditions.node}, medians of ${results.conditions.rounds} rounds, one core, logarithmic`)}</text>`,
  ]
  for (const [i, { name, title, per, limit }] of shown.entries()) {
    const top = 66 + i * groupHeight
    parts.push(
      `<text x="16" y="${top + 20}">${escaped(title)}</text><text x="16" y="${top + 37}" fill="#777">per ${per}</text>`,
    )
    for (const [j, subject] of names.entries()) {
      const value = ratio(subject, name)
      const y = top + j * barHeight
      const cpu = figure(results, subject, name, 'cpu').median
      parts.push(
        `<rect x="${left}" y="${y}" width="${(x(value) - left + 2).toFixed(1)}" height="${barHeight - 3}" fill="${colours[subject]}"/>`,
        `<text x="${(x(value) + 8).toFixed(1)}" y="${y + 11}" font-size="11">${value.toFixed(1)}× · ${cpu.toFixed(cpu < 10 ? 1 : 0)} µs</text>`,
      )
    }
    if (limit?.cpu)
      parts.push(
        `<line x1="${x(limit.cpu).toFixed(1)}" x2="${x(limit.cpu).toFixed(1)}" y1="${top - 3}" y2="${top + 3 * barHeight}" stroke="#dc2626" stroke-dasharray="3 2"/>`,
      )
  }
  const legend = names.map(
    (name, i) =>
      `<rect x="${left + i * 110}" y="${height - 28}" width="12" height="12" fill="${colours[name]}"/><text x="${left + 18 + i * 110}" y="${height - 17}">${name}</text>`,
  )
  parts.push(...legend, `<text x="${left + 340}" y="${height - 17}" fill="#dc2626">┆ our limit</text>`, '</svg>')
  return `${parts.join('\n')}\n`
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
