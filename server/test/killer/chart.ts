/** The longest silence of streams of one kind, in milliseconds. */
export interface Silence {
  readonly kind: string
  readonly median: number
  readonly most: number
}

const left = 120
const width = 760
const right = 90
const groupHeight = 46

/** Bars for the median and for all but one in a hundred. @param about one line on how it was measured */
export function silenceChart(silences: readonly Silence[], about: string): string {
  const most = Math.max(1, ...silences.map((one) => one.most))
  const length = (ms: number) => ((width - left - right) * ms) / most
  const height = 90 + silences.length * groupHeight
  const bar = (y: number, ms: number, colour: string) =>
    `<rect x="${left}" y="${y}" width="${length(ms).toFixed(1)}" height="14" fill="${colour}"/><text x="${(left + length(ms) + 6).toFixed(1)}" y="${y + 11}" font-size="11">${ms} ms</text>`
  const groups = silences.map(({ kind, median, most: all }, index) => {
    const top = 66 + index * groupHeight
    return `<text x="16" y="${top + 20}">${kind}</text>${bar(top, median, '#0f766e')}${bar(top + 16, all, '#8a8f98')}`
  })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="13">`,
    '<title>The longest silence of a stream while its engines are killed</title>',
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    '<text x="16" y="28" font-size="17" font-weight="600">The longest silence of a stream while its engines are killed</text>',
    `<text x="16" y="48" fill="#555">${about}</text>`,
    ...groups,
    `<text x="${left}" y="${height - 10}" fill="#0f766e">▮ median</text><text x="${left + 90}" y="${height - 10}" fill="#555">▮ 99 of 100 are shorter</text>`,
    '</svg>',
    '',
  ].join('\n')
}
