/** The rows as bars, each group on a scale of its own that begins at nothing; on paper or in the dark. */
import {
  amount,
  type Figure,
  type Gateway,
  isBusy,
  nameOf,
  type Results,
  type Row,
  ratio,
  rowsOf,
  times,
} from './report.ts'

const shown = ['nginx', 'tidegate', 'portkey'] as const satisfies readonly Gateway[]
const columns: readonly (readonly Row['section'][])[] = [
  ['CPU time', 'Throughput of one core', 'Memory'],
  ['Added time', 'Longest a chunk was late'],
]
const remarks: Partial<Record<Row['section'], string>> = {
  'Throughput of one core': 'longer is better',
  'Added time': 'to the engine alone: the median, and pale the 99th percentile',
  'Longest a chunk was late': 'of 20 streams × 100 chunks/s',
}

const columnWidth = 470
const margin = 20
const barsAt = 72
const barsWidth = 250
const barHeight = 11
const top = 84

const style = `
  svg { color-scheme: light dark }
  .paper { fill: #ffffff } text { paint-order: stroke; stroke: #ffffff; stroke-width: 3px } .ink { fill: #1f2328 } .quiet { fill: #59636e } .line { stroke: #d1d9e0 } .spread { stroke: #1f2328 } .late { fill: #b42318 } .limit { stroke: #d92d20; stroke-width: 1.5; stroke-dasharray: 3 2 }
  .nginx { fill: #8b949e } .tidegate { fill: #0f766e } .portkey { fill: #c2691c }
  @media (prefers-color-scheme: dark) {
    .paper { fill: #0d1117 } text { stroke: #0d1117 } .ink { fill: #f0f6fc } .quiet { fill: #9198a1 } .line { stroke: #3d444d } .spread { stroke: #f0f6fc } .late { fill: #ff7b72 } .limit { stroke: #ff7b72 }
    .nginx { fill: #6e7681 } .tidegate { fill: #2dd4bf } .portkey { fill: #e3a04f }
  }`

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
const label = (x: number, y: number, kind: string, text: string, more = '') =>
  `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" class="${kind}"${more}>${escaped(text)}</text>`
const bar = (x: number, y: number, width: number, kind: string, more = '') =>
  `<rect x="${x.toFixed(1)}" y="${y.toFixed(1)}" width="${Math.max(1, width).toFixed(1)}" height="${barHeight}" rx="1.5" class="${kind}"${more}/>`

const line = (x1: number, y1: number, x2: number, kind: string, y2 = y1) =>
  `<line x1="${x1.toFixed(1)}" y1="${y1.toFixed(1)}" x2="${x2.toFixed(1)}" y2="${y2.toFixed(1)}" class="${kind}"/>`

/** Rows of one title are one group: the median of it, and its 99th percentile. */
function groupsOf(rows: readonly Row[]): readonly (readonly [Row, Row | undefined])[] {
  const titles = [...new Set(rows.map(({ title }) => title))]
  return titles.flatMap((title) => {
    const [row, tail] = rows.filter((one) => one.title === title)
    return row ? [[row, tail] as const] : []
  })
}

function group(x: number, y: number, [row, tail]: readonly [Row, Row | undefined]): readonly string[] {
  const finite = (figure: Figure | undefined) => (figure && Number.isFinite(figure.median) ? figure : undefined)
  const floor = finite(row.figures.nginx)?.median ?? NaN
  const limit = row.limit && ('value' in row.limit ? row.limit.value : row.limit.times * floor)
  const most = Math.max(
    ...shown.flatMap((gateway) => [
      finite(row.figures[gateway])?.high ?? 0,
      finite(tail?.figures[gateway])?.median ?? 0,
    ]),
    1e-9,
  )
  const at = (value: number) => x + barsAt + (barsWidth * value) / most
  const beside = row.unit === '/s' ? undefined : ratio(row, 'tidegate', 'nginx')
  const bars: string[] = []
  const words = [label(x, y, 'ink', row.title)]
  if (beside !== undefined)
    words.push(label(x + columnWidth - margin, y, 'quiet', `${times(beside)} nginx`, ' text-anchor="end"'))
  for (const [i, gateway] of shown.entries()) {
    const found = row.figures[gateway]
    const top = y + 7 + i * (barHeight + 3)
    const small = (at: number, kind: string, text: string) => label(at, top + 9.5, kind, text, ' font-size="11"')
    words.push(small(x, 'quiet', nameOf[gateway]))
    const own = finite(found)
    if (!own) {
      words.push(small(x + barsAt, 'late', found?.trouble ?? 'not measured'))
      continue
    }
    const end = finite(tail?.figures[gateway])
    if (end) bars.push(bar(x + barsAt, top, at(end.median) - x - barsAt, gateway, ' opacity="0.35"'))
    bars.push(bar(x + barsAt, top, at(own.median) - x - barsAt, gateway))
    if (!tail && own.high > own.low) bars.push(line(at(own.low), top + barHeight / 2, at(own.high), 'spread'))
    const amounts = [own, ...(end ? [end] : [])].map(({ median }) => amount(median, row.unit)).join(' · ')
    const once = found?.trouble === undefined ? '' : ` (once ${found.trouble})`
    words.push(small(at(Math.max(own.high, end?.median ?? 0)) + 6, 'ink', amounts + once))
  }
  if (limit !== undefined && limit <= most) {
    const bottom = y + 7 + shown.length * (barHeight + 3)
    bars.push(line(at(limit), y + 4, at(limit), 'limit', bottom))
  }
  return [...bars, ...words]
}

const groupHeight = 20 + shown.length * (barHeight + 3) + 9

export function chartOf(results: Results): string {
  const rows = rowsOf(results)
  const { conditions, at } = results
  const parts: string[] = []
  let height = 0
  for (const [i, sections] of columns.entries()) {
    const x = margin + i * (columnWidth + margin)
    let y = top
    for (const section of sections) {
      const groups = groupsOf(rows.filter((row) => row.section === section))
      if (groups.length === 0) continue
      const remark = remarks[section]
      parts.push(
        line(x, y - 2, x + columnWidth - margin, 'line'),
        `<text x="${x}" y="${y + 16}" class="ink" font-size="14" font-weight="600">${section}${remark ? `<tspan class="quiet" font-size="11" font-weight="400">  ${escaped(remark)}</tspan>` : ''}</text>`,
      )
      y += 38
      for (const one of groups) {
        parts.push(...group(x, y, one))
        y += groupHeight
      }
      y += 4
    }
    height = Math.max(height, y)
  }
  const width = 2 * (columnWidth + margin) + margin
  const machine = `${at.slice(0, 10)}; ${conditions.cores} cores of ${conditions.processor}, Node ${conditions.node}, medians of ${conditions.rounds} rounds; load ${conditions.loadBefore.toFixed(1)} before, ${conditions.loadWithin.toFixed(1)} within`
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height + 22}" font-family="system-ui, -apple-system, 'Segoe UI', sans-serif" font-size="12.5">`,
    '<title>Tidegate beside nginx and Portkey</title>',
    `<style>${style}\n</style>`,
    `<rect width="${width}" height="${height + 22}" class="paper"/>`,
    label(
      margin,
      32,
      'ink',
      'Tidegate beside nginx, which only forwards, and Portkey',
      ' font-size="18" font-weight="600"',
    ),
    label(margin, 54, 'quiet', machine),
    label(
      margin,
      72,
      'quiet',
      `On one core before the same engine; shorter is better. Dashed: the limit that Tidegate sets itself.${isBusy(conditions) ? ' A busy machine: times say little.' : ''}`,
    ),
    ...parts,
    '</svg>',
  ].join('\n')}\n`
}
