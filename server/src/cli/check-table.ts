/** A report for people: a line for each check, grouped by area, and a reason below where something is not kept. */
import type { ColumnName, Report, Tally } from '../check/report.ts'

const heads: Readonly<Record<ColumnName, string>> = { direct: 'DIRECT', through: 'TIDEGATE' }
const marks = { kept: '✓', broken: '✗', 'cannot-tell': '?', 'not-offered': '–' } as const
const colours = { kept: 32, broken: 31, 'cannot-tell': 33, 'not-offered': 90 } as const
type Verdict = keyof typeof marks

export function checkTable(report: Report, coloured: boolean): string[] {
  const { columns, checks, target } = report
  const width = Math.max(...columns.map((column) => heads[column].length)) + 2
  const idWidth = Math.max(...checks.map(({ id }) => id.length)) + 2
  const mark = (verdict: Verdict) => {
    const padding = ' '.repeat(width - 1)
    return coloured ? `\u001b[${colours[verdict]}m${marks[verdict]}\u001b[0m${padding}` : marks[verdict] + padding
  }
  const where = target.url ?? `engine '${target.engine}'`
  const kind = target.kind === undefined ? '' : `, as kind '${target.kind}'`
  const lines = [plain(`${where}, model '${target.model}'${kind}`)]
  let area = ''
  for (const check of checks) {
    if (check.area !== area) {
      area = check.area
      lines.push('', `${columns.map((column) => heads[column].padEnd(width)).join('')}${area}`)
    }
    const found = columns.flatMap((column) => {
      const one = check[column]
      return one ? [{ column, ...one }] : []
    })
    lines.push(`${found.map(({ verdict }) => mark(verdict)).join('')}${check.id.padEnd(idWidth)}${check.title}`)
    for (const { column, reason } of found) {
      if (reason === undefined) continue
      const who = columns.length > 1 ? `${column === 'direct' ? 'direct' : 'through Tidegate'}: ` : ''
      lines.push(`${' '.repeat(width * columns.length + idWidth)}${who}${plain(reason)}`)
    }
  }
  lines.push('', ...columns.map((column) => summaryLine(column, report.summary[column])))
  return lines.map((line) => line.trimEnd())
}

const summaryLine = (column: ColumnName, tally: Tally | undefined): string =>
  `${column === 'direct' ? 'direct' : 'through Tidegate'}: ${Object.entries(marks)
    .map(([verdict, mark]) => `${mark} ${tally?.[verdict as Verdict] ?? 0} ${words[verdict as Verdict]}`)
    .join(', ')}`

const words = { kept: 'kept', broken: 'broken', 'cannot-tell': 'cannot tell', 'not-offered': 'not offered' } as const

/** A server's words are in the reasons, and its names may be anything: nothing of them may steer a terminal. */
const plain = (text: string): string => text.replace(/[\p{Cc}\p{Cf}]/gu, '?')
